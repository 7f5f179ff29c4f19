//! `/account/confirm`: proving again who one is, on the way to what asks for it.

use super::{
    LocalPath, Trouble,
    fields::Fields,
    guest::Guest,
    open::{Opening, let_go_on_to},
    see_other, sentence,
    trouble::add_hints,
};
use crate::{
    Problem,
    views::{Confirm, respond},
};
use axum::response::Response;
use http::StatusCode;
use identity::{Error, sign_in::prove_again};
use vault::Password;

pub(super) async fn show(guest: Guest) -> Result<Response, Trouble> {
    let next = LocalPath::read(&guest.query().take("next")?.unwrap_or_default());
    Ok(answer(&guest, &next, StatusCode::OK, None))
}

pub(super) async fn submit(guest: Guest, mut fields: Fields) -> Result<Response, Trouble> {
    let password = fields.password("password")?;
    let next = LocalPath::read(&fields.take("next")?.unwrap_or_default());
    fields.end()?;
    let proved = match Password::new(password) {
        Ok(password) => prove_again(guest.house(), guest.actor(), password).await,
        Err(_) => Err(Error::WrongPassword),
    };
    match proved {
        Ok(()) => Ok(see_other(next.as_str())),
        Err(error @ (Error::WrongPassword | Error::TooMany(_) | Error::Busy)) => {
            let problem = Problem::from(error);
            let mut response = answer(&guest, &next, problem.status, Some(sentence(&problem.detail)));
            add_hints(&mut response, &problem);
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

fn answer(guest: &Guest, next: &LocalPath, status: StatusCode, error: Option<String>) -> Response {
    let on = if next.as_str() == "/" { String::new() } else { next.as_str().to_owned() };
    let page = Confirm { frame: guest.frame(), who: guest.who.email.to_string(), next: on, error };
    let mut response = respond(status, &page);
    if let Some(route) = Opening::find(next).and_then(|opening| opening.route(&guest.desk)) {
        let_go_on_to(&mut response, &route);
    }
    response
}

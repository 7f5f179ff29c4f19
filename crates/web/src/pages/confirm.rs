//! `/account/confirm`: proving again who one is, on the way to what asks for it.

use super::{LocalPath, Trouble, fields::Fields, guest::Guest, see_other, sentence, trouble::add_hints};
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
    Ok(respond(StatusCode::OK, &page(&guest, &next, None)))
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
            let mut response = respond(problem.status, &page(&guest, &next, Some(sentence(&problem.detail))));
            add_hints(&mut response, &problem);
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

fn page(guest: &Guest, next: &LocalPath, error: Option<String>) -> Confirm {
    let next = if next.as_str() == "/" { String::new() } else { next.as_str().to_owned() };
    Confirm { frame: guest.frame(), who: guest.who.email.to_string(), next, error }
}

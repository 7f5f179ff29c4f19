//! `/account`: one's own name and password.

use super::{Trouble, fields::Fields, guest::Guest, see_other, sentence, tokens, trouble::add_hints};
use crate::{
    Problem,
    views::{Account, ChangePassword, Typed, respond},
};
use axum::response::Response;
use domain::{DisplayName, TokenState, page};
use http::StatusCode;
use identity::{Error, account, sessions};
use vault::Password;

pub(super) async fn show(guest: Guest) -> Result<Response, Trouble> {
    let name = Typed::right(guest.who.name.as_str());
    page(&guest, name, StatusCode::OK).await
}

pub(super) async fn rename(guest: Guest, mut fields: Fields) -> Result<Response, Trouble> {
    let text = fields.text("name")?;
    fields.end()?;
    match text.parse::<DisplayName>() {
        Ok(name) => {
            account::rename(guest.house(), guest.actor(), name).await?;
            Ok(see_other(&guest.desk.at("/account?done=named")))
        }
        Err(refused) => {
            let name = Typed::wrong(text, sentence(&refused.to_string()));
            page(&guest, name, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn page(guest: &Guest, name: Typed, status: StatusCode) -> Result<Response, Trouble> {
    let sessions = sessions::list(guest.house(), guest.actor(), None, (None, page::LARGEST)).await?;
    let (tokens, now) = (tokens::own(guest).await?, guest.desk.now());
    let page = Account {
        frame: guest.frame(),
        viewer: guest.viewer(),
        name,
        email: guest.who.email.to_string(),
        handle: guest.who.handle.to_string(),
        sessions: sessions.items.len(),
        tokens: tokens.iter().filter(|token| token.state(now) == TokenState::Live).count(),
    };
    Ok(respond(status, &page))
}

pub(super) async fn show_password(guest: Guest) -> Response {
    respond(StatusCode::OK, &password_page(&guest))
}

pub(super) async fn change_password(guest: Guest, mut fields: Fields) -> Result<Response, Trouble> {
    let (current, new) = (fields.password("current_password")?, fields.password("new_password")?);
    fields.end()?;
    let Err(error) = change(&guest, current, new).await else {
        return Ok(see_other(&guest.desk.at("/account?done=password")));
    };
    let is_new = match error {
        Error::WeakPassword(_) | Error::LongPassword(_) => true,
        Error::WrongPassword | Error::TooMany(_) | Error::Busy => false,
        other => return Err(other.into()),
    };
    let problem = Problem::from(error);
    let (said, empty) = (Some(sentence(&problem.detail)), password_page(&guest));
    let page = if is_new {
        ChangePassword { new_error: said, ..empty }
    } else {
        ChangePassword { current_error: said, ..empty }
    };
    let mut response = respond(problem.status, &page);
    add_hints(&mut response, &problem);
    Ok(response)
}

async fn change(guest: &Guest, current: String, new: String) -> Result<(), Error> {
    let current = Password::new(current).map_err(|_| Error::WrongPassword)?;
    account::change_password(guest.house(), guest.actor(), current, Password::new(new)?).await
}

fn password_page(guest: &Guest) -> ChangePassword {
    ChangePassword {
        frame: guest.frame(),
        viewer: guest.viewer(),
        email: guest.who.email.to_string(),
        current_error: None,
        new_error: None,
    }
}

//! `/logout`: ending the sign-in of this browser.

use super::{Trouble, fields::Fields, guest::Guest, see_other};
use crate::{
    Desk, cookies,
    views::{SignOut, respond},
};
use axum::response::Response;
use domain::page;
use http::{StatusCode, header};
use identity::sessions;

pub(super) async fn show(guest: Guest) -> Result<Response, Trouble> {
    let list = sessions::list(guest.house(), guest.actor(), None, (None, page::LARGEST)).await?;
    let own = list.items.into_iter().find(|shown| guest.who.sign_in == Some(shown.session.id));
    let apps = own.map(|shown| shown.apps.iter().map(ToString::to_string).collect()).unwrap_or_default();
    let page = SignOut { frame: guest.frame(), who: guest.who.email.to_string(), apps };
    Ok(respond(StatusCode::OK, &page))
}

pub(super) async fn submit(guest: Guest, fields: Fields) -> Result<Response, Trouble> {
    fields.end()?;
    sessions::end_own(guest.house(), guest.actor()).await?;
    Ok(signed_out(&guest.desk))
}

/// Leads to the sign-in, without the cookie of the session that has ended.
pub(super) fn signed_out(desk: &Desk) -> Response {
    let mut response = see_other(&desk.at("/login"));
    if let Some(line) = cookies::end_home_session(desk) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    response
}

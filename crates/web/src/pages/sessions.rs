//! `/account/sessions`: the browsers that are signed in as oneself.

use super::{Trouble, browser, fields::Fields, guest::Guest, see_other, sign_out::signed_out};
use crate::{
    Problem,
    views::{SessionRow, Sessions, respond},
};
use axum::{extract::Path, response::Response};
use domain::{Id, Session, page};
use http::StatusCode;
use identity::sessions::{self, SignInShown};

pub(super) async fn show(guest: Guest) -> Result<Response, Trouble> {
    let list = sessions::list(guest.house(), guest.actor(), None, (None, page::LARGEST)).await?;
    let mut rows: Vec<_> = list.items.into_iter().map(|shown| row(&guest, shown)).collect();
    rows.sort_by_key(|row| !row.this);
    let page = Sessions { frame: guest.frame(), viewer: guest.viewer(), rows };
    Ok(respond(StatusCode::OK, &page))
}

pub(super) async fn end(guest: Guest, Path(id): Path<String>, fields: Fields) -> Result<Response, Trouble> {
    fields.end()?;
    let id: Id<Session> = id.parse().map_err(|_| Problem::not_found("session"))?;
    sessions::end(guest.house(), guest.actor(), id).await?;
    let own = guest.who.sign_in == Some(id);
    Ok(if own { signed_out(&guest.desk) } else { see_other(&guest.desk.at("/account/sessions?done=ended")) })
}

pub(super) async fn end_others(guest: Guest, fields: Fields) -> Result<Response, Trouble> {
    fields.end()?;
    sessions::end_others(guest.house(), guest.actor()).await?;
    Ok(see_other(&guest.desk.at("/account/sessions?done=others-ended")))
}

fn row(guest: &Guest, shown: SignInShown) -> SessionRow {
    let SignInShown { session, apps } = shown;
    let places = std::iter::once("Home".to_owned()).chain(apps.iter().map(ToString::to_string));
    SessionRow {
        id: session.id.to_string(),
        this: guest.who.sign_in == Some(session.id),
        place: places.collect::<Vec<_>>().join(", "),
        browser: browser::in_words(&session.agent),
        address: session.address.map(|address| address.to_string()),
        created: guest.when(session.created_at),
        used: guest.when(session.used_at),
    }
}

//! `/account/tokens`: one's own API tokens, and the end of one.

mod create;

pub(super) use create::{create, show_new};

use super::{Trouble, fields::Fields, guest::Guest, see_other};
use crate::{
    Problem,
    views::{Extent, TokenRevoke, TokenRow, TokenState, Tokens, respond},
};
use axum::{extract::Path, response::Response};
use domain::{ApiToken, App, Id, Selection, page};
use http::StatusCode;
use identity::tokens;

/// One's own tokens, newest first.
pub(super) async fn own(guest: &Guest) -> Result<Vec<ApiToken>, Trouble> {
    Ok(tokens::list(guest.house(), guest.actor(), None, (None, page::LARGEST)).await?.items)
}

pub(super) async fn show(guest: Guest) -> Result<Response, Trouble> {
    let mut rows: Vec<_> = own(&guest).await?.into_iter().map(|token| row(&guest, token)).collect();
    rows.sort_by_key(|row| row.state != TokenState::Live);
    let page = Tokens { frame: guest.frame(), viewer: guest.viewer(), rows };
    Ok(respond(StatusCode::OK, &page))
}

pub(super) async fn show_revoke(guest: Guest, Path(id): Path<String>) -> Result<Response, Trouble> {
    let token = tokens::show(guest.house(), guest.actor(), read(&id)?).await?;
    let page = TokenRevoke { frame: guest.frame(), viewer: guest.viewer(), token: row(&guest, token) };
    Ok(respond(StatusCode::OK, &page))
}

pub(super) async fn revoke(
    guest: Guest,
    Path(id): Path<String>,
    fields: Fields,
) -> Result<Response, Trouble> {
    fields.end()?;
    tokens::revoke(guest.house(), guest.actor(), read(&id)?).await?;
    Ok(see_other(&guest.desk.at("/account/tokens?done=revoked")))
}

fn read(id: &str) -> Result<Id<ApiToken>, Problem> {
    id.parse().map_err(|_| Problem::not_found("token"))
}

fn row(guest: &Guest, token: ApiToken) -> TokenRow {
    let now = guest.desk.now();
    TokenRow {
        id: token.id.to_string(),
        name: token.name.to_string(),
        opens: extent(&token.scope.apps, |id| app_name(guest, *id)),
        permissions: extent(&token.scope.permissions, ToString::to_string),
        created: guest.when(token.created_at),
        used: token.used_at.map(|at| guest.when(at)),
        expires: token.expires_at.map(|at| guest.when(at)),
        state: match token.state(now) {
            domain::TokenState::Live => TokenState::Live,
            domain::TokenState::Expired => TokenState::Expired,
            domain::TokenState::Revoked => TokenState::Revoked,
        },
        prefix: shown(&token),
    }
}

/// The first letters of a token's secret, as lists show them.
fn shown(token: &ApiToken) -> String {
    format!("{}…", token.prefix)
}

fn extent<T>(selection: &Selection<T>, name: impl Fn(&T) -> String) -> Extent {
    match selection {
        Selection::All => Extent::All,
        Selection::Only(items) => Extent::Only(items.iter().map(name).collect()),
    }
}

/// An app's name for whom it is open to; one that is not has only its id.
fn app_name(guest: &Guest, id: Id<App>) -> String {
    let open = guest.desk.access.open_routes(&guest.who);
    let known = open.iter().find(|route| route.app.id == id);
    known.map_or_else(|| id.to_string(), |route| route.app.name.to_string())
}

//! The pages of the home host, a file for each group of them.
//!
//! A handler reads the request, calls one use case, and answers with a page or leads on by 303. What goes wrong
//! is a [`Trouble`], and becomes a page in one place. INVARIANT: whoever takes a [`Guest`](guest::Guest) has a
//! caller whose credential was checked, and whose unsafe request came from our own pages.

mod account;
mod audit;
mod browser;
mod confirm;
mod fields;
mod guest;
mod local_path;
mod my_apps;
mod open;
mod sessions;
mod setup;
mod sign_in;
mod sign_out;
mod tokens;
mod trouble;

pub(crate) use local_path::{LocalPath, see_other};
pub(crate) use trouble::{Trouble, add_hints, denied, error_page, sentence, wants_page};

use crate::{Desk, assets, views::Frame};
use axum::{
    Router,
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::header;

/// The routes of every page.
pub(crate) fn router(desk: &Desk) -> Router<Desk> {
    own("")
        .route("/", get(my_apps::show))
        .route("/open", get(open::go))
        .layer(from_fn_with_state(desk.clone(), trouble::layer))
}

/// The routes of the pages that an embedding app mounts: all but those that lead to apps behind the gateway.
pub(crate) fn mounted(desk: &Desk) -> Router<Desk> {
    own(&desk.at("")).layer(from_fn_with_state(desk.clone(), trouble::layer))
}

fn own(base: &str) -> Router<Desk> {
    let at = |path: &str| format!("{base}{path}");
    Router::new()
        .route(&at("/setup"), get(setup::show).post(setup::submit))
        .route(&at("/login"), get(sign_in::show).post(sign_in::submit))
        .route(&at("/logout"), get(sign_out::show).post(sign_out::submit))
        .route(&at("/account"), get(account::show))
        .route(&at("/account/name"), post(account::rename))
        .route(&at("/account/password"), get(account::show_password).post(account::change_password))
        .route(&at("/account/confirm"), get(confirm::show).post(confirm::submit))
        .route(&at("/account/sessions"), get(sessions::show))
        .route(&at("/account/sessions/end-others"), post(sessions::end_others))
        .route(&at("/account/sessions/{id}/end"), post(sessions::end))
        .route(&at("/account/tokens"), get(tokens::show).post(tokens::create))
        .route(&at("/account/tokens/new"), get(tokens::show_new))
        .route(&at("/account/tokens/{id}/revoke"), get(tokens::show_revoke).post(tokens::revoke))
        .route(&at("/admin/audit"), get(audit::show))
        .route(&at("/admin/audit/{id}"), get(audit::show_event))
}

/// What is around a page of the home host.
fn frame(desk: &Desk) -> Frame {
    let (assets, base) = (desk.at("/assets"), desk.at(""));
    Frame { assets, base, host: desk.home().host().to_owned(), notice: None }
}

/// The answer with an asset; `None` when there is none of that name.
pub(crate) fn asset(name: &str) -> Option<Response> {
    let asset = assets::find(name)?;
    let headers =
        [(header::CONTENT_TYPE, asset.content_type), (header::CACHE_CONTROL, assets::CACHE_CONTROL)];
    Some((headers, asset.bytes).into_response())
}

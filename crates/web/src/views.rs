//! What the pages show: one struct a page, filled by the handlers with plain words and rendered by a
//! template that the compiler has checked.
//!
//! No page decides anything, reads a clock or knows a use case. INVARIANT: pages hold no script and no
//! inline style, and everything that is put into them is escaped, so the strictest content security
//! policy costs nothing.

mod account;
mod audit;
mod door;
mod error_page;
mod frame;
mod my_apps;
mod sample;
mod sessions;
mod tokens;
mod when;

pub use account::{Account, ChangePassword};
pub use audit::{Audit, AuditEvent, AuditFilters, AuditRow, Change, Outcome};
pub use door::{AppToOpen, Confirm, Denied, Setup, SetupClosed, SignIn, SignOut};
pub use error_page::ErrorPage;
pub use frame::{Frame, Notice, NoticeKind, Typed, Viewer};
pub use my_apps::{AppTile, MyApps, TokensNote};
pub use sample::{Claim, ReceivedHeader, Sample, SampleUser};
pub use sessions::{SessionRow, Sessions};
pub use tokens::{
    AppChoice, Extent, PermissionChoice, PermissionGroup, TokenMade, TokenNew, TokenRevoke, TokenRow,
    TokenState, Tokens,
};
pub use when::{When, ago, ahead};

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::StatusCode;

/// The answer that shows `page`.
pub fn respond(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "The page could not be made.").into_response(),
    }
}

/// Names as a sentence lists them: `Ada, Grace or Alan`.
fn listed(names: &[String], last: &str) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests;

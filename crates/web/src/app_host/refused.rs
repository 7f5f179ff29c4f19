//! Why a request did not reach its app, as a page for people and as a problem for programs.

use super::frame;
use crate::{
    Desk, Problem,
    pages::{add_hints, denied, error_page},
    shield,
    views::{Denied, ErrorPage, respond},
};
use access::{AppRoute, Snapshot};
use axum::response::{IntoResponse, Response};

/// Why a request did not reach its app.
pub struct Refused<'a> {
    /// What is wrong, with the request's id.
    pub problem: Problem,
    /// The app that was asked for; `None` where the host leads to none.
    pub route: Option<&'a AppRoute>,
    /// Who asked, where that is known.
    pub who: Option<&'a Snapshot>,
    /// Why the policy said no; empty where it was not the policy.
    pub reasons: Vec<String>,
    /// Whether a person waits for a page.
    pub is_navigation: bool,
    /// The path to try again, where that may help.
    pub retry: Option<&'a str>,
}

/// The answer to a request that did not reach its app.
pub async fn refused(desk: &Desk, refused: Refused<'_>) -> Response {
    let secure = refused.route.map_or(desk.home(), |route| &route.origin).is_secure();
    let mut response =
        if refused.is_navigation { page(desk, refused).await } else { refused.problem.into_response() };
    shield::cover(response.headers_mut(), secure);
    response
}

async fn page(desk: &Desk, refused: Refused<'_>) -> Response {
    let Refused { problem, route, who, reasons, retry, .. } = refused;
    let frame = frame(route.map_or(desk.home(), |route| &route.origin).host());
    let name = route.map(|route| route.app.name.as_str());
    let mut response = match who {
        Some(who) if !reasons.is_empty() => {
            let title = format!("You cannot open {}", name.unwrap_or("this"));
            let page = denied(desk, frame, (title, reasons), &problem).await;
            respond(problem.status, &Denied { who: who.email.to_string(), ..page })
        }
        _ => {
            let retry = retry.map(|path| crate::pages::LocalPath::read(path).as_str().to_owned());
            respond(problem.status, &ErrorPage { retry, ..error_page(desk, frame, &problem, name) })
        }
    };
    add_hints(&mut response, &problem);
    response
}

//! What went wrong on a page, and the one place where it becomes a page, or leads on to what helps.

use super::{LocalPath, frame, see_other};
use crate::{
    Client, Desk, Problem,
    views::{Denied, ErrorPage, Frame, respond},
};
use access::Snapshot;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use std::sync::Arc;

const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Where the problem's own sentence says more than any sentence about the status.
const TELLING: [StatusCode; 5] = [
    StatusCode::CONFLICT,
    StatusCode::GONE,
    StatusCode::PAYLOAD_TOO_LARGE,
    StatusCode::UNSUPPORTED_MEDIA_TYPE,
    StatusCode::UNPROCESSABLE_ENTITY,
];

/// What went wrong on a page.
#[derive(Debug, Clone)]
pub(crate) struct Trouble(Box<Told>);

#[derive(Debug, Clone)]
struct Told {
    problem: Problem,
    /// Why the policy said no.
    reasons: Vec<String>,
    /// What cannot be done, when there is more to say than that it cannot.
    title: Option<String>,
    /// Where to go on after a fresh proof, when that is not the page itself.
    back: Option<LocalPath>,
}

impl Trouble {
    /// The same, with what cannot be done: `You cannot open notes`.
    pub(super) fn titled(mut self, title: String) -> Self {
        self.0.title = Some(title);
        self
    }

    /// The same, with where to go on after a fresh proof.
    pub(super) fn back_to(mut self, back: LocalPath) -> Self {
        self.0.back = Some(back);
        self
    }

    /// What is wrong, and why the policy said no.
    pub(crate) fn into_parts(self) -> (Problem, Vec<String>) {
        (self.0.problem, self.0.reasons)
    }

    /// The page for it, or the way to what helps: signing in, or proving again who one is.
    pub(crate) async fn answer(self, desk: &Desk, parts: &Parts) -> Response {
        let Told { problem, reasons, title, back } = *self.0;
        let target = if parts.method.is_safe() { LocalPath::of(&parts.uri) } else { LocalPath::read("/") };
        match problem.code {
            "sign_in_required" | "session_ended" => return see_other(&target.after(&desk.at("/login"))),
            "recent_proof_required" => {
                return see_other(&back.unwrap_or(target).after(&desk.at("/account/confirm")));
            }
            _ => {}
        }
        let request = parts.extensions.get::<Client>().map(|client| client.request.to_string());
        let problem = problem.with_request(&request.unwrap_or_default());
        let mut response = match viewer(desk, parts).await {
            Some(who) if !reasons.is_empty() => {
                let title = title.unwrap_or_else(|| "This is not open to you".to_owned());
                let page = Denied {
                    who: who.email.to_string(),
                    ..denied(desk, frame(desk), (title, reasons), &problem).await
                };
                respond(problem.status, &page)
            }
            _ => {
                let retry = problem.status.is_server_error().then(|| target.as_str().to_owned());
                let page = ErrorPage { retry, ..error_page(desk, frame(desk), &problem, None) };
                respond(problem.status, &page)
            }
        };
        add_hints(&mut response, &problem);
        response
    }
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Self(Box::new(Told { problem, reasons: Vec::new(), title: None, back: None }))
    }
}

impl From<identity::Error> for Trouble {
    fn from(error: identity::Error) -> Self {
        let reasons = reasons(&error);
        let mut trouble = Self::from(Problem::from(error));
        trouble.0.reasons = reasons;
        trouble
    }
}

impl IntoResponse for Trouble {
    /// To be made a page of by [`layer`], which knows who asked for what.
    fn into_response(self) -> Response {
        let mut response = self.0.problem.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Makes a page of what went wrong in a handler.
pub(super) async fn layer(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let mut response = next.run(Request::from_parts(parts.clone(), body)).await;
    match response.extensions_mut().remove::<Trouble>() {
        Some(trouble) => trouble.answer(&desk, &parts).await,
        None => response,
    }
}

/// Whether a person waits for a page, rather than a program for an answer.
pub(crate) fn wants_page(parts: &Parts) -> bool {
    if parts.uri.path().starts_with("/api/") || parts.uri.path().contains("/api/v1/") {
        return false;
    }
    if let Some(mode) = parts.headers.get(FETCH_MODE) {
        return mode == "navigate";
    }
    let accepts = parts.headers.get_all(header::ACCEPT).iter().filter_map(|field| field.to_str().ok());
    accepts.flat_map(|field| field.split(',')).any(|range| {
        range.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case("text/html"))
    })
}

/// Why the policy said no, if it did.
fn reasons(error: &identity::Error) -> Vec<String> {
    match error {
        identity::Error::Denied(denied) => denied.reasons.iter().map(|reason| reason.text.clone()).collect(),
        _ => Vec::new(),
    }
}

/// The page for a problem. `app` is the name of the app that was asked for.
pub(crate) fn error_page(desk: &Desk, frame: Frame, problem: &Problem, app: Option<&str>) -> ErrorPage {
    let page = ErrorPage::new(frame, problem.status.as_u16(), app);
    let (title, text) = match (problem.code, problem.status) {
        ("cross_site_request", _) => {
            let text = "It was sent by a page of another site, so nothing was done. Start from the page that leads here.";
            ("This did not come from our pages".to_owned(), text.to_owned())
        }
        ("maintenance", _) => {
            (format!("{} is shut for a while", app.unwrap_or("This app")), problem.detail.to_string())
        }
        ("too_many_requests", _) if app.is_some() => {
            ("Too many requests".to_owned(), sentence(&problem.detail))
        }
        ("app_busy", _) => (format!("{} is busy", app.unwrap_or("This app")), sentence(&problem.detail)),
        ("handoff_invalid", _) => ("This sign-in cannot be finished".to_owned(), sentence(&problem.detail)),
        (_, status) if TELLING.contains(&status) => {
            ("That cannot be done".to_owned(), sentence(&problem.detail))
        }
        _ => (page.title, page.text),
    };
    ErrorPage { title, text, reference: problem.request.clone(), home_url: desk.home().to_string(), ..page }
}

/// The page for what the policy does not allow, with whom to ask; who is told is for the caller to fill in.
pub(crate) async fn denied(
    desk: &Desk,
    frame: Frame,
    (title, reasons): (String, Vec<String>),
    problem: &Problem,
) -> Denied {
    let ask = identity::apps::whom_to_ask(&desk.house).await.unwrap_or_default();
    Denied {
        frame,
        title,
        who: String::new(),
        reasons: reasons.iter().map(|reason| sentence(reason)).collect(),
        ask: ask.iter().map(ToString::to_string).collect(),
        reference: problem.request.clone(),
        home_url: desk.home().to_string(),
    }
}

/// Says to programs what the page says to people.
pub(crate) fn add_hints(response: &mut Response, problem: &Problem) {
    let headers = response.headers_mut();
    if problem.status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"doorward\""));
    }
    if let Some(seconds) = problem.retry_after {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
}

/// A message as a page says it: `no such token` is `No such token.`
pub(crate) fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    let stop = if message.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{first}{}{stop}", letters.as_str())
}

async fn viewer(desk: &Desk, parts: &Parts) -> Option<Arc<Snapshot>> {
    desk.access.authenticate_at(&parts.headers, desk.access.home_site()).await.ok().flatten()
}

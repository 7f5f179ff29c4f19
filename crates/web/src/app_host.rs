//! What an app's host shows that is not the app: the way to sign in and out, who is signed in, refusals, and the
//! built-in sample.
//!
//! Plain functions over HTTP types: the gateway decides when each is asked for. INVARIANT: every answer here
//! carries our headers, and leads nowhere but to the home host and the app's own origin.

mod callback;
mod refused;
mod sample;
mod sign_out;
mod start;

pub use refused::{Refused, refused};
pub use sample::sample;
pub use start::start_sign_in;

use crate::{
    Client, Desk, Problem, pages,
    pages::{LocalPath, wants_page},
    shield,
    views::Frame,
};
use access::{AppRoute, Snapshot};
use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode, header, request::Parts};
use serde_json::json;
use std::{borrow::Cow, sync::Arc};

/// What every one of our paths on an app's host begins with.
const OURS: &str = "/.doorward/";

/// One request to a path of ours on an app's host.
struct Visit<'a> {
    desk: &'a Desk,
    route: &'a AppRoute,
    client: &'a Client,
    parts: &'a Parts,
}

/// The answer to a request below `/.doorward/`; its body is not read. Nothing of it has been checked but its host.
pub async fn own_path(desk: &Desk, route: &AppRoute, client: Client, parts: Parts) -> Response {
    let visit = Visit { desk, route, client: &client, parts: &parts };
    let mut response = match visit.answer().await {
        Ok(response) => response,
        Err(trouble) => visit.refuse(trouble).await,
    };
    cover(&mut response, route);
    response
}

/// What went wrong, and where to try again.
struct Trouble {
    problem: Problem,
    reasons: Vec<String>,
    retry: Option<LocalPath>,
}

impl<E: Into<pages::Trouble>> From<E> for Trouble {
    fn from(error: E) -> Self {
        let (problem, reasons) = error.into().into_parts();
        Self { problem, reasons, retry: None }
    }
}

impl Visit<'_> {
    async fn answer(&self) -> Result<Response, Trouble> {
        let path = self.parts.uri.path().strip_prefix(OURS).unwrap_or_default();
        match (path, &self.parts.method) {
            ("start", &Method::GET) => start::begin(self).await,
            ("callback", &Method::GET) => callback::finish(self).await,
            ("sign-out", &Method::GET) => sign_out::show(self).await,
            ("sign-out", &Method::POST) => sign_out::submit(self).await,
            ("me", &Method::GET) => self.me().await,
            ("start" | "callback" | "me", _) => Ok(self.not_this_way("GET").await),
            ("sign-out", _) => Ok(self.not_this_way("GET, POST").await),
            _ => {
                let asset = path.strip_prefix("assets/").and_then(pages::asset);
                asset.ok_or_else(|| Problem::not_found("page").into())
            }
        }
    }

    fn field(&self, wanted: &str) -> Option<Cow<'_, str>> {
        let query = self.parts.uri.query().unwrap_or_default();
        form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == wanted).map(|(_, value)| value)
    }

    /// Whose session or token the request carries.
    async fn known(&self) -> Result<Arc<Snapshot>, Problem> {
        let found = self.desk.access.authenticate(&self.parts.headers, self.route).await?;
        found.ok_or_else(Problem::sign_in_required)
    }

    /// Who is signed in, for the app's own pages; nothing is told to whom the app is not open.
    async fn me(&self) -> Result<Response, Trouble> {
        let who = self.known().await?;
        if !self.desk.access.decide(&who, self.route.any()).is_allow() {
            return Err(Problem::new(StatusCode::FORBIDDEN, "denied", "this app is not open to you").into());
        }
        let groups: Vec<&str> = who.groups.iter().map(|(_, name)| name.as_str()).collect();
        let email = who.email_verified.then(|| who.email.as_str());
        Ok(Json(json!({
            "id": who.user, "handle": who.handle, "name": who.name, "email": email, "groups": groups,
        }))
        .into_response())
    }

    async fn not_this_way(&self, allow: &'static str) -> Response {
        let detail = "this method is not known here; `Allow` names those that are";
        let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail);
        let mut response = self.refuse(problem.into()).await;
        response.headers_mut().insert(header::ALLOW, http::HeaderValue::from_static(allow));
        response
    }

    async fn refuse(&self, trouble: Trouble) -> Response {
        let Trouble { problem, reasons, retry } = trouble;
        let who = self.known().await.ok();
        let refusal = Refused {
            problem: problem.with_request(&self.client.request),
            route: Some(self.route),
            who: who.as_deref(),
            reasons,
            is_navigation: wants_page(self.parts),
            retry: retry.as_ref().map(LocalPath::as_str),
        };
        refused(self.desk, refusal).await
    }
}

/// What is around a page on an app's host.
fn frame(host: &str) -> Frame {
    Frame { assets: "/.doorward/assets".to_owned(), host: host.to_owned(), ..Frame::default() }
}

fn cover(response: &mut Response, route: &AppRoute) {
    shield::cover(response.headers_mut(), route.origin.is_secure());
}

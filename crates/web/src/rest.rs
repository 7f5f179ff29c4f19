//! REST: a loop over the list of operations. The input of each is one flat object, put together of the path, the
//! query or the body, and checked by its type alone.

mod input;

pub(crate) use input::takes_body;

use crate::{
    Caller, Desk, Problem, cookies, openapi,
    operations::{Entry, Needs, OPERATIONS, SessionChange},
};
use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::{RawPathParams, Request, State},
    response::{IntoResponse, Response},
    routing::{MethodFilter, get, on},
};
use http::{Method, StatusCode, header, request::Parts};
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;

/// How long a client may take over a body: who sends nothing holds no connection.
pub(crate) const BODY_TIME: Duration = Duration::from_secs(10);

/// The largest body that an operation takes.
const LARGEST_BODY: usize = 64 * 1024;

/// The routes of every operation, and of the document that describes them.
pub(crate) fn router(desk: &Desk, base: &str) -> Router {
    let described = described(base);
    let document = get(|| async { Json(described) }).fallback(not_allowed);
    let mut router = Router::new().route(&format!("{base}/api/v1/openapi.json"), document);
    for entry in OPERATIONS {
        let Some(filter) = method(entry).and_then(|method| MethodFilter::try_from(method).ok()) else {
            continue;
        };
        let handle = move |State(desk): State<Desk>, path: RawPathParams, request: Request| async move {
            answer(entry, &desk, path, request).await
        };
        router = router.route(&format!("{base}{}", entry.path), on(filter, handle));
    }
    router.method_not_allowed_fallback(not_allowed).with_state(desk.clone())
}

/// The document; where the operations are mounted elsewhere than at the root, it says so.
fn described(base: &str) -> Value {
    let mut document = openapi::document().clone();
    if let (false, Some(fields)) = (base.is_empty(), document.as_object_mut()) {
        fields.insert("servers".to_owned(), serde_json::json!([{ "url": base }]));
    }
    document
}

fn method(entry: &Entry) -> Option<Method> {
    Method::from_bytes(entry.method.as_bytes()).ok()
}

async fn not_allowed(request: Request) -> Response {
    let detail = "this method is not known here; `Allow` names those that are";
    let id = request_id(&request);
    let problem =
        Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail).with_request(&id);
    let mut response = problem.into_response();
    if let Ok(allow) = allowed(own_path(request.uri().path())).parse() {
        response.headers_mut().insert(header::ALLOW, allow);
    }
    response
}

/// A path without what it is mounted under.
fn own_path(path: &str) -> &str {
    path.find("/api/v1/").and_then(|place| path.get(place..)).unwrap_or(path)
}

/// The methods that a path knows.
fn allowed(path: &str) -> String {
    let fits = |entry: &&Entry| {
        let (wanted, found) = (entry.path.split('/'), path.split('/'));
        let alike = |(wanted, found): (&str, &str)| wanted.starts_with('{') || wanted == found;
        wanted.clone().count() == found.clone().count() && wanted.zip(found).all(alike)
    };
    let mut methods: Vec<&str> = OPERATIONS.iter().filter(fits).map(|entry| entry.method).collect();
    if methods.is_empty() || methods.contains(&"GET") {
        methods.push("GET");
        methods.push("HEAD");
    }
    methods.sort_unstable();
    methods.dedup();
    methods.join(", ")
}

fn request_id(request: &Request) -> String {
    request.extensions().get::<crate::Client>().map(|client| client.request.to_string()).unwrap_or_default()
}

async fn answer(entry: &Entry, desk: &Desk, path: RawPathParams, request: Request) -> Response {
    let id = request_id(&request);
    let answered = call(entry, desk, &path, request).await;
    answered.unwrap_or_else(|problem| problem.with_request(&id).into_response())
}

async fn call(
    entry: &Entry,
    desk: &Desk,
    path: &RawPathParams,
    request: Request,
) -> Result<Response, Problem> {
    let (parts, body) = request.into_parts();
    let caller = match entry.door {
        Needs::Nothing => Caller::nobody(desk, &parts)?,
        Needs::Credential => Caller::known(desk, &parts).await?,
    };
    let body = read_body(&parts, body).await?;
    let input = input::gather(entry, path, &parts, body)?;
    let (output, session) = (entry.run)(desk, &caller, input).await?;
    let status = StatusCode::from_u16(entry.status).unwrap_or(StatusCode::OK);
    let mut response = if status == StatusCode::NO_CONTENT {
        status.into_response()
    } else {
        (status, Json(output)).into_response()
    };
    set_cookies(desk, &mut response, session);
    Ok(response)
}

/// The JSON object of the body; nothing when there is no body.
async fn read_body(parts: &Parts, body: Body) -> Result<Option<Value>, Problem> {
    let too_large = |_| {
        let detail = "the body is larger than 64 KiB";
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
    };
    let read = timeout(BODY_TIME, to_bytes(body, LARGEST_BODY)).await;
    let bytes = read.map_err(|_| Problem::slow_body())?.map_err(too_large)?;
    if bytes.is_empty() {
        return Ok(None);
    }
    if !is_json(parts) {
        let detail = "send the body as `Content-Type: application/json`";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail));
    }
    let unreadable = |error: serde_json::Error| Problem::invalid(format!("the body is no JSON: {error}"));
    serde_json::from_slice(&bytes).map(Some).map_err(unreadable)
}

fn is_json(parts: &Parts) -> bool {
    let kind =
        parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/json")
}

fn set_cookies(desk: &Desk, response: &mut Response, session: SessionChange) {
    let lines = match session {
        SessionChange::Keep => return,
        SessionChange::End => vec![cookies::end_home_session(desk)],
        SessionChange::Begin(begun) => {
            let device = identity::sign_in::device_cookie(&desk.house, begun.user.id);
            vec![
                cookies::begin_home_session(desk, &begun.session, &begun.secret),
                cookies::set_device(desk.home(), &device),
            ]
        }
    };
    for line in lines.into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
}

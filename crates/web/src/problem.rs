//! What went wrong, for the client: `application/problem+json` (RFC 9457) with a stable code.
//!
//! The one place where errors of use cases become HTTP. The cause of what broke inside goes to the log, never out.

use access::CredentialError;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use policy::Hint;
use serde_json::json;
use std::borrow::Cow;

/// What went wrong, as the client is told.
#[derive(Debug, Clone)]
pub struct Problem {
    /// The status of the answer.
    pub status: StatusCode,
    /// The stable name that programs tell it by.
    pub code: &'static str,
    /// A sentence that says what to do.
    pub detail: Cow<'static, str>,
    /// Seconds after which another try is welcome.
    pub retry_after: Option<u64>,
    /// The request's id, filled in where it is answered.
    pub request: String,
}

impl Problem {
    /// A problem of that status, code and sentence.
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { status, code, detail: detail.into(), retry_after: None, request: String::new() }
    }

    /// The request is not what the operation takes.
    pub fn invalid(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_input", detail)
    }

    /// There is no such thing.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("no such {what}"))
    }

    /// Signing in comes first.
    pub fn sign_in_required() -> Self {
        let detail = "sign in first, or send a token as `Authorization: Bearer dwt_…`";
        Self::new(StatusCode::UNAUTHORIZED, "sign_in_required", detail)
    }

    /// The request may have been sent by another site's page.
    pub fn cross_site() -> Self {
        let detail = "this request did not come from a page of this host; a program sends a token in a header, \
                      or `X-Requested-With: XMLHttpRequest` with its cookie";
        Self::new(StatusCode::FORBIDDEN, "cross_site_request", detail)
    }

    /// The body did not come in time.
    pub fn slow_body() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "slow_body", "the body did not come in time: send it again")
    }

    /// The database is away or too busy; the log says why.
    pub fn unavailable() -> Self {
        let detail = "the database does not answer: try again in a moment";
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail).after(1)
    }

    /// Something broke inside; the log says what.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "something went wrong inside; the log says what",
        )
    }

    fn after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// The same with the request's id.
    #[must_use]
    pub fn with_request(self, request: &str) -> Self {
        Self { request: request.to_owned(), ..self }
    }
}

impl From<identity::Error> for Problem {
    fn from(error: identity::Error) -> Self {
        use identity::Error as E;
        let detail = error.to_string();
        let (status, code) = match &error {
            E::NotFound(_) => (StatusCode::NOT_FOUND, "not_found"),
            E::Denied(denied) => (StatusCode::FORBIDDEN, denied_code(denied.hint)),
            E::Conflict(_) => (StatusCode::CONFLICT, "conflict"),
            E::Refused(_) => (StatusCode::UNPROCESSABLE_ENTITY, "refused"),
            E::WeakPassword(_) => (StatusCode::UNPROCESSABLE_ENTITY, "weak_password"),
            E::LongPassword(_) => (StatusCode::UNPROCESSABLE_ENTITY, "long_password"),
            E::InvalidCredentials => (StatusCode::UNAUTHORIZED, "invalid_credentials"),
            E::WrongPassword => (StatusCode::FORBIDDEN, "wrong_password"),
            E::SetupCodeInvalid => (StatusCode::FORBIDDEN, "setup_code_invalid"),
            E::SetupDone => (StatusCode::GONE, "setup_done"),
            E::ScopeRequired => (StatusCode::BAD_REQUEST, "scope_required"),
            E::HandoffInvalid => (StatusCode::BAD_REQUEST, "handoff_invalid"),
            E::TooMany(_) => (StatusCode::TOO_MANY_REQUESTS, "too_many_requests"),
            E::Busy => (StatusCode::SERVICE_UNAVAILABLE, "busy"),
            E::NoSessions => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            E::Internal(cause) if cause.is_passing() => {
                if !cause.is_told() {
                    tracing::error!(%cause, "the database did not do what it was asked for");
                }
                return Self { detail: cause.advice().into(), ..Self::unavailable() };
            }
            E::Internal(cause) => {
                tracing::error!(%cause, "a use case broke");
                return Self::internal();
            }
        };
        let problem = Self::new(status, code, detail);
        match error {
            E::TooMany(wait) => problem.after(wait.seconds()),
            E::Busy | E::NoSessions => problem.after(1),
            _ => problem,
        }
    }
}

const fn denied_code(hint: Hint) -> &'static str {
    match hint {
        Hint::ProveAgain => "recent_proof_required",
        Hint::WiderScope => "insufficient_scope",
        Hint::Nothing | Hint::SignIn => "forbidden",
    }
}

impl From<CredentialError> for Problem {
    fn from(error: CredentialError) -> Self {
        let detail = error.to_string();
        let (status, code) = match error {
            CredentialError::SessionEnded => (StatusCode::UNAUTHORIZED, "session_ended"),
            CredentialError::MalformedToken => (StatusCode::UNAUTHORIZED, "malformed_token"),
            CredentialError::InvalidToken => (StatusCode::UNAUTHORIZED, "invalid_token"),
            CredentialError::BasicRefused => (StatusCode::UNAUTHORIZED, "basic_refused"),
            CredentialError::Ambiguous => (StatusCode::BAD_REQUEST, "two_credentials"),
            CredentialError::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        };
        let problem = Self::new(status, code, detail);
        if error == CredentialError::Unavailable { problem.after(1) } else { problem }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("error"),
            "status": self.status.as_u16(),
            "detail": self.detail,
            "code": self.code,
            "request_id": self.request,
        });
        let mut response = (self.status, body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"doorward\""));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

//! What a handler answers when it does not do what it was asked for, and why an app does not start.

use super::carried::Carried;
use access::CredentialError;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use policy::{Denied, Hint, PolicyError};
use std::fmt;
use store::{NotAuthorized, NotPermitted, StoreError};
use web::Problem;

/// Why a handler does not do what it was asked for. The layer makes the answer of it: a problem (RFC 9457) with a
/// stable code.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// 404: there is no such thing, by this name. Also said where there is one that may not be known of.
    NotFound(&'static str),
    /// 403, or 404 for what who asks may not know of: the policy said no.
    Denied(Denied),
    /// 409: it cannot be so while something else is as it is.
    Conflict(String),
    /// 422: it is well formed, but cannot be so.
    Refused(String),
    /// 500: something broke, and the log says what.
    Internal(crate::db::Error),
    /// What Doorward itself answers.
    #[doc(hidden)]
    Answered(Box<Problem>),
}

impl Error {
    /// A refusal with a status and a code of the app's own. A status that is none is 500.
    pub fn coded(status: u16, code: &'static str, detail: impl Into<String>) -> Self {
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Problem::new(status, code, detail.into()).into()
    }

    pub(super) fn sign_in_required() -> Self {
        Problem::sign_in_required().into()
    }

    /// What is asked of a request that did not come through the layer.
    pub(super) fn outside() -> Self {
        Problem::internal().into()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(what) => write!(f, "no such {what}"),
            Self::Denied(denied) => write!(f, "{denied}"),
            Self::Conflict(text) | Self::Refused(text) => f.write_str(text),
            Self::Internal(_) => f.write_str("something went wrong inside"),
            Self::Answered(problem) => f.write_str(&problem.detail),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Internal(cause) => Some(cause),
            _ => None,
        }
    }
}

impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Internal(error)
    }
}

impl From<NotPermitted> for Error {
    fn from(error: NotPermitted) -> Self {
        match error {
            NotPermitted::Denied(denied) => Self::Denied(denied),
            NotPermitted::Store(error) => error.into(),
        }
    }
}

impl From<NotAuthorized> for Error {
    fn from(error: NotAuthorized) -> Self {
        match error {
            NotAuthorized::NotFound(what) => Self::NotFound(what),
            NotAuthorized::NotPermitted(error) => error.into(),
        }
    }
}

impl From<CredentialError> for Error {
    fn from(error: CredentialError) -> Self {
        Problem::from(error).into()
    }
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Answered(Box::new(problem))
    }
}

impl From<Error> for Problem {
    /// SECURITY: where nothing would help who asks, a thing that they may not touch is as one that is not there.
    fn from(error: Error) -> Self {
        match error {
            Error::Denied(denied) if denied.hint == Hint::Nothing && denied.resource.is_some() => {
                Self::not_found(denied.thing())
            }
            Error::Denied(denied) => identity::Error::Denied(denied).into(),
            Error::NotFound(what) => identity::Error::NotFound(what).into(),
            Error::Conflict(text) => identity::Error::Conflict(text).into(),
            Error::Refused(text) => identity::Error::Refused(text).into(),
            Error::Internal(cause) => {
                tracing::error!(%cause, "a handler of the app broke");
                Self::internal()
            }
            Error::Answered(problem) => *problem,
        }
    }
}

impl IntoResponse for Error {
    /// To be written by the layer, which knows the request.
    fn into_response(self) -> Response {
        let problem = Problem::from(self);
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        *response.status_mut() = problem.status;
        response.extensions_mut().insert(Carried(problem));
        response
    }
}

/// Why an app does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// A route asks for a permission that the builder was not told of, so that nobody has it.
    #[error(
        "the route `{path}` requires `{permission}`, which is no action of the app: hand it to `Builder::actions`"
    )]
    UnknownPermission {
        /// The route.
        path: String,
        /// The permission.
        permission: &'static str,
    },
    /// The app's actions or policies cannot be used.
    #[error("the app's policies cannot be used: {0}")]
    Policies(String),
    /// The database, the data directory or a setting is in the way.
    #[error("{0}")]
    Stopped(String),
}

impl From<PolicyError> for StartError {
    fn from(error: PolicyError) -> Self {
        Self::Policies(error.to_string())
    }
}

impl From<crate::exit::Stop> for StartError {
    fn from(stop: crate::exit::Stop) -> Self {
        Self::Stopped(stop.message)
    }
}

impl From<StoreError> for StartError {
    fn from(error: StoreError) -> Self {
        Self::Stopped(error.to_string())
    }
}

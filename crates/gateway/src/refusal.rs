//! Why the gateway answers a request itself instead of the app. The face makes the page or the problem of it.

use access::CredentialError;
use http::StatusCode;
use limits::RetryAfter;
use policy::Decision;
use std::sync::Arc;

/// Nobody says how long a maintenance takes; clients ask again at this pace.
const MAINTENANCE_SECONDS: u64 = 60;

/// Why a request did not reach its app, or the app did not answer.
#[derive(Debug)]
pub enum Refusal {
    /// The host leads to no app here.
    Misdirected,
    /// The request can be read in two ways, or in none; the text says what is asked of it.
    BadRequest(&'static str),
    /// A question of forward auth from an address that is no trusted proxy's.
    UntrustedProxy,
    /// A field by which a proxy describes a request is missing, repeated or unreadable.
    Forwarded(&'static str),
    /// A method that no app is sent.
    Method,
    /// A path that belongs to Doorward and leads nowhere.
    NotFound,
    /// There is no credential, or the cookie of a session that has ended; a browser is led to sign in.
    SignIn,
    /// There is a credential of ours that is not valid; no other one is tried.
    InvalidCredential(CredentialError),
    /// There are credentials of two principals.
    TwoCredentials,
    /// Another site's page may have made the browser send it.
    CrossSite,
    /// The policy said no.
    Denied(Arc<Decision>),
    /// What it rested on ended while its body was on the way.
    Ended,
    /// The body is longer than allowed.
    TooLarge,
    /// Who asks sends more than the app takes from one visitor.
    TooMany(RetryAfter),
    /// As many requests are under way as the app takes at once.
    Crowded,
    /// The app is shut for a while, as its settings say.
    Maintenance,
    /// Who asks cannot be found out now.
    Unavailable,
    /// The app could not be reached, or did not speak HTTP.
    BadGateway,
    /// The app's address is this gateway's own.
    Loop,
    /// The app did not answer in time.
    GatewayTimeout,
}

impl Refusal {
    /// The status that an answer carries which is no redirect.
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Misdirected => StatusCode::MISDIRECTED_REQUEST,
            Self::BadRequest(_) | Self::Forwarded(_) | Self::TwoCredentials => StatusCode::BAD_REQUEST,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SignIn | Self::InvalidCredential(_) => StatusCode::UNAUTHORIZED,
            Self::UntrustedProxy | Self::CrossSite | Self::Denied(_) | Self::Ended => StatusCode::FORBIDDEN,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Crowded | Self::Maintenance | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::BadGateway | Self::Loop => StatusCode::BAD_GATEWAY,
            Self::GatewayTimeout => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    /// The stable name that programs tell it by.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Misdirected => "unknown_host",
            Self::BadRequest(_) => "bad_request",
            Self::UntrustedProxy => "untrusted_proxy",
            Self::Forwarded(_) => "forwarded_field",
            Self::Method => "method_not_allowed",
            Self::NotFound => "not_found",
            Self::SignIn => "sign_in_required",
            Self::InvalidCredential(CredentialError::MalformedToken) => "malformed_token",
            Self::InvalidCredential(_) => "invalid_credential",
            Self::TwoCredentials => "two_credentials",
            Self::CrossSite => "cross_site_request",
            Self::Denied(_) => "denied",
            Self::Ended => "access_ended",
            Self::TooLarge => "body_too_large",
            Self::TooMany(_) => "too_many_requests",
            Self::Crowded => "app_busy",
            Self::Maintenance => "maintenance",
            Self::Unavailable => "unavailable",
            Self::BadGateway => "app_unreachable",
            Self::Loop => "app_loop",
            Self::GatewayTimeout => "app_timeout",
        }
    }

    /// After how many seconds another try may do better, where that can be said.
    pub const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooMany(wait) => Some(wait.seconds()),
            Self::Maintenance => Some(MAINTENANCE_SECONDS),
            Self::Crowded | Self::Unavailable => Some(1),
            _ => None,
        }
    }
}

impl From<CredentialError> for Refusal {
    fn from(error: CredentialError) -> Self {
        match error {
            CredentialError::SessionEnded => Self::SignIn,
            CredentialError::MalformedToken
            | CredentialError::InvalidToken
            | CredentialError::BasicRefused => Self::InvalidCredential(error),
            CredentialError::Ambiguous => Self::TwoCredentials,
            CredentialError::Unavailable => Self::Unavailable,
        }
    }
}

//! How the gateway treats an app's requests. Every default changes nothing.

use super::Rule;
use crate::Origin;
use serde::{Deserialize, Serialize};
use std::fmt;

/// How the gateway treats an app's requests.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GateSettings {
    /// Paths that are open to others than the app itself; the first that matches decides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// Origins, beside the app's own, whose pages may send it unsafe requests (`security.md` 6).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<Origin>,
    /// What is changed of a request's fields on the way to the app.
    #[serde(skip_serializing_if = "FieldChanges::is_empty")]
    pub request_headers: FieldChanges,
    /// What is changed of an answer's fields on the way to the client.
    #[serde(skip_serializing_if = "FieldChanges::is_empty")]
    pub answer_headers: FieldChanges,
    /// How much of the app visitors may take.
    #[serde(skip_serializing_if = "AppLimits::is_empty")]
    pub limits: AppLimits,
    /// How its upstreams are asked whether they are well; absent, only requests tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub health: Option<HealthCheck>,
    /// The app is shut, and this is what visitors are told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maintenance: Option<String>,
    /// The most hours since a visitor last proved who they are; then they are asked again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_in_hours: Option<u32>,
}

/// What is changed of a message's fields.
///
/// SECURITY: a value may be a credential for the app, so `Debug` shows the names alone.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FieldChanges {
    /// Names and values that replace what was there.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<(String, String)>,
    /// Names that are taken out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remove: Vec<String>,
}

/// How much of an app visitors may take; what is absent is not limited by the app.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AppLimits {
    /// Requests a minute of one person, or of one network where nobody signs in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_per_minute: Option<u32>,
    /// Requests under way at once, of all visitors together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests_at_once: Option<u32>,
    /// Bytes of one request's body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_bytes: Option<u64>,
    /// Seconds that the app may leave a request without an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_seconds: Option<u32>,
}

/// How an upstream is asked whether it is well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HealthCheck {
    /// The path that is asked by `GET`; any answer below 500 means well.
    pub path: String,
    /// How often, in seconds, at least 1.
    pub every_seconds: u32,
}

impl fmt::Debug for FieldChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.set.iter().map(|(name, _)| name).collect();
        f.debug_struct("FieldChanges").field("set", &names).field("remove", &self.remove).finish()
    }
}

impl FieldChanges {
    /// Whether nothing is changed.
    pub const fn is_empty(&self) -> bool {
        self.set.is_empty() && self.remove.is_empty()
    }
}

impl AppLimits {
    /// Whether nothing is limited.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

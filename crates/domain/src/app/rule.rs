//! Paths of an app that are open to others than the app itself.

use super::AppAccess;
use serde::{Deserialize, Serialize};

/// Who may use some paths of an app. Of an app's rules, the first that matches a request decides instead of the
/// app's own access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Whole segments that the path begins with: `/share` matches `/share` and `/share/x`, not `/shared`.
    pub path: String,
    /// The methods that it speaks of; none means all.
    #[serde(default)]
    pub methods: Vec<String>,
    /// Who may.
    pub allow: Allow,
}

/// Who may use what a [`Rule`] matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Allow {
    /// Whoever comes, signed in or not.
    Anyone,
    /// Everyone who has an account.
    SignedIn,
    /// These alone.
    #[serde(untagged)]
    Only(AppAccess),
}

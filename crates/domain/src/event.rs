//! One record of the audit log.

use crate::{Id, Kind, Time};

/// What happened: one record of the audit log, never changed after it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Ordered by time.
    pub id: Id<Event>,
    /// When it happened; for a folded event, when it happened first.
    pub at: Time,
    /// Who did it: an account's id, `anonymous`, `local operator` or `system`.
    pub actor: String,
    /// How they proved it: the id of a session or token, or `none`.
    pub proof: String,
    /// The client's address.
    pub address: Option<String>,
    /// What was done, as `resource:action`.
    pub action: String,
    /// The id of what it was done to, when there is one thing.
    pub resource: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// Why: the policies that decided, or the reason of the failure.
    pub reasons: Vec<String>,
    /// What changed: `{"before": …, "after": …}`, each the fields that differ. Never a secret.
    pub detail: Option<serde_json::Value>,
    /// The id of the request.
    pub request: String,
    /// How many times it happened within the minute, when more than one were folded.
    pub count: i64,
    /// Its place in the log, from 1 on and without a gap; `None` until it gets one, soon after it was committed.
    pub number: Option<i64>,
}

impl Kind for Event {
    const PREFIX: &'static str = "evt";
}

/// How what was asked for ended.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Outcome {
    /// It was done.
    Done,
    /// The policy said no.
    Denied,
    /// It was tried and did not work: a wrong password, a spent code.
    Failed,
}

impl Outcome {
    /// The outcome's name in the store and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Denied => "denied",
            Self::Failed => "failed",
        }
    }

    /// The outcome of that name.
    pub fn find(name: &str) -> Option<Self> {
        [Self::Done, Self::Denied, Self::Failed].into_iter().find(|outcome| outcome.as_str() == name)
    }
}

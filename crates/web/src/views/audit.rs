//! The audit log, and one of its events.

use super::{Frame, Viewer, When};
use askama::Template;

/// `/admin/audit`, filtered by its query.
#[derive(Template)]
#[template(path = "audit.html")]
pub struct Audit {
    /// What is around the page.
    pub frame: Frame,
    /// Who is signed in.
    pub viewer: Viewer,
    /// What the list is narrowed to.
    pub filters: AuditFilters,
    /// Newest first.
    pub rows: Vec<AuditRow>,
    /// The URL of the page after this.
    pub next: Option<String>,
}

/// What the list is narrowed to, as typed; what is empty does not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilters {
    /// As `resource:action`.
    pub action: String,
    /// The id of who did it.
    pub principal: String,
    /// The id of what it was done to.
    pub resource: String,
    /// `done`, `denied` or `failed`.
    pub outcome: String,
    /// The first day, as `2026-11-21`.
    pub from: String,
    /// The last day.
    pub to: String,
    /// Words to find anywhere.
    pub q: String,
}

impl AuditFilters {
    fn any(&self) -> bool {
        *self != Self::default()
    }

    /// The outcomes to choose from, and which is chosen.
    fn outcomes(&self) -> impl Iterator<Item = (&'static str, bool)> {
        let outcomes = [Outcome::Done, Outcome::Denied, Outcome::Failed];
        outcomes.into_iter().map(Outcome::word).map(|word| (word, word == self.outcome))
    }

    /// Whether a filter is set that the page keeps folded away.
    fn any_folded(&self) -> bool {
        [&self.principal, &self.resource, &self.from, &self.to].iter().any(|filter| !filter.is_empty())
    }
}

/// One event in the list.
#[derive(Debug, Clone)]
pub struct AuditRow {
    /// The event's id.
    pub id: String,
    /// When it happened.
    pub at: When,
    /// Who did it, in words.
    pub actor: String,
    /// What was done, as `resource:action`.
    pub action: String,
    /// What it was done to.
    pub resource: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// The client's address.
    pub address: Option<String>,
    /// How often it happened within the minute.
    pub count: i64,
}

/// How what was asked for ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// The policy said no.
    Denied,
    /// It was tried and did not work.
    Failed,
}

impl Outcome {
    const fn class(self) -> &'static str {
        match self {
            Self::Done => "good",
            Self::Denied => "bad",
            Self::Failed => "warn",
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Denied => "denied",
            Self::Failed => "failed",
        }
    }
}

/// `/admin/audit/{id}`: all that is known of one event.
#[derive(Template)]
#[template(path = "audit_event.html")]
pub struct AuditEvent {
    /// What is around the page.
    pub frame: Frame,
    /// Who is signed in.
    pub viewer: Viewer,
    /// What the list shows of it.
    pub row: AuditRow,
    /// How the actor proved who they are: the id of a session or token, or `none`.
    pub proof: String,
    /// Why it ended so, a sentence each.
    pub reasons: Vec<String>,
    /// The fields that changed.
    pub changes: Vec<Change>,
    /// The id of the request.
    pub request: String,
}

/// A field that changed.
#[derive(Debug, Clone)]
pub struct Change {
    /// What it is called.
    pub field: String,
    /// What it was, if it was.
    pub before: Option<String>,
    /// What it is, if it still is.
    pub after: Option<String>,
}

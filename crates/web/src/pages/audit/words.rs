//! Events in words: accounts by their names, changes field by field.

use super::super::guest::Guest;
use crate::views::{AuditRow, Change, Outcome};
use domain::{Event, Id, User};
use identity::{Error, users};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The names of accounts by their ids.
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    /// The names of the accounts that `events` speak of, as far as the guest may know them.
    pub(super) async fn of(guest: &Guest, events: &[Event]) -> Self {
        let ids = events.iter().flat_map(|event| std::iter::once(&event.actor).chain(&event.resource));
        let ids: BTreeSet<&String> = ids.filter(|id| id.parse::<Id<User>>().is_ok()).collect();
        let mut names = BTreeMap::new();
        for id in ids {
            match users::show(guest.house(), guest.actor(), id.clone()).await {
                Ok(user) => drop(names.insert(id.clone(), user.name.to_string())),
                Err(Error::NotFound(_)) => {}
                Err(_) => break,
            }
        }
        Self(names)
    }

    pub(super) fn row(&self, guest: &Guest, event: &Event) -> AuditRow {
        let name = |id: &String| self.0.get(id).unwrap_or(id).clone();
        AuditRow {
            id: event.id.to_string(),
            at: guest.when(event.at),
            actor: name(&event.actor),
            action: event.action.clone(),
            resource: event.resource.as_ref().map(name),
            outcome: match event.outcome {
                domain::Outcome::Done => Outcome::Done,
                domain::Outcome::Denied => Outcome::Denied,
                domain::Outcome::Failed => Outcome::Failed,
            },
            address: event.address.clone(),
            count: event.count,
        }
    }
}

/// The fields that changed, by name.
pub(super) fn changes(event: &Event) -> Vec<Change> {
    let empty = Map::new();
    let side = |name: &str| {
        let detail = event.detail.as_ref().and_then(|detail| detail.get(name));
        detail.and_then(Value::as_object).unwrap_or(&empty)
    };
    let (before, after) = (side("before"), side("after"));
    let fields: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let change = |field: &String| Change {
        field: field.clone(),
        before: before.get(field).and_then(text),
        after: after.get(field).and_then(text),
    };
    fields.into_iter().map(change).filter(|change| change.before != change.after).collect()
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

//! What the audit log says of an app.
//!
//! SECURITY: the value of a header that is set may be a credential for the app. The log has the names alone, and that
//! a value changed.

use domain::{App, FieldChanges, GateSettings};
use serde_json::{Value as Json, json};

/// What the log says of an app.
pub(super) fn facts(app: &App) -> Json {
    json!({
        "name": app.name, "hosts": app.hosts, "upstreams": app.upstreams, "basic": app.basic,
        "everyone": app.access.everyone, "groups": app.access.groups, "users": app.access.users,
        "roles": app.access.roles, "gate": of_gate(&app.gate),
    })
}

/// What the log says of an app after a change; `before` is what it was.
pub(super) fn facts_after(before: &App, after: &App) -> Json {
    let mut facts = facts(after);
    let (old, new) = (&before.gate, &after.gate);
    let request = changed(&old.request_headers, &new.request_headers);
    let answer = changed(&old.answer_headers, &new.answer_headers);
    let names: Vec<&str> = request.chain(answer).collect();
    if let Some(facts) = facts.as_object_mut().filter(|_| !names.is_empty()) {
        facts.insert("header_values_changed".to_owned(), json!(names));
    }
    facts
}

fn of_gate(gate: &GateSettings) -> Json {
    let headers = [("request_headers", &gate.request_headers), ("answer_headers", &gate.answer_headers)];
    let mut facts = json!(GateSettings {
        request_headers: FieldChanges::default(),
        answer_headers: FieldChanges::default(),
        ..gate.clone()
    });
    for (name, changes) in headers {
        if let Some(facts) = facts.as_object_mut().filter(|_| !changes.is_empty()) {
            let set: Vec<&str> = changes.set.iter().map(|(name, _)| name.as_str()).collect();
            facts.insert(name.to_owned(), json!({ "set": set, "remove": changes.remove }));
        }
    }
    facts
}

/// The names of which both have a value, each another.
fn changed<'a>(before: &'a FieldChanges, after: &'a FieldChanges) -> impl Iterator<Item = &'a str> {
    let differs = |(name, value): &&(String, String)| {
        before.set.iter().any(|(other, old)| other.eq_ignore_ascii_case(name) && old != value)
    };
    after.set.iter().filter(differs).map(|(name, _)| name.as_str())
}

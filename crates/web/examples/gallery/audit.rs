//! The audit log.

use super::super::views::{Audit, AuditEvent, AuditFilters, AuditRow, Change, Outcome};
use super::{Page, Say, ada, frame, page, texts, when};

pub(super) fn pages(say: Say) -> askama::Result<Vec<Page>> {
    let filters = AuditFilters {
        action: say("session:create"),
        outcome: "failed".to_owned(),
        from: say("2026-11-20"),
        q: say("kettle"),
        ..AuditFilters::default()
    };
    let list = Audit { rows: rows(say), next: Some(say("/admin/audit?after=evt_01ja9z")), ..none(say) };
    let found_nothing = Audit { filters, ..none(say) };
    Ok(vec![
        page("audit", &list)?,
        page("audit-searched", &found_nothing)?,
        page("audit-none", &none(say))?,
        page("audit-event", &event(say))?,
        page("audit-event-denied", &denied(say))?,
    ])
}

fn none(say: Say) -> Audit {
    Audit { frame: frame(say), viewer: ada(say), filters: AuditFilters::default(), rows: vec![], next: None }
}

fn row(say: Say, actor: &str, action: &str, resource: Option<&str>, outcome: Outcome) -> AuditRow {
    AuditRow {
        id: say("evt_01ja9z6v3te8xw5kq2m7d4hn0r"),
        at: when(say, "4 minutes ago", "2026-11-21T09:26:00.123456Z"),
        actor: say(actor),
        action: say(action),
        resource: resource.map(say),
        outcome,
        address: Some(say("192.0.2.17")),
        count: 1,
    }
}

fn rows(say: Say) -> Vec<AuditRow> {
    let flood = AuditRow {
        count: 212,
        address: Some(say("2001:db8:85a3:8d3::/64")),
        ..row(say, "Nobody signed in", "session:create", None, Outcome::Failed)
    };
    let offline =
        AuditRow { address: None, ..row(say, "Local operator", "setup:create_link", None, Outcome::Done) };
    vec![
        row(say, "Ada Lovelace", "app:update", Some("Notes"), Outcome::Done),
        row(say, "Alan Turing", "app:open", Some("Metrics"), Outcome::Denied),
        flood,
        row(say, "Grace Hopper", "token:create", Some("Pixel, CalDAV"), Outcome::Done),
        offline,
    ]
}

fn event(say: Say) -> AuditEvent {
    let change = |field: &str, before: Option<&str>, after: Option<&str>| Change {
        field: say(field),
        before: before.map(say),
        after: after.map(say),
    };
    AuditEvent {
        frame: frame(say),
        viewer: ada(say),
        row: row(say, "Ada Lovelace", "app:update", Some("Notes"), Outcome::Done),
        proof: say("ses_01ja9z6v3te8xw5kq2m7d4hn0r"),
        reasons: texts(say, &["administrators may change apps"]),
        changes: vec![
            change("upstream", Some("http://127.0.0.1:3000"), Some("http://127.0.0.1:3001")),
            change("groups", None, Some("[\"family\"]")),
        ],
        request: say("req_01ja9z6v3te8"),
    }
}

fn denied(say: Say) -> AuditEvent {
    AuditEvent {
        row: AuditRow { count: 3, ..row(say, "Alan Turing", "app:open", Some("Metrics"), Outcome::Denied) },
        reasons: texts(say, &["Metrics is open to the group operators, and Alan is not in it"]),
        changes: vec![],
        ..event(say)
    }
}

//! One's own account.

use super::super::views::{Account, ChangePassword, NoticeKind, SessionRow, Sessions, Typed};
use super::{Page, Say, ada, frame, noticed, page, when};

pub(super) fn pages(say: Say) -> askama::Result<Vec<Page>> {
    let account = Account {
        frame: noticed(say, NoticeKind::Good, "Your name is saved."),
        viewer: ada(say),
        name: Typed::right(say("Ada Lovelace")),
        email: say("ada@example.org"),
        handle: say("ada"),
        sessions: 3,
        tokens: 2,
    };
    let password = ChangePassword {
        frame: frame(say),
        viewer: ada(say),
        email: say("ada@example.org"),
        current_error: Some(say("That is not your present password.")),
        new_error: Some(say("That has 7 characters; it needs 12.")),
    };
    let sessions = Sessions { frame: frame(say), viewer: ada(say), rows: rows(say) };
    let alone = Sessions { rows: rows(say).into_iter().take(1).collect(), ..empty(say) };
    Ok(vec![
        page("account", &account)?,
        page("password", &password)?,
        page("sessions", &sessions)?,
        page("sessions-alone", &alone)?,
    ])
}

fn empty(say: Say) -> Sessions {
    Sessions { frame: frame(say), viewer: ada(say), rows: vec![] }
}

fn rows(say: Say) -> Vec<SessionRow> {
    let row = |id: &str, place: &str, browser: &str, address: Option<&str>| SessionRow {
        id: say(id),
        this: id == "ses_01ja9z6v3te8",
        place: say(place),
        browser: say(browser),
        address: address.map(say),
        created: when(say, "2 days ago", "2026-11-19T08:12:44Z"),
        used: when(say, "4 minutes ago", "2026-11-21T09:26:00Z"),
    };
    vec![
        row("ses_01ja9z6v3te8", "Home", "Firefox on Linux", Some("192.0.2.17")),
        row("ses_01ja9z7c0p4k", "Notes", "Firefox on Linux", Some("192.0.2.17")),
        row("ses_01ja8w2nq91d", "Home", "Safari on iPhone", Some("2001:db8:85a3:8d3:1319:8a2e:370:7348")),
        row("ses_01ja8v0h5r2s", "Home", "An unknown browser", None),
    ]
}

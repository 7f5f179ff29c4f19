//! API tokens.

use super::super::views::{
    AppChoice, Extent, NoticeKind, PermissionChoice, PermissionGroup, TokenMade, TokenNew, TokenRevoke,
    TokenRow, TokenState, Tokens, Typed,
};
use super::{Page, Say, ada, frame, noticed, page, texts, when};

pub(super) fn pages(say: Say) -> askama::Result<Vec<Page>> {
    let list = Tokens {
        frame: noticed(say, NoticeKind::Good, "“Old laptop” is revoked and opens nothing any more."),
        viewer: ada(say),
        rows: vec![phone(say), backup(say), laptop(say), trial(say)],
    };
    let none = Tokens { frame: frame(say), viewer: ada(say), rows: vec![] };
    let made = TokenMade {
        frame: frame(say),
        viewer: ada(say),
        name: say("Backup script"),
        secret: say("dwt_7Kq2vN8sYt4XbM1cZr6LpHd9GwJf3QaEu5TyVo0RiSxCk2BnPm4Wz"),
        prefix: say("dwt_7Kq2…"),
        expires: Some(when(say, "in 90 days", "2027-02-19T09:30:00Z")),
        examples: texts(
            say,
            &[
                "curl -H 'Authorization: Bearer dwt_7Kq2…' https://home.example.org/api/v1/me",
                "curl -u ada:dwt_7Kq2… https://notes.example.org/",
            ],
        ),
    };
    let revoke = TokenRevoke { frame: frame(say), viewer: ada(say), token: phone(say) };
    Ok(vec![
        page("tokens", &list)?,
        page("tokens-none", &none)?,
        page("token-new", &fresh(say))?,
        page("token-new-wrong", &wrong(say))?,
        page("token-made", &made)?,
        page("token-revoke", &revoke)?,
    ])
}

fn phone(say: Say) -> TokenRow {
    TokenRow {
        id: say("tok_01ja9z6v3te8"),
        name: say("Pixel, CalDAV"),
        prefix: say("dwt_7Kq2…"),
        opens: Extent::Only(texts(say, &["Calendar", "Contacts"])),
        permissions: Extent::Only(vec![]),
        created: when(say, "30 days ago", "2026-10-22T18:02:11Z"),
        used: Some(when(say, "4 minutes ago", "2026-11-21T09:26:00Z")),
        expires: Some(when(say, "in 335 days", "2027-10-22T18:02:11Z")),
        state: TokenState::Live,
    }
}

fn backup(say: Say) -> TokenRow {
    TokenRow {
        id: say("tok_01ja9w1xk77q"),
        name: say("Backup script on the shelf"),
        prefix: say("dwt_Zr6L…"),
        opens: Extent::Only(vec![]),
        permissions: Extent::Only(texts(say, &["app:list", "audit:list", "user:list"])),
        used: None,
        expires: None,
        ..phone(say)
    }
}

fn laptop(say: Say) -> TokenRow {
    TokenRow {
        name: say("Old laptop"),
        prefix: say("dwt_Bn4W…"),
        opens: Extent::All,
        permissions: Extent::All,
        state: TokenState::Revoked,
        ..phone(say)
    }
}

fn trial(say: Say) -> TokenRow {
    TokenRow {
        name: say("Trial"),
        prefix: say("dwt_Gw9J…"),
        expires: Some(when(say, "12 days ago", "2026-11-09T10:00:00Z")),
        state: TokenState::Expired,
        ..phone(say)
    }
}

fn fresh(say: Say) -> TokenNew {
    let app = |id: &str, name: &str, host: &str| AppChoice {
        id: say(id),
        name: say(name),
        host: say(host),
        chosen: false,
    };
    TokenNew {
        frame: frame(say),
        viewer: ada(say),
        name: Typed::default(),
        expires_in_days: "90".to_owned(),
        apps: vec![
            app("app_01ja9z6v3te8", "Notes", "notes.example.org"),
            app("app_01ja9z7c0p4k", "Calendar", "calendar.example.org"),
        ],
        permissions: vec![
            group(say, "Tokens", [("token:list", "See API tokens"), ("token:revoke", "End an API token")]),
            group(
                say,
                "Apps",
                [("app:list", "See apps and where they are"), ("app:update", "Change an app")],
            ),
        ],
        everything: false,
        scope_error: None,
    }
}

fn wrong(say: Say) -> TokenNew {
    let mut page = fresh(say);
    page.name = Typed::wrong(say("Pixel, CalDAV"), say("You have a token of that name."));
    page.scope_error = Some(say("Choose at least one app or one thing that it may do."));
    if let Some(choice) = page.permissions.iter_mut().flat_map(|group| &mut group.choices).next() {
        choice.chosen = true;
    }
    page
}

fn group(say: Say, title: &str, choices: [(&str, &str); 2]) -> PermissionGroup {
    let choices =
        choices.map(|(name, words)| PermissionChoice { name: say(name), words: say(words), chosen: false });
    PermissionGroup { title: say(title), choices: choices.into() }
}

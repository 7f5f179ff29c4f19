//! In front of the door.

use super::super::views::{
    AppToOpen, Confirm, Denied, ErrorPage, NoticeKind, Setup, SetupClosed, SignIn, SignOut, Typed,
};
use super::{Page, Say, frame, noticed, page, texts};

const CODE: &str = "q7Zk3mWv9TtYB2xN";

pub(super) fn pages(say: Say) -> askama::Result<Vec<Page>> {
    let mut pages = set_up(say)?;
    pages.extend(sign_in(say)?);
    pages.extend(refused(say)?);
    for status in [400, 401, 403, 404, 405, 421, 429, 500, 502, 503, 504] {
        pages.push(error(say, status)?);
    }
    Ok(pages)
}

fn set_up(say: Say) -> askama::Result<Vec<Page>> {
    let fresh = Setup {
        frame: frame(say),
        code: say(CODE),
        email: Typed::default(),
        name: Typed::default(),
        password_error: None,
    };
    let wrong = Setup {
        frame: frame(say),
        code: say(CODE),
        email: Typed::wrong(say("ada@example"), say("An address looks like ada@example.org.")),
        name: Typed::right(say("Ada Lovelace")),
        password_error: Some(say("That password is on every list of common ones. Take another.")),
    };
    let spent = SetupClosed {
        frame: frame(say),
        reason: say("The link was made more than an hour ago and has ended."),
        done: false,
    };
    let done = SetupClosed {
        frame: frame(say),
        reason: say("The first account was made, so the setup is closed for good."),
        done: true,
    };
    Ok(vec![
        page("setup", &fresh)?,
        page("setup-wrong", &wrong)?,
        page("setup-spent", &spent)?,
        page("setup-done", &done)?,
    ])
}

fn sign_in(say: Say) -> askama::Result<Vec<Page>> {
    let notes = AppToOpen { name: say("Notes"), host: say("notes.example.org") };
    let fresh = SignIn {
        frame: frame(say),
        app: Some(notes),
        next: say("/hand-off?app=notes"),
        identifier: String::new(),
        error: None,
        retry_after: None,
    };
    let refused = SignIn {
        frame: frame(say),
        app: None,
        next: String::new(),
        identifier: say("ada@example.org"),
        error: Some(say("That e-mail and password do not go together.")),
        retry_after: Some(40),
    };
    let left = SignIn {
        frame: noticed(say, NoticeKind::Good, "You are signed out."),
        app: None,
        next: String::new(),
        identifier: String::new(),
        error: None,
        retry_after: None,
    };
    let out = SignOut {
        frame: frame(say),
        who: say("ada@example.org"),
        apps: texts(say, &["Notes", "Calendar", "Printer"]),
    };
    Ok(vec![
        page("sign-in", &fresh)?,
        page("sign-in-refused", &refused)?,
        page("signed-out", &left)?,
        page("sign-out", &out)?,
    ])
}

fn refused(say: Say) -> askama::Result<Vec<Page>> {
    let confirm = Confirm {
        frame: frame(say),
        who: say("ada@example.org"),
        next: say("/account/tokens/new"),
        error: Some(say("That is not your password.")),
    };
    let denied = Denied {
        frame: frame(say),
        title: say("You cannot open Metrics"),
        who: say("alan@example.org"),
        reasons: texts(say, &["Metrics is open to the group operators, and you are not in it."]),
        ask: texts(say, &["Grace Hopper", "Ada Lovelace"]),
        reference: say("req_01ja9z6v3te8"),
        home_url: say("https://home.example.org"),
    };
    Ok(vec![page("confirm", &confirm)?, page("denied", &denied)?])
}

fn error(say: Say, status: u16) -> askama::Result<Page> {
    let name = match status {
        400 => "error-400",
        401 => "error-401",
        403 => "error-403",
        404 => "error-404",
        405 => "error-405",
        421 => "error-421",
        429 => "error-429",
        502 => "error-502",
        503 => "error-503",
        504 => "error-504",
        _ => "error-500",
    };
    let app = say("Notes");
    let retry = (status > 500).then(|| say("/today"));
    let error = ErrorPage {
        reference: say("req_01ja9z6v3te8"),
        home_url: say("https://home.example.org"),
        retry,
        ..ErrorPage::new(frame(say), status, Some(&app))
    };
    page(name, &error)
}

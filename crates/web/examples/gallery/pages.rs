//! Every page in every state worth seeing. What the pages hold goes through `say`, so that a test can put
//! something hostile in its place.

mod account;
mod apps;
mod audit;
mod door;
mod tokens;

use super::views::{Frame, Notice, NoticeKind, Viewer, When};
use askama::Template;

/// A file name and the page.
pub(super) type Page = (&'static str, String);

/// What a text becomes before it is put into a page.
pub(super) type Say = fn(&str) -> String;

/// All pages.
pub(super) fn all(say: Say) -> askama::Result<Vec<Page>> {
    let sets =
        [door::pages(say)?, apps::pages(say)?, account::pages(say)?, tokens::pages(say)?, audit::pages(say)?];
    Ok(sets.into_iter().flatten().collect())
}

fn page(name: &'static str, page: &impl Template) -> askama::Result<Page> {
    Ok((name, page.render()?))
}

fn frame(say: Say) -> Frame {
    Frame { assets: "assets".to_owned(), host: say("home.example.org"), ..Frame::default() }
}

fn noticed(say: Say, kind: NoticeKind, text: &str) -> Frame {
    Frame { notice: Some(Notice { kind, text: say(text) }), ..frame(say) }
}

fn ada(say: Say) -> Viewer {
    Viewer { name: say("Ada Lovelace"), admin: true }
}

fn alan(say: Say) -> Viewer {
    Viewer { name: say("Alan Turing"), admin: false }
}

fn when(say: Say, text: &str, exact: &str) -> When {
    When { text: say(text), exact: say(exact) }
}

fn texts(say: Say, texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| say(text)).collect()
}

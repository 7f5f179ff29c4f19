//! The browsers that are signed in as oneself.

use super::{Frame, Viewer, When};
use askama::Template;

/// `/account/sessions`. Posts to `/account/sessions/{id}/end` and `/account/sessions/end-others`.
#[derive(Template)]
#[template(path = "sessions.html")]
pub struct Sessions {
    /// What is around the page.
    pub frame: Frame,
    /// Who is signed in.
    pub viewer: Viewer,
    /// The live sessions, this one first.
    pub rows: Vec<SessionRow>,
}

impl Sessions {
    fn others(&self) -> usize {
        self.rows.iter().filter(|row| !row.this).count()
    }
}

/// One signed-in browser.
#[derive(Debug, Clone)]
pub struct SessionRow {
    /// The session's id.
    pub id: String,
    /// Whether it is the one that is looking.
    pub this: bool,
    /// What it opens: `Home`, or an app's name.
    pub place: String,
    /// The browser and its system in words: `Firefox on Linux`.
    pub browser: String,
    /// The address that it was made from.
    pub address: Option<String>,
    /// When it was signed in.
    pub created: When,
    /// When it was last used.
    pub used: When,
}

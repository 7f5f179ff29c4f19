//! The page that one comes home to: the apps that one may open.

use super::{Frame, Viewer, When};
use askama::Template;

/// `/`: the apps that are open to who is signed in. Searched by `?q=`.
#[derive(Template)]
#[template(path = "my_apps.html")]
pub struct MyApps {
    /// What is around the page.
    pub frame: Frame,
    /// Who is signed in.
    pub viewer: Viewer,
    /// What was searched for; empty shows all.
    pub q: String,
    /// The apps found.
    pub apps: Vec<AppTile>,
    /// When this browser was signed in.
    pub signed_in: When,
    /// What else signs in as them.
    pub tokens_note: Option<TokensNote>,
}

/// One app to open.
#[derive(Debug, Clone)]
pub struct AppTile {
    /// What it is called.
    pub name: String,
    /// Where it opens.
    pub url: String,
    /// The host that it is on.
    pub host: String,
}

impl AppTile {
    fn initial(&self) -> String {
        self.name.chars().take(1).flat_map(char::to_uppercase).collect()
    }
}

/// Tokens that are live, and the one used last.
#[derive(Debug, Clone)]
pub struct TokensNote {
    /// How many are live.
    pub count: usize,
    /// The name of the one used last.
    pub name: String,
    /// When that was.
    pub used: When,
}

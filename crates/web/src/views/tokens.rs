//! API tokens: the list, a new one, the one moment at which its secret is seen, and its end.

use super::{Frame, Typed, Viewer, When, listed};
use askama::Template;

/// `/account/tokens`.
#[derive(Template)]
#[template(path = "tokens.html")]
pub struct Tokens {
    /// What is around the page.
    pub frame: Frame,
    /// Who is signed in.
    pub viewer: Viewer,
    /// Live ones first.
    pub rows: Vec<TokenRow>,
}

/// One token; its secret is nowhere in it.
#[derive(Debug, Clone)]
pub struct TokenRow {
    /// The token's id.
    pub id: String,
    /// What its owner called it.
    pub name: String,
    /// The first letters of its secret: `dwt_7Kq2…`.
    pub prefix: String,
    /// The apps that it opens.
    pub opens: Extent,
    /// What may be done with it in Doorward itself, as `resource:action`.
    pub permissions: Extent,
    /// When it was made.
    pub created: When,
    /// When it was last used.
    pub used: Option<When>,
    /// When it ends by itself.
    pub expires: Option<When>,
    /// Whether it still opens anything.
    pub state: TokenState,
}

/// All that the owner has, or only what is named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extent {
    /// Everything, now and later.
    All,
    /// Only these; none at all when empty.
    Only(Vec<String>),
}

impl Extent {
    /// As a sentence ends: `Notes and Calendar`, or `all` or `none` when that is what it is.
    fn words(&self, all: &str, none: &str) -> String {
        match self {
            Self::All => all.to_owned(),
            Self::Only(names) if names.is_empty() => none.to_owned(),
            Self::Only(names) => listed(names, "and"),
        }
    }
}

/// Where a token is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    /// It works.
    Live,
    /// Its time is over.
    Expired,
    /// It was revoked.
    Revoked,
}

/// `/account/tokens/new`. Posts to `/account/tokens`: `name`, `expires_in_days` (empty is never), `app` and
/// `permission` (each as often as chosen), `everything`.
#[derive(Template)]
#[template(path = "token_new.html")]
pub struct TokenNew {
    /// What is around the page.
    pub frame: Frame,
    /// Who is signed in.
    pub viewer: Viewer,
    /// What it is for.
    pub name: Typed,
    /// The chosen life in days, as the form sends it; empty is never.
    pub expires_in_days: String,
    /// The apps that it could open.
    pub apps: Vec<AppChoice>,
    /// What else it could do.
    pub permissions: Vec<PermissionGroup>,
    /// Whether it shall do all that its owner may.
    pub everything: bool,
    /// What is wrong with what was chosen.
    pub scope_error: Option<String>,
}

/// How long a token may be made to live: what the form sends, and what the page says.
const LIVES: [(&str, &str); 5] =
    [("7", "7 days"), ("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("", "Never ends by itself")];

impl TokenNew {
    fn lives(&self) -> impl Iterator<Item = (&'static str, &'static str, bool)> {
        LIVES.into_iter().map(|(days, words)| (days, words, days == self.expires_in_days))
    }

    fn names_a_permission(&self) -> bool {
        self.permissions.iter().flat_map(|group| &group.choices).any(|choice| choice.chosen)
    }
}

/// An app that a new token could open.
#[derive(Debug, Clone)]
pub struct AppChoice {
    /// The app's id, which the form sends.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// The host that it is on.
    pub host: String,
    /// Whether its box is ticked.
    pub chosen: bool,
}

/// The permissions on one type of resource.
#[derive(Debug, Clone)]
pub struct PermissionGroup {
    /// What they are about: `Tokens`.
    pub title: String,
    /// One box each.
    pub choices: Vec<PermissionChoice>,
}

/// A permission that a new token could carry.
#[derive(Debug, Clone)]
pub struct PermissionChoice {
    /// The `resource:action` that the form sends.
    pub name: String,
    /// What it allows.
    pub words: String,
    /// Whether its box is ticked.
    pub chosen: bool,
}

/// The answer to a new token: the only page that ever shows the secret.
#[derive(Template)]
#[template(path = "token_made.html")]
pub struct TokenMade {
    /// What is around the page.
    pub frame: Frame,
    /// Who is signed in.
    pub viewer: Viewer,
    /// What its owner called it.
    pub name: String,
    /// The whole token.
    pub secret: String,
    /// What lists will show of it.
    pub prefix: String,
    /// When it ends by itself.
    pub expires: Option<When>,
    /// Commands that use it, a line each.
    pub examples: Vec<String>,
}

/// `/account/tokens/{id}/revoke`: asks before it posts there.
#[derive(Template)]
#[template(path = "token_revoke.html")]
pub struct TokenRevoke {
    /// What is around the page.
    pub frame: Frame,
    /// Who is signed in.
    pub viewer: Viewer,
    /// The token that would end.
    pub token: TokenRow,
}

//! The pages in front of the door, each a narrow card: the first account, signing in and out, proving
//! again who one is, and being told no.

use super::{Frame, Typed, listed, when};
use askama::Template;

/// `/setup`: the first account. Posts `code`, `email`, `name`, `password`.
#[derive(Template)]
#[template(path = "setup.html")]
pub struct Setup {
    /// What is around the page.
    pub frame: Frame,
    /// The code of the setup link, carried along unseen.
    pub code: String,
    /// The address to sign in with.
    pub email: Typed,
    /// What others will see.
    pub name: Typed,
    /// What is wrong with the password.
    pub password_error: Option<String>,
}

/// `/setup` with a link that opens nothing.
#[derive(Template)]
#[template(path = "setup_closed.html")]
pub struct SetupClosed {
    /// What is around the page.
    pub frame: Frame,
    /// Why, as a sentence: `This link was used.`
    pub reason: String,
    /// Whether there is an account already, so that a new link would not help.
    pub done: bool,
}

/// `/login`. Posts `identifier`, `password`, and `next` when there is one.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignIn {
    /// What is around the page.
    pub frame: Frame,
    /// The app that the browser is on its way to.
    pub app: Option<AppToOpen>,
    /// The path at home to go on to; may be empty.
    pub next: String,
    /// The e-mail address that was typed.
    pub identifier: String,
    /// Why the try failed, the same sentence whether or not the account exists.
    pub error: Option<String>,
    /// Seconds to wait before the next try counts.
    pub retry_after: Option<u64>,
}

impl SignIn {
    fn wait(&self) -> Option<String> {
        self.retry_after.map(when::wait)
    }
}

/// The app that a browser is on its way to.
#[derive(Debug, Clone)]
pub struct AppToOpen {
    /// What it is called.
    pub name: String,
    /// The host that it is on.
    pub host: String,
}

/// `/logout`: asks before it posts there.
#[derive(Template)]
#[template(path = "sign_out.html")]
pub struct SignOut {
    /// What is around the page.
    pub frame: Frame,
    /// Who is signed in: their e-mail address.
    pub who: String,
    /// The names of the apps that were opened from this session and end with it.
    pub apps: Vec<String>,
}

impl SignOut {
    fn apps(&self) -> String {
        listed(&self.apps, "and")
    }
}

/// `/account/confirm`. Posts `password`, and `next` when there is one.
#[derive(Template)]
#[template(path = "confirm.html")]
pub struct Confirm {
    /// What is around the page.
    pub frame: Frame,
    /// Whose password it is: their e-mail address.
    pub who: String,
    /// The path at home to go on to; may be empty.
    pub next: String,
    /// What is wrong with the password.
    pub error: Option<String>,
}

/// An app or a page that is not open to who asks: why, and whom to ask.
#[derive(Template)]
#[template(path = "denied.html")]
pub struct Denied {
    /// What is around the page.
    pub frame: Frame,
    /// What cannot be done: `You cannot open Metrics`.
    pub title: String,
    /// Who is signed in: their e-mail address.
    pub who: String,
    /// Why not, a sentence each.
    pub reasons: Vec<String>,
    /// The names of those who could change it.
    pub ask: Vec<String>,
    /// The id of the request.
    pub reference: String,
    /// The home host's URL, with no slash at its end.
    pub home_url: String,
}

impl Denied {
    fn asked(&self) -> String {
        listed(&self.ask, "or")
    }
}

//! One's own account: name and password.

use super::{Frame, Typed, Viewer};
use askama::Template;

/// `/account`. Its form posts `name` to `/account/name`.
#[derive(Template)]
#[template(path = "account.html")]
pub struct Account {
    /// What is around the page.
    pub frame: Frame,
    /// Who is signed in.
    pub viewer: Viewer,
    /// What others see.
    pub name: Typed,
    /// The address that they sign in with.
    pub email: String,
    /// What apps know them by; it never changes.
    pub handle: String,
    /// How many browsers are signed in.
    pub sessions: usize,
    /// How many tokens are live.
    pub tokens: usize,
}

/// `/account/password`. Posts `current_password`, `new_password`.
#[derive(Template)]
#[template(path = "password.html")]
pub struct ChangePassword {
    /// What is around the page.
    pub frame: Frame,
    /// Who is signed in.
    pub viewer: Viewer,
    /// The address that they sign in with, for the browser's password store.
    pub email: String,
    /// What is wrong with the present password.
    pub current_error: Option<String>,
    /// What is wrong with the new one.
    pub new_error: Option<String>,
}

//! The built-in sample app: it shows what an app behind the door is told.

use super::Frame;
use askama::Template;

/// What the sample shows on its own host.
#[derive(Template)]
#[template(path = "sample.html")]
pub struct Sample {
    /// What is around the page.
    pub frame: Frame,
    /// Who is signed in; nobody where the app is open to anyone.
    pub user: Option<SampleUser>,
    /// Every header that arrived, in its order.
    pub headers: Vec<ReceivedHeader>,
    /// What `X-Doorward-Assertion` says, decoded.
    pub claims: Vec<Claim>,
}

/// Who is signed in, as the identity headers say it.
#[derive(Debug, Clone)]
pub struct SampleUser {
    /// `Remote-Name`.
    pub name: String,
    /// `Remote-Email`.
    pub email: String,
}

/// A header that the app received.
#[derive(Debug, Clone)]
pub struct ReceivedHeader {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// Whether Doorward wrote it, so that the app may believe it.
    pub ours: bool,
}

/// One claim of the assertion.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Its name in the token.
    pub name: String,
    /// Its value, as JSON writes it or as plain text.
    pub value: String,
    /// What it means.
    pub meaning: String,
}

//! The page for what did not work, and what it says for each status.

use super::Frame;
use askama::Template;

/// Something did not work: what, and what to do.
#[derive(Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// What is around the page.
    pub frame: Frame,
    /// The HTTP status.
    pub status: u16,
    /// What happened, in a few words.
    pub title: String,
    /// What it means and what to do.
    pub text: String,
    /// The id of the request.
    pub reference: String,
    /// The home host's URL, with no slash at its end.
    pub home_url: String,
    /// Where to try again, when that may help.
    pub retry: Option<String>,
}

impl ErrorPage {
    /// What there is to say about `status`; `app` is the name of the app that was asked for.
    pub fn new(frame: Frame, status: u16, app: Option<&str>) -> Self {
        let (title, text) = words(status);
        let app = app.unwrap_or("The app");
        let [title, text] = [title, text].map(|words| words.replace("{app}", app));
        Self { frame, status, title, text, reference: String::new(), home_url: String::new(), retry: None }
    }
}

const fn words(status: u16) -> (&'static str, &'static str) {
    match status {
        400 => (
            "That was not understood",
            "Something in the request is missing or malformed. Go back and try once more.",
        ),
        401 => ("Sign in first", "This browser is not signed in here, or its session has ended."),
        403 => ("This is not open to you", "You are signed in, and nothing lets you do this."),
        404 => (
            "There is nothing here",
            "The address is wrong, or what was here is gone, or it is not yours to see.",
        ),
        405 => (
            "This is not how to get here",
            "The address exists and does something else. Start from the page that leads to it.",
        ),
        421 => (
            "No app has this name",
            "Doorward answers here, and no app is set up for this host. An administrator can add one.",
        ),
        429 => ("Too many tries", "There were many in a short while. Wait a little, then try again."),
        502 => (
            "{app} does not answer",
            "Doorward works, but what is behind it could not be reached. It may be starting, or it is down.",
        ),
        503 => (
            "Not now, but soon",
            "Something that Doorward needs does not answer, or there is more to do than can be done at once. Nothing \
             was changed. Try again in a few seconds.",
        ),
        504 => (
            "{app} takes too long",
            "It was reached and did not answer in time. What you asked for may still have been done.",
        ),
        _ => (
            "Something broke on our side",
            "You did nothing wrong. An administrator finds the cause in the log, under the reference below.",
        ),
    }
}

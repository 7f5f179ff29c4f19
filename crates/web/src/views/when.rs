//! Moments as people say them.

use askama::{Template, filters::HtmlSafe};
use std::time::Duration;

/// A moment in words, with the exact one behind it. In a template `{{ when }}` is a whole `<time>`.
#[derive(Debug, Clone, Default, Template)]
#[template(source = r#"<time datetime="{{ exact }}" title="{{ exact }}">{{ text }}</time>"#, ext = "html")]
pub struct When {
    /// As people say it: `4 minutes ago`.
    pub text: String,
    /// As RFC 3339 writes it.
    pub exact: String,
}

// SECURITY: both parts may hold anything; the template above escapes them, so the whole need not be again.
impl HtmlSafe for When {}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// A moment that lies `span` back: `just now`, `4 minutes ago`, `2 hours ago`.
pub fn ago(span: Duration) -> String {
    words(span).map_or_else(|| "just now".to_owned(), |words| format!("{words} ago"))
}

/// A moment that lies `span` ahead: `any moment`, `in 4 minutes`, `in 30 days`.
pub fn ahead(span: Duration) -> String {
    // What was set to 90 days a moment ago still lasts 90.
    words(span + (span / 50).min(Duration::from_mins(1)))
        .map_or_else(|| "any moment".to_owned(), |words| format!("in {words}"))
}

/// A span in its largest whole unit; less than five seconds has no words.
fn words(span: Duration) -> Option<String> {
    let (number, unit) = match span.as_secs() {
        0..5 => return None,
        seconds @ 5..MINUTE => (seconds, "second"),
        seconds @ MINUTE..HOUR => (seconds / MINUTE, "minute"),
        seconds @ HOUR..DAY => (seconds / HOUR, "hour"),
        seconds => (seconds / DAY, "day"),
    };
    let plural = if number == 1 { "" } else { "s" };
    Some(format!("{number} {unit}{plural}"))
}

/// How long to wait, never said shorter than it is: `1 second`, `40 seconds`, `3 minutes`.
pub(super) fn wait(seconds: u64) -> String {
    let (number, unit) = match seconds {
        0..=90 => (seconds.max(1), "second"),
        91..=5400 => (seconds.div_ceil(MINUTE), "minute"),
        _ => (seconds.div_ceil(HOUR), "hour"),
    };
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_said_in_its_largest_whole_unit() {
        let said = |seconds| ago(Duration::from_secs(seconds));
        assert_eq!(said(4), "just now");
        assert_eq!(said(59), "59 seconds ago");
        assert_eq!(said(60), "1 minute ago");
        assert_eq!(said(2 * HOUR - 1), "1 hour ago");
        assert_eq!(said(400 * DAY), "400 days ago");
        assert_eq!(ahead(Duration::from_hours(36)), "in 1 day");
        assert_eq!(ahead(Duration::from_secs(90 * DAY - 3)), "in 90 days");
        assert_eq!(ahead(Duration::from_secs(4 * MINUTE)), "in 4 minutes");
    }

    #[test]
    fn a_wait_is_never_said_shorter_than_it_is() {
        assert_eq!(wait(0), "1 second");
        assert_eq!(wait(90), "90 seconds");
        assert_eq!(wait(121), "3 minutes");
        assert_eq!(wait(7201), "3 hours");
    }
}

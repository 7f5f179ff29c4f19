//! Which paths of an app's host are Doorward's own, however they are spelled.

use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// Whose a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The app's.
    App,
    /// Doorward's, spelled as Doorward spells it.
    Doorward,
    /// Doorward's to some readers, in a spelling of its own: answered by nobody.
    Unclear,
}

const NAME: &str = ".doorward";
const ROUNDS: u32 = 3;

/// Whose `path` is.
///
/// SECURITY: `/%2eDoorward/` or `//x/..;/.doorward/` would reach the app if the first segment were compared
/// as it stands, and an app or a proxy between could read it as Doorward's callback.
pub(crate) fn owner(path: &str) -> Owner {
    if path
        .strip_prefix('/')
        .and_then(|rest| rest.strip_prefix(NAME))
        .is_some_and(|rest| rest.starts_with('/'))
    {
        Owner::Doorward
    } else if is_plain(path) || !begins_with_our_name(path) {
        Owner::App
    } else {
        Owner::Unclear
    }
}

/// Whether the path has nothing in it that the slow look could find: no `%` and no `.d`.
fn is_plain(path: &str) -> bool {
    !path.contains('%') && !path.as_bytes().windows(2).any(|two| two.eq_ignore_ascii_case(b".d"))
}

fn begins_with_our_name(path: &str) -> bool {
    let decoded = decoded(path);
    let mut segments = Vec::new();
    for segment in decoded.split(['/', '\\']) {
        match segment.split(';').next().unwrap_or_default() {
            "" | "." => {}
            ".." => drop(segments.pop()),
            named => segments.push(named),
        }
    }
    segments.first().is_some_and(|first| first.eq_ignore_ascii_case(NAME))
}

/// The path with percent-encoding undone, as often as a chain of careless readers might.
///
/// SECURITY: not until none is left, for `%252525…` would then cost the square of its length.
fn decoded(path: &str) -> Cow<'_, str> {
    let mut path = Cow::Borrowed(path);
    for _ in 0..ROUNDS {
        path = Cow::Owned(percent_decode_str(&path).decode_utf8_lossy().into_owned());
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_exact_prefix_is_ours() {
        for path in ["/.doorward/", "/.doorward/callback", "/.doorward/%2e%2e/x"] {
            assert_eq!(owner(path), Owner::Doorward, "{path}");
        }
    }

    #[test]
    fn other_spellings_of_it_are_answered_by_nobody() {
        for path in [
            "/.doorward",
            "/.Doorward/",
            "/%2edoorward/",
            "/%2Edoorward/",
            "/%252edoorward/",
            "/.d%6forward/callback",
            "//.doorward/",
            "/./.doorward/",
            "/a/../.doorward/",
            "/a/..;x/.doorward/",
            "/.doorward;x/",
            "/\\.doorward/",
            "/.doorward%2fcallback",
            "/.doorward%5ccallback",
        ] {
            assert_eq!(owner(path), Owner::Unclear, "{path}");
        }
    }

    #[test]
    fn everything_else_is_the_app_s() {
        for path in [
            "/",
            "*",
            "",
            "/doorward/",
            "/.doorwards/",
            "/a/.doorward/",
            "/%",
            "/%zz",
            "/.dockerenv",
            "/a%20b",
        ] {
            assert_eq!(owner(path), Owner::App, "{path}");
        }
    }

    proptest! {
        #[test]
        fn no_encoding_of_the_name_reaches_the_app(encoded in proptest::collection::vec(0..3_u8, 9)) {
            let spelled: String = NAME.bytes().zip(encoded).map(|(byte, how)| match how {
                0 => char::from(byte).to_string(),
                1 => char::from(byte.to_ascii_uppercase()).to_string(),
                _ => format!("%{byte:02x}"),
            }).collect();
            prop_assert_ne!(owner(&format!("/{spelled}/callback")), Owner::App);
        }
    }
}

//! A path: no spelling that leads a reader below `/.doorward/` is taken for the app's.

use gateway::fuzzing;
use percent_encoding::percent_decode_str;

pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let decoded = percent_decode_str(text).decode_utf8_lossy().into_owned();
    let twice = percent_decode_str(&decoded).decode_utf8_lossy().into_owned();
    for read in [text, &decoded, &twice] {
        let is_ours = first_segment(read).is_some_and(|first| first.eq_ignore_ascii_case(".doorward"));
        assert!(!(is_ours && fuzzing::is_of_app(text)), "{text:?} is the app's, and reads as {read:?}");
    }
}

/// What an app finds first that keeps segments in a stack, as most do.
fn first_segment(path: &str) -> Option<&str> {
    let mut stack: Vec<&str> = Vec::new();
    for segment in path.split(['/', '\\']).map(|segment| segment.split(';').next().unwrap_or_default()) {
        match segment {
            "" | "." => {}
            ".." => drop(stack.pop()),
            named => stack.push(named),
        }
    }
    stack.first().copied()
}

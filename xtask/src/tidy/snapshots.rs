//! Snapshot files: each is accepted, and the source that it names as its own still exists.

use super::{
    checkout::{Checkout, TextFile},
    finding::Finding,
};

pub(super) fn check(checkout: &Checkout) -> Vec<Finding> {
    checkout.files.iter().filter_map(|file| check_file(file, checkout)).collect()
}

fn check_file(file: &TextFile, checkout: &Checkout) -> Option<Finding> {
    if file.path.ends_with(".snap.new") || file.has_ending("pending-snap") {
        return Some(Finding::new(&file.path, 1, "snapshots", "look at it, then accept or drop it"));
    }
    let source = file.text.lines().find_map(|line| line.strip_prefix("source: "));
    let lives = source.is_some_and(|source| checkout.contains(source.trim_matches('"')));
    (file.has_ending("snap") && !lives)
        .then(|| Finding::new(&file.path, 1, "snapshots", "drop it: the source that it names is gone"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(snapshot: &str, text: &str) -> usize {
        check(&Checkout::of(&[("crates/web/src/page.rs", ""), (snapshot, text)])).len()
    }

    #[test]
    fn a_snapshot_with_its_source_passes() {
        assert_eq!(found("a.snap", "---\nsource: crates/web/src/page.rs\n---\nhello\n"), 0);
    }

    #[test]
    fn a_snapshot_without_its_source_is_found() {
        assert_eq!(found("a.snap", "---\nsource: crates/web/src/gone.rs\n---\nhello\n"), 1);
        assert_eq!(found("a.snap", "hello\n"), 1);
    }

    #[test]
    fn a_snapshot_that_nobody_looked_at_is_found() {
        assert_eq!(found("a.snap.new", "---\nsource: crates/web/src/page.rs\n---\nhello\n"), 1);
        assert_eq!(found("src/.page.rs.pending-snap", "{}"), 1);
    }
}

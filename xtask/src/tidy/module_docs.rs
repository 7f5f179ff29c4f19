//! Each module opens with a line of `//!`. Files of tests need none: their names say what they are.

use super::{finding::Finding, source::Source};

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let bare = sources.iter().filter(|source| !source.has_module_docs && !source.is_test_file());
    bare.map(|source| Finding::new(&source.path, 1, "module-docs", "say in `//!` what lives here")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(path: &str, text: &str) -> bool {
        check(&[Source::parse(path, text).unwrap()]).is_empty()
    }

    #[test]
    fn a_module_without_docs_is_found() {
        assert!(passes("src/door.rs", "//! The door.\nfn open() {}"));
        assert!(!passes("src/door.rs", "/// Opens.\nfn open() {}"));
        assert!(!passes("src/door.rs", "// The door.\nfn open() {}"));
    }

    #[test]
    fn a_file_of_tests_needs_no_docs() {
        assert!(passes("src/door/tests.rs", "fn open() {}"));
    }
}

//! Names that say nothing: catch-all modules, `get_` before a getter, `test_` before a test.

use super::{
    finding::Finding,
    source::{Function, Source},
};

const FILES: [&str; 5] = ["utils.rs", "common.rs", "helpers.rs", "manager.rs", "mod.rs"];
const PREFIXES: [(&str, &str); 2] = [
    ("get_", "drop the prefix, or say `find_` when there may be none"),
    ("test_", "drop the prefix and let the name be a sentence"),
];

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in sources {
        if FILES.contains(&source.file_name()) {
            findings.push(Finding::new(&source.path, 1, "names", "name it after what lives in it"));
        }
        for Function { name, line, .. } in source.functions.iter().filter(|function| function.is_named_here) {
            let found = PREFIXES.iter().filter(|(prefix, _)| name.starts_with(prefix));
            let report = |(_, advice): &(&str, &str)| {
                Finding::new(&source.path, *line, "names", format!("`{name}`: {advice}"))
            };
            findings.extend(found.map(report));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(path: &str, text: &str) -> bool {
        check(&[Source::parse(path, text).unwrap()]).is_empty()
    }

    #[test]
    fn a_catch_all_is_found() {
        assert!(passes("src/common_name.rs", ""));
        assert!(!passes("src/common.rs", ""));
        assert!(!passes("src/door/mod.rs", ""));
    }

    #[test]
    fn an_empty_prefix_is_found() {
        assert!(passes("src/a.rs", "fn get() {} fn getter() {} fn tested() {}"));
        assert!(!passes("src/a.rs", "fn get_user() {}"));
        assert!(!passes("src/a.rs", "trait Users { fn get_user(&self); }"));
        assert!(!passes("src/tests.rs", "fn test_user() {}"));
    }

    #[test]
    fn a_name_that_a_trait_chose_passes() {
        assert!(passes("src/a.rs", "impl Elsewhere for Door { fn get_user(&self) {} }"));
    }
}

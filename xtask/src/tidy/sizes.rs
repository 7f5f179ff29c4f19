//! Limits on sizes. Nesting and the lines of code of a function are clippy's too; here every line counts.

use super::{
    finding::Finding,
    source::{Function, Source},
};

const FILE: usize = 600;
const FILE_WARNING: usize = 400;
const LIB: usize = 120;
const INLINE_TESTS: usize = 150;
const FUNCTION: usize = 60;
const ARGUMENTS: usize = 7;

pub(super) fn check(sources: &[Source]) -> Vec<Finding> {
    sources.iter().flat_map(|source| [check_file(source), check_functions(source)].concat()).collect()
}

fn check_file(source: &Source) -> Vec<Finding> {
    let path = &source.path;
    let mut findings = Vec::new();
    let lines = source.own_lines();
    if !source.is_test_file() && lines > FILE_WARNING {
        let limit = if lines > FILE { FILE } else { FILE_WARNING };
        let advice = format!("split it: {lines} lines without tests, more than {limit}");
        let finding = Finding::new(path, 1, "file-length", advice);
        findings.push(if lines > FILE { finding } else { finding.into_warning() });
    }
    if source.file_name() == "lib.rs" && source.lines > LIB {
        let advice = format!("make it a map of modules: {} lines, more than {LIB}", source.lines);
        findings.push(Finding::new(path, 1, "lib-length", advice));
    }
    for tests in source.inline_tests.iter().filter(|tests| tests.lines > INLINE_TESTS) {
        let advice = format!("move them to a `tests.rs`: {} lines, more than {INLINE_TESTS}", tests.lines);
        findings.push(Finding::new(path, tests.line, "inline-tests-length", advice));
    }
    findings
}

fn check_functions(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for Function { name, line, lines, arguments, .. } in &source.functions {
        let mut add = |rule, advice| {
            findings.push(Finding::new(&source.path, *line, rule, advice).in_function(name));
        };
        if *lines > FUNCTION {
            add("function-length", format!("split `{name}`: {lines} lines, more than {FUNCTION}"));
        }
        if *arguments > ARGUMENTS {
            add("arguments", format!("give `{name}` a struct: {arguments} arguments, more than {ARGUMENTS}"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_text(path: &str, text: &str) -> Vec<(&'static str, usize, bool)> {
        let source = Source::parse(path, text).unwrap();
        check(&[source]).iter().map(|finding| (finding.rule, finding.line, finding.fails)).collect()
    }

    fn function(lines: usize) -> String {
        format!("fn long() {{\n{}}}\n", "drop(1);\n".repeat(lines))
    }

    fn inline_tests(lines: usize) -> String {
        format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "use a;\n".repeat(lines - 3))
    }

    #[test]
    fn a_long_function_fails() {
        assert_eq!(check_text("a.rs", &function(60)), []);
        assert_eq!(check_text("a.rs", &function(61)), [("function-length", 1, true)]);
        assert_eq!(check_text("tests/a.rs", &function(61)), [("function-length", 1, true)]);
    }

    #[test]
    fn a_long_file_warns_then_fails() {
        assert_eq!(check_text("a.rs", &"\n".repeat(400)), []);
        assert_eq!(check_text("a.rs", &"\n".repeat(401)), [("file-length", 1, false)]);
        assert_eq!(check_text("a.rs", &"\n".repeat(600)), [("file-length", 1, false)]);
        assert_eq!(check_text("a.rs", &"\n".repeat(601)), [("file-length", 1, true)]);
    }

    #[test]
    fn tests_do_not_make_a_file_long() {
        assert_eq!(check_text("a.rs", &("\n".repeat(400) + &inline_tests(150))), []);
        assert_eq!(check_text("a/tests.rs", &"\n".repeat(601)), []);
    }

    #[test]
    fn long_inline_tests_fail() {
        assert_eq!(check_text("a.rs", &inline_tests(150)), []);
        assert_eq!(check_text("a.rs", &inline_tests(151)), [("inline-tests-length", 1, true)]);
    }

    #[test]
    fn a_long_lib_fails() {
        assert_eq!(check_text("src/lib.rs", &"\n".repeat(120)), []);
        assert_eq!(check_text("src/lib.rs", &"\n".repeat(121)), [("lib-length", 1, true)]);
        assert_eq!(check_text("src/glib.rs", &"\n".repeat(121)), []);
    }

    #[test]
    fn many_arguments_fail() {
        assert_eq!(check_text("a.rs", "fn f(a: A, b: B, c: C, d: D, e: E, f: F, g: G) {}"), []);
        let findings = check_text("a.rs", "fn f(a: A, b: B, c: C, d: D, e: E, f: F, g: G, h: H) {}");
        assert_eq!(findings, [("arguments", 1, true)]);
    }
}

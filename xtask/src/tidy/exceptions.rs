//! The list of sizes that may be beyond their limit. It only shrinks: each entry has a reason and is still needed.

use super::{
    checkout::Checkout,
    finding::Finding,
    rules::{self, Exception},
};

/// Drops from `findings` what an exception covers, and adds what is wrong with the exceptions themselves.
pub(super) fn apply(exceptions: &[Exception], findings: Vec<Finding>, checkout: &Checkout) -> Vec<Finding> {
    let complain = |exception: &Exception, advice: &str| {
        let line = checkout.line_of(rules::PATH, &format!("path = \"{}\"", exception.path));
        Finding::new(rules::PATH, line, "exceptions", advice)
    };
    let mut complaints = Vec::new();
    for exception in exceptions {
        if exception.reason.trim().is_empty() {
            complaints.push(complain(exception, "say the reason"));
        }
        if !findings.iter().any(|finding| exception.covers(finding)) {
            complaints.push(complain(exception, "drop it: it is no longer needed"));
        }
    }
    let uncovered = |finding: &Finding| !exceptions.iter().any(|exception| exception.covers(finding));
    findings.into_iter().filter(uncovered).chain(complaints).collect()
}

impl Exception {
    fn covers(&self, finding: &Finding) -> bool {
        finding.fails
            && self.rule == finding.rule
            && self.path == finding.path
            && self.function == finding.function
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exception(function: &str, reason: &str) -> Exception {
        let [rule, path, function, reason] = ["function-length", "a.rs", function, reason].map(String::from);
        Exception { rule, path, function: Some(function), reason }
    }

    fn long(function: &str) -> Finding {
        Finding::new("a.rs", 3, "function-length", "split it").in_function(function)
    }

    fn apply_to_long(exceptions: &[Exception]) -> Vec<Finding> {
        apply(exceptions, vec![long("build"), long("parse")], &Checkout::of(&[]))
    }

    #[test]
    fn an_exception_covers_its_function_and_no_other() {
        assert_eq!(apply_to_long(&[exception("build", "one table")]), [long("parse")]);
    }

    #[test]
    fn an_exception_that_covers_nothing_fails() {
        let findings = apply_to_long(&[exception("gone", "one table")]);
        assert_eq!(findings.last().unwrap().advice, "drop it: it is no longer needed");
    }

    #[test]
    fn an_exception_without_a_reason_fails() {
        let findings = apply_to_long(&[exception("build", " ")]);
        assert_eq!(findings.last().unwrap().advice, "say the reason");
    }

    #[test]
    fn a_warning_needs_no_exception() {
        let warning = Finding::new("a.rs", 1, "file-length", "split it").into_warning();
        let [rule, path, reason] = ["file-length", "a.rs", "a table"].map(String::from);
        let exceptions = [Exception { rule, path, function: None, reason }];
        assert_eq!(apply(&exceptions, vec![warning], &Checkout::of(&[])).len(), 2);
    }
}

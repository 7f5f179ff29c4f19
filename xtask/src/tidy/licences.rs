//! Every package may be used under licences of the list `licences` alone.
//!
//! A licence expression is the SPDX one (`OR`, `AND`, `WITH`, parentheses), and the older form with `/` for `OR`.

use super::{checkout::Checkout, finding::Finding, metadata::Package, rules::Rules};
use std::{iter::Peekable, vec::IntoIter};

const LOCK: &str = "Cargo.lock";

pub(super) fn check(rules: &Rules, packages: &[Package], checkout: &Checkout) -> Vec<Finding> {
    let refused =
        packages.iter().filter(|package| !permits(rules, package.license.as_deref().unwrap_or_default()));
    let report = |package: &Package| {
        let line = checkout.line_of(LOCK, &format!("name = \"{}\"", package.name));
        let licence = package.license.as_deref().unwrap_or("no licence");
        Finding::new(LOCK, line, "licences", format!("do without `{}`: {licence}", package.name))
    };
    refused.map(report).collect()
}

/// Whether `expression` is well-formed and can be met with allowed licences alone.
fn permits(rules: &Rules, expression: &str) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { rules, words: words.into_iter().peekable() };
    reader.any() == Some(true) && reader.words.next().is_none()
}

/// Reads an expression from left to right; `None` is an expression that is not well-formed.
struct Reader<'a> {
    rules: &'a Rules,
    words: Peekable<IntoIter<&'a str>>,
}

impl Reader<'_> {
    fn any(&mut self) -> Option<bool> {
        let mut met = self.every()?;
        while self.words.next_if_eq(&"OR").is_some() {
            met |= self.every()?;
        }
        Some(met)
    }

    fn every(&mut self) -> Option<bool> {
        let mut met = self.one()?;
        while self.words.next_if_eq(&"AND").is_some() {
            met &= self.one()?;
        }
        Some(met)
    }

    fn one(&mut self) -> Option<bool> {
        if self.words.next_if_eq(&"(").is_some() {
            let met = self.any()?;
            return self.words.next_if_eq(&")").map(|_| met);
        }
        let met = self.name_of(&self.rules.licences)?;
        if self.words.next_if_eq(&"WITH").is_none() {
            return Some(met);
        }
        Some(self.name_of(&self.rules.licence_exceptions)? && met)
    }

    /// Whether the next word is in `list`; a word of the grammar is no name.
    fn name_of(&mut self, list: &[String]) -> Option<bool> {
        let name = self.words.next_if(|word| !["OR", "AND", "WITH", "(", ")"].contains(word))?;
        Some(list.iter().any(|allowed| allowed == name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(expression: &str) -> bool {
        let rules =
            "licences = [\"MIT\", \"ISC\", \"Apache-2.0\"]\nlicence_exceptions = [\"LLVM-exception\"]";
        super::permits(&Rules::parse(rules).unwrap(), expression)
    }

    #[test]
    fn one_allowed_choice_is_enough() {
        for expression in ["MIT", "GPL-3.0 OR MIT", "GPL-3.0/MIT", "MIT / GPL-3.0", "(GPL-3.0 OR MIT)"] {
            assert!(permits(expression), "{expression}");
        }
        assert!(!permits("GPL-3.0 OR LGPL-3.0"));
    }

    #[test]
    fn every_part_must_be_allowed() {
        assert!(permits("ISC AND (Apache-2.0 OR GPL-3.0) AND MIT"));
        assert!(!permits("ISC AND GPL-3.0"));
        assert!(!permits("(MIT OR ISC) AND GPL-3.0"));
    }

    #[test]
    fn and_binds_before_or() {
        assert!(permits("MIT OR ISC AND GPL-3.0"));
        assert!(permits("GPL-3.0 AND ISC OR MIT"));
    }

    #[test]
    fn an_exception_must_be_allowed_too() {
        assert!(permits("Apache-2.0 WITH LLVM-exception OR GPL-3.0"));
        assert!(!permits("Apache-2.0 WITH Other-exception"));
        assert!(!permits("GPL-3.0 WITH LLVM-exception"));
    }

    #[test]
    fn what_is_not_an_expression_is_refused() {
        for expression in
            ["", "MIT OR", "OR MIT", "(MIT", "MIT)", "MIT ISC", "MIT WITH", "()", "MIT AND OR ISC"]
        {
            assert!(!permits(expression), "{expression}");
        }
    }
}

//! What a rule found: where, which rule, and what to do.

use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Finding {
    pub(super) path: String,
    pub(super) line: usize,
    pub(super) rule: &'static str,
    pub(super) advice: String,
    /// The function that it is about, when it is about one.
    pub(super) function: Option<String>,
    /// Whether it fails the check; else it is a word of warning.
    pub(super) fails: bool,
}

impl Finding {
    pub(super) fn new(path: &str, line: usize, rule: &'static str, advice: impl Into<String>) -> Self {
        Self { path: path.into(), line, rule, advice: advice.into(), function: None, fails: true }
    }

    pub(super) fn in_function(self, name: &str) -> Self {
        Self { function: Some(name.into()), ..self }
    }

    pub(super) fn into_warning(self) -> Self {
        Self { fails: false, ..self }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, rule, advice, .. } = self;
        let weight = if self.fails { "" } else { "warning: " };
        write!(f, "{path}:{line}: {weight}{rule}: {advice}")
    }
}

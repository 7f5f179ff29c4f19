//! What an app's settings change of messages, as fields that can be sent.

use domain::FieldChanges;
use http::{HeaderName, HeaderValue};

/// What is changed of a message's fields; parsed once, and not yet checked for fields that no setting may touch.
#[derive(Debug, Default)]
pub struct FieldEdits {
    /// What replaces whatever has the same name.
    pub set: Vec<(HeaderName, HeaderValue)>,
    /// What is taken out.
    pub remove: Vec<HeaderName>,
}

impl FieldEdits {
    /// Leaves out what is no field.
    pub(crate) fn of(changes: &FieldChanges) -> Self {
        let field = |(name, value): &(String, String)| Some((name.parse().ok()?, value.parse().ok()?));
        Self {
            set: changes.set.iter().filter_map(field).collect(),
            remove: changes.remove.iter().filter_map(|name| name.parse().ok()).collect(),
        }
    }

    /// Whether a field that `reads_as` one of these is changed.
    pub fn speak_of(&self, name: &HeaderName, reads_as: impl Fn(&HeaderName, &str) -> bool) -> bool {
        let mut changed = self.remove.iter().chain(self.set.iter().map(|(name, _)| name));
        changed.any(|field| reads_as(name, field.as_str()))
    }

    /// Whether nothing is changed.
    pub const fn is_empty(&self) -> bool {
        self.set.is_empty() && self.remove.is_empty()
    }
}

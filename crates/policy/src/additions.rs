//! What an embedding app adds to the policies: its actions, what they are done to, and policies of its own.
//!
//! SECURITY: it adds and takes nothing away. The sealed policies stay, and a policy of the app speaks of the app's
//! actions alone, so that none of it opens what is Doorward's.

use crate::{Known, PolicyError, actions::KNOWN};
use domain::Permission;
use std::collections::BTreeMap;

/// The actions and policies of an embedding app.
#[derive(Debug, Clone, Default)]
pub struct Additions {
    /// Its actions.
    pub actions: Vec<Known>,
    /// Its policies, in Cedar's syntax, each with an `@id` and a `@reason`.
    pub policies: String,
}

impl Additions {
    /// What policies must say of the app's kinds of things, in the syntax of Cedar's schema. A kind that two actions
    /// describe in two ways is refused, and so is an action without a name of its own.
    pub(crate) fn entities(&self) -> Result<String, PolicyError> {
        let mut kinds = BTreeMap::new();
        for Known { name, on, shape, .. } in &self.actions {
            if name.parse::<Permission>().is_err() {
                return Err(PolicyError::Unfit(format!("`{name}` is no `resource:action`")));
            }
            let named = |known: &&Known| known.name == *name;
            if KNOWN.iter().any(|known| named(&known)) || self.actions.iter().filter(named).count() > 1 {
                return Err(PolicyError::Unfit(format!("two actions are called `{name}`")));
            }
            if is_builtin(on) {
                continue;
            }
            if kinds.insert(*on, *shape).is_some_and(|other| other != *shape) {
                return Err(PolicyError::Unfit(format!("`{on}` is described in two ways")));
            }
        }
        let lines = kinds.iter().map(|(on, shape)| format!("entity {on} {shape};"));
        Ok(lines.collect::<Vec<_>>().join("\n"))
    }

    /// Whether `action` is one of the app's.
    pub(crate) fn names(&self, action: &str) -> bool {
        self.actions.iter().any(|known| known.name == action)
    }
}

/// Whether a kind of thing is described by Doorward's own schema.
fn is_builtin(kind: &str) -> bool {
    matches!(kind, "Builtin" | "Role") || KNOWN.iter().any(|known| known.on == kind)
}

//! The environment, read once: everything else is handed this, so that no test needs a process of its own.

use crate::exit::{Exit, Stop};
use std::{collections::BTreeMap, env, fmt};

const PREFIX: &str = "DOORWARD_";

/// The variables that are Doorward's, by the rest of their name.
#[derive(Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Reads the process's environment.
    pub fn of_process() -> Result<Self, Stop> {
        let mut own = BTreeMap::new();
        for (name, value) in env::vars_os() {
            let Some(name) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
            let unreadable = || Stop::new(Exit::Setting, format!("`{PREFIX}{name}` is no text in UTF-8"));
            own.insert(name.to_owned(), value.into_string().map_err(|_| unreadable())?);
        }
        Ok(Self(own))
    }

    /// An environment of these variables alone, by their full names.
    pub fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let own = variables.into_iter().filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?, value)));
        Self(own.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// Each variable's full name and value. An empty one counts as not given.
    pub(super) fn variables(&self) -> impl Iterator<Item = (String, &str)> {
        let given = self.0.iter().filter(|(_, value)| !value.is_empty());
        given.map(|(name, value)| (format!("{PREFIX}{name}"), value.as_str()))
    }
}

/// The variable that gives a key.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_ascii_uppercase())
}

impl fmt::Debug for Environment {
    /// SECURITY: values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

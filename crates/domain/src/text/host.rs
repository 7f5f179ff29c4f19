//! Hosts that stand for others: `*.notes.example.org` is every name one label below `notes.example.org`.

use super::HostName;

impl HostName {
    /// Whether it stands for other names than its own.
    pub fn is_wildcard(&self) -> bool {
        self.parent().is_some()
    }

    /// Whether a request for `host`, in lower case and without its port, is for this name. A wildcard stands for
    /// exactly one label, never for none and never for two.
    pub fn covers(&self, host: &str) -> bool {
        match self.parent() {
            Some(parent) => host
                .split_once('.')
                .is_some_and(|(label, rest)| !label.is_empty() && label != "*" && rest == parent),
            None => self.as_str() == host,
        }
    }

    /// What a wildcard's names end in.
    fn parent(&self) -> Option<&str> {
        self.as_str().strip_prefix("*.")
    }
}

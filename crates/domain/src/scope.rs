//! What a credential may be used for, at most: never more than its owner may.

use crate::{App, Id};
use std::{borrow::Cow, fmt, str::FromStr};

/// A resource type and an action on it, as in `token:revoke`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Permission(Cow<'static, str>);

impl Permission {
    /// A permission that the program itself names.
    pub const fn known(name: &'static str) -> Self {
        Self(Cow::Borrowed(name))
    }

    /// The `resource:action` text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text is no `resource:action`.
#[derive(Debug, thiserror::Error)]
#[error("a permission looks like `token:revoke`: a resource, a colon and an action")]
pub struct UnreadablePermission;

impl FromStr for Permission {
    type Err = UnreadablePermission;

    fn from_str(text: &str) -> Result<Self, UnreadablePermission> {
        let word =
            |w: &str| (1..=40).contains(&w.len()) && w.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        match text.split_once(':') {
            Some((resource, action)) if word(resource) && word(action) => {
                Ok(Self(Cow::Owned(text.to_owned())))
            }
            _ => Err(UnreadablePermission),
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// All of something, or only what is named.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Selection<T> {
    /// Everything that the owner has, now and later.
    All,
    /// Only these; none at all when empty.
    Only(Vec<T>),
}

impl<T: PartialEq> Selection<T> {
    /// Whether `item` is selected.
    pub fn contains(&self, item: &T) -> bool {
        match self {
            Self::All => true,
            Self::Only(items) => items.contains(item),
        }
    }

    /// Whether everything in `other` is selected here, too.
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::All, _) => true,
            (Self::Only(_), Self::All) => false,
            (Self::Only(_), Self::Only(items)) => items.iter().all(|item| self.contains(item)),
        }
    }
}

/// The apps that a credential opens and the permissions that it carries.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scope {
    /// Apps that may be opened with it.
    pub apps: Selection<Id<App>>,
    /// What may be done with it in Doorward itself.
    pub permissions: Selection<Permission>,
}

impl Scope {
    /// All that the owner has, as a signed-in session carries it.
    pub const FULL: Self = Self { apps: Selection::All, permissions: Selection::All };

    /// Whether a credential with this scope may make one with `other` (`security.md` 8).
    pub fn covers(&self, other: &Self) -> bool {
        self.apps.covers(&other.apps) && self.permissions.covers(&other.permissions)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_covers_neither_the_whole_nor_another_part() {
        let part = Selection::Only(vec![1, 2]);
        assert!(Selection::All.covers(&part));
        assert!(part.covers(&Selection::Only(vec![2])));
        assert!(!part.covers(&Selection::All));
        assert!(!part.covers(&Selection::Only(vec![2, 3])));
    }

    #[test]
    fn a_permission_is_two_words_and_a_colon() {
        assert!("token:revoke".parse::<Permission>().is_ok());
        for text in ["", "token", "token:", ":revoke", "a:b:c", "Token:revoke", "*"] {
            assert!(text.parse::<Permission>().is_err(), "{text}");
        }
    }
}

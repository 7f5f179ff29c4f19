//! What can be done, and to what kind of thing.

use crate::Resource;

/// Something that can be done to an `On`. Open: an embedding app brings actions of its own.
pub trait Action: Send + Sync + 'static {
    /// The permission's name, `resource:action`, as tokens, policies and the audit log write it.
    const NAME: &'static str;
    /// Whom it is for without any further policy; nobody where it says nothing.
    const REACH: &'static [Reach] = &[];
    /// What it is done to.
    type On: Resource;

    /// What it is done to, in a word: `note` for `note:read`.
    fn thing() -> &'static str {
        thing(Self::NAME)
    }
}

/// The part of a permission's name that says what it is about.
pub(crate) fn thing(name: &'static str) -> &'static str {
    name.split(':').next().unwrap_or(name)
}

/// Whom the built-in policies let do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// Administrators and the local operator, to anything.
    Administer,
    /// People, to what is their own.
    Own,
    /// Whoever an app is open to.
    Open,
    /// A client that has not signed in yet.
    Anonymous,
    /// The local operator alone, also in anyone's name.
    Operate,
    /// Doorward itself.
    System,
    /// Only with a fresh proof of who asks (`security.md` 8).
    Sensitive,
}

/// An action that policies may speak of: Doorward's own, or one that an embedding app declared.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// The permission's name.
    pub name: &'static str,
    /// The entity type of what it is done to.
    pub on: &'static str,
    /// The attributes of that type, as Cedar's schema writes them.
    pub shape: &'static str,
    /// Whom the built-in policies let do it.
    pub reach: &'static [Reach],
}

impl Known {
    /// What there is to know of `A`.
    pub const fn of<A: Action>() -> Self {
        Self {
            name: A::NAME,
            on: <A::On as Resource>::TYPE,
            shape: <A::On as Resource>::SHAPE,
            reach: A::REACH,
        }
    }
}

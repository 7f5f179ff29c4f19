//! What can be done, and to what kind of thing.

use crate::Resource;

/// Something that can be done to an `On`. Open: an embedding app brings actions of its own.
pub trait Action: Send + Sync + 'static {
    /// The permission's name, `resource:action`, as tokens, policies and the audit log write it.
    const NAME: &'static str;
    /// What it is done to.
    type On: Resource;
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
    /// The local operator, in anyone's name.
    Operate,
    /// Doorward itself.
    System,
    /// Only with a fresh proof of who asks (`security.md` 8).
    Sensitive,
}

/// One of the actions that Doorward itself has.
#[derive(Debug, Clone, Copy)]
pub struct Known {
    /// The permission's name.
    pub name: &'static str,
    /// The entity type of what it is done to.
    pub on: &'static str,
    /// Whom the built-in policies let do it.
    pub reach: &'static [Reach],
}

//! What a policy may know of a thing.

use domain::{Group, Id, Role, User};

/// A thing's type, name and attributes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Facts {
    /// The entity type.
    pub kind: &'static str,
    /// The entity's name; `*` stands for any of the type.
    pub id: String,
    /// What rules may look at.
    pub attributes: Vec<(&'static str, Fact)>,
}

/// One attribute's value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Fact {
    /// A yes or no.
    Bool(bool),
    /// A text.
    Text(String),
    /// One account.
    User(Id<User>),
    /// Several accounts.
    Users(Vec<Id<User>>),
    /// Several groups.
    Groups(Vec<Id<Group>>),
    /// Several roles.
    Roles(Vec<Role>),
}

impl Facts {
    /// A thing without attributes.
    pub fn new(kind: &'static str, id: &str) -> Self {
        Self { kind, id: id.to_owned(), attributes: Vec::new() }
    }

    /// A thing that an account owns.
    pub fn owned(kind: &'static str, id: &impl ToString, owner: Id<User>) -> Self {
        Self::new(kind, &id.to_string()).with("owner", Fact::User(owner))
    }

    /// The same with one attribute more.
    #[must_use]
    pub fn with(mut self, name: &'static str, fact: Fact) -> Self {
        self.attributes.push((name, fact));
        self
    }
}

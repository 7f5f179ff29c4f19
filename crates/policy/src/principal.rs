//! What a policy may know of who asks.

use domain::{Group, Id, Role, Scope, User, Who};

/// Who asks, as a policy sees them: read in the same transaction as what they ask about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Principal {
    /// Who it is.
    pub who: Who,
    /// The account behind it; `None` for anonymous clients, the local operator and Doorward itself.
    pub account: Option<Account>,
    /// What the credential may be used for, at most.
    pub scope: Scope,
    /// Whether who asks proved who they are a short while ago; always so for tokens and the data directory.
    pub recent_proof: bool,
}

/// What a policy may know of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Account {
    /// The account.
    pub id: Id<User>,
    /// Its role.
    pub role: Role,
    /// The groups it is in.
    pub groups: Vec<Id<Group>>,
    /// Whether it is shut.
    pub disabled: bool,
}

impl Principal {
    /// Somebody without an account: anonymous, the local operator or Doorward itself.
    pub const fn without_account(who: Who) -> Self {
        Self { who, account: None, scope: Scope::FULL, recent_proof: true }
    }
}

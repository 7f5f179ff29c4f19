//! People who have an account.

use crate::{DisplayName, Email, Handle, Id, Kind, Time};

/// A person with an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Never changes, never used again.
    pub id: Id<User>,
    /// The name that apps know the person by; set once.
    pub handle: Handle,
    /// What the person is called.
    pub name: DisplayName,
    /// Where mail reaches them, and what they sign in with.
    pub email: Email,
    /// Whether an administrator or a mail link vouched for the address (`security.md` 10).
    pub email_verified: bool,
    /// What they may do in Doorward itself.
    pub role: Role,
    /// When the account was made.
    pub created_at: Time,
    /// Since when the account is shut; `None` while it is open.
    pub disabled_at: Option<Time>,
}

impl Kind for User {
    const PREFIX: &'static str = "usr";
}

/// The two built-in roles.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Role {
    /// Runs Doorward: people, groups, apps, the audit log.
    Admin,
    /// Has an account: their own name, password, sessions and tokens, and the apps open to them.
    Member,
}

impl Role {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Admin, Self::Member];

    /// The role's name in policies, in the store and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Member => "member",
        }
    }

    /// The role of that name.
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

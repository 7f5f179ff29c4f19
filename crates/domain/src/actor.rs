//! Who asks for a use case, and how they proved who they are.

use crate::{ApiToken, Id, Session, Time, User};
use std::{net::IpAddr, sync::Arc};

/// Who asks, how they proved it, from where, and under which request id.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Who it is.
    pub who: Who,
    /// How they proved it.
    pub proof: Proof,
    /// The client's address, behind any trusted proxy.
    pub address: Option<IpAddr>,
    /// The id of the request, the same in the log, the audit event and the answer.
    pub request: Arc<str>,
}

/// Who an actor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// Nobody that we know: may set up with a code and sign in.
    Anonymous,
    /// A person with an account.
    User(Id<User>),
    /// Whoever runs the command line as the data directory's owner (`security.md` 20).
    LocalOperator,
    /// Doorward itself: first start, sweeps.
    System,
}

/// How an actor proved who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Proof {
    /// Not at all.
    None,
    /// The cookie of a signed-in browser.
    Session(Id<Session>),
    /// An API token.
    Token(Id<ApiToken>),
    /// A cookie that is signed and kept nowhere.
    Signed {
        /// When it was made.
        at: Time,
        /// Which of the app's secrets, counted from the first, it was signed with.
        version: i64,
    },
    /// The one token of an app with a single administrator, in this version.
    SharedToken(i64),
    /// Nothing, where authentication is switched off for a recovery.
    SwitchedOff,
    /// The data directory, or its socket.
    DataDirectory,
}

impl Actor {
    /// Doorward itself, for what no person asked for.
    pub fn system(request: &str) -> Self {
        Self { who: Who::System, proof: Proof::None, address: None, request: request.into() }
    }

    /// The command line on the data directory or its socket.
    pub fn local_operator(request: &str) -> Self {
        Self { who: Who::LocalOperator, proof: Proof::DataDirectory, address: None, request: request.into() }
    }

    /// A client that has proved nothing.
    pub fn anonymous(address: Option<IpAddr>, request: &str) -> Self {
        Self { who: Who::Anonymous, proof: Proof::None, address, request: request.into() }
    }

    /// The account behind the actor, when there is one.
    pub fn user(&self) -> Option<Id<User>> {
        match self.who {
            Who::User(id) => Some(id),
            Who::Anonymous | Who::LocalOperator | Who::System => None,
        }
    }
}

impl Who {
    /// How the audit log and policies name it: a kind, or an account's id.
    pub fn label(&self) -> String {
        match self {
            Self::Anonymous => "anonymous".to_owned(),
            Self::User(id) => id.to_string(),
            Self::LocalOperator => "local operator".to_owned(),
            Self::System => "system".to_owned(),
        }
    }
}

impl Proof {
    /// How the audit log names it.
    pub fn label(&self) -> String {
        match self {
            Self::None => "none".to_owned(),
            Self::Session(id) => id.to_string(),
            Self::Token(id) => id.to_string(),
            Self::Signed { .. } => "signed session".to_owned(),
            Self::SharedToken(_) => "shared token".to_owned(),
            Self::SwitchedOff => "authentication off".to_owned(),
            Self::DataDirectory => "data directory".to_owned(),
        }
    }
}

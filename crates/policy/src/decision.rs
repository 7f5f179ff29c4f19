//! Yes or no, and why.

use std::fmt;

/// One reason for a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The policy's name; empty when no policy spoke.
    pub policy: String,
    /// A sentence for people, lower case, no full stop.
    pub text: String,
}

/// What would turn a refusal into a permission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// Nothing that who asks could do.
    Nothing,
    /// To sign in.
    SignIn,
    /// To prove again who they are.
    ProveAgain,
    /// A credential with a wider scope.
    WiderScope,
}

/// Yes or no, with the reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It may be done.
    Allow(Vec<Reason>),
    /// It may not.
    Deny(Vec<Reason>, Hint),
}

impl Decision {
    /// Whether it may be done.
    pub const fn is_allow(&self) -> bool {
        matches!(self, Self::Allow(_))
    }

    /// Why, either way.
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Self::Allow(reasons) | Self::Deny(reasons, _) => reasons,
        }
    }
}

/// The policy said no.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not allowed to {action}: {}", sentence(reasons))]
pub struct Denied {
    /// What was asked for, `resource:action`.
    pub action: &'static str,
    /// The id of what it was asked of.
    pub resource: Option<String>,
    /// Why not.
    pub reasons: Vec<Reason>,
    /// What would help.
    pub hint: Hint,
}

impl Denied {
    /// What it was asked of, in a word: `note` for `note:read`.
    pub fn thing(&self) -> &'static str {
        crate::action::thing(self.action)
    }
}

fn sentence(reasons: &[Reason]) -> String {
    reasons.iter().map(|reason| reason.text.as_str()).collect::<Vec<_>>().join("; ")
}

impl fmt::Display for Reason {
    /// As the audit log writes it: `policy: sentence`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.policy.is_empty() {
            f.write_str(&self.text)
        } else {
            write!(f, "{}: {}", self.policy, self.text)
        }
    }
}

//! Something that Doorward stands in front of.

mod check;
mod field;
mod gate;
mod rule;
mod upstream;

pub use check::UnfitApp;
use field::is_ours;
pub use gate::{AppLimits, FieldChanges, GateSettings, HealthCheck};
pub use rule::{Allow, Rule};
pub use upstream::{UnreadableUpstream, Upstream};

use crate::{AppName, Group, HostName, Id, Kind, Role, Time, User};
use serde::{Deserialize, Serialize};

/// Something behind the door: its hosts, where it really is, and who may open it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct App {
    /// Never changes.
    pub id: Id<App>,
    /// Unique and short.
    pub name: AppName,
    /// The hosts that lead to it; each leads to no other app.
    pub hosts: Vec<HostName>,
    /// Where requests go: at least one place, and the sample only by itself.
    pub upstreams: Vec<Upstream>,
    /// Who may open it.
    pub access: AppAccess,
    /// Whether clients are challenged for Basic credentials (a token as the password).
    pub basic: bool,
    /// How the gateway treats its requests.
    pub gate: GateSettings,
    /// When it was put behind the door.
    pub created_at: Time,
}

impl Kind for App {
    const PREFIX: &'static str = "app";
}

impl App {
    /// Whom anything of the app is open to: its own access, and that of every rule. What is open to anyone opens
    /// the app to nobody: there is no need to sign in for it.
    pub fn widest_access(&self) -> AppAccess {
        let mut widest = self.access.clone();
        for rule in &self.gate.rules {
            match &rule.allow {
                Allow::Anyone => {}
                Allow::SignedIn => widest.everyone = true,
                Allow::Only(access) => widest.add(access),
            }
        }
        widest
    }
}

impl AppAccess {
    fn add(&mut self, other: &Self) {
        self.everyone |= other.everyone;
        self.groups.extend(&other.groups);
        self.users.extend(&other.users);
        self.roles.extend(&other.roles);
    }
}

/// Who may open an app: any one of the four is enough, none of them means nobody.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AppAccess {
    /// Everyone who has an account.
    pub everyone: bool,
    /// Members of these groups.
    pub groups: Vec<Id<Group>>,
    /// These people.
    pub users: Vec<Id<User>>,
    /// Whoever has one of these roles.
    pub roles: Vec<Role>,
}

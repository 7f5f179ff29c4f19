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

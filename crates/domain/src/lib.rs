//! The words of the house: ids, entities, their lifecycles, events, and the clock and entropy that
//! everything else takes as arguments.
//!
//! Nothing here knows SQL or HTTP, and nothing here reads a clock or a random source by itself.

mod actor;
mod app;
mod clock;
mod entropy;
mod event;
pub mod forwarding;
mod group;
mod id;
mod origin;
pub mod page;
mod roots;
mod scope;
mod session;
pub mod settings;
pub mod text;
mod time;
mod token;
mod user;

pub use actor::{Actor, Proof, Who};
pub use app::{
    Allow, App, AppAccess, AppLimits, FieldChanges, GateSettings, HealthCheck, Rule, UnfitApp,
    UnreadableUpstream, Upstream,
};
pub use clock::{Clock, FixedClock};
pub use entropy::{Entropy, FixedEntropy, SystemEntropy};
pub use event::{Event, Outcome};
pub use group::Group;
pub use id::{Id, Kind, UnreadableId};
pub use origin::{Origin, Scheme};
pub use page::Page;
pub use roots::SYSTEM_ROOTS;
pub use scope::{Permission, Scope, Selection};
pub use session::{Session, SessionState};
pub use settings::Settings;
pub use text::{
    AppName, DisplayName, Email, FieldName, FieldValue, GroupName, Handle, HostName, MethodName, Notice,
    Refused, RulePath, TokenName,
};
pub use time::Time;
pub use token::{ApiToken, TokenState};
pub use user::{Role, User};

//! From bytes to a decision: what every request asks, answered from caches.
//!
//! bytes → credential → digest → principal snapshot → decision → identity headers. The database is reached
//! through one trait, [`Directory`], and only when a principal is not known yet.

mod again;
mod cache;
mod current;
mod directory;
mod fields;
#[doc(hidden)]
pub mod fuzzing;
mod gate;
pub mod headers;
mod identity_headers;
mod onlookers;
mod path;
mod presented;
mod requirement;
mod route;
mod rules;
mod signing_keys;
mod snapshot;
mod uses;

pub use directory::{Answer, Apps, Directory, Found, FoundCredential, Unavailable};
pub use fields::FieldEdits;
pub use gate::{Access, AccessParts};
pub use identity_headers::IdentityHeaders;
pub use onlookers::Onlooker;
pub use presented::CredentialError;
pub use requirement::{Demand, Requirement};
pub use route::{AppRoute, Site};
pub use signing_keys::{ListedKey, SigningKeys};
pub use snapshot::{Carrier, Snapshot};
pub use uses::{Use, Uses};

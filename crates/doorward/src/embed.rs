//! Doorward inside an app: what [`Doorward::builder`] builds, and what handlers ask for.
//!
//! The crate's own page is the guide. INVARIANT: no handler of an app runs before its route's requirement was met, and a
//! route without one keeps the app from starting (`security.md` 24).

mod authenticate;
mod authorized;
mod builder;
mod carried;
mod client_addr;
mod command;
mod db_of;
mod error;
mod front;
mod handle;
mod hooks;
mod layer;
mod principal;
mod require;
mod requirement;
mod routes;
mod settings;
mod single;
mod timely;
mod visit;

pub use authorized::Authorized;
pub use builder::{Builder, Mounted};
pub use client_addr::ClientAddr;
pub use error::{Error, StartError};
pub use handle::Doorward;
pub use layer::{Guard, Guarded};
pub use principal::Principal;
pub use require::Require;
pub use requirement::Requirement;
pub use routes::Routes;
pub use settings::{Accounts, Carriers, ErrorBody, PasswordHashing, SecureCookie};
pub use single::{BackupSecrets, SessionCookie, Single, SingleStatus};

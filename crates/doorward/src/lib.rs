//! What an axum app puts Doorward inside with, and the program `doorward`, which stands in front of apps.
//!
//! The page below is the guide for apps. The parts of the program are [`cli`], [`config`], [`data`] and [`serve`]; nothing
//! but [`clock`] and [`config`] reads the machine's clock and environment.
#![doc = include_str!("guide.md")]

pub mod cli;
pub mod clock;
pub mod config;
pub mod data;
pub mod db;
mod embed;
pub mod exit;
mod logging;
mod macros;
mod operator;
pub mod seeing;
pub mod serve;
mod socket;
#[cfg(feature = "testing")]
pub mod testing;
mod transport;

pub use db::Db;
pub use domain::{
    DisplayName, Email, Event, Group, GroupName, Handle, Id, Kind, Origin, Outcome, Permission, Role, Scheme,
    Time, User,
    settings::{SameSite, SessionLife},
};
pub use embed::{
    Accounts, Authorized, BackupSecrets, Builder, Carriers, ClientAddr, Doorward, Error, ErrorBody, Guard,
    Guarded, Mounted, PasswordHashing, Principal, Require, Requirement, Routes, SecureCookie, SessionCookie,
    Single, SingleStatus, StartError,
};
pub use gateway::{Network, Outbound, OutboundError, TrustedProxies};
pub use policy::{Action, Denied, Fact, Facts, Hint, Installation, Known, Reach, Reason, Resource};

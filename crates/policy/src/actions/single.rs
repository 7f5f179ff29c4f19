//! The actions of an app with a single administrator. Only such an app adds them to its policies, so that no other
//! offers them.

use crate::{Action, Installation, Known, Reach};
use domain::User;

actions! {
    /// Make what sessions of a single administrator are signed with.
    BeginSingle = "single:begin" on Installation, System;
    /// Set a password without the old one.
    ResetPassword = "account:reset_password" on User, Own Operate;
    /// Make, show and switch the one token of a single administrator.
    ManageSharedToken = "shared_token:manage" on User, Own Operate;
    /// Put the secrets of the installation into a backup.
    ExportSecrets = "secrets:export" on User, Own Operate;
    /// Take back the secrets of a backup.
    RestoreSecrets = "secrets:restore" on User, Own Operate;
}

//! Every action of Doorward itself, in one table: what it is called, what it is done to, who may.

use crate::{Action, AppHost, Installation, Known, Reach};
use domain::{ApiToken, App, Event, Group, Session, User};

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $text:literal on $on:ty, $($reach:ident)+;)+) => {
        $(
            $(#[$doc])*
            #[derive(Debug)]
            pub struct $name;

            impl Action for $name {
                const NAME: &'static str = $text;
                const REACH: &'static [Reach] = &[$(Reach::$reach),+];
                type On = $on;
            }
        )+

        /// All of them, in the order of the table.
        pub const KNOWN: &[Known] =
            &[$(Known::of::<$name>()),+];
    };
}

actions! {
    /// Make the first account, with the code that the start printed.
    CompleteSetup = "setup:complete" on Installation, Anonymous System;
    /// Print a fresh link for the first account.
    CreateSetupLink = "setup:create_link" on Installation, Administer System;
    /// Make a key that signs assertions to apps.
    CreateSigningKey = "signing_key:create" on Installation, System;
    /// Sign in.
    SignIn = "session:create" on Installation, Anonymous;
    /// See signed-in browsers.
    ListSessions = "session:list" on Session, Own Administer;
    /// Sign a browser out.
    EndSession = "session:end" on Session, Own Administer;
    /// Sign out everywhere but here.
    EndOtherSessions = "session:end_others" on User, Own;
    /// Prove again who one is, in a browser that is signed in.
    ProveAgain = "session:prove" on Session, Own;
    /// Change one's own name.
    RenameSelf = "account:rename" on User, Own;
    /// Change one's own password.
    ChangePassword = "account:change_password" on User, Own;
    /// See accounts.
    ListUsers = "user:list" on User, Administer;
    /// See one account.
    ShowUser = "user:show" on User, Own Administer;
    /// Make an account.
    CreateUser = "user:create" on Installation, Administer Sensitive;
    /// Change an account's name or role, shut it or open it again.
    UpdateUser = "user:update" on User, Administer Sensitive;
    /// See groups.
    ListGroups = "group:list" on Group, Administer;
    /// See one group and its members.
    ShowGroup = "group:show" on Group, Administer;
    /// Make a group.
    CreateGroup = "group:create" on Installation, Administer;
    /// Rename a group, or change who is in it.
    UpdateGroup = "group:update" on Group, Administer;
    /// Remove a group.
    DeleteGroup = "group:delete" on Group, Administer;
    /// See apps and where they are.
    ListApps = "app:list" on App, Administer;
    /// See one app and where it is.
    ShowApp = "app:show" on App, Administer;
    /// Put an app behind the door.
    CreateApp = "app:create" on Installation, Administer System;
    /// Change where an app is and who may open it.
    UpdateApp = "app:update" on App, Administer System;
    /// Take an app away from behind the door.
    DeleteApp = "app:delete" on App, Administer;
    /// Go through the door to an app.
    OpenApp = "app:open" on AppHost, Open;
    /// See API tokens, never their secrets.
    ListTokens = "token:list" on ApiToken, Own Administer;
    /// Make an API token.
    CreateToken = "token:create" on User, Own Operate Sensitive;
    /// End an API token.
    RevokeToken = "token:revoke" on ApiToken, Own Administer;
    /// See the audit log.
    ListEvents = "audit:list" on Event, Administer;
    /// See one audit event.
    ShowEvent = "audit:show" on Event, Administer;
    /// Read the metrics.
    ReadMetrics = "metrics:read" on Installation, Administer;
    /// Move the installation to another database.
    MoveInstallation = "installation:move" on Installation, Operate;
    /// Give a move up that is under way.
    CancelMove = "installation:cancel_move" on Installation, Operate;
}

/// What an app with a single administrator has beside them.
pub mod single;

#[cfg(test)]
mod tests {
    use super::KNOWN;
    use domain::Permission;
    use std::collections::HashSet;

    #[test]
    fn every_action_is_named_once_and_can_stand_in_a_scope() {
        let names: HashSet<_> = KNOWN.iter().map(|known| known.name).collect();
        assert_eq!(names.len(), KNOWN.len());
        assert!(names.iter().all(|name| name.parse::<Permission>().is_ok()));
    }
}

//! One's own account.

use super::{
    people::{PasswordText, User},
    shape::{Nothing, Reply},
};
use crate::{Caller, Desk, Problem};
use domain::{App, DisplayName, Id, Permission, Proof, Role, Selection, Session, Time};
use identity::{account, users};
use policy::{Known, Reach};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who one is and what one may do.
#[derive(Serialize, JsonSchema)]
pub(super) struct Me {
    /// Who one is: an account, or the local operator.
    principal: Principal,
    /// What the credential may be used for at most; the policy decides the rest.
    permissions: Vec<String>,
    /// The apps that are open.
    apps: Vec<OpenApp>,
    /// The session, when there is one.
    session: Option<OwnSession>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Principal {
    /// `user` or `local operator`.
    kind: &'static str,
    /// The account.
    user: Option<User>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct OpenApp {
    id: Id<App>,
    name: String,
    url: String,
}

#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct OwnSession {
    id: Id<Session>,
    signed_in_at: Time,
}

/// A new name.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rename {
    /// What one is called from now on.
    name: DisplayName,
}

/// A new password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewPassword {
    /// The password so far.
    current_password: PasswordText,
    /// The password from now on.
    new_password: PasswordText,
}

pub(super) async fn show(desk: &Desk, caller: &Caller, _: Nothing) -> Result<Reply<Me>, Problem> {
    let Some(snapshot) = &caller.snapshot else {
        let principal = Principal { kind: "local operator", user: None };
        let permissions = permissions(known(desk), (Role::Admin, &Selection::All));
        return Ok(Reply::of(Me { principal, permissions, apps: Vec::new(), session: None }));
    };
    let open = desk.access.open_routes(snapshot);
    let apps = open.iter().map(|route| OpenApp {
        id: route.app.id,
        name: route.app.name.to_string(),
        url: route.origin.to_string(),
    });
    let session = match (snapshot.proof, snapshot.signed_in_at) {
        (Proof::Session(id), Some(signed_in_at)) => Some(OwnSession { id, signed_in_at }),
        _ => None,
    };
    // Any valid credential may ask who it is, whatever its scope.
    let user = users::own(&desk.house, &caller.actor).await?;
    Ok(Reply::of(Me {
        permissions: permissions(known(desk), (user.role, &snapshot.scope.permissions)),
        principal: Principal { kind: "user", user: Some(user.into()) },
        apps: apps.collect(),
        session,
    }))
}

pub(super) async fn rename(desk: &Desk, caller: &Caller, input: Rename) -> Result<Reply<User>, Problem> {
    Ok(Reply::of(account::rename(&desk.house, &caller.actor, input.name).await?.into()))
}

pub(super) async fn change_password(
    desk: &Desk,
    caller: &Caller,
    input: NewPassword,
) -> Result<Reply<()>, Problem> {
    let (current, new) = (input.current_password.read()?, input.new_password.read()?);
    account::change_password(&desk.house, &caller.actor, current, new).await?;
    Ok(Reply::of(()))
}

/// What a role reaches and a scope lets through.
fn permissions(known: &[Known], (role, scope): (Role, &Selection<Permission>)) -> Vec<String> {
    let reaches = |reach: &Reach| match reach {
        Reach::Own => true,
        Reach::Administer => role == Role::Admin,
        Reach::Open | Reach::Anonymous | Reach::Operate | Reach::System | Reach::Sensitive => false,
    };
    let known = known.iter().filter(|known| known.reach.iter().any(reaches)).map(|known| known.name);
    known.filter(|name| scope.contains(&Permission::known(name))).map(str::to_owned).collect()
}

/// Every action that there is a name for, an embedding app's included.
fn known(desk: &Desk) -> &[Known] {
    desk.house.door().policy().known()
}

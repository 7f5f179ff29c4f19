//! Accounts, as administrators see them.

use super::shape::{List, Named, Reply, UserPage};
use crate::{Caller, Desk, Problem};
use domain::{DisplayName, Email, Handle, Id, Role, Time};
use identity::users::{self, NewUser, UserChange};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A new password on its way in; never shown.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub(super) struct PasswordText(
    #[schemars(length(min = 1, max = 1024), extend("format" = "password"))] String,
);

impl PasswordText {
    pub(crate) fn read(self) -> Result<vault::Password, Problem> {
        vault::Password::new(self.0).map_err(|error| identity::Error::from(error).into())
    }
}

/// An account.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct User {
    /// Its id.
    pub id: Id<domain::User>,
    /// The name that apps know the person by.
    pub handle: String,
    /// What the person is called.
    pub name: String,
    /// Their address.
    pub email: String,
    /// Whether somebody vouched for the address.
    pub email_verified: bool,
    /// What they may do in Doorward.
    pub role: Role,
    /// When the account was made.
    pub created_at: Time,
    /// Since when it is shut.
    pub disabled_at: Option<Time>,
}

impl From<domain::User> for User {
    fn from(user: domain::User) -> Self {
        Self {
            id: user.id,
            handle: user.handle.to_string(),
            name: user.name.to_string(),
            email: user.email.to_string(),
            email_verified: user.email_verified,
            role: user.role,
            created_at: user.created_at,
            disabled_at: user.disabled_at,
        }
    }
}

/// One account, by id, e-mail address or handle.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    id: Named,
}

/// An account that is to be made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    /// Their address.
    email: Email,
    /// What they are called.
    name: DisplayName,
    /// The name that apps know them by; made from the address when absent.
    #[serde(default)]
    handle: Option<Handle>,
    /// What they may do in Doorward; a member when absent.
    #[serde(default)]
    role: Option<Role>,
    /// A first password, which they change.
    password: PasswordText,
}

/// What is to change of an account; what is absent stays.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    id: Named,
    /// What they are called.
    #[serde(default)]
    name: Option<DisplayName>,
    /// What they may do in Doorward.
    #[serde(default)]
    role: Option<Role>,
    /// Whether the account is shut.
    #[serde(default)]
    disabled: Option<bool>,
}

pub(super) async fn list(
    desk: &Desk,
    caller: &Caller,
    input: UserPage,
) -> Result<Reply<List<User>>, Problem> {
    let page = users::list(&desk.house, &caller.actor, (input.after, input.limit.rows())).await?;
    Ok(List::reply(page, User::from))
}

pub(super) async fn show(desk: &Desk, caller: &Caller, input: One) -> Result<Reply<User>, Problem> {
    Ok(Reply::of(users::show(&desk.house, &caller.actor, input.id.0).await?.into()))
}

pub(super) async fn create(desk: &Desk, caller: &Caller, input: New) -> Result<Reply<User>, Problem> {
    let password = input.password.read()?;
    let role = input.role.unwrap_or(Role::Member);
    let new = NewUser { email: input.email, name: input.name, handle: input.handle, role };
    Ok(Reply::of(users::create(&desk.house, &caller.actor, new, password).await?.into()))
}

pub(super) async fn update(desk: &Desk, caller: &Caller, input: Change) -> Result<Reply<User>, Problem> {
    let change = UserChange { name: input.name, role: input.role, disabled: input.disabled };
    Ok(Reply::of(users::update(&desk.house, &caller.actor, input.id.0, change).await?.into()))
}

//! Accounts, as administrators see them.

use crate::{
    Error, House,
    account::{own_id, own_row},
    error::unseen,
    naming,
};
use domain::{Actor, DisplayName, Email, Handle, Id, Page, Proof, Role, Selection, User};
use policy::{
    Installation,
    actions::{CreateUser, ListUsers, ShowUser, UpdateUser},
};
use serde_json::json;
use store::{
    Ending, ReadTx, Work,
    tables::{sessions, users, users::UserState},
};
use vault::{Lane, Password, PasswordRules, WeakPassword};

/// An account that is to be made.
#[derive(Debug, Clone)]
pub struct NewUser {
    /// Their address; an administrator who gives it vouches for it.
    pub email: Email,
    /// What they are called.
    pub name: DisplayName,
    /// The name that apps know them by; made from the address when it is not given.
    pub handle: Option<Handle>,
    /// What they may do in Doorward.
    pub role: Role,
}

/// What is to change of an account; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct UserChange {
    /// What they are called.
    pub name: Option<DisplayName>,
    /// What they may do in Doorward.
    pub role: Option<Role>,
    /// Whether the account is shut.
    pub disabled: Option<bool>,
}

impl NewUser {
    /// The first account, which runs the installation.
    pub(crate) const fn first(email: Email, name: DisplayName) -> Self {
        Self { email, name, handle: None, role: Role::Admin }
    }

    pub(crate) fn into_user(self, work: &Work<'_, '_>, handle: Handle) -> User {
        User {
            id: work.new_id(),
            handle,
            name: self.name,
            email: self.email,
            email_verified: true,
            role: self.role,
            created_at: work.now(),
            disabled_at: None,
        }
    }
}

impl House {
    /// Refuses a new password that is too short or easy to guess, knowing what belongs to the person.
    pub(crate) fn check_strength(&self, password: &Password, about: &[&str]) -> Result<(), WeakPassword> {
        if self.settings.passwords.danger_any {
            return Ok(());
        }
        let rules = PasswordRules { min_length: self.settings.passwords.min_length };
        vault::check(password, &rules, about)
    }
}

/// Lists accounts in the order in which they were made.
pub async fn list(house: &House, actor: &Actor, page: (Option<Id<User>>, u32)) -> Result<Page<User>, Error> {
    let read = house.door.read(actor, page, |look, (after, limit)| -> Result<_, Error> {
        let visible = look.visible::<ListUsers>()?;
        Ok(users::list(look, &visible, after, limit)?)
    });
    read.await
}

/// Shows one account, by id, address or handle.
pub async fn show(house: &House, actor: &Actor, user: String) -> Result<User, Error> {
    let read = house.door.read(actor, user, |look, user| -> Result<_, Error> {
        let user = naming::find_user(look, &user)?.ok_or(Error::NotFound("account"))?;
        look.permit::<ShowUser>(&user).map_err(unseen("account"))?;
        Ok(user)
    });
    read.await
}

/// Shows one's own account, to any credential of it, whatever its scope.
pub async fn own(house: &House, actor: &Actor) -> Result<User, Error> {
    let own = own_id(actor)?;
    house.door.read(actor, own, |look, own| own_row(look, own)).await
}

/// Makes an account with a first password.
pub async fn create(house: &House, actor: &Actor, new: NewUser, password: Password) -> Result<User, Error> {
    house.check_strength(&password, &[new.email.as_str(), new.name.as_str()])?;
    may_create(house, actor).await?;
    let hash = house.hashers.hash(Lane::Known, password).await?;
    let write = house.door.write(actor, new, move |work, new| -> Result<_, Error> {
        let permit = work.permit::<CreateUser>(&Installation)?;
        may_grant(work, new.role)?;
        if users::find_by_email(work, &new.email)?.is_some() {
            return Err(Error::Conflict("an account with this e-mail address exists already".to_owned()));
        }
        let handle = match &new.handle {
            Some(handle) => wanted_handle(work, handle)?,
            None => free_handle(work, &new.email)?,
        };
        let user = new.clone().into_user(work, handle);
        users::insert(work, &permit, &user, hash.as_str())?;
        let after = json!({ "email": user.email, "handle": user.handle, "role": user.role });
        let deed = work.deed(permit).about(user.id).change(json!({}), after);
        Ok(Ending::Done(user, deed))
    });
    write.await
}

/// Asks the policy before a hash is worked out: nobody gets that work for nothing.
async fn may_create(house: &House, actor: &Actor) -> Result<(), Error> {
    let read = house.door.read(actor, (), |look, ()| -> Result<_, Error> {
        look.permit::<CreateUser>(&Installation)?;
        Ok(())
    });
    read.await
}

/// Changes an account. The last administrator stays one, and shutting an account ends its sessions.
pub async fn update(house: &House, actor: &Actor, user: String, change: UserChange) -> Result<User, Error> {
    let write = house.door.write(actor, (user, change), |work, (user, change)| -> Result<_, Error> {
        let user = naming::find_user(work, user)?.ok_or(Error::NotFound("account"))?;
        let permit = work.permit::<UpdateUser>(&user).map_err(unseen("account"))?;
        let after = changed(user.clone(), change, work.now());
        if after.role != user.role {
            may_grant(work, after.role)?;
        }
        let administers = |user: &User| user.role == Role::Admin && user.disabled_at.is_none();
        if administers(&user) && !administers(&after) && !users::has_other_administrator(work, user.id)? {
            return Err(Error::Conflict("this is the last administrator: make another one first".to_owned()));
        }
        let User { name, role, disabled_at, .. } = after.clone();
        users::update(work, &permit, &UserState { name, role, disabled_at })?;
        if after.disabled_at.is_some() {
            sessions::end_others(work, &permit, None)?;
        }
        let facts =
            |user: &User| json!({ "name": user.name, "role": user.role, "disabled_at": user.disabled_at });
        let deed = work.deed(permit).change(facts(&user), facts(&after));
        Ok(Ending::Done(after, deed))
    });
    write.await
}

/// Nobody grants beyond their own credential's rights: a token with a narrow scope makes no administrator
/// (`security.md` 8).
fn may_grant(work: &mut Work<'_, '_>, role: Role) -> Result<(), Error> {
    if role == Role::Admin && work.principal()?.scope.permissions != Selection::All {
        return Err(Error::Refused(
            "a token that may not do everything cannot make an administrator".to_owned(),
        ));
    }
    Ok(())
}

fn changed(mut user: User, change: &UserChange, now: domain::Time) -> User {
    user.name = change.name.clone().unwrap_or(user.name);
    user.role = change.role.unwrap_or(user.role);
    user.disabled_at = match change.disabled {
        Some(true) => user.disabled_at.or(Some(now)),
        Some(false) => None,
        None => user.disabled_at,
    };
    user
}

fn wanted_handle(tx: &mut ReadTx<'_>, handle: &Handle) -> Result<Handle, Error> {
    if users::find_by_handle(tx, handle)?.is_some() {
        return Err(Error::Conflict(format!("the handle `{handle}` is taken")));
    }
    Ok(handle.clone())
}

/// A handle made from an address, with a number behind it when others have it already.
pub(crate) fn free_handle(tx: &mut ReadTx<'_>, email: &Email) -> Result<Handle, Error> {
    let local = email.as_str().split('@').next().unwrap_or_default();
    let fits = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let base: String = local.chars().map(fits).skip_while(|c| !c.is_ascii_alphanumeric()).take(24).collect();
    let base = if base.is_empty() { "user".to_owned() } else { base };
    for number in 1_u32..10_000 {
        let text = if number == 1 { base.clone() } else { format!("{base}-{number}") };
        let Ok(handle) = text.parse::<Handle>() else { continue };
        if users::find_by_handle(tx, &handle)?.is_none() {
            return Ok(handle);
        }
    }
    Err(Error::Conflict("no handle is free for this address: name one".to_owned()))
}

/// The session that the actor came with, which stays when the others end.
pub(crate) const fn own_session(actor: &Actor) -> Option<Id<domain::Session>> {
    match actor.proof {
        Proof::Session(id) => Some(id),
        Proof::None
        | Proof::Token(_)
        | Proof::Signed { .. }
        | Proof::SharedToken(_)
        | Proof::SwitchedOff
        | Proof::DataDirectory => None,
    }
}

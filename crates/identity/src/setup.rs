//! The first account: a link with a one-time code, or variables at an unattended start (`security.md` 19).

use crate::{
    Error, House, SignedIn,
    sign_in::{Visitor, begin_session},
    users::{NewUser, free_handle},
};
use domain::{Actor, DisplayName, Email, Role, User, Who};
use policy::{
    Installation, Permit,
    actions::{CompleteSetup, CreateSetupLink},
};
use std::time::Duration;
use store::{
    Ending, Failure, Work,
    tables::{installation, sessions, users},
};
use vault::{CodeSecret, Lane, Password, PasswordHash, Purpose};

const CODE_LIFE: Duration = Duration::from_mins(30);

/// What the first person says of themselves.
pub struct SetUp {
    /// The code of the link.
    pub code: CodeSecret,
    /// Their address.
    pub email: Email,
    /// Their name.
    pub name: DisplayName,
    /// Their password.
    pub password: Password,
    /// Which browser.
    pub visitor: Visitor,
}

/// Whether the first account was ever made.
pub async fn is_done(house: &House, actor: &Actor) -> Result<bool, Error> {
    house.door.read(actor, (), |look, ()| Ok(installation::is_set_up(look)?)).await
}

/// Makes a fresh code, good for thirty minutes, and voids every older one.
pub async fn create_link(house: &House, actor: &Actor) -> Result<CodeSecret, Error> {
    if !house.settings.setup_by_link {
        let message = "this app has no setup link: open it in a browser, and it asks for the first password";
        return Err(Error::Refused(message.to_owned()));
    }
    let code = CodeSecret::generate(house.door.entropy());
    let digest = house.digest(Purpose::Code, code.bytes());
    let write = house.door.write(actor, (), move |work, ()| -> Result<_, Error> {
        if installation::is_set_up(work)? {
            return Err(Error::SetupDone);
        }
        let permit = work.permit::<CreateSetupLink>(&Installation)?;
        let expires_at = work.now().plus(CODE_LIFE);
        installation::replace_setup_code(work, &permit, &digest, expires_at)?;
        Ok(Ending::Done((), work.deed(permit)))
    });
    write.await?;
    Ok(code)
}

/// Whether a code would be taken now; spends nothing.
pub async fn check_code(house: &House, actor: &Actor, code: &CodeSecret) -> Result<(), Error> {
    let digests = house.digests(Purpose::Code, code.bytes());
    let read = house.door.read(actor, digests, |look, digests| -> Result<_, Error> {
        if installation::is_set_up(look)? {
            return Err(Error::SetupDone);
        }
        Ok(installation::is_setup_code(look, &digests)?)
    });
    if read.await? {
        return Ok(());
    }
    house.door.record_failure(actor, Failure::of::<CompleteSetup>("the setup code is not valid"));
    Err(Error::SetupCodeInvalid)
}

/// Makes the first account and signs it in. What can be checked without the code is checked first; the code is
/// spent in the transaction that makes the account, so one of any number of tries wins.
pub async fn set_up(house: &House, actor: &Actor, input: SetUp) -> Result<SignedIn, Error> {
    check_code(house, actor, &input.code).await?;
    house.has_room_for_sessions().await?;
    house.check_strength(&input.password, &[input.email.as_str(), input.name.as_str()])?;
    let hash = house.hashers.hash(Lane::Stranger, input.password).await?;
    let fresh = house.fresh_secret();
    let digest = fresh.row;
    let codes = house.digests(Purpose::Code, input.code.bytes());
    let (life, home) = (house.settings.sessions, house.settings.home.clone());
    let facts = (NewUser::first(input.email, input.name), input.visitor, home);
    let write = house.door.write(actor, facts, move |work, (new, visitor, home)| -> Result<_, Error> {
        if installation::is_set_up(work)? {
            return Err(Error::SetupDone);
        }
        let permit = work.permit::<CompleteSetup>(&Installation)?;
        if !installation::spend_setup_code(work, &permit, &codes)? {
            return Err(Error::SetupCodeInvalid);
        }
        let user = insert_first(work, &permit, new, &hash)?;
        let session = begin_session(work, user.id, home, (visitor, &life));
        sessions::insert(work, &permit, &session, &digest)?;
        let deed = work.deed(permit).about(user.id).by(Who::User(user.id));
        Ok(Ending::Done((user, session), deed))
    });
    let (user, session) = write.await?;
    let secret = house.hold(fresh, &session).await?;
    Ok(SignedIn { user, session, secret })
}

/// Makes the first account without a person at the keyboard; `None` when it was made already.
pub async fn set_up_unattended(
    house: &House,
    email: Email,
    password: Password,
) -> Result<Option<User>, Error> {
    let actor = Actor::system("start");
    if is_done(house, &actor).await? {
        return Ok(None);
    }
    house.check_strength(&password, &[email.as_str()])?;
    let hash = house.hashers.hash(Lane::Stranger, password).await?;
    let name = DisplayName::from_stored(email.as_str().split('@').next().unwrap_or("admin").to_owned());
    let new = NewUser { role: Role::Admin, ..NewUser::first(email, name) };
    let write = house.door.write(&actor, new, move |work, new| -> Result<_, Error> {
        if installation::is_set_up(work)? {
            return Err(Error::SetupDone);
        }
        let permit = work.permit::<CompleteSetup>(&Installation)?;
        let user = insert_first(work, &permit, new, &hash)?;
        let deed = work.deed(permit).about(user.id);
        Ok(Ending::Done(user, deed))
    });
    match write.await {
        // Another replica that starts at the same time has made it.
        Err(Error::SetupDone) => Ok(None),
        made => made.map(Some),
    }
}

/// Makes the first account, and closes setup for good.
fn insert_first<'c>(
    work: &mut Work<'_, 'c>,
    permit: &Permit<'c, CompleteSetup>,
    new: &NewUser,
    hash: &PasswordHash,
) -> Result<User, Error> {
    installation::close_setup(work, permit)?;
    let handle = free_handle(work, &new.email)?;
    let user = new.clone().into_user(work, handle);
    users::insert(work, permit, &user, hash.as_str())?;
    Ok(user)
}

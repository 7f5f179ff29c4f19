//! One's own account.

use crate::{
    Error, House,
    sign_in::{check_own_password, still_the_password},
    users::own_session,
};
use domain::{Actor, DisplayName, Id, User};
use policy::actions::{ChangePassword, RenameSelf};
use serde_json::json;
use store::{
    Ending, ReadTx,
    tables::{sessions, users},
};
use vault::{Lane, Password};

/// Changes one's own name.
pub async fn rename(house: &House, actor: &Actor, name: DisplayName) -> Result<User, Error> {
    let own = own_id(actor)?;
    let write = house.door.write(actor, (own, name), |work, (own, name)| -> Result<_, Error> {
        let user = own_row(work, *own)?;
        let permit = work.permit::<RenameSelf>(&user)?;
        users::rename(work, &permit, name)?;
        let deed = work.deed(permit).change(json!({ "name": user.name }), json!({ "name": name }));
        Ok(Ending::Done(User { name: name.clone(), ..user }, deed))
    });
    write.await
}

/// Changes one's own password; every other sign-in ends.
pub async fn change_password(
    house: &House,
    actor: &Actor,
    current: Password,
    new: Password,
) -> Result<(), Error> {
    let own = own_id(actor)?;
    let user = house.door.read(actor, own, |look, own| -> Result<_, Error> {
        let user = own_row(look, own)?;
        look.permit::<ChangePassword>(&user)?;
        Ok(user)
    });
    let user = user.await?;
    let version = check_own_password(house, actor, own, current).await?;
    house.check_strength(&new, &[user.email.as_str(), user.name.as_str(), user.handle.as_str()])?;
    let hash = house.hashers.hash(Lane::Known, new).await?;
    let keep = own_session(actor);
    let write = house.door.write(actor, (own, version), move |work, (own, version)| -> Result<_, Error> {
        still_the_password(work, *own, *version)?;
        let user = own_row(work, *own)?;
        let permit = work.permit::<ChangePassword>(&user)?;
        if !users::set_password(work, &permit, *version, hash.as_str())? {
            return Err(Error::WrongPassword);
        }
        let ended = sessions::end_others(work, &permit, keep)?;
        let deed = work.deed(permit).change(json!({}), json!({ "sessions_ended": ended }));
        Ok(Ending::Done((), deed))
    });
    write.await
}

pub(crate) fn own_id(actor: &Actor) -> Result<Id<User>, Error> {
    actor.user().ok_or(Error::NotFound("account: the local operator has none"))
}

pub(crate) fn own_row(tx: &mut ReadTx<'_>, own: Id<User>) -> Result<User, Error> {
    users::find(tx, own)?.ok_or(Error::NotFound("account"))
}

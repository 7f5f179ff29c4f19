//! Groups of people.

use crate::{Error, House, error::unseen, naming};
use domain::{Actor, Group, GroupName, Id, Page, User};
use policy::{
    Installation,
    actions::{CreateGroup, DeleteGroup, ListGroups, ShowGroup, UpdateGroup},
};
use serde_json::json;
use store::{
    Ending, ReadTx,
    tables::{groups, users},
};

/// The most members that are shown with a group.
const MOST_SHOWN: u32 = 1_000;

/// Lists groups in the order in which they were made.
pub async fn list(
    house: &House,
    actor: &Actor,
    page: (Option<Id<Group>>, u32),
) -> Result<Page<Group>, Error> {
    let read = house.door.read(actor, page, |look, (after, limit)| -> Result<_, Error> {
        let visible = look.visible::<ListGroups>()?;
        Ok(groups::list(look, &visible, after, limit)?)
    });
    read.await
}

/// Shows a group, by id or name, and who is in it.
pub async fn show(house: &House, actor: &Actor, group: String) -> Result<(Group, Vec<User>), Error> {
    let read = house.door.read(actor, group, |look, group| -> Result<_, Error> {
        let group = existing(look, &group)?;
        let permit = look.permit::<ShowGroup>(&group).map_err(unseen("group"))?;
        let ids = groups::members(look, &permit, MOST_SHOWN)?;
        let members = ids.into_iter().map(|id| users::find(look, id)).filter_map(Result::transpose);
        Ok((group, members.collect::<Result<_, _>>()?))
    });
    read.await
}

/// Makes a group.
pub async fn create(house: &House, actor: &Actor, name: GroupName) -> Result<Group, Error> {
    let write = house.door.write(actor, name, |work, name| -> Result<_, Error> {
        let permit = work.permit::<CreateGroup>(&Installation)?;
        free_name(work, name)?;
        let group = Group { id: work.new_id(), name: name.clone(), created_at: work.now() };
        groups::insert(work, &permit, &group)?;
        let deed = work.deed(permit).about(group.id).change(json!({}), json!({ "name": name }));
        Ok(Ending::Done(group, deed))
    });
    write.await
}

/// Gives a group another name.
pub async fn rename(house: &House, actor: &Actor, group: String, name: GroupName) -> Result<Group, Error> {
    let write = house.door.write(actor, (group, name), |work, (group, name)| -> Result<_, Error> {
        let group = existing(work, group)?;
        let permit = work.permit::<UpdateGroup>(&group).map_err(unseen("group"))?;
        if group.name != *name {
            free_name(work, name)?;
        }
        groups::rename(work, &permit, name)?;
        let deed = work.deed(permit).change(json!({ "name": group.name }), json!({ "name": name }));
        Ok(Ending::Done(Group { name: name.clone(), ..group }, deed))
    });
    write.await
}

/// Takes a person into a group; again is no error.
pub async fn add_member(house: &House, actor: &Actor, group: String, user: String) -> Result<(), Error> {
    let write = house.door.write(actor, (group, user), |work, (group, user)| -> Result<_, Error> {
        let group = existing(work, group)?;
        let permit = work.permit::<UpdateGroup>(&group).map_err(unseen("group"))?;
        let user = naming::find_user(work, user)?.ok_or(Error::NotFound("account"))?;
        groups::add_member(work, &permit, user.id)?;
        let deed = work.deed(permit).change(json!({}), json!({ "member_added": user.id }));
        Ok(Ending::Done((), deed))
    });
    write.await
}

/// Takes a person out of a group.
pub async fn remove_member(house: &House, actor: &Actor, group: String, user: String) -> Result<(), Error> {
    let write = house.door.write(actor, (group, user), |work, (group, user)| -> Result<_, Error> {
        let group = existing(work, group)?;
        let permit = work.permit::<UpdateGroup>(&group).map_err(unseen("group"))?;
        let user = naming::find_user(work, user)?.ok_or(Error::NotFound("account"))?;
        if !groups::remove_member(work, &permit, user.id)? {
            return Err(Error::NotFound("member"));
        }
        let deed = work.deed(permit).change(json!({ "member_removed": user.id }), json!({}));
        Ok(Ending::Done((), deed))
    });
    write.await
}

/// Removes a group; no app is open to it any more.
pub async fn delete(house: &House, actor: &Actor, group: String) -> Result<(), Error> {
    let write = house.door.write(actor, group, |work, group| -> Result<_, Error> {
        let group = existing(work, group)?;
        let permit = work.permit::<DeleteGroup>(&group).map_err(unseen("group"))?;
        groups::delete(work, &permit)?;
        let deed = work.deed(permit).change(json!({ "name": group.name }), json!({}));
        Ok(Ending::Done((), deed))
    });
    write.await
}

fn existing(tx: &mut ReadTx<'_>, group: &str) -> Result<Group, Error> {
    naming::find_group(tx, group)?.ok_or(Error::NotFound("group"))
}

fn free_name(tx: &mut ReadTx<'_>, name: &GroupName) -> Result<(), Error> {
    match groups::find_by_name(tx, name)? {
        Some(_) => Err(Error::Conflict(format!("a group `{name}` exists already"))),
        None => Ok(()),
    }
}

//! Groups of people.

use super::{
    people::User,
    shape::{GroupPage, List, Named, Reply},
};
use crate::{Caller, Desk, Problem};
use domain::{GroupName, Id, Time};
use identity::groups;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A group.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Group {
    id: Id<domain::Group>,
    name: String,
    created_at: Time,
}

impl From<domain::Group> for Group {
    fn from(group: domain::Group) -> Self {
        Self { id: group.id, name: group.name.to_string(), created_at: group.created_at }
    }
}

/// A group and who is in it.
#[derive(Serialize, JsonSchema)]
pub(super) struct WithMembers {
    id: Id<domain::Group>,
    name: String,
    created_at: Time,
    /// At most the first thousand.
    members: Vec<User>,
}

/// One group, by id or name.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    id: Named,
}

/// A group that is to be made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    /// Its name, which `Remote-Groups` carries to apps.
    name: GroupName,
}

/// Another name for a group.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Rename {
    id: Named,
    /// Its name from now on.
    name: GroupName,
}

/// A person in a group.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Member {
    id: Named,
    /// Who, by id, e-mail address or handle.
    user: Named,
}

pub(super) async fn list(
    desk: &Desk,
    caller: &Caller,
    input: GroupPage,
) -> Result<Reply<List<Group>>, Problem> {
    let page = groups::list(&desk.house, &caller.actor, (input.after, input.limit.rows())).await?;
    Ok(List::reply(page, Group::from))
}

pub(super) async fn create(desk: &Desk, caller: &Caller, input: New) -> Result<Reply<Group>, Problem> {
    Ok(Reply::of(groups::create(&desk.house, &caller.actor, input.name).await?.into()))
}

pub(super) async fn show(desk: &Desk, caller: &Caller, input: One) -> Result<Reply<WithMembers>, Problem> {
    let (group, members) = groups::show(&desk.house, &caller.actor, input.id.0).await?;
    let Group { id, name, created_at } = group.into();
    Ok(Reply::of(WithMembers {
        id,
        name,
        created_at,
        members: members.into_iter().map(User::from).collect(),
    }))
}

pub(super) async fn rename(desk: &Desk, caller: &Caller, input: Rename) -> Result<Reply<Group>, Problem> {
    Ok(Reply::of(groups::rename(&desk.house, &caller.actor, input.id.0, input.name).await?.into()))
}

pub(super) async fn delete(desk: &Desk, caller: &Caller, input: One) -> Result<Reply<()>, Problem> {
    groups::delete(&desk.house, &caller.actor, input.id.0).await?;
    Ok(Reply::of(()))
}

pub(super) async fn add_member(desk: &Desk, caller: &Caller, input: Member) -> Result<Reply<()>, Problem> {
    groups::add_member(&desk.house, &caller.actor, input.id.0, input.user.0).await?;
    Ok(Reply::of(()))
}

pub(super) async fn remove_member(desk: &Desk, caller: &Caller, input: Member) -> Result<Reply<()>, Problem> {
    groups::remove_member(&desk.house, &caller.actor, input.id.0, input.user.0).await?;
    Ok(Reply::of(()))
}

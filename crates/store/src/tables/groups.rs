//! Groups and who is in them.

use crate::{FromRow, ReadTx, Row, StoreError, Touch, WriteTx};
use domain::{Group, GroupName, Id, Page, User};
use policy::{Permit, Visible, actions};

impl FromRow for Group {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self { id: row.read(0)?, name: row.read(1)?, created_at: row.read(2)? })
    }
}

/// The group with this id.
pub fn find(tx: &mut ReadTx<'_>, id: Id<Group>) -> Result<Option<Group>, StoreError> {
    tx.find("SELECT id, name, created_at FROM groups WHERE id = $1", &[id.into()])
}

/// The group of this name.
pub fn find_by_name(tx: &mut ReadTx<'_>, name: &GroupName) -> Result<Option<Group>, StoreError> {
    tx.find("SELECT id, name, created_at FROM groups WHERE name = $1", &[name.into()])
}

/// The groups that a person is in.
pub(crate) fn ids_of(tx: &mut ReadTx<'_>, user: Id<User>) -> Result<Vec<Id<Group>>, StoreError> {
    tx.list("SELECT group_id FROM group_members WHERE user_id = $1 ORDER BY group_id", &[user.into()])
}

/// The ids and names of the groups that a person is in, by name.
pub(crate) fn named_of(
    tx: &mut ReadTx<'_>,
    user: Id<User>,
) -> Result<Vec<(Id<Group>, GroupName)>, StoreError> {
    let sql = "SELECT g.id, g.name FROM group_members m JOIN groups g ON g.id = m.group_id \
               WHERE m.user_id = $1 ORDER BY g.name";
    tx.list(sql, &[user.into()])
}

/// Groups in the order in which they were made.
pub fn list(
    tx: &mut ReadTx<'_>,
    _visible: &Visible<actions::ListGroups>,
    after: Option<Id<Group>>,
    limit: u32,
) -> Result<Page<Group>, StoreError> {
    let sql = "SELECT id, name, created_at FROM groups WHERE id > $1 ORDER BY id LIMIT $2";
    let after = after.unwrap_or(Id::from_bytes([0; 16]));
    let rows = tx.list(sql, &[after.into(), (limit.saturating_add(1)).into()])?;
    Ok(Page::cut(rows, limit, |group: &Group| group.id.to_string()))
}

/// Who is in a group.
pub fn members<'c>(
    tx: &mut ReadTx<'c>,
    permit: &Permit<'c, actions::ShowGroup>,
    limit: u32,
) -> Result<Vec<Id<User>>, StoreError> {
    let sql = "SELECT user_id FROM group_members WHERE group_id = $1 ORDER BY user_id LIMIT $2";
    tx.list(sql, &[permit.id().into(), limit.into()])
}

/// Makes a group.
pub fn insert<'c>(
    tx: &mut WriteTx<'c>,
    _permit: &Permit<'c, actions::CreateGroup>,
    group: &Group,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO groups (id, name, created_at) VALUES ($1, $2, $3)";
    tx.execute(sql, &[group.id.into(), (&group.name).into(), group.created_at.into()]).map(drop)
}

/// Gives a group another name.
pub fn rename<'c>(
    tx: &mut WriteTx<'c>,
    permit: &Permit<'c, actions::UpdateGroup>,
    name: &GroupName,
) -> Result<(), StoreError> {
    tx.touch(Touch::Everyone);
    tx.execute("UPDATE groups SET name = $2 WHERE id = $1", &[permit.id().into(), name.into()]).map(drop)
}

/// Takes a person into a group; answers whether they were outside it.
pub fn add_member<'c>(
    tx: &mut WriteTx<'c>,
    permit: &Permit<'c, actions::UpdateGroup>,
    user: Id<User>,
) -> Result<bool, StoreError> {
    tx.touch(Touch::User(user));
    let sql = "INSERT INTO group_members (group_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
    Ok(tx.execute(sql, &[permit.id().into(), user.into()])? == 1)
}

/// Takes a person out of a group; answers whether they were in it.
pub fn remove_member<'c>(
    tx: &mut WriteTx<'c>,
    permit: &Permit<'c, actions::UpdateGroup>,
    user: Id<User>,
) -> Result<bool, StoreError> {
    tx.touch(Touch::User(user));
    let sql = "DELETE FROM group_members WHERE group_id = $1 AND user_id = $2";
    Ok(tx.execute(sql, &[permit.id().into(), user.into()])? == 1)
}

/// Removes a group; nobody is in it any more and no app is open to it.
pub fn delete<'c>(tx: &mut WriteTx<'c>, permit: &Permit<'c, actions::DeleteGroup>) -> Result<(), StoreError> {
    tx.touch(Touch::Everyone);
    tx.touch(Touch::Apps);
    tx.execute("DELETE FROM groups WHERE id = $1", &[permit.id().into()]).map(drop)
}

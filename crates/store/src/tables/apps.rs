//! Apps, their hosts, and who may open them.

use crate::{FromRow, ReadTx, Row, StoreError, Touch, Value, WriteTx};
use domain::{App, AppAccess, AppName, GateSettings, HostName, Id, Page, Role, Time, Upstream};
use policy::{Action, Permit, Visible, actions};

/// The row of an app, without its hosts and access.
struct AppRow {
    id: Id<App>,
    name: AppName,
    upstreams: Vec<Upstream>,
    everyone: bool,
    roles: Vec<Role>,
    basic: bool,
    gate: GateSettings,
    created_at: Time,
}

macro_rules! columns {
    () => {
        "id, name, upstreams, everyone, roles, basic, gate, created_at"
    };
}

impl FromRow for AppRow {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.read(0)?,
            name: row.read(1)?,
            upstreams: row.read(2)?,
            everyone: row.read(3)?,
            roles: row.read(4)?,
            basic: row.read(5)?,
            gate: row.read(6)?,
            created_at: row.read(7)?,
        })
    }
}

/// What may say who opens an app.
pub trait ShapesApps: Action {}
impl ShapesApps for actions::CreateApp {}
impl ShapesApps for actions::UpdateApp {}

fn complete(tx: &mut ReadTx<'_>, row: AppRow) -> Result<App, StoreError> {
    let id = || [row.id.into()];
    let hosts = tx.list("SELECT host FROM app_hosts WHERE app_id = $1 ORDER BY host", &id())?;
    let groups = tx.list("SELECT group_id FROM app_groups WHERE app_id = $1 ORDER BY group_id", &id())?;
    let users = tx.list("SELECT user_id FROM app_users WHERE app_id = $1 ORDER BY user_id", &id())?;
    let AppRow { id, name, upstreams, everyone, roles, basic, gate, created_at } = row;
    let access = AppAccess { everyone, groups, users, roles };
    Ok(App { id, name, hosts, upstreams, access, basic, gate, created_at })
}

/// The app with this id.
pub fn find(tx: &mut ReadTx<'_>, id: Id<App>) -> Result<Option<App>, StoreError> {
    let row = tx.find(concat!("SELECT ", columns!(), " FROM apps WHERE id = $1"), &[id.into()])?;
    row.map(|row| complete(tx, row)).transpose()
}

/// The app of this name.
pub fn find_by_name(tx: &mut ReadTx<'_>, name: &AppName) -> Result<Option<App>, StoreError> {
    let row = tx.find(concat!("SELECT ", columns!(), " FROM apps WHERE name = $1"), &[name.into()])?;
    row.map(|row| complete(tx, row)).transpose()
}

/// The app that a host leads to.
pub fn find_host(tx: &mut ReadTx<'_>, host: &HostName) -> Result<Option<Id<App>>, StoreError> {
    tx.find("SELECT app_id FROM app_hosts WHERE host = $1", &[host.into()])
}

/// Every app: what the gateway routes by. Their number is small.
pub fn all(tx: &mut ReadTx<'_>) -> Result<Vec<App>, StoreError> {
    let rows: Vec<AppRow> = tx.list(concat!("SELECT ", columns!(), " FROM apps ORDER BY name"), &[])?;
    rows.into_iter().map(|row| complete(tx, row)).collect()
}

/// Apps in the order in which they were made.
pub fn list(
    tx: &mut ReadTx<'_>,
    _visible: &Visible<actions::ListApps>,
    after: Option<Id<App>>,
    limit: u32,
) -> Result<Page<App>, StoreError> {
    let sql = concat!("SELECT ", columns!(), " FROM apps WHERE id > $1 ORDER BY id LIMIT $2");
    let after = after.unwrap_or(Id::from_bytes([0; 16]));
    let rows: Vec<AppRow> = tx.list(sql, &[after.into(), (limit.saturating_add(1)).into()])?;
    let apps = rows.into_iter().map(|row| complete(tx, row)).collect::<Result<_, _>>()?;
    Ok(Page::cut(apps, limit, |app: &App| app.id.to_string()))
}

/// Puts an app behind the door.
pub fn insert<'c>(
    tx: &mut WriteTx<'c>,
    permit: &Permit<'c, actions::CreateApp>,
    app: &App,
) -> Result<(), StoreError> {
    let sql = concat!("INSERT INTO apps (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
    let values: [Value; 8] = [
        app.id.into(),
        (&app.name).into(),
        Value::json(&app.upstreams)?,
        app.access.everyone.into(),
        Value::json(&app.access.roles)?,
        app.basic.into(),
        Value::json(&app.gate)?,
        app.created_at.into(),
    ];
    tx.execute(sql, &values)?;
    insert_parts(tx, permit, app)
}

/// Changes where an app is and who may open it; the id is the permit's.
pub fn update<'c>(
    tx: &mut WriteTx<'c>,
    permit: &Permit<'c, actions::UpdateApp>,
    app: &App,
) -> Result<(), StoreError> {
    let id = permit.id();
    let sql = "UPDATE apps SET name = $2, upstreams = $3, everyone = $4, roles = $5, basic = $6, gate = $7
         WHERE id = $1";
    let values: [Value; 7] = [
        id.into(),
        (&app.name).into(),
        Value::json(&app.upstreams)?,
        app.access.everyone.into(),
        Value::json(&app.access.roles)?,
        app.basic.into(),
        Value::json(&app.gate)?,
    ];
    tx.execute(sql, &values)?;
    tx.execute("DELETE FROM app_hosts WHERE app_id = $1", &[id.into()])?;
    tx.execute("DELETE FROM app_groups WHERE app_id = $1", &[id.into()])?;
    tx.execute("DELETE FROM app_users WHERE app_id = $1", &[id.into()])?;
    insert_parts(tx, permit, &App { id, ..app.clone() })
}

/// Takes an app away from behind the door, and ends the sessions at its hosts.
pub fn delete<'c>(tx: &mut WriteTx<'c>, permit: &Permit<'c, actions::DeleteApp>) -> Result<(), StoreError> {
    tx.touch(Touch::Apps);
    tx.execute("DELETE FROM apps WHERE id = $1", &[permit.id().into()]).map(drop)
}

fn insert_parts<'c, A: ShapesApps>(
    tx: &mut WriteTx<'c>,
    _permit: &Permit<'c, A>,
    app: &App,
) -> Result<(), StoreError> {
    tx.touch(Touch::Apps);
    for host in &app.hosts {
        tx.execute("INSERT INTO app_hosts (host, app_id) VALUES ($1, $2)", &[host.into(), app.id.into()])?;
    }
    for group in &app.access.groups {
        let sql = "INSERT INTO app_groups (app_id, group_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        tx.execute(sql, &[app.id.into(), (*group).into()])?;
    }
    for user in &app.access.users {
        let sql = "INSERT INTO app_users (app_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        tx.execute(sql, &[app.id.into(), (*user).into()])?;
    }
    Ok(())
}

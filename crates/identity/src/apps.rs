//! Apps behind the door.

use crate::{Error, House, error::unseen, naming};
use domain::{
    Actor, App, AppAccess, AppName, DisplayName, GateSettings, HostName, Id, Origin, Page, Role, Upstream,
};
use policy::{
    Action as _, Decision, Denied, Installation,
    actions::{CreateApp, DeleteApp, ListApps, OpenApp, ShowApp, UpdateApp},
};
use serde_json::{Value as Json, json};
use store::{
    Ending, ReadTx, Work,
    tables::{apps, users},
};

/// Who may open an app, as people write it: groups and users by name or id.
#[derive(Debug, Clone, Default)]
pub struct AccessWanted {
    /// Everyone who has an account.
    pub everyone: bool,
    /// Members of these groups.
    pub groups: Vec<String>,
    /// These people.
    pub users: Vec<String>,
    /// Whoever has one of these roles.
    pub roles: Vec<Role>,
}

/// An app that is to be put behind the door.
#[derive(Debug, Clone)]
pub struct NewApp {
    /// Unique and short.
    pub name: AppName,
    /// The hosts that lead to it; none means `NAME.localhost`, where the home host is `localhost`.
    pub hosts: Vec<HostName>,
    /// Where requests go.
    pub upstreams: Vec<Upstream>,
    /// Who may open it.
    pub access: AccessWanted,
    /// Whether Basic credentials are taken.
    pub basic: bool,
    /// How the gateway treats its requests.
    pub gate: GateSettings,
}

/// What is to change of an app; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct AppChange {
    /// Another name.
    pub name: Option<AppName>,
    /// Other hosts.
    pub hosts: Option<Vec<HostName>>,
    /// Other places.
    pub upstreams: Option<Vec<Upstream>>,
    /// Other people.
    pub access: Option<AccessWanted>,
    /// Whether Basic credentials are taken.
    pub basic: Option<bool>,
    /// How the gateway treats its requests, as a whole.
    pub gate: Option<GateSettings>,
}

/// Lists apps in the order in which they were made.
pub async fn list(house: &House, actor: &Actor, page: (Option<Id<App>>, u32)) -> Result<Page<App>, Error> {
    let read = house.door.read(actor, page, |look, (after, limit)| -> Result<_, Error> {
        let visible = look.visible::<ListApps>()?;
        Ok(apps::list(look, &visible, after, limit)?)
    });
    read.await
}

/// Shows an app, by id or name.
pub async fn show(house: &House, actor: &Actor, app: String) -> Result<App, Error> {
    let read = house.door.read(actor, app, |look, app| -> Result<_, Error> {
        let app = existing(look, &app)?;
        look.permit::<ShowApp>(&app).map_err(unseen("app"))?;
        Ok(app)
    });
    read.await
}

/// Puts an app behind the door.
pub async fn create(house: &House, actor: &Actor, new: NewApp) -> Result<App, Error> {
    let home = house.settings.home.clone();
    let write = house.door.write(actor, (new, home), |work, (new, home)| -> Result<_, Error> {
        let permit = work.permit::<CreateApp>(&Installation)?;
        free_name(work, &new.name)?;
        let app = App {
            id: work.new_id(),
            name: new.name.clone(),
            hosts: hosts_or_default(new, home)?,
            upstreams: new.upstreams.clone(),
            access: access(work, &new.access)?,
            basic: new.basic,
            gate: new.gate.clone(),
            created_at: work.now(),
        };
        free_hosts(work, &app, home)?;
        apps::insert(work, &permit, &app)?;
        let deed = work.deed(permit).about(app.id).change(json!({}), facts(&app));
        Ok(Ending::Done(app, deed))
    });
    write.await
}

/// Changes where an app is and who may open it.
pub async fn update(house: &House, actor: &Actor, app: String, change: AppChange) -> Result<App, Error> {
    let home = house.settings.home.clone();
    let write =
        house.door.write(actor, (app, change, home), |work, (app, change, home)| -> Result<_, Error> {
            let before = existing(work, app)?;
            let permit = work.permit::<UpdateApp>(&before).map_err(unseen("app"))?;
            let after = changed(work, before.clone(), change)?;
            if after.name != before.name {
                free_name(work, &after.name)?;
            }
            free_hosts(work, &after, home)?;
            apps::update(work, &permit, &after)?;
            let deed = work.deed(permit).change(facts(&before), facts(&after));
            Ok(Ending::Done(after, deed))
        });
    write.await
}

/// Takes an app away from behind the door; the sessions at its hosts end.
pub async fn delete(house: &House, actor: &Actor, app: String) -> Result<(), Error> {
    let write = house.door.write(actor, app, |work, app| -> Result<_, Error> {
        let app = existing(work, app)?;
        let permit = work.permit::<DeleteApp>(&app).map_err(unseen("app"))?;
        apps::delete(work, &permit)?;
        let deed = work.deed(permit).change(facts(&app), json!({}));
        Ok(Ending::Done((), deed))
    });
    write.await
}

/// The app of this name, as Doorward itself looks for it at its start.
pub async fn find(house: &House, name: AppName) -> Result<Option<App>, Error> {
    let actor = Actor::system("start");
    house.door.read(&actor, name, |look, name| Ok(apps::find_by_name(look, &name)?)).await
}

/// Every app, as the gateway routes by them.
pub async fn all(house: &House) -> Result<Vec<App>, Error> {
    let actor = Actor::system("start");
    house.door.read(&actor, (), |look, ()| Ok(apps::all(look)?)).await
}

/// Records that the gateway let somebody not open an app; it decides on what it has cached, outside a transaction.
pub fn record_refusal(house: &House, actor: &Actor, app: Id<App>, decision: &Decision) {
    let Decision::Deny(reasons, hint) = decision else { return };
    let (resource, reasons) = (Some(app.to_string()), reasons.clone());
    house.door.record_refusal(actor, &Denied { action: OpenApp::NAME, resource, reasons, hint: *hint });
}

/// Whom to ask for access: the administrators' names.
pub async fn whom_to_ask(house: &House) -> Result<Vec<DisplayName>, Error> {
    let actor = Actor::system("denied page");
    house.door.read(&actor, (), |look, ()| Ok(users::administrators(look)?)).await
}

fn existing(tx: &mut ReadTx<'_>, app: &str) -> Result<App, Error> {
    naming::find_app(tx, app)?.ok_or(Error::NotFound("app"))
}

fn changed(work: &mut Work<'_, '_>, mut app: App, change: &AppChange) -> Result<App, Error> {
    if let Some(wanted) = &change.access {
        app.access = access(work, wanted)?;
    }
    let AppChange { name, hosts, upstreams, basic, gate, .. } = change.clone();
    app.name = name.unwrap_or(app.name);
    app.hosts = hosts.unwrap_or(app.hosts);
    app.upstreams = upstreams.unwrap_or(app.upstreams);
    app.basic = basic.unwrap_or(app.basic);
    app.gate = gate.unwrap_or(app.gate);
    Ok(app)
}

fn access(tx: &mut ReadTx<'_>, wanted: &AccessWanted) -> Result<AppAccess, Error> {
    let groups = naming::find_each(tx, &wanted.groups, "group", naming::find_group)?;
    let users = naming::find_each(tx, &wanted.users, "account", naming::find_user)?;
    Ok(AppAccess {
        everyone: wanted.everyone,
        groups: groups.into_iter().map(|group| group.id).collect(),
        users: users.into_iter().map(|user| user.id).collect(),
        roles: wanted.roles.clone(),
    })
}

fn free_name(tx: &mut ReadTx<'_>, name: &AppName) -> Result<(), Error> {
    match apps::find_by_name(tx, name)? {
        Some(_) => Err(Error::Conflict(format!("an app `{name}` exists already"))),
        None => Ok(()),
    }
}

/// A host leads to one app, and never to the home host's place.
fn free_hosts(tx: &mut ReadTx<'_>, app: &App, home: &Origin) -> Result<(), Error> {
    if app.hosts.is_empty() {
        return Err(Error::Refused("an app needs at least one host".to_owned()));
    }
    for (place, host) in app.hosts.iter().enumerate() {
        if host.as_str() == home.host() {
            return Err(Error::Conflict(format!("`{host}` is the home host")));
        }
        if app.hosts.iter().skip(place.saturating_add(1)).any(|other| other == host) {
            return Err(Error::Refused(format!("the host `{host}` is named twice")));
        }
        if apps::find_host(tx, host)?.is_some_and(|owner| owner != app.id) {
            return Err(Error::Conflict(format!("the host `{host}` leads to another app")));
        }
    }
    Ok(())
}

fn hosts_or_default(new: &NewApp, home: &Origin) -> Result<Vec<HostName>, Error> {
    if !new.hosts.is_empty() {
        return Ok(new.hosts.clone());
    }
    if home.host() != "localhost" {
        return Err(Error::Refused(
            "name the app's host: a default exists only under `localhost`".to_owned(),
        ));
    }
    let host = format!("{}.localhost", new.name).parse();
    host.map(|host| vec![host]).map_err(|error: domain::Refused| Error::Refused(error.to_string()))
}

/// What the audit log says of an app.
fn facts(app: &App) -> Json {
    json!({
        "name": app.name, "hosts": app.hosts, "upstreams": app.upstreams, "basic": app.basic,
        "everyone": app.access.everyone, "groups": app.access.groups, "users": app.access.users,
        "roles": app.access.roles, "gate": app.gate,
    })
}

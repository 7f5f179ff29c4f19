//! Apps behind the door.

mod change;
mod facts;
mod hosts;
mod wanted;

pub use change::Change;
pub use wanted::{AccessWanted, AllowWanted, GateChange, RuleWanted};

use crate::{Error, House, error::unseen, naming};
use domain::{Actor, App, AppName, DisplayName, GateSettings, HostName, Id, Page, Upstream};
use facts::{facts, facts_after};
use policy::{
    Action as _, Decision, Denied, Installation,
    actions::{CreateApp, DeleteApp, ListApps, OpenApp, ShowApp, UpdateApp},
};
use serde_json::json;
use std::time::Duration;
use store::{
    Ending, ReadTx, Work,
    tables::{apps, sessions, users},
};

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
    /// How the gateway treats its requests, where it is not as ever.
    pub gate: GateChange,
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
    /// How the gateway treats its requests.
    pub gate: GateChange,
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
            hosts: hosts::or_default(&new.hosts, &new.name, home)?,
            upstreams: new.upstreams.clone(),
            access: wanted::access(work, &new.access)?,
            basic: new.basic,
            gate: wanted::gate(work, GateSettings::default(), &new.gate)?,
            created_at: work.now(),
        };
        app.check()?;
        hosts::free(work, &app, home)?;
        apps::insert(work, &permit, &app)?;
        let deed = work.deed(permit).about(app.id).change(json!({}), facts(&app));
        Ok(Ending::Done(app, deed))
    });
    write.await
}

/// Changes where an app is, who may open it, and how the gateway treats its requests.
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
            after.check()?;
            hosts::free(work, &after, home)?;
            apps::update(work, &permit, &after)?;
            if let Some(hours) = after.gate.sign_in_hours {
                sessions::shorten(work, &permit, hours_of(hours))?;
            }
            let deed = work.deed(permit).change(facts(&before), facts_after(&before, &after));
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
        app.access = wanted::access(work, wanted)?;
    }
    app.gate = wanted::gate(work, app.gate, &change.gate)?;
    let AppChange { name, hosts, upstreams, basic, .. } = change.clone();
    app.name = name.unwrap_or(app.name);
    app.hosts = hosts.map_or(app.hosts, hosts::in_order);
    app.upstreams = upstreams.unwrap_or(app.upstreams);
    app.basic = basic.unwrap_or(app.basic);
    Ok(app)
}

fn free_name(tx: &mut ReadTx<'_>, name: &AppName) -> Result<(), Error> {
    match apps::find_by_name(tx, name)? {
        Some(_) => Err(Error::Conflict(format!("an app `{name}` exists already"))),
        None => Ok(()),
    }
}

/// How long ago a visitor may have proved who they are.
pub(crate) fn hours_of(hours: u32) -> Duration {
    Duration::from_hours(hours.into())
}

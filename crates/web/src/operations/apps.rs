//! Apps behind the door.

use super::shape::{AppPage, List, Named, Reply};
use crate::{Caller, Desk, Problem};
use domain::{AppName, HostName, Id, Time, Upstream};
use identity::apps::{self, AccessWanted, AppChange, NewApp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An app.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct App {
    id: Id<domain::App>,
    name: String,
    /// Where browsers open it: one origin for each host.
    urls: Vec<String>,
    hosts: Vec<String>,
    upstreams: Vec<String>,
    access: Access,
    /// Whether clients may sign in by Basic, with a token as the password.
    basic: bool,
    created_at: Time,
}

/// Who may open an app: any one of the three is enough.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Access {
    everyone: bool,
    groups: Vec<Id<domain::Group>>,
    users: Vec<Id<domain::User>>,
}

/// Who may open an app, groups and users by name or id.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct Wanted {
    /// Everyone who has an account.
    #[serde(default)]
    everyone: bool,
    /// Members of these groups.
    #[serde(default)]
    #[schemars(length(max = 100))]
    groups: Vec<Named>,
    /// These people.
    #[serde(default)]
    #[schemars(length(max = 100))]
    users: Vec<Named>,
}

/// Where an app is: `http://HOST:PORT`, or `builtin:sample`.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub(super) struct Place(#[schemars(length(min = 1, max = 300), extend("format" = "uri"))] String);

/// One app, by id or name.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    id: Named,
}

/// An app that is to be put behind the door.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    /// Unique and short.
    name: AppName,
    /// The hosts that lead to it; `NAME.localhost` when absent and the home host is `localhost`.
    #[serde(default)]
    #[schemars(length(max = 20))]
    hosts: Vec<HostName>,
    /// Where it is; one for now.
    #[schemars(length(min = 1, max = 1))]
    upstreams: Vec<Place>,
    /// Who may open it; nobody when absent.
    #[serde(default)]
    access: Option<Wanted>,
    /// Whether clients may sign in by Basic.
    #[serde(default)]
    basic: bool,
}

/// What is to change of an app; what is absent stays.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Change {
    id: Named,
    /// Another name.
    #[serde(default)]
    name: Option<AppName>,
    /// Other hosts.
    #[serde(default)]
    #[schemars(length(min = 1, max = 20))]
    hosts: Option<Vec<HostName>>,
    /// Another place; one for now.
    #[serde(default)]
    #[schemars(length(min = 1, max = 1))]
    upstreams: Option<Vec<Place>>,
    /// Other people: what is written here replaces all that was.
    #[serde(default)]
    access: Option<Wanted>,
    /// Whether clients may sign in by Basic.
    #[serde(default)]
    basic: Option<bool>,
}

pub(super) async fn list(desk: &Desk, caller: &Caller, input: AppPage) -> Result<Reply<List<App>>, Problem> {
    let page = apps::list(&desk.house, &caller.actor, (input.after, input.limit.rows())).await?;
    Ok(List::reply(page, |app| shown(desk, app)))
}

pub(super) async fn show(desk: &Desk, caller: &Caller, input: One) -> Result<Reply<App>, Problem> {
    Ok(Reply::of(shown(desk, apps::show(&desk.house, &caller.actor, input.id.0).await?)))
}

pub(super) async fn create(desk: &Desk, caller: &Caller, input: New) -> Result<Reply<App>, Problem> {
    let new = NewApp {
        name: input.name,
        hosts: within(input.hosts, 20, "hosts")?,
        upstreams: upstreams(input.upstreams)?,
        access: input.access.map(wanted).transpose()?.unwrap_or_default(),
        basic: input.basic,
        gate: domain::GateSettings::default(),
    };
    Ok(Reply::of(shown(desk, apps::create(&desk.house, &caller.actor, new).await?)))
}

pub(super) async fn update(desk: &Desk, caller: &Caller, input: Change) -> Result<Reply<App>, Problem> {
    let change = AppChange {
        name: input.name,
        hosts: input.hosts.map(|hosts| within(hosts, 20, "hosts")).transpose()?,
        upstreams: input.upstreams.map(upstreams).transpose()?,
        access: input.access.map(wanted).transpose()?,
        basic: input.basic,
        gate: None,
    };
    Ok(Reply::of(shown(desk, apps::update(&desk.house, &caller.actor, input.id.0, change).await?)))
}

pub(super) async fn delete(desk: &Desk, caller: &Caller, input: One) -> Result<Reply<()>, Problem> {
    apps::delete(&desk.house, &caller.actor, input.id.0).await?;
    Ok(Reply::of(()))
}

fn shown(desk: &Desk, app: domain::App) -> App {
    App {
        id: app.id,
        name: app.name.to_string(),
        urls: app.hosts.iter().map(|host| desk.home().at(host.as_str()).to_string()).collect(),
        hosts: app.hosts.iter().map(ToString::to_string).collect(),
        upstreams: app.upstreams.iter().map(ToString::to_string).collect(),
        access: Access { everyone: app.access.everyone, groups: app.access.groups, users: app.access.users },
        basic: app.basic,
        created_at: app.created_at,
    }
}

fn upstreams(places: Vec<Place>) -> Result<Vec<Upstream>, Problem> {
    let read = |place: Place| place.0.parse::<Upstream>();
    let read: Result<_, _> = places.into_iter().map(read).collect();
    read.map_err(|error| identity::Error::Refused(error.to_string()).into())
}

fn wanted(access: Wanted) -> Result<AccessWanted, Problem> {
    let texts = |names: Vec<Named>| names.into_iter().map(|name| name.0).collect();
    Ok(AccessWanted {
        everyone: access.everyone,
        groups: texts(within(access.groups, 100, "groups")?),
        users: texts(within(access.users, 100, "users")?),
        roles: Vec::new(),
    })
}

fn within<T>(items: Vec<T>, most: usize, field: &str) -> Result<Vec<T>, Problem> {
    if items.len() > most {
        Err(Problem::invalid(format!("`{field}` holds at most {most}")))
    } else {
        Ok(items)
    }
}

//! Apps behind the door.

mod access;
mod gate;
mod shown;

pub(super) use shown::App;

use super::{
    bounded::{Several, said},
    shape::{AppPage, List, Named, Reply},
};
use crate::{Caller, Desk, Problem};
use access::Wanted;
use domain::{AppName, HostName, Notice};
use gate::{Gate, Headers, Health, Hours, Limits, Origins, Rules, Url};
use identity::apps::{self, AppChange, Change, NewApp};
use schemars::JsonSchema;
use serde::Deserialize;

type Hosts<const LEAST: usize> = Several<HostName, LEAST, 20>;
type Places = Several<Url, 1, { domain::App::MOST_UPSTREAMS }>;

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
    hosts: Hosts<0>,
    /// Where it is: one place, or several that do the same.
    upstreams: Places,
    /// Who may open it; nobody when absent.
    #[serde(default)]
    access: Option<Wanted>,
    /// Whether clients may sign in by Basic.
    #[serde(default)]
    basic: bool,
    /// Who may use some of its paths, instead of who may open it; the first that matches decides.
    #[serde(default, deserialize_with = "said")]
    #[schemars(with = "Option<Rules>")]
    rules: Change<Rules>,
    /// What is changed of the headers of requests and answers.
    #[serde(default, deserialize_with = "said")]
    #[schemars(with = "Option<Headers>")]
    headers: Change<Headers>,
    /// Origins, beside its own, whose pages may send it unsafe requests.
    #[serde(default, deserialize_with = "said")]
    #[schemars(with = "Option<Origins>")]
    origins: Change<Origins>,
    /// How much of it visitors may take.
    #[serde(default, deserialize_with = "said")]
    #[schemars(with = "Option<Limits>")]
    limits: Change<Limits>,
    /// How its upstreams are asked whether they are well.
    #[serde(default, deserialize_with = "said")]
    #[schemars(with = "Option<Health>", extend("x-prefix" = "health"))]
    health: Change<Health>,
    /// Shuts it, and is what visitors are told.
    #[serde(default, deserialize_with = "said")]
    #[schemars(with = "Option<Notice>")]
    maintenance: Change<Notice>,
    /// The most hours since a visitor last proved who they are; then they are asked again.
    #[serde(default, deserialize_with = "said")]
    #[schemars(with = "Option<Hours>")]
    sign_in_hours: Change<Hours>,
}

/// What is to change of an app. What is absent stays; what is there replaces all that was.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Edit {
    id: Named,
    /// Another name.
    #[serde(default)]
    name: Option<AppName>,
    /// Other hosts.
    #[serde(default)]
    hosts: Option<Hosts<1>>,
    /// Where it is: one place, or several that do the same.
    #[serde(default)]
    upstreams: Option<Places>,
    /// Other people: what is written here replaces all that was.
    #[serde(default)]
    access: Option<Wanted>,
    /// Whether clients may sign in by Basic.
    #[serde(default)]
    basic: Option<bool>,
    /// Who may use some of its paths, instead of who may open it; the first that matches decides.
    #[serde(default, deserialize_with = "said")]
    #[schemars(with = "Option<Rules>", extend("x-clears" = true))]
    rules: Change<Rules>,
    /// What is changed of the headers of requests and answers.
    #[serde(default, deserialize_with = "said")]
    #[schemars(with = "Option<Headers>", extend("x-clears" = true))]
    headers: Change<Headers>,
    /// Origins, beside its own, whose pages may send it unsafe requests.
    #[serde(default, deserialize_with = "said")]
    #[schemars(with = "Option<Origins>", extend("x-clears" = true))]
    origins: Change<Origins>,
    /// How much of it visitors may take.
    #[serde(default, deserialize_with = "said")]
    #[schemars(with = "Option<Limits>", extend("x-clears" = true))]
    limits: Change<Limits>,
    /// How its upstreams are asked whether they are well.
    #[serde(default, deserialize_with = "said")]
    #[schemars(with = "Option<Health>", extend("x-clears" = true, "x-prefix" = "health"))]
    health: Change<Health>,
    /// Shuts it, and is what visitors are told.
    #[serde(default, deserialize_with = "said")]
    #[schemars(with = "Option<Notice>", extend("x-clears" = true))]
    maintenance: Change<Notice>,
    /// The most hours since a visitor last proved who they are; then they are asked again.
    #[serde(default, deserialize_with = "said")]
    #[schemars(with = "Option<Hours>", extend("x-clears" = true))]
    sign_in_hours: Change<Hours>,
}

pub(super) async fn list(desk: &Desk, caller: &Caller, input: AppPage) -> Result<Reply<List<App>>, Problem> {
    let page = apps::list(&desk.house, &caller.actor, (input.after, input.limit.rows())).await?;
    Ok(List::reply(page, |app| App::of(desk, app)))
}

pub(super) async fn show(desk: &Desk, caller: &Caller, input: One) -> Result<Reply<App>, Problem> {
    Ok(Reply::of(App::of(desk, apps::show(&desk.house, &caller.actor, input.id.0).await?)))
}

pub(super) async fn create(desk: &Desk, caller: &Caller, input: New) -> Result<Reply<App>, Problem> {
    let New { rules, headers, origins, limits, health, maintenance, sign_in_hours, .. } = input;
    let gate = Gate { rules, headers, origins, limits, health, maintenance, sign_in_hours };
    let new = NewApp {
        name: input.name,
        hosts: input.hosts.0,
        upstreams: Url::read_each(input.upstreams)?,
        access: input.access.map(Into::into).unwrap_or_default(),
        basic: input.basic,
        gate: gate.read()?,
    };
    Ok(Reply::of(App::of(desk, apps::create(&desk.house, &caller.actor, new).await?)))
}

pub(super) async fn update(desk: &Desk, caller: &Caller, input: Edit) -> Result<Reply<App>, Problem> {
    let Edit { rules, headers, origins, limits, health, maintenance, sign_in_hours, .. } = input;
    let gate = Gate { rules, headers, origins, limits, health, maintenance, sign_in_hours };
    let change = AppChange {
        name: input.name,
        hosts: input.hosts.map(|hosts| hosts.0),
        upstreams: input.upstreams.map(Url::read_each).transpose()?,
        access: input.access.map(Into::into),
        basic: input.basic,
        gate: gate.read()?,
    };
    Ok(Reply::of(App::of(desk, apps::update(&desk.house, &caller.actor, input.id.0, change).await?)))
}

pub(super) async fn delete(desk: &Desk, caller: &Caller, input: One) -> Result<Reply<()>, Problem> {
    apps::delete(&desk.house, &caller.actor, input.id.0).await?;
    Ok(Reply::of(()))
}

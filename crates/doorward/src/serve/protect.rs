//! `doorward protect`: one app, behind the door before the first request.

use super::inside;
use crate::exit::{Exit, Stop};
use domain::{Actor, App, AppName, HostName, Upstream};
use identity::{
    House,
    apps::{self, AccessWanted, AppChange, GateChange, NewApp},
};

/// What the command line says of an app.
#[derive(Debug, Clone, Default)]
pub struct Protect {
    /// Where it is; the built-in sample when nothing is said.
    pub upstream: Option<Upstream>,
    /// What to call it.
    pub name: Option<AppName>,
    /// The host that leads to it.
    pub host: Option<HostName>,
}

impl Protect {
    /// Makes the app, or brings one of that name up to date. Everyone with an account may open a new one.
    pub(super) async fn apply(self, house: &House) -> Result<(), Stop> {
        let actor = Actor::system("protect");
        let upstream = self.upstream.clone().unwrap_or(Upstream::Sample);
        let existing = self.existing(house, &upstream).await?;
        let done = if let Some(app) = existing {
            let hosts = self.host.map(|host| vec![host]);
            let change = AppChange { upstreams: Some(vec![upstream]), hosts, ..AppChange::default() };
            if is_so(&app, &change) {
                return Ok(());
            }
            apps::update(house, &actor, app.id.to_string(), change).await
        } else {
            let name = match self.name {
                Some(name) => name,
                None => free_name(house, &upstream).await?,
            };
            let access = AccessWanted { everyone: true, ..AccessWanted::default() };
            let hosts = self.host.into_iter().collect();
            apps::create(
                house,
                &actor,
                NewApp {
                    name,
                    hosts,
                    upstreams: vec![upstream],
                    access,
                    basic: false,
                    gate: GateChange::default(),
                },
            )
            .await
        };
        done.map(drop).map_err(|error| match error {
            identity::Error::Internal(error) => error.into(),
            other => Stop::new(Exit::Usage, format!("the app cannot be protected so: {other}")),
        })
    }

    /// The app that is meant: the one of that name, or without a name the one at that place.
    async fn existing(&self, house: &House, upstream: &Upstream) -> Result<Option<App>, Stop> {
        if let Some(name) = &self.name {
            return apps::find(house, name.clone()).await.map_err(inside);
        }
        let all = apps::all(house).await.map_err(inside)?;
        Ok(all.into_iter().find(|app| app.upstreams.as_slice() == [upstream.clone()]))
    }
}

fn is_so(app: &App, change: &AppChange) -> bool {
    change.upstreams.as_ref() == Some(&app.upstreams)
        && change.hosts.as_ref().is_none_or(|hosts| *hosts == app.hosts)
}

/// A name for an app that was given none: its host's, or `app`, with a number behind it when that is taken.
async fn free_name(house: &House, upstream: &Upstream) -> Result<AppName, Stop> {
    let base = match upstream {
        Upstream::Sample => "sample".to_owned(),
        Upstream::Http { host, .. } => named_by(host),
    };
    for number in 1_u32..1_000 {
        let text = if number == 1 { base.clone() } else { format!("{base}-{number}") };
        let Ok(name) = text.parse::<AppName>() else { continue };
        if apps::find(house, name.clone()).await.map_err(inside)?.is_none() {
            return Ok(name);
        }
    }
    Err(Stop::new(Exit::Usage, "no name is free for the app: give one by `--name`"))
}

fn named_by(host: &str) -> String {
    let first = host.split('.').next().unwrap_or_default();
    let is_name = first.len() <= 30 && first.chars().any(|c| c.is_ascii_alphabetic()) && first != "localhost";
    if is_name && first.parse::<AppName>().is_ok() { first.to_owned() } else { "app".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::named_by;

    #[test]
    fn an_app_is_named_by_its_host_unless_that_is_an_address() {
        assert_eq!(named_by("notes.internal"), "notes");
        for host in ["127.0.0.1", "localhost", "[::1]", "[fd00::1]"] {
            assert_eq!(named_by(host), "app", "{host}");
        }
    }
}

//! Which host leads where.

use domain::{App, HostName, Id, Origin};
use policy::AppHost;
use std::{
    any::Any,
    collections::HashMap,
    sync::{Arc, OnceLock},
};

/// One host of an app, ready for requests.
#[derive(Debug)]
pub struct AppRoute {
    /// The app.
    pub app: App,
    /// The origin of this host, as browsers reach it.
    pub origin: Origin,
    /// The app as the policy sees it.
    pub(crate) facts: policy::Facts,
    kept: OnceLock<Arc<dyn Any + Send + Sync>>,
}

/// The place that a credential is used at.
#[derive(Debug, Clone, Copy)]
pub struct Site<'a> {
    /// The one origin whose sessions count here.
    pub origin: &'a Origin,
    /// The app there; `None` at the home host.
    pub app: Option<Id<App>>,
    /// Whether Basic credentials are taken.
    pub basic: bool,
}

impl AppRoute {
    /// The route of `host`, which is one of the app's.
    pub fn new(app: App, host: &HostName, home: &Origin) -> Self {
        let origin = home.at(host.as_str());
        let facts = policy::Resource::facts(&AppHost { id: app.id, access: app.access.clone() });
        Self { app, origin, facts, kept: OnceLock::new() }
    }

    /// What whoever serves the route keeps with it for as long as it stands, made when it is first asked for;
    /// `None` when something of another type is kept already.
    pub fn keep<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Option<&T> {
        let kept: &dyn Any = &**self.kept.get_or_init(|| Arc::new(make()));
        kept.downcast_ref()
    }

    /// The host as a place for credentials.
    pub const fn site(&self) -> Site<'_> {
        Site { origin: &self.origin, app: Some(self.app.id), basic: self.app.basic }
    }
}

/// Every host, in lower case.
#[derive(Debug, Default)]
pub(crate) struct Routes(HashMap<String, Arc<AppRoute>>);

impl Routes {
    pub(crate) fn new(apps: &[App], home: &Origin) -> Self {
        let pairs = apps.iter().flat_map(|app| app.hosts.iter().map(move |host| (app, host)));
        let route = |(app, host): (&App, &HostName)| {
            (host.as_str().to_owned(), Arc::new(AppRoute::new(app.clone(), host, home)))
        };
        Self(pairs.map(route).collect())
    }

    pub(crate) fn find(&self, host: &str) -> Option<Arc<AppRoute>> {
        self.0.get(host).cloned()
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<AppRoute>> {
        self.0.values()
    }
}

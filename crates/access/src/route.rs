//! Which host leads where.

use crate::{Demand, FieldEdits, Requirement, rules::Rules};
use domain::{App, HostName, Id, Origin, Time};
use http::{HeaderValue, Method};
use std::{
    any::Any,
    collections::HashMap,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

/// For how long the apps that were read count while others' changes are not heard of.
const YOUNG: Duration = Duration::from_secs(1);

/// What a host begins with that stands for all hosts one label below.
const ANY: &str = "*.";

/// One host of an app, ready for requests.
#[derive(Debug)]
pub struct AppRoute {
    /// The app.
    pub app: Arc<App>,
    /// The origin of this host, as browsers reach it.
    pub origin: Origin,
    /// The same host as a `Host` field names it.
    authority: Option<HeaderValue>,
    plan: Arc<Plan>,
}

/// An app's settings, made ready once for all its hosts.
#[derive(Debug)]
struct Plan {
    rules: Rules,
    names_methods: bool,
    request_edits: FieldEdits,
    answer_edits: FieldEdits,
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
    /// The name of the session's cookie, where it is another than Doorward's own.
    pub cookie: Option<&'a str>,
}

impl AppRoute {
    /// The route of `host`, which is one of the app's.
    pub fn new(app: App, host: &HostName, home: &Origin) -> Self {
        let plan = Arc::new(Plan::of(&app));
        Self::with(Arc::new(app), home.at(host.as_str()), plan)
    }

    /// The same app at another of its hosts.
    fn at(&self, host: &str) -> Self {
        Self::with(Arc::clone(&self.app), self.origin.at(host), Arc::clone(&self.plan))
    }

    fn with(app: Arc<App>, origin: Origin, plan: Arc<Plan>) -> Self {
        let authority = HeaderValue::try_from(origin.authority()).ok();
        Self { app, origin, authority, plan }
    }

    /// The host as a `Host` field names it.
    pub const fn authority(&self) -> Option<&HeaderValue> {
        self.authority.as_ref()
    }

    /// Whether both are one host of one app, with the settings of the same moment.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.plan, &other.plan) && self.origin == other.origin
    }

    /// What whoever serves the app keeps with its settings for as long as they stand, made when it is first asked for;
    /// `None` when something of another type is kept already.
    pub fn keep<T: Any + Send + Sync>(&self, make: impl FnOnce() -> T) -> Option<&T> {
        let kept: &dyn Any = &**self.plan.kept.get_or_init(|| Arc::new(make()));
        kept.downcast_ref()
    }

    /// The host as a place for credentials.
    pub fn site(&self) -> Site<'_> {
        Site { origin: &self.origin, app: Some(self.app.id), basic: self.app.basic, cookie: None }
    }

    /// What a request must fulfil.
    pub fn demand(&self, method: &Method, path: &str) -> Demand<'_> {
        self.plan.rules.demand(method, path)
    }

    /// The app's own access.
    pub fn own(&self) -> &Arc<Requirement> {
        self.plan.rules.own()
    }

    /// Whom anything of the app is open to: its own access and that of every rule together.
    pub fn any(&self) -> &Arc<Requirement> {
        self.plan.rules.any()
    }

    /// Whether what may be done depends on the path or method.
    pub fn has_rules(&self) -> bool {
        !self.plan.rules.is_empty()
    }

    /// Whether some rule speaks of methods.
    pub fn names_methods(&self) -> bool {
        self.plan.names_methods
    }

    /// What is changed of requests.
    pub fn request_edits(&self) -> &FieldEdits {
        &self.plan.request_edits
    }

    /// What is changed of answers.
    pub fn answer_edits(&self) -> &FieldEdits {
        &self.plan.answer_edits
    }

    /// Whether this stands for hosts and is none itself, so that no link leads to it.
    pub fn is_wildcard(&self) -> bool {
        self.origin.host().starts_with(ANY)
    }

    /// The paths that the app may open at for whom its own access leaves out.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        self.plan.rules.paths()
    }
}

impl Plan {
    fn of(app: &App) -> Self {
        let rules = Rules::of(app);
        Self {
            names_methods: rules.names_methods(),
            rules,
            request_edits: FieldEdits::of(&app.gate.request_headers),
            answer_edits: FieldEdits::of(&app.gate.answer_headers),
            kept: OnceLock::new(),
        }
    }
}

/// Every host, in lower case.
#[derive(Debug, Default)]
pub(crate) struct Routes {
    exact: HashMap<String, Arc<AppRoute>>,
    /// By what follows `*.`.
    wild: HashMap<String, Arc<AppRoute>>,
    home: String,
    apps: Vec<App>,
    /// When reading them began that found them so, in microseconds; [`NEVER`] where they could not be read.
    read_at: AtomicI64,
}

const NEVER: i64 = i64::MIN;

impl Routes {
    pub(crate) fn new(apps: &[App], home: &Origin, read_at: Time) -> Self {
        let (home_host, read_at) = (home.host().to_owned(), AtomicI64::new(read_at.micros()));
        let mut routes = Self { home: home_host, apps: apps.to_vec(), read_at, ..Self::default() };
        for app in apps {
            let Some(first) = app.hosts.first() else { continue };
            let first = AppRoute::new(app.clone(), first, home);
            for host in &app.hosts {
                routes.add(host.as_str(), &first);
            }
        }
        routes
    }

    /// No routes, since nobody knows which there are.
    pub(crate) fn unknown() -> Self {
        Self { read_at: AtomicI64::new(NEVER), ..Self::default() }
    }

    /// Whether somebody knew which there are.
    pub(crate) fn are_known(&self) -> bool {
        self.read_at.load(Ordering::SeqCst) != NEVER
    }

    fn add(&mut self, host: &str, route: &AppRoute) {
        let route = Arc::new(route.at(host));
        match host.strip_prefix(ANY) {
            Some(parent) => self.wild.insert(parent.to_owned(), route),
            None => self.exact.insert(host.to_owned(), route),
        };
    }

    /// Whether these were the apps.
    pub(crate) fn are_of(&self, apps: &[App]) -> bool {
        self.are_known() && self.apps == apps
    }

    /// Says that the apps were still the same when they were read at `time`.
    pub(crate) fn read_again(&self, time: Time) {
        // One reads at a time. What is read after the clock was set back is newer all the same.
        self.read_at.store(time.micros(), Ordering::SeqCst);
    }

    /// Whether they were read between `time` and `now`: not where the clock was set back since.
    pub(crate) fn is_read_since(&self, time: Time, now: Time) -> bool {
        (time..=now).contains(&self.read_at())
    }

    /// Whether they were read so lately that they count even where nobody tells of changes.
    pub(crate) fn is_young(&self, now: Time) -> bool {
        self.are_known() && self.read_at() <= now && now.since(self.read_at()) <= YOUNG
    }

    fn read_at(&self) -> Time {
        Time::from_micros(self.read_at.load(Ordering::SeqCst))
    }

    /// The route of a host: its own, else that of the wildcard above it.
    pub(crate) fn find(&self, host: &str) -> Option<Arc<AppRoute>> {
        self.exact.get(host).cloned().or_else(|| self.find_wild(host))
    }

    /// SECURITY: `*.example.org` does not stand for a home host `door.example.org`: a session of that origin would
    /// open everything.
    fn find_wild(&self, host: &str) -> Option<Arc<AppRoute>> {
        let (label, parent) = host.split_once('.')?;
        let route = self.wild.get(parent)?;
        (is_label(label) && host != self.home).then(|| Arc::new(route.at(host)))
    }

    /// Every route; that of a wildcard has the wildcard for its host.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<AppRoute>> {
        self.exact.values().chain(self.wild.values())
    }
}

/// Whether a label may stand for a wildcard's `*` (RFC 1123 §2.1).
fn is_label(label: &str) -> bool {
    let in_label = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    (1..=63).contains(&label.len())
        && label.bytes().all(in_label)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

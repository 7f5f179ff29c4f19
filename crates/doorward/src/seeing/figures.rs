//! The figures: what is counted while requests pass, and the text that Prometheus fetches.
//!
//! INVARIANT: series come from the table of apps and from texts of the program, never from a request: there are no more
//! of them than apps times outcomes. Counting takes no lock and, but for an app's first request, no memory.

mod text;

use super::{counts::Counts, histogram::Histogram};
use access::AppRoute;
use arc_swap::ArcSwap;
use domain::{App, Id, Time};
use gateway::{Open, Seen};
use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

/// More outcomes times classes of status than an app meets.
const OUTCOMES: usize = 64;
const FAILURES: usize = 16;

/// Bounds of the whole of a request, in microseconds: from five milliseconds to a minute.
const WHOLE: [u64; 13] = [
    5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000, 10_000_000,
    30_000_000, 60_000_000,
];
/// Bounds of what the door adds, in microseconds: from fifty of them to a second.
const DOOR: [u64; 12] = [50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 250_000, 1_000_000];

/// What was counted since the start.
pub(crate) struct Figures {
    started: Time,
    nobody: OfApp,
    apps: ArcSwap<HashMap<Id<App>, Arc<OfApp>>>,
    connections: AtomicI64,
    tunnels: AtomicI64,
    lines_dropped: AtomicU64,
}

/// The figures of one app, under the name that it had when they began.
struct OfApp {
    name: String,
    requests: Counts<OUTCOMES>,
    failures: Counts<FAILURES>,
    duration: Histogram<13>,
    door: Histogram<12>,
}

impl OfApp {
    fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            requests: Counts::new(),
            failures: Counts::new(),
            duration: Histogram::new(&WHOLE),
            door: Histogram::new(&DOOR),
        }
    }

    fn saw(&self, seen: &Seen) {
        self.requests.add((seen.outcome.code(), class(seen)));
        if let Some(kind) = seen.failure {
            self.failures.add((kind, ""));
        }
        self.door.add(seen.door);
        if !seen.is_tunnel {
            self.duration.add(seen.duration);
        }
    }
}

fn class(seen: &Seen) -> &'static str {
    match seen.status.map(|status| status.as_u16() / 100) {
        Some(1) => "1xx",
        Some(2) => "2xx",
        Some(3) => "3xx",
        Some(4) => "4xx",
        Some(5) => "5xx",
        Some(_) => "other",
        None => "none",
    }
}

impl Figures {
    /// Nothing was counted yet.
    pub(crate) fn new(started: Time) -> Self {
        Self {
            started,
            nobody: OfApp::new(""),
            apps: ArcSwap::default(),
            connections: AtomicI64::new(0),
            tunnels: AtomicI64::new(0),
            lines_dropped: AtomicU64::new(0),
        }
    }

    pub(super) fn saw(&self, seen: &Seen) {
        match &seen.route {
            None => self.nobody.saw(seen),
            Some(route) => self.with(route, |app| app.saw(seen)),
        }
    }

    pub(super) fn opened(&self, what: Open) {
        self.gauge(what).fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn closed(&self, what: Open) {
        self.gauge(what).fetch_sub(1, Ordering::Relaxed);
    }

    /// A line of the access log was not written.
    pub(super) fn dropped_line(&self) {
        self.lines_dropped.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn dropped_lines(&self) -> u64 {
        self.lines_dropped.load(Ordering::Relaxed)
    }

    const fn gauge(&self, what: Open) -> &AtomicI64 {
        match what {
            Open::Connection => &self.connections,
            Open::Tunnel => &self.tunnels,
        }
    }

    /// The figures of the route's app; begun anew when it has got another name.
    fn with(&self, route: &AppRoute, count: impl FnOnce(&OfApp)) {
        let (id, name) = (route.app.id, route.app.name.as_str());
        let known = |apps: &HashMap<_, Arc<OfApp>>| apps.get(&id).is_some_and(|app| app.name == name);
        if !known(&self.apps.load()) {
            let fresh = Arc::new(OfApp::new(name));
            self.apps.rcu(|apps| {
                let mut apps = HashMap::clone(apps);
                if !known(&apps) {
                    apps.insert(id, Arc::clone(&fresh));
                }
                apps
            });
        }
        if let Some(app) = self.apps.load().get(&id) {
            count(app);
        }
    }

    /// Forgets apps that are no more.
    fn forget(&self, exists: impl Fn(Id<App>) -> bool) {
        if self.apps.load().keys().all(|app| exists(*app)) {
            return;
        }
        self.apps.rcu(|apps| {
            let left = apps.iter().filter(|(app, _)| exists(**app));
            left.map(|(id, app)| (*id, Arc::clone(app))).collect::<HashMap<_, _>>()
        });
    }
}

//! Access to the apps behind a gateway, which a test may change while the gateway is open.

pub(crate) use crate::people::{bearer, cookie, ended_cookie, grace_cookie, session_pair, unknown_bearer};

use crate::people::{NOW, People, Secret, Shared};
use access::{Access, AccessParts, ListedKey, SigningKeys};
use domain::{App, AppAccess, Clock, FixedClock, FixedEntropy, Id, Origin, Scheme};
use policy::Policy;
use std::{net::SocketAddr, sync::Arc};
use vault::{KeyRing, SigningKey};

/// What lies behind a gateway, and may be changed while it is open.
pub(crate) struct Door {
    pub(crate) access: Arc<Access>,
    pub(crate) people: Arc<People>,
    pub(crate) clock: Arc<FixedClock>,
    apps: Vec<App>,
}

/// Access for Ada to these apps and some more, each as `change` leaves it, through a gateway at `address`.
pub(crate) fn open(
    apps: [(&str, SocketAddr); 3],
    (scheme, address): (Scheme, SocketAddr),
    change: impl Fn(&mut App),
) -> Door {
    let home = Origin::new(scheme, "localhost", address.port());
    let (ring, clock) = (Arc::new(KeyRing::create(&FixedEntropy::new(4), NOW)), FixedClock::at(NOW));
    let (people, clock) = (Arc::new(People::of(&ring, &home)), Arc::new(clock));
    let access = Access::new(AccessParts {
        home,
        ring,
        policy: Arc::new(Policy::builtin().unwrap()),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        directory: Arc::new(Shared(Arc::clone(&people))),
        signing_keys: SigningKeys::new(
            ListedKey { key: SigningKey::generate(), since: domain::Time::from_micros(0) },
            Vec::new(),
        ),
    });
    let here = apps.map(|(name, at)| app(name, &format!("http://{at}")));
    let others = [
        App { basic: true, ..app("dav", "builtin:sample") },
        App { access: AppAccess::default(), ..app("closed", "builtin:sample") },
        app("gone", "http://127.0.0.1:1"),
        app("sample", "builtin:sample"),
    ];
    let mut apps = [&here[..], &others].concat();
    apps.iter_mut().for_each(change);
    access.replace_apps(&apps);
    Door { access: Arc::new(access), people, clock, apps }
}

impl Door {
    /// Ends a session or revokes a token, and tells the gate.
    pub(crate) fn revoke(&self, secret: Secret) {
        self.people.forget(secret);
        self.access.touch_user(secret.holder().id);
    }

    /// Closes the app of this name to all.
    pub(crate) fn close_app(&self, name: &str) {
        self.change_apps(|app| {
            let access = if app.name.as_str() == name { AppAccess::default() } else { app.access.clone() };
            Some(App { access, ..app.clone() })
        });
    }

    /// Deletes the app of this name.
    pub(crate) fn delete_app(&self, name: &str) {
        self.change_apps(|app| (app.name.as_str() != name).then(|| app.clone()));
    }

    /// Replaces the apps by others just like them.
    pub(crate) fn replace_apps(&self) {
        self.change_apps(|app| Some(app.clone()));
    }

    /// Gives the host of each of two apps to the other.
    pub(crate) fn swap_hosts(&self, one: &str, other: &str) {
        let hosts = |name: &str| {
            self.apps.iter().find(|app| app.name.as_str() == name).map(|app| app.hosts.clone()).unwrap()
        };
        self.change_apps(|app| {
            let hosts = match app.name.as_str() {
                name if name == one => hosts(other),
                name if name == other => hosts(one),
                _ => app.hosts.clone(),
            };
            Some(App { hosts, ..app.clone() })
        });
    }

    fn change_apps(&self, change: impl Fn(&App) -> Option<App>) {
        self.access.replace_apps(&self.apps.iter().filter_map(change).collect::<Vec<_>>());
    }
}

/// The id of the app of this name.
pub(crate) fn app_id(name: &str) -> Id<App> {
    Id::new(NOW, &FixedEntropy::new(name.bytes().map(u64::from).sum()))
}

/// An app that everyone may open.
pub(crate) fn app(name: &str, upstream: &str) -> App {
    App {
        id: app_id(name),
        name: name.parse().unwrap(),
        hosts: vec![format!("{name}.localhost").parse().unwrap()],
        upstreams: vec![upstream.parse().unwrap()],
        gate: domain::GateSettings::default(),
        access: AppAccess { everyone: true, ..AppAccess::default() },
        basic: false,
        created_at: NOW,
    }
}

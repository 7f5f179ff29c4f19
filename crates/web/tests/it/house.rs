//! A house with two apps, on a database of its own, with a clock that stands still.

use crate::{browser::Browser, kept::Kept};
use access::{Access, AccessParts, AppRoute, Directory};
use axum::Router;
use domain::{Actor, FixedClock, FixedEntropy, Settings, Time, Upstream};
use doorward_web::{Client, Desk, Door, Figures, home};
use identity::{
    Caches, House, HouseParts,
    apps::{self, AccessWanted, NewApp},
    setup,
    users::{self, NewUser},
};
use policy::Policy;
use std::{net::IpAddr, sync::Arc, time::Duration};
use store::DoorParts;
use tempfile::TempDir;
use vault::{Cost, Hashers, KeyRing, Password};

pub(crate) const HOME: &str = "http://localhost:8080";
/// An app that is open to everyone who has an account.
pub(crate) const NOTES: &str = "http://notes.localhost:8080";
/// An app that is open to nobody.
pub(crate) const VAULT: &str = "http://vault.localhost:8080";
pub(crate) const PASSWORD: &str = "kettle violin harbour moss";

/// More than any test makes wait at once.
const QUEUE: usize = 2_000;

pub(crate) struct TestHouse {
    pub(crate) desk: Desk,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) home: Router,
    _kept: Arc<Kept>,
    _folder: TempDir,
}

impl TestHouse {
    /// A house that nobody has set up yet.
    pub(crate) async fn empty() -> Self {
        Self::empty_on(Arc::new(Kept::open())).await
    }

    /// The same, whose sessions are kept in a place that a test looks at.
    async fn empty_on(kept: Arc<Kept>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(FixedClock::at(Time::from_micros(1_767_225_600_000_000)));
        let (policy, entropy) = (Arc::new(Policy::builtin().unwrap()), Arc::new(FixedEntropy::new(1)));
        let ring = Arc::new(KeyRing::create(&*entropy, Time::from_micros(0)));
        let parts = DoorParts { policy: Arc::clone(&policy), clock: Arc::clone(&clock) as _, entropy };
        let door = Arc::new(store::Door::open_sqlite(&folder.path().join("door.db"), 2, parts).unwrap());
        let mut settings = Settings::at(HOME.parse().unwrap());
        settings.failure_floor = Duration::ZERO;
        let hashers = Hashers::start(2, QUEUE, Cost::danger_tiny());
        let house = House::new(HouseParts { door, ring: Arc::clone(&ring), hashers, settings });
        let house = Arc::new(kept.furnish(house));
        let access = Arc::new(Access::new(AccessParts {
            home: HOME.parse().unwrap(),
            ring,
            policy,
            clock: Arc::clone(&clock) as _,
            directory: Arc::clone(&house) as Arc<dyn Directory>,
            signing_keys: house.signing_keys().await.unwrap(),
        }));
        // As the program does at its start.
        house.watch_sessions(|| access.touch_everyone()).await;
        house.door().listen(Box::new(Caches::of(Arc::downgrade(&access))));
        let desk = Desk { house, access, figures: Arc::new(NoFigures), leaving: Arc::default() };
        Self { home: home::router(desk.clone()), desk, clock, _kept: kept, _folder: folder }
    }

    /// A house with two apps and two people, of whom Ada runs it and Alan is a member.
    pub(crate) async fn open() -> Self {
        Self::open_on(Arc::new(Kept::open())).await
    }

    /// The same, whose sessions are kept in a place that a test looks at.
    pub(crate) async fn open_on(kept: Arc<Kept>) -> Self {
        let house = Self::empty_on(kept).await;
        let code = house.setup_code().await;
        let mut ada = house.browser(1);
        let fields =
            [("code", code.as_str()), ("email", "ada@example.org"), ("name", "Ada"), ("password", PASSWORD)];
        assert_eq!(ada.post(&format!("{HOME}/setup"), &fields).await.status, 303);
        for (name, everyone) in [("notes", true), ("vault", false)] {
            let new = NewApp {
                name: name.parse().unwrap(),
                hosts: Vec::new(),
                upstreams: vec![Upstream::Sample],
                access: AccessWanted { everyone, ..AccessWanted::default() },
                basic: false,
                gate: apps::GateChange::default(),
            };
            apps::create(&house.desk.house, &operator(), new).await.unwrap();
        }
        let alan = NewUser {
            email: "alan@example.org".parse().unwrap(),
            name: "Alan".parse().unwrap(),
            handle: None,
            role: domain::Role::Member,
        };
        let password = Password::new(PASSWORD.to_owned()).unwrap();
        users::create(&house.desk.house, &operator(), alan, password).await.unwrap();
        house
    }

    pub(crate) async fn setup_code(&self) -> String {
        setup::create_link(&self.desk.house, &operator()).await.unwrap().reveal()
    }

    /// A browser that knows nothing yet, in a network of its own.
    pub(crate) fn browser(&self, number: u32) -> Browser<'_> {
        Browser::at(self, address(number))
    }

    /// A browser in which Ada is signed in.
    pub(crate) async fn ada(&self, number: u32) -> Browser<'_> {
        self.signed_in("ada@example.org", number).await
    }

    pub(crate) async fn signed_in(&self, who: &str, number: u32) -> Browser<'_> {
        let mut browser = self.browser(number);
        assert_eq!(browser.sign_in(who, PASSWORD).await.status, 303);
        browser
    }

    pub(crate) fn route(&self, host: &str) -> Arc<AppRoute> {
        self.desk.access.find_app(host).unwrap()
    }
}

struct NoFigures;

impl Figures for NoFigures {
    fn text(&self, _: &Desk) -> String {
        "none 0\n".to_owned()
    }
}

pub(crate) fn operator() -> Actor {
    Actor::local_operator("test")
}

/// An address that no other number has.
pub(crate) fn address(number: u32) -> IpAddr {
    IpAddr::from((0x0a00_0000 + number).to_be_bytes())
}

pub(crate) fn client(address: IpAddr) -> Client {
    Client { address: Some(address), request: "0123456789abcdef".into(), door: Door::Network }
}

//! A house, and the people in it.

use crate::kept::Kept;
use domain::{Actor, Clock, Event, FixedClock, FixedEntropy, Page, Proof, Role, Settings, Time, User, Who};
use doorward_identity::{
    Error, House, HouseParts, SignedIn, audit,
    audit::EventFilter,
    setup::{self, SetUp},
    sign_in::{self, Credentials, Visitor},
    users::{self, NewUser},
};
use policy::Policy;
use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};
use store::{Door, DoorParts};
use tempfile::TempDir;
use vault::{Cost, Hashers, KeyRing, Password};

pub(crate) const START: Time = Time::from_micros(1_800_000_000_000_000);
/// A password that is as good as any.
pub(crate) const PASSWORD: &str = "canary copper kettle orbit";

/// A house on an empty database, with failures that take no time.
pub(crate) struct Stage {
    pub(crate) house: House,
    pub(crate) clock: Arc<FixedClock>,
    _kept: Arc<Kept>,
    _folder: TempDir,
}

impl Stage {
    pub(crate) fn open() -> Self {
        Self::at("http://localhost:8080")
    }

    /// The same, with another home host.
    pub(crate) fn at(home: &str) -> Self {
        Self::on(home, Arc::new(Kept::open()))
    }

    /// The same, whose sessions are kept in a place that a test looks at.
    pub(crate) fn on(home: &str, kept: Arc<Kept>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (clock, entropy) = (Arc::new(FixedClock::at(START)), Arc::new(FixedEntropy::new(5)));
        let parts = DoorParts {
            policy: Arc::new(Policy::builtin().unwrap()),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            entropy: Arc::clone(&entropy) as _,
        };
        let door = Door::open_sqlite(&folder.path().join("doorward.db"), 2, parts).unwrap();
        let mut settings = Settings::at(home.parse().unwrap());
        settings.failure_floor = Duration::ZERO;
        let house = kept.furnish(House::new(HouseParts {
            door: Arc::new(door),
            ring: Arc::new(KeyRing::create(&*entropy, START)),
            hashers: Hashers::start(2, 100, Cost::danger_tiny()),
            settings,
        }));
        Self { house, clock, _kept: kept, _folder: folder }
    }

    /// A house whose first account is Ada's, who is signed in.
    pub(crate) async fn with_ada() -> (Self, SignedIn) {
        let stage = Self::open();
        let ada = stage.set_up_ada().await;
        (stage, ada)
    }

    /// Makes the first account, Ada's, who is signed in then.
    pub(crate) async fn set_up_ada(&self) -> SignedIn {
        let code = setup::create_link(&self.house, operator()).await.unwrap();
        setup::set_up(&self.house, stranger(), first("ada", code)).await.unwrap()
    }

    /// Another account, made by the operator.
    pub(crate) async fn account(&self, name: &str, role: Role) -> User {
        self.clock.advance(Duration::from_millis(1));
        let made = users::create(&self.house, operator(), new(name, role), password(PASSWORD));
        made.await.unwrap()
    }

    /// Signs in from a device that signed in before, if `device` is its cookie.
    pub(crate) async fn try_sign_in(
        &self,
        (name, typed): (&str, &str),
        device: Option<String>,
    ) -> Result<SignedIn, Error> {
        self.clock.advance(Duration::from_millis(1));
        let credentials = Credentials {
            identifier: name.to_owned(),
            password: password(typed),
            device,
            visitor: Visitor::default(),
        };
        sign_in::sign_in(&self.house, stranger(), credentials).await
    }

    pub(crate) async fn sign_in(&self, name: &str) -> SignedIn {
        self.try_sign_in((name, PASSWORD), None).await.unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Every event, oldest first, with what waited to be written.
    pub(crate) async fn events(&self) -> Vec<Event> {
        self.house.flush_all_refusals().await.unwrap();
        let all = audit::list(&self.house, operator(), EventFilter::default(), (None, 500)).await;
        let Page { mut items, next } = all.unwrap();
        assert!(next.is_none());
        items.reverse();
        items
    }
}

pub(crate) fn operator() -> &'static Actor {
    static OPERATOR: LazyLock<Actor> = LazyLock::new(|| Actor::local_operator("test"));
    &OPERATOR
}

pub(crate) fn stranger() -> &'static Actor {
    static STRANGER: LazyLock<Actor> = LazyLock::new(|| Actor::anonymous("192.0.2.1".parse().ok(), "test"));
    &STRANGER
}

/// Whoever holds this session's cookie.
pub(crate) fn by_session(signed_in: &SignedIn) -> Actor {
    let (who, proof) = (Who::User(signed_in.user.id), Proof::Session(signed_in.session.id));
    Actor { who, proof, address: "192.0.2.2".parse().ok(), request: "test".into() }
}

pub(crate) fn password(text: &str) -> Password {
    Password::new(text.to_owned()).unwrap()
}

pub(crate) fn new(name: &str, role: Role) -> NewUser {
    let email = format!("{name}@example.org").parse().unwrap();
    NewUser { email, name: name.parse().unwrap(), handle: None, role }
}

/// What the first person says of themselves.
pub(crate) fn first(name: &str, code: vault::CodeSecret) -> SetUp {
    SetUp {
        code,
        email: format!("{name}@example.org").parse().unwrap(),
        name: name.parse().unwrap(),
        password: password(PASSWORD),
        visitor: Visitor::default(),
    }
}

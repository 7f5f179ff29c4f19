//! A door on an empty database, for each engine, and the short ways through it.

use crate::cluster::Cluster;
use domain::{Actor, Clock, Event, FixedClock, FixedEntropy, Id, Kind, Page, Time};
use doorward_store::{
    Door, DoorParts, Ending, Failure, Look, NotPermitted, PostgresAddress, ReadTx, StoreError, Work,
    tables::{StoredDigest, events, events::EventFilter},
};
use policy::{
    Action, Denied, Permit, Policy, Visible,
    actions::{ListEvents, SignIn},
};
use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tempfile::TempDir;

/// When every stage opens.
pub(crate) const START: Time = Time::from_micros(1_800_000_000_000_000);

/// What the next replica draws its ids from: no two from the same.
static REPLICAS: AtomicU64 = AtomicU64::new(1_000);

/// Why something on a stage was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Wrong {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Denied(Denied),
    #[error("the function itself said no")]
    Itself,
}

impl From<NotPermitted> for Wrong {
    fn from(error: NotPermitted) -> Self {
        match error {
            NotPermitted::Denied(denied) => Self::Denied(denied),
            NotPermitted::Store(error) => Self::Store(error),
        }
    }
}

/// A door on an empty database, and the clock beside it.
pub(crate) struct Stage {
    pub(crate) engine: &'static str,
    pub(crate) door: Arc<Door>,
    pub(crate) clock: Arc<FixedClock>,
    place: Place,
}

/// A second door on a stage's database, and its clock.
pub(crate) struct Replica {
    pub(crate) door: Arc<Door>,
    pub(crate) clock: Arc<FixedClock>,
}

/// Where a stage's database is.
enum Place {
    File { path: PathBuf, folder: TempDir },
    Database { name: String, address: PostgresAddress },
}

impl Place {
    fn open(&self, clock: &Arc<FixedClock>, entropy: FixedEntropy) -> Arc<Door> {
        let connections = NonZeroUsize::new(8).unwrap();
        let parts = DoorParts { entropy: Arc::new(entropy), ..parts(clock) };
        Arc::new(match self {
            Self::File { path, .. } => Door::open_sqlite(path, 2, parts).unwrap(),
            Self::Database { address, .. } => Door::open_postgres(address, connections, parts).unwrap(),
        })
    }
}

/// A stage for every engine.
pub(crate) fn stages() -> Vec<Stage> {
    vec![Stage::on_sqlite(), Stage::on_postgresql()]
}

/// The parts of a door under this clock, with the sealed policies.
pub(crate) fn parts(clock: &Arc<FixedClock>) -> DoorParts {
    DoorParts {
        policy: Arc::new(Policy::builtin().unwrap()),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        entropy: Arc::new(FixedEntropy::new(7)),
    }
}

impl Stage {
    pub(crate) fn on_sqlite() -> Self {
        Self::on_sqlite_in(tempfile::tempdir().unwrap())
    }

    pub(crate) fn on_postgresql() -> Self {
        let name = Cluster::running().database();
        Self::on_postgresql_at(&name, Cluster::running().address(&name))
    }

    /// On a file in this folder.
    pub(crate) fn on_sqlite_in(folder: TempDir) -> Self {
        let path = folder.path().join("doorward.db");
        Self::at("sqlite", Place::File { path, folder })
    }

    /// On the database of this name, by a way of its own.
    pub(crate) fn on_postgresql_at(name: &str, address: PostgresAddress) -> Self {
        Self::at("postgresql", Place::Database { name: name.to_owned(), address })
    }

    fn at(engine: &'static str, place: Place) -> Self {
        let clock = Arc::new(FixedClock::at(START));
        let door = place.open(&clock, FixedEntropy::new(7));
        // Where others may change the same data, a listener is told to forget everything once they are heard of.
        while !door.is_fed() {
            std::thread::yield_now();
        }
        Self { engine, door, clock, place }
    }

    /// The file of a stage on SQLite.
    pub(crate) fn path(&self) -> &Path {
        let Place::File { path, .. } = &self.place else { panic!("a server's database is no file") };
        path
    }

    /// The name of a database of PostgreSQL's.
    pub(crate) fn database(&self) -> &str {
        let Place::Database { name, .. } = &self.place else { panic!("a file has no such name") };
        name
    }

    /// Another replica on the same database, with a clock of its own that shows the same.
    pub(crate) fn replica(&self) -> Replica {
        let clock = Arc::new(FixedClock::at(self.clock.now()));
        let entropy = FixedEntropy::new(REPLICAS.fetch_add(1, Ordering::Relaxed));
        Replica { door: self.place.open(&clock, entropy), clock }
    }

    /// Closes the door and opens it again.
    pub(crate) fn reopen(self) -> Self {
        drop(Arc::into_inner(self.door).unwrap());
        Self { door: self.place.open(&self.clock, FixedEntropy::new(7)), ..self }
    }

    /// Closes the door and leaves the file, for as long as its folder is held.
    pub(crate) fn close(self) -> (PathBuf, TempDir) {
        drop(Arc::into_inner(self.door).unwrap());
        let Place::File { path, folder } = self.place else { panic!("a server's database is no file") };
        (path, folder)
    }

    /// Moves the clock on by a millisecond, so that the next id is a later one.
    pub(crate) fn tick(&self) {
        self.clock.advance(Duration::from_millis(1));
    }

    pub(crate) fn id<K: Kind>(&self) -> Id<K> {
        self.tick();
        Id::new(self.clock.now(), self.door.entropy())
    }

    /// The digest of a secret that nobody knows.
    pub(crate) fn digest(&self) -> StoredDigest {
        let mut bytes = [0; 32];
        self.door.entropy().fill(&mut bytes);
        StoredDigest { key: 1, bytes }
    }

    /// Does `A` to `on`, as `act` does it with the permit.
    pub(crate) async fn deed<A: Action, T: Send + 'static>(
        &self,
        actor: &Actor,
        on: A::On,
        act: impl for<'c> Fn(&mut Work<'_, 'c>, &Permit<'c, A>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Wrong>
    where
        A::On: Send,
    {
        let write = self.door.write(actor, on, move |work, on| -> Result<_, Wrong> {
            let permit = work.permit::<A>(on)?;
            let output = act(work, &permit)?;
            Ok(Ending::Done(output, work.deed(permit)))
        });
        write.await
    }

    /// Changes something that is no act of anyone.
    pub(crate) async fn keep_house<T: Send + 'static>(
        &self,
        act: impl Fn(&mut Work<'_, '_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        let write = self.door.write(system(), (), move |work, ()| -> Result<_, Wrong> {
            Ok(Ending::Housekeeping(act(work)?))
        });
        write.await.unwrap()
    }

    /// Looks at something that needs no permit.
    pub(crate) async fn see<T: Send + 'static>(
        &self,
        see: impl FnOnce(&mut ReadTx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> T {
        let read = self.door.read(system(), (), |look, ()| -> Result<_, Wrong> { Ok(see(look)?) });
        read.await.unwrap()
    }

    /// Looks at something with a permit.
    pub(crate) async fn show<A: Action, T: Send + 'static>(
        &self,
        actor: &Actor,
        on: A::On,
        show: impl for<'c> FnOnce(&mut Look<'_, 'c>, &Permit<'c, A>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Wrong>
    where
        A::On: Send,
    {
        let read = self.door.read(actor, on, |look, on| -> Result<_, Wrong> {
            let permit = look.permit::<A>(&on)?;
            Ok(show(look, &permit)?)
        });
        read.await
    }

    /// Lists what the policy lets the actor see.
    pub(crate) async fn list<A: Action, T: Send + 'static>(
        &self,
        actor: &Actor,
        list: impl FnOnce(&mut ReadTx<'_>, &Visible<A>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, Wrong> {
        let read = self.door.read(actor, (), |look, ()| -> Result<_, Wrong> {
            let visible = look.visible::<A>()?;
            Ok(list(look, &visible)?)
        });
        read.await
    }

    /// Every event that is written, newest first.
    pub(crate) async fn events(&self) -> Vec<Event> {
        let all = self.list::<ListEvents, _>(operator(), |look, visible| {
            events::list(look, visible, &EventFilter::default(), (None, 500))
        });
        all.await.unwrap().items
    }

    /// The events as `actor action outcome`, oldest first.
    pub(crate) async fn story(&self) -> Vec<String> {
        let line = |event: Event| format!("{} {} {}", event.actor, event.action, event.outcome.as_str());
        self.events().await.into_iter().rev().map(line).collect()
    }
}

/// Whoever holds the data directory: may administer anything.
pub(crate) fn operator() -> &'static Actor {
    static OPERATOR: LazyLock<Actor> = LazyLock::new(|| Actor::local_operator("test"));
    &OPERATOR
}

/// A client that has proved nothing.
pub(crate) fn stranger() -> &'static Actor {
    static STRANGER: LazyLock<Actor> = LazyLock::new(|| Actor::anonymous(None, "test"));
    &STRANGER
}

/// The program itself.
pub(crate) fn system() -> &'static Actor {
    static SYSTEM: LazyLock<Actor> = LazyLock::new(|| Actor::system("test"));
    &SYSTEM
}

/// A failure for functions that end in one.
pub(crate) fn failure() -> Failure {
    Failure::of::<SignIn>("it did not work")
}

/// Every page of a list, each begun behind the last key of the one before.
pub(crate) async fn pages<K: Kind, T>(mut page: impl AsyncFnMut(Option<Id<K>>) -> Page<T>) -> Vec<Vec<T>> {
    let (mut pages, mut after) = (Vec::new(), None);
    loop {
        let Page { items, next } = page(after).await;
        pages.push(items);
        let Some(key) = next else { return pages };
        after = Some(key.parse().unwrap());
    }
}

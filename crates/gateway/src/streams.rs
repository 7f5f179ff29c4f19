//! What is under way through the gate and takes its time: tunnels, and bodies that do not come at once.
//!
//! INVARIANT: a stream ends when the session, token, account or access that it rests on ends (`security.md` 4).
//! It is entered here first, and only then is it asked whether what it rests on is still current; a touch empties
//! the caches first, and only then is it told here. So whichever comes first, one of them finds the other.

mod entered;
mod guarded;
mod standing;
mod watch;

pub(crate) use {entered::Entered, guarded::Guarded, standing::Standing};

use access::{Access, AppRoute, Onlooker};
use domain::{Id, Time, User};
use entered::Entry;
use futures_util::future::BoxFuture;
use std::{
    array,
    collections::{BTreeMap, HashSet},
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
};
use tokio::sync::Notify;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Streams of different people are seldom entered at the same place, so that they do not wait for each other.
const SHARDS: usize = 16;

/// Whose stream it is, and its number.
type Key = (Option<Id<User>>, u64);
type Shard = BTreeMap<Key, Arc<Entry>>;

/// All that is under way.
pub(crate) struct Streams {
    access: Arc<Access>,
    tasks: TaskTracker,
    shutdown: CancellationToken,
    shards: [Mutex<Shard>; SHARDS],
    numbers: AtomicU64,
    open: AtomicUsize,
    touched: Mutex<Touched>,
    bell: Notify,
    is_watched: AtomicBool,
}

/// Whose streams must be looked at again.
#[derive(Default)]
struct Touched {
    users: HashSet<Option<Id<User>>>,
    everyone: bool,
}

/// Something that may take its time, and is entered only when it does.
pub(crate) struct Stream {
    streams: Arc<Streams>,
    standing: Standing,
    entered: Option<Entered>,
}

impl Streams {
    /// Nothing is under way yet. `tasks` owns the watch over what will be.
    pub(crate) fn new(access: &Arc<Access>, tasks: TaskTracker, shutdown: CancellationToken) -> Arc<Self> {
        let streams = Arc::new(Self {
            access: Arc::clone(access),
            tasks,
            shutdown,
            shards: array::from_fn(|_| Mutex::default()),
            numbers: AtomicU64::new(0),
            open: AtomicUsize::new(0),
            touched: Mutex::default(),
            bell: Notify::new(),
            is_watched: AtomicBool::new(false),
        });
        let onlooker = Arc::downgrade(&streams);
        access.add_onlooker(onlooker);
        streams
    }

    /// A stream that rests on `standing`; it costs nothing until it is entered.
    pub(crate) fn stream(self: &Arc<Self>, standing: Standing) -> Stream {
        Stream { streams: Arc::clone(self), standing, entered: None }
    }

    fn enter(self: &Arc<Self>, standing: Standing) -> Entered {
        let key = (standing.user(), self.numbers.fetch_add(1, Ordering::Relaxed));
        let entry = Arc::new(Entry::new(key, standing));
        // INVARIANT: counted, then entered, then checked: a touch that finds nobody here came before the check.
        self.open.fetch_add(1, Ordering::SeqCst);
        self.shard(key.0).insert(key, Arc::clone(&entry));
        if !entry.standing.is_current(&self.access) {
            self.mark(|touched| touched.users.insert(key.0));
        }
        self.keep_watched();
        Entered { streams: Arc::clone(self), entry }
    }

    fn leave(&self, entry: &Entry) {
        self.shard(entry.key.0).remove(&entry.key);
        self.open.fetch_sub(1, Ordering::SeqCst);
        if self.shutdown.is_cancelled() {
            self.bell.notify_one();
        }
    }

    fn is_empty(&self) -> bool {
        self.open.load(Ordering::SeqCst) == 0
    }

    fn mark<T>(&self, mark: impl FnOnce(&mut Touched) -> T) {
        mark(&mut lock(&self.touched));
        self.bell.notify_one();
    }

    /// The streams that were touched since this was last asked.
    fn take_touched(&self) -> Vec<Arc<Entry>> {
        let Touched { users, everyone } = mem::take(&mut *lock(&self.touched));
        if everyone {
            return self.all(|_| true);
        }
        let of = |user| -> Vec<_> {
            let shard = self.shard(user);
            shard.range((user, 0)..=(user, u64::MAX)).map(|(_, entry)| Arc::clone(entry)).collect()
        };
        users.into_iter().flat_map(of).collect()
    }

    /// The streams whose credential is at its end, unless it was extended.
    fn lapsed(&self, now: Time) -> Vec<Arc<Entry>> {
        self.all(|entry| entry.until() <= now)
    }

    fn all(&self, which: impl Fn(&Entry) -> bool) -> Vec<Arc<Entry>> {
        let mut all = Vec::new();
        for shard in &self.shards {
            all.extend(lock(shard).values().filter(|entry| which(entry)).cloned());
        }
        all
    }

    fn shard(&self, user: Option<Id<User>>) -> MutexGuard<'_, Shard> {
        let random = user.map_or(0, |user| usize::from(user.bytes()[15]));
        lock(self.shards.get(random % SHARDS).unwrap_or(&self.shards[0]))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Onlooker for Streams {
    fn touched(&self, user: Option<Id<User>>) {
        if self.is_empty() {
            return;
        }
        match user {
            Some(_) => self.mark(|touched| touched.users.insert(user)),
            None => self.mark(|touched| touched.everyone = true),
        }
    }
}

impl Stream {
    /// The stream as it is entered, from now on if it was not yet.
    pub(crate) fn enter(&mut self) -> &Entered {
        let Self { streams, standing, entered } = self;
        entered.get_or_insert_with(|| streams.enter(standing.clone()))
    }

    /// The host that it goes through.
    pub(crate) fn route(&self) -> &AppRoute {
        &self.standing.route
    }

    /// Whether nothing was touched that it rests on.
    pub(crate) fn is_current(&self) -> bool {
        self.standing.is_current(&self.streams.access)
    }

    /// Finds out whether what it rests on is still good.
    pub(crate) fn look(&self) -> BoxFuture<'static, bool> {
        let (standing, access) = (self.standing.clone(), Arc::clone(&self.streams.access));
        Box::pin(async move { standing.is_good(&access).await })
    }

    /// The stream, if it is entered.
    pub(crate) const fn entered(&self) -> Option<&Entered> {
        self.entered.as_ref()
    }
}

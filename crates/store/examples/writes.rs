//! Durable writes a second through the door, beside a bare loop on the same engine at the same durability.
//!
//! Each write asks the policy for a permit, inserts a group and its event, and is answered when both are on the
//! disk. The bare loop inserts the same two rows and commits. Lines with numbers give each event its number meanwhile, as a
//! server does. Run it with `cargo run --release -p doorward-store --example writes`, and the address of an empty
//! PostgreSQL database to measure one.

#![expect(clippy::disallowed_methods, reason = "a stopwatch reads the machine's clock")]

use domain::{Actor, Clock, Group, GroupName, SystemEntropy, Time};
use doorward_store::{Door, DoorParts, Ending, NotPermitted, Sequencer, StoreError, tables::groups};
use policy::{Installation, Policy, actions::CreateGroup};
use rusqlite::Connection;
use std::{
    error::Error,
    num::NonZeroUsize,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::task::JoinSet;

/// How long each line of the table is measured.
const SPAN: Duration = Duration::from_secs(5);
const TASKS: [usize; 3] = [1, 16, 64];
const CONNECTIONS: NonZeroUsize = NonZeroUsize::new(10).unwrap();

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// The machine's clock.
struct Now;

impl Clock for Now {
    fn now(&self) -> Time {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Time::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }
}

#[derive(Debug, thiserror::Error)]
enum Failed {
    #[error(transparent)]
    NotPermitted(#[from] NotPermitted),
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    println!("{:<32} {:>12}", "", "writes/s");
    println!("{:<32} {:>12.0}", "bare loop", bare(&folder.path().join("bare.db"))?);
    let door = Arc::new(open(&folder.path().join("door.db"), std::env::args().nth(1))?);
    for tasks in TASKS {
        let rate = through(&door, "without", tasks).await?;
        println!("{:<32} {rate:>12.0}", format!("the door, {tasks} at once"));
        let stop = Arc::new(AtomicBool::new(false));
        let numbering = tokio::spawn(number(Arc::clone(&door), Arc::clone(&stop)));
        let rate = through(&door, "with", tasks).await?;
        stop.store(true, Ordering::SeqCst);
        numbering.await??;
        println!("{:<32} {rate:>12.0}", "the same with numbers");
    }
    Ok(())
}

fn open(path: &Path, address: Option<String>) -> Outcome<Door> {
    let (policy, clock, entropy) = (Arc::new(Policy::builtin()?), Arc::new(Now), Arc::new(SystemEntropy));
    let parts = DoorParts { policy, clock, entropy };
    Ok(match address {
        Some(address) => Door::open_postgres(&address.parse()?, CONNECTIONS, parts)?,
        None => Door::open_sqlite(path, 1, parts)?,
    })
}

/// Numbers events twice a second, and goes on at once while there are more.
async fn number(door: Arc<Door>, stop: Arc<AtomicBool>) -> Result<(), StoreError> {
    let mut sequencer = Sequencer::default();
    while !stop.load(Ordering::SeqCst) {
        if !sequencer.number(&door).await? {
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
    sequencer.rest(&door).await
}

/// Writes a second by this many tasks, each of which waits for one answer after the other.
async fn through(door: &Arc<Door>, run: &'static str, tasks: usize) -> Outcome<f64> {
    let (begin, mut writers) = (Instant::now(), JoinSet::new());
    for task in 0..tasks {
        let door = Arc::clone(door);
        writers.spawn(async move {
            let mut written = 0_u32;
            while begin.elapsed() < SPAN {
                write(&door, format!("{run}-{tasks}-{task}-{written}").parse()?).await?;
                written += 1;
            }
            Outcome::Ok(written)
        });
    }
    let written: u32 = writers.join_all().await.into_iter().sum::<Outcome<u32>>()?;
    Ok(f64::from(written) / begin.elapsed().as_secs_f64())
}

async fn write(door: &Door, name: GroupName) -> Result<(), Failed> {
    let actor = Actor::local_operator("writes");
    let write = door.write(&actor, name, |work, name| -> Result<_, Failed> {
        let permit = work.permit::<CreateGroup>(&Installation)?;
        let group = Group { id: work.new_id(), name: name.clone(), created_at: work.now() };
        groups::insert(work, &permit, &group)?;
        Ok(Ending::Done((), work.deed(permit).about(group.id)))
    });
    write.await
}

/// Writes a second by one loop of transactions, with rows of the same sizes and as many indexes.
fn bare(path: &Path) -> Outcome<f64> {
    const SCHEMA: &str = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
        CREATE TABLE groups (id BLOB PRIMARY KEY, name TEXT NOT NULL UNIQUE, created_at INTEGER) STRICT;
        CREATE TABLE events (id BLOB PRIMARY KEY, actor TEXT, action TEXT, resource TEXT, outcome TEXT, rest TEXT)
            STRICT;
        CREATE INDEX by_actor ON events (actor, id); CREATE INDEX by_action ON events (action, id);
        CREATE INDEX by_resource ON events (resource, id); CREATE INDEX by_outcome ON events (outcome, id);";
    const GROUP: &str = "INSERT INTO groups VALUES (?1, ?2, ?3)";
    const EVENT: &str = "INSERT INTO events VALUES (?1, 'local operator', 'group:create', ?2, 'done', ?3)";
    let mut connection = Connection::open(path)?;
    connection.execute_batch(SCHEMA)?;
    let (begin, mut written, rest) = (Instant::now(), 0_u32, "-".repeat(150));
    while begin.elapsed() < SPAN {
        let (id, name) = (u128::from(written).to_be_bytes(), format!("group-{written}"));
        let transaction = connection.transaction()?;
        transaction.prepare_cached(GROUP)?.execute((&id, &name, written))?;
        transaction.prepare_cached(EVENT)?.execute((&id, &name, &rest))?;
        transaction.commit()?;
        written += 1;
    }
    Ok(f64::from(written) / begin.elapsed().as_secs_f64())
}

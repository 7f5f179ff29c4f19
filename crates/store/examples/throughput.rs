//! Reads and writes a second through the door, on either engine, beside bare loops over SQLite of the same durability.
//!
//! A read finds a token by its key. A write asks the policy for a permit, inserts a group and its event, and is answered
//! when both are on the disk. The bare loops insert rows of the same sizes under as many indexes, and commit one by one or
//! as many at once as callers wait at the door. It is given an empty folder and the address of an empty database, and prints
//! `what<tab>a second` for each; `cargo xtask bench store` runs it.

#![expect(clippy::disallowed_methods, reason = "a stopwatch reads the machine's clock")]

use domain::{Actor, ApiToken, Clock, Group, Id, Role, Scope, SystemEntropy, Time, User, Who};
use doorward_store::{
    Door, DoorParts, Ending, NotPermitted, StoreError,
    tables::{StoredDigest, groups, tokens, users},
};
use policy::{
    Installation, Policy,
    actions::{CreateGroup, CreateToken, CreateUser},
};
use rusqlite::Connection;
use std::{
    env,
    error::Error,
    num::NonZeroUsize,
    path::Path,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use tokio::task::JoinSet;

/// How long each line is measured.
const SPAN: Duration = Duration::from_secs(2);
const CALLERS: [u32; 3] = [1, 8, 64];
const TOKENS: u64 = 10_000;
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
    #[error("a token that was written is not found")]
    NotFound,
}

#[derive(Clone, Copy)]
enum Act {
    Read,
    Write,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut given = env::args().skip(1);
    let (Some(folder), Some(address)) = (given.next(), given.next()) else {
        return Err("name an empty folder and the address of an empty PostgreSQL database".into());
    };
    let folder = Path::new(&folder);
    for at_once in [1, 64] {
        let rate = bare(&folder.join(format!("bare-{at_once}.db")), at_once)?;
        println!("bare loop, {at_once} a commit\t{rate}");
    }
    let file = Door::open_sqlite(&folder.join("door.db"), 2, parts()?)?;
    measure("SQLite", Arc::new(file)).await?;
    let server = Door::open_postgres(&address.parse()?, CONNECTIONS, parts()?)?;
    measure("PostgreSQL", Arc::new(server)).await
}

fn parts() -> Outcome<DoorParts> {
    Ok(DoorParts {
        policy: Arc::new(Policy::builtin()?),
        clock: Arc::new(Now),
        entropy: Arc::new(SystemEntropy),
    })
}

async fn measure(engine: &str, door: Arc<Door>) -> Outcome<()> {
    furnish(&door).await?;
    for (act, word) in [(Act::Read, "reads"), (Act::Write, "writes")] {
        for callers in CALLERS {
            let rate = through(&door, act, callers).await?;
            println!("{engine}, {word} by {callers}\t{rate}");
        }
    }
    Ok(())
}

/// The digest of a token by its number, of bytes that lie as wide apart as a digest's.
fn digest(number: u64) -> StoredDigest {
    let mut bytes = [0; 32];
    let spread = number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
    bytes.iter_mut().zip(spread.iter().cycle()).for_each(|(to, from)| *to = *from);
    StoredDigest { key: 1, bytes }
}

/// Makes somebody with many tokens.
async fn furnish(door: &Door) -> Outcome<()> {
    let (at, actor) = (Now.now(), Actor::local_operator("throughput"));
    let ada = User {
        id: Id::new(at, &SystemEntropy),
        handle: "ada".parse()?,
        name: "Ada".parse()?,
        email: "ada@example.org".parse()?,
        email_verified: true,
        role: Role::Member,
        created_at: at,
        disabled_at: None,
    };
    let name = "script".parse()?;
    let token = ApiToken {
        id: Id::new(at, &SystemEntropy),
        owner: ada.id,
        name,
        prefix: "dwt_abcd".to_owned(),
        scope: Scope::FULL,
        created_at: at,
        used_at: None,
        expires_at: None,
        revoked_at: None,
    };
    let made = door.write(&actor, (ada, token), |work, (ada, token)| -> Result<_, Failed> {
        let permit = work.permit::<CreateUser>(&Installation)?;
        users::insert(work, &permit, ada, "hash")?;
        let permit = work.permit::<CreateToken>(ada)?;
        for number in 0..TOKENS {
            let token = ApiToken { id: work.new_id(), ..token.clone() };
            tokens::insert(work, &permit, &token, &digest(number))?;
        }
        Ok(Ending::Done((), work.deed(permit).by(Who::User(ada.id))))
    });
    Ok(made.await?)
}

/// How often `act` is done a second by so many callers, each of whom waits for one answer after the other.
async fn through(door: &Arc<Door>, act: Act, callers: u32) -> Outcome<f64> {
    let (begin, mut tasks) = (Instant::now(), JoinSet::new());
    for caller in 0..callers {
        let door = Arc::clone(door);
        tasks.spawn(async move {
            let mut done = 0_u32;
            while begin.elapsed() < SPAN {
                match act {
                    Act::Read => read(&door, u64::from(done) * 61 + u64::from(caller) * 157).await?,
                    Act::Write => write(&door, format!("group-{callers}-{caller}-{done}")).await?,
                }
                done += 1;
            }
            Outcome::Ok(done)
        });
    }
    let done: u32 = tasks.join_all().await.into_iter().sum::<Outcome<u32>>()?;
    Ok(f64::from(done) / begin.elapsed().as_secs_f64())
}

async fn read(door: &Door, number: u64) -> Outcome<()> {
    let actor = Actor::anonymous(None, "throughput");
    let read = door.read(&actor, digest(number % TOKENS), |look, digest| -> Result<_, Failed> {
        tokens::find_by_digest(look, &digest)?.ok_or(Failed::NotFound)
    });
    Ok(read.await.map(drop)?)
}

async fn write(door: &Door, name: String) -> Outcome<()> {
    let actor = Actor::local_operator("throughput");
    let write = door.write(&actor, name.parse()?, |work, name: &domain::GroupName| -> Result<_, Failed> {
        let permit = work.permit::<CreateGroup>(&Installation)?;
        let group = Group { id: work.new_id(), name: name.clone(), created_at: work.now() };
        groups::insert(work, &permit, &group)?;
        Ok(Ending::Done((), work.deed(permit).about(group.id)))
    });
    Ok(write.await?)
}

/// Writes a second by one loop of transactions, each of so many writes.
fn bare(path: &Path, at_once: u32) -> Outcome<f64> {
    const SCHEMA: &str = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;
        CREATE TABLE groups (id BLOB PRIMARY KEY, name TEXT NOT NULL UNIQUE, created_at INTEGER) STRICT;
        CREATE TABLE events (id BLOB PRIMARY KEY, actor TEXT, action TEXT, resource TEXT, outcome TEXT, rest TEXT,
            number INTEGER) STRICT;
        CREATE INDEX by_actor ON events (actor, id); CREATE INDEX by_action ON events (action, id);
        CREATE INDEX by_resource ON events (resource, id); CREATE INDEX by_outcome ON events (outcome, id);
        CREATE UNIQUE INDEX by_number ON events (number) WHERE number IS NOT NULL;
        CREATE INDEX waiting ON events (id) WHERE number IS NULL;";
    const GROUP: &str = "INSERT INTO groups VALUES (?1, ?2, ?3)";
    const EVENT: &str =
        "INSERT INTO events VALUES (?1, 'local operator', 'group:create', ?2, 'done', ?3, NULL)";
    let mut connection = Connection::open(path)?;
    connection.execute_batch(SCHEMA)?;
    let (begin, mut written, rest) = (Instant::now(), 0_u32, "-".repeat(150));
    while begin.elapsed() < SPAN {
        let transaction = connection.transaction()?;
        for _ in 0..at_once {
            let (id, name) = (u128::from(written).to_be_bytes(), format!("group-{written}"));
            transaction.prepare_cached(GROUP)?.execute((&id, &name, written))?;
            transaction.prepare_cached(EVENT)?.execute((&id, &name, &rest))?;
            written += 1;
        }
        transaction.commit()?;
    }
    Ok(f64::from(written) / begin.elapsed().as_secs_f64())
}

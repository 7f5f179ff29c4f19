//! How replicas learn of each other's changes: whom each concerns is written in its transaction, and every replica reads
//! that after the commit.
//!
//! Numbers of transactions are not in the order of their commits. So what is read begins at the oldest one that was
//! still under way when it was last read, and what was seen already is passed over. A doorbell rung after the commit
//! makes it quick; reading at short intervals makes it sure. INVARIANT: the feed counts as up only while its last
//! reading began less than a second ago; after any gap the caches forget everything (`security.md` 17).

use super::{address::PostgresAddress, connection::Connection, link::Link};
use crate::{StoreError, Touch, Value, WriteTx, door::Shared, moving::mark_of_server};
use domain::{Id, Time};
use postgres::{Client, Statement};
use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

/// How long a reading is worth something.
const FRESH: Duration = Duration::from_secs(1);
/// How often it is read when nobody rings, in waits of this length, after each of which the end may have come.
const WAIT: Duration = Duration::from_millis(50);
const WAITS: u32 = 5;
/// How long touches are kept for replicas that were asleep, and how often what is older goes.
const KEPT: Duration = Duration::from_mins(10);
const SWEPT_EVERY: Duration = Duration::from_mins(1);

const LISTEN: &str = "LISTEN doorward_touches";
/// A bell is a transaction of its own, and holds back every other bell until its commit has ended. Nothing is lost with
/// it, so nobody waits for the disk.
pub(crate) const RING: &str = "SET LOCAL synchronous_commit = off; NOTIFY doorward_touches";
const START: &str = "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)";
/// One statement sees one moment, also of `pg_current_snapshot`.
const READ: &str = "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint), \
    CAST(CAST(t.xid AS text) AS bigint), t.what, t.user_id, one.gone \
    FROM (SELECT EXISTS (SELECT FROM moves WHERE state = 'gone') AS gone) AS one \
    LEFT JOIN touches AS t ON t.xid >= CAST(CAST($1::bigint AS text) AS xid8) AND t.replica <> $2";

/// When the last reading began whose touches have all been told.
pub(crate) struct Heartbeat(AtomicI64);

impl Heartbeat {
    pub(super) const fn new() -> Self {
        Self(AtomicI64::new(i64::MIN))
    }

    /// Whether everything that was committed more than a second ago has been told.
    pub(crate) fn is_fresh(&self, now: Time) -> bool {
        let last = Time::from_micros(self.0.load(Ordering::SeqCst));
        last <= now && now.since(last) < FRESH
    }

    fn end(&self) {
        self.0.store(i64::MIN, Ordering::SeqCst);
    }

    fn beat(&self, began: Time) {
        self.0.store(began.micros(), Ordering::SeqCst);
    }
}

/// A number that no other replica has, nor this one after its next start: that of a transaction.
pub(super) fn new_replica(client: &mut Client) -> Result<i64, StoreError> {
    let sql = "SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint)";
    Ok(client.query_one(sql, &[])?.try_get(0)?)
}

/// Writes whom a transaction of this replica concerns, in that transaction.
pub(super) fn insert(tx: &mut WriteTx<'_>, replica: i64, touched: &[Touch]) -> Result<(), StoreError> {
    let sql = "INSERT INTO touches (xid, replica, what, user_id, at) \
               VALUES (pg_current_xact_id(), $1, $2, $3, $4)";
    let now = tx.now();
    for touch in touched {
        let (what, user) = match touch {
            Touch::User(user) => ("user", Value::from(*user)),
            Touch::Everyone => ("everyone", Value::Null),
            Touch::Apps => ("apps", Value::Null),
        };
        tx.execute(sql, &[replica.into(), what.into(), user, now.into()])?;
    }
    Ok(())
}

/// Reads the feed until the link is stopped.
pub(super) fn keep_reading(
    address: &PostgresAddress,
    link: &Link,
    shared: &Arc<Shared>,
    heartbeat: &Heartbeat,
) {
    let mut failed = false;
    while !link.is_stopping() && !link.is_left() {
        // While the database is away, one thread alone looks for it.
        if !link.is_away() {
            match Feed::open(address, link, shared, heartbeat) {
                Err(error) => {
                    tracing::warn!(%error, "the feed of other replicas' changes cannot be opened");
                    // Once is a connection that broke, twice is a database that is away.
                    if failed || matches!(error, StoreError::Moved(_)) {
                        link.miss(&error);
                    }
                    failed = !failed;
                }
                Ok(feed) => {
                    failed = false;
                    let Err(error) = feed.read_on() else { return };
                    tracing::warn!(%error, "the feed of other replicas' changes broke off");
                }
            }
        }
        if link.rest(WAIT) {
            return;
        }
    }
}

/// An open feed, and how far it has been read.
struct Feed<'f> {
    connection: Connection,
    statement: Statement,
    link: &'f Link,
    shared: &'f Arc<Shared>,
    heartbeat: &'f Heartbeat,
    /// All older transactions have ended, and were read if they were committed.
    from: i64,
    /// Younger ones that were read already.
    seen: HashSet<i64>,
    read_at: Time,
    swept_at: Time,
}

impl<'f> Feed<'f> {
    fn open(
        address: &PostgresAddress,
        link: &'f Link,
        shared: &'f Arc<Shared>,
        heartbeat: &'f Heartbeat,
    ) -> Result<Self, StoreError> {
        let mut connection = Connection::open(address)?;
        connection.client().batch_execute(LISTEN)?;
        let began = shared.clock.now();
        let from = connection.client().query_one(START, &[])?.try_get(0)?;
        let (statement, seen) = (connection.client().prepare(READ)?, HashSet::new());
        let mut feed = Self {
            connection,
            statement,
            link,
            shared,
            heartbeat,
            from,
            seen,
            read_at: began,
            swept_at: began,
        };
        feed.forget_all();
        // Whoever was cut off may come back to a database that was left meanwhile: nothing is believed before that is known.
        feed.read()?;
        Ok(feed)
    }

    /// Reads whenever it is rung for, and after each interval, until the link is stopped.
    fn read_on(mut self) -> Result<(), StoreError> {
        loop {
            for _ in 0..WAITS {
                if self.link.is_left() {
                    return Err(self.leave());
                }
                if self.link.is_stopping() {
                    return Ok(());
                }
                if self.is_rung()? {
                    break;
                }
            }
            self.read()?;
            self.sweep()?;
        }
    }

    /// Waits for the doorbell a little; what was rung meanwhile counts as once.
    fn is_rung(&mut self) -> Result<bool, StoreError> {
        use postgres::fallible_iterator::FallibleIterator as _;
        let mut notifications = self.connection.client().notifications();
        let rung = notifications.timeout_iter(WAIT).next()?.is_some();
        let mut more = notifications.iter();
        while rung && more.next()?.is_some() {}
        Ok(rung)
    }

    fn read(&mut self) -> Result<(), StoreError> {
        let began = self.shared.clock.now();
        let rows = self.connection.client().query(&self.statement, &[&self.from, &self.link.replica()])?;
        let mut touched = Vec::new();
        let mut seen = HashSet::new();
        for row in &rows {
            self.from = row.try_get(0)?;
            if row.try_get(4)? {
                return Err(self.leave());
            }
            let Some(xid) = row.try_get::<_, Option<i64>>(1)? else { continue };
            seen.insert(xid);
            if !self.seen.contains(&xid) {
                touched.push(touch(row)?);
            }
        }
        seen.retain(|xid| *xid >= self.from);
        self.seen = seen;
        // Whoever slept for long may have missed what was swept meanwhile.
        if began.since(self.read_at) >= KEPT / 2 {
            self.forget_all();
        } else {
            self.link.tell(Some(&mut self.connection), self.shared, &touched);
        }
        self.read_at = began;
        self.heartbeat.beat(began);
        Ok(())
    }

    /// The installation is elsewhere now: what is read here is no longer so.
    fn leave(&mut self) -> StoreError {
        self.link.leave();
        self.heartbeat.end();
        match mark_of_server(self.connection.client()) {
            Ok(Some(mark)) => StoreError::Moved(mark),
            Ok(None) => StoreError::Stopped,
            Err(error) => error,
        }
    }

    fn forget_all(&mut self) {
        self.link.tell(Some(&mut self.connection), self.shared, &[Touch::Everyone, Touch::Apps]);
    }

    fn sweep(&mut self) -> Result<(), StoreError> {
        let now = self.shared.clock.now();
        if now.since(self.swept_at) >= SWEPT_EVERY {
            self.swept_at = now;
            let sql = "DELETE FROM touches WHERE at < $1";
            self.connection.client().execute(sql, &[&now.minus(KEPT).micros()])?;
        }
        Ok(())
    }
}

fn touch(row: &postgres::Row) -> Result<Touch, StoreError> {
    let (what, user): (&str, Option<&[u8]>) = (row.try_get(2)?, row.try_get(3)?);
    let unreadable = || StoreError::Unreadable { column: "touches.user_id".to_owned() };
    Ok(match what {
        "apps" => Touch::Apps,
        "user" => {
            let id = user.and_then(|id| id.try_into().ok()).ok_or_else(unreadable)?;
            Touch::User(Id::from_bytes(id))
        }
        // What a newer program means by another word may concern anyone.
        _ => Touch::Everyone,
    })
}

/// Rings the doorbell for whoever asked since it was last rung, until the link is stopped: many commits, one bell.
pub(super) fn keep_ringing(address: &PostgresAddress, link: &Link) {
    let mut connection = None;
    while link.waits_for_ring() {
        if let Err(error) = ring(&mut connection, address) {
            // The others read at short intervals all the same.
            tracing::debug!(%error, "the other replicas could not be rung for");
            connection = None;
        }
    }
}

fn ring(connection: &mut Option<Connection>, address: &PostgresAddress) -> Result<(), StoreError> {
    let open = match connection.take() {
        Some(open) => open,
        None => Connection::open(address)?,
    };
    Ok(connection.insert(open).client().batch_execute(RING)?)
}

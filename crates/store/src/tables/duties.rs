//! Duties: work that one of all replicas does, at least once, under a lease.
//!
//! INVARIANT: each lease of a duty has a higher fencing number than the one before. Whoever finishes, puts off or prolongs
//! a duty does so where the number is still theirs, in the transaction of what they did for it. A worker that was
//! asleep beyond its lease therefore commits nothing: its transaction fails with [`StoreError::LeaseLost`].
//!
//! Times are those of the replica that writes them. A clock that is wrong ends leases early or late, so that work is
//! done again or waits; whose it is, the fencing number alone decides.

use crate::{FromRow, ReadTx, Row, StoreError, WriteTx};
use domain::Time;
use std::time::Duration;

/// The first pause after a failure; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause after a failure.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// A duty that is a worker's own until the lease lapses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// What the duty is known by: it tells what there is to do.
    pub key: String,
    /// Higher with each lease of the duty.
    pub fence: i64,
    /// How often it was taken, this time included, since it was asked for or last went well.
    pub attempts: i64,
}

impl FromRow for Lease {
    fn from_row(row: &Row<'_>) -> Result<Self, StoreError> {
        Ok(Self { key: row.read(0)?, fence: row.read(1)?, attempts: row.read(2)? })
    }
}

/// Takes the duty that has been due for longest. Where rows can be locked, those that another worker is about to take
/// are passed over.
macro_rules! take {
    ($locked:literal) => {
        concat!(
            "UPDATE duties SET leased_by = $2, lease_until = $3, fence = fence + 1, attempts = attempts + 1 \
             WHERE key = (SELECT key FROM duties WHERE kind = $1 AND done_at IS NULL AND due_at <= $4 \
             AND (lease_until IS NULL OR lease_until <= $4) ORDER BY due_at LIMIT 1",
            $locked,
            ") RETURNING key, fence, attempts"
        )
    };
}

/// Housekeeping: asks that something be done once, at `due` or later; answers whether nobody had asked for it yet.
///
/// Fencing numbers begin with the moment, so that a lease on a duty that was done and swept is none on this one.
pub fn ask(tx: &mut WriteTx<'_>, (kind, key): (&str, &str), due: Time) -> Result<bool, StoreError> {
    let sql = "INSERT INTO duties (key, kind, due_at, attempts, fence) VALUES ($1, $2, $3, 0, $4) \
               ON CONFLICT DO NOTHING";
    let now = tx.now();
    Ok(tx.execute(sql, &[key.into(), kind.into(), due.into(), now.into()])? == 1)
}

/// Whether a duty of this kind is there to be taken.
pub fn is_due(tx: &mut ReadTx<'_>, kind: &str) -> Result<bool, StoreError> {
    let sql = "SELECT 1 FROM duties WHERE kind = $1 AND done_at IS NULL AND due_at <= $2 \
               AND (lease_until IS NULL OR lease_until <= $2) LIMIT 1";
    let now = tx.now();
    tx.any(sql, &[kind.into(), now.into()])
}

/// Housekeeping: leases a duty of this kind to `replica`, if one is due and free.
pub fn take(
    tx: &mut WriteTx<'_>,
    (kind, replica): (&str, i64),
    span: Duration,
) -> Result<Option<Lease>, StoreError> {
    let sql = if tx.locks_rows() { take!(" FOR UPDATE SKIP LOCKED") } else { take!("") };
    let now = tx.now();
    let values = [kind.into(), replica.into(), now.plus(span).into(), now.into()];
    Ok(tx.change(sql, &values)?.into_iter().next())
}

/// Housekeeping: prolongs a lease, whether or not it has lapsed meanwhile, if nobody has taken the duty.
pub fn hold(tx: &mut WriteTx<'_>, lease: &Lease, span: Duration) -> Result<(), StoreError> {
    let sql = "UPDATE duties SET lease_until = $3 WHERE key = $1 AND fence = $2 AND done_at IS NULL";
    let until = tx.now().plus(span);
    change(tx, sql, lease, until)
}

/// Housekeeping: says that it was done, for good.
pub fn finish(tx: &mut WriteTx<'_>, lease: &Lease) -> Result<(), StoreError> {
    let sql = "UPDATE duties SET done_at = $3, leased_by = NULL, lease_until = NULL \
               WHERE key = $1 AND fence = $2 AND done_at IS NULL";
    let now = tx.now();
    change(tx, sql, lease, now)
}

/// Housekeeping: says that it went well, and is to be done again at `due`.
pub fn defer(tx: &mut WriteTx<'_>, lease: &Lease, due: Time) -> Result<(), StoreError> {
    let sql = "UPDATE duties SET due_at = $3, attempts = 0, leased_by = NULL, lease_until = NULL \
               WHERE key = $1 AND fence = $2 AND done_at IS NULL";
    change(tx, sql, lease, due)
}

/// Housekeeping: says that it failed, so that it is tried again after a pause that grows with each try.
pub fn fail(tx: &mut WriteTx<'_>, lease: &Lease) -> Result<(), StoreError> {
    let sql = "UPDATE duties SET due_at = $3, leased_by = NULL, lease_until = NULL \
               WHERE key = $1 AND fence = $2 AND done_at IS NULL";
    let due = tx.now().plus(pause(lease.attempts));
    change(tx, sql, lease, due)
}

/// Housekeeping: forgets duties that were done before `before`; the same may be asked for again.
pub fn sweep(tx: &mut WriteTx<'_>, before: Time) -> Result<u64, StoreError> {
    tx.execute("DELETE FROM duties WHERE done_at < $1", &[before.into()])
}

/// Runs a statement on the leased duty, if it still is: the first two parameters say which.
fn change(tx: &mut WriteTx<'_>, sql: &'static str, lease: &Lease, time: Time) -> Result<(), StoreError> {
    let changed = tx.execute(sql, &[lease.key.as_str().into(), lease.fence.into(), time.into()])?;
    if changed == 1 { Ok(()) } else { Err(StoreError::LeaseLost) }
}

fn pause(attempts: i64) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 17) - 1).unwrap_or(0);
    (FIRST_PAUSE * 2_u32.pow(doublings)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_end_at_an_hour() {
        let seconds = [0, 1, 2, 3, 12, 13, i64::MAX].map(|attempts| pause(attempts).as_secs());
        assert_eq!(seconds, [1, 1, 2, 4, 2048, 3600, 3600]);
    }
}

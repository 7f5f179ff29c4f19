//! The backups that the inventories make of themselves every night.

use crate::{backup, bridge::Bridge, upstream::System};
use doorward::{Db, Error, Time};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const DAY: i64 = 24 * 3600;

/// Has both inventories make their backups, night for night, until the bridge stops.
pub(crate) async fn work(bridge: Bridge, hour: u32, stopping: CancellationToken) {
    let db = bridge.doorward.db("nightly backup");
    loop {
        let Ok(now) = db.read((), |tx, ()| Ok(tx.now())).await else { return };
        if stopping.run_until_cancelled(tokio::time::sleep(until(now, hour))).await.is_none() {
            return;
        }
        for system in [System::Spoolman, System::FilamentDb] {
            if let Err(error) = at_most_once(&bridge, &db, system).await {
                tracing::warn!(%error, ?system, "no backup was made tonight");
            }
        }
    }
}

/// Another replica may have done it a moment ago.
async fn at_most_once(bridge: &Bridge, db: &Db, system: System) -> Result<(), Error> {
    let recent = db.read(system, |tx, system| {
        let last = backup::last_of(tx, system)?;
        Ok(last.is_some_and(|last| tx.now().since(last) < Duration::from_hours(1)))
    });
    if recent.await? { Ok(()) } else { backup::make(bridge, db, system).await.map(drop) }
}

/// How long it is to this hour, UTC; never nothing, so that one night has one backup.
fn until(now: Time, hour: u32) -> Duration {
    let wanted = i64::from(hour) * 3600;
    let ahead = (wanted - now.unix_seconds()).rem_euclid(DAY);
    Duration::from_secs(u64::try_from(if ahead == 0 { DAY } else { ahead }).unwrap_or(3600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_night_is_never_now_and_never_more_than_a_day_away() {
        let at = |text: &str| until(text.parse().unwrap(), 3).as_secs();
        assert_eq!(at("2026-01-01T02:59:00Z"), 60);
        assert_eq!(at("2026-01-01T03:00:00Z"), 24 * 3600);
        assert_eq!(at("2026-01-01T03:00:01Z"), 24 * 3600 - 1);
        assert_eq!(at("2026-01-01T23:00:00Z"), 4 * 3600);
    }
}

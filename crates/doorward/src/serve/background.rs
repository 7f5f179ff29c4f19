//! What goes on beside the requests: uses, denials and failures are written in batches, events get their numbers, what
//! has lapsed is swept, and keys are exchanged.

use std::time::Duration;
use store::Sequencer;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use web::Desk;

const WRITE_EVERY: Duration = Duration::from_secs(1);
/// How often is looked whether there is something to sweep, or a key to exchange; one replica does it when it is due. All
/// read the list of keys again.
const LOOK_EVERY: Duration = Duration::from_mins(1);
const NUMBER_EVERY: Duration = Duration::from_millis(500);
/// Well below the second for which what is known of sessions counts.
const WATCH_EVERY: Duration = Duration::from_millis(250);

/// Starts what goes on until the shutdown.
pub(crate) fn begin(desk: &Desk, tasks: &TaskTracker, shutdown: &CancellationToken) {
    tasks.spawn(work(desk.clone(), shutdown.clone()));
    if desk.house.holds_sessions() {
        tasks.spawn(watch_sessions(desk.clone(), shutdown.clone()));
    }
}

async fn work(desk: Desk, shutdown: CancellationToken) {
    tokio::join!(keep(&desk, &shutdown), number(&desk, &shutdown));
}

async fn keep(desk: &Desk, shutdown: &CancellationToken) {
    let mut writing = interval(WRITE_EVERY);
    let mut looking = interval(LOOK_EVERY);
    writing.set_missed_tick_behavior(MissedTickBehavior::Delay);
    looking.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = writing.tick() => write(desk).await,
            _ = looking.tick() => {
                sweep(desk).await;
                exchange_keys(desk).await;
            }
        }
    }
}

/// SECURITY: what was lost there must not live on in a cache.
async fn watch_sessions(desk: Desk, shutdown: CancellationToken) {
    let mut looking = interval(WATCH_EVERY);
    looking.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shutdown.cancelled() => return,
            _ = looking.tick() => {
                desk.house.watch_sessions(|| desk.access.touch_everyone()).await;
            }
        }
    }
}

/// Writes all that still waits: the last thing before the database is closed.
pub(crate) async fn last_words(desk: &Desk) {
    write(desk).await;
    if let Err(error) = desk.house.flush_all_refusals().await {
        tracing::error!(%error, "the last denials and failures could not be written");
    }
    let stopped = CancellationToken::new();
    stopped.cancel();
    number(desk, &stopped).await;
}

/// Numbers events, batch after batch, and then whenever it is time.
async fn number(desk: &Desk, shutdown: &CancellationToken) {
    let (door, mut sequencer, mut failed) = (desk.house.door(), Sequencer::default(), false);
    let mut beat = interval(NUMBER_EVERY);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let numbered = sequencer.number(door).await;
        // While the database is away, saying so once is enough.
        if let (Err(error), false) = (&numbered, failed) {
            tracing::error!(%error, "events could not be given their numbers; they wait");
        }
        failed = numbered.is_err();
        let more = numbered.unwrap_or(false);
        if shutdown.is_cancelled() || (!more && shutdown.run_until_cancelled(beat.tick()).await.is_none()) {
            break;
        }
    }
    if let Err(error) = sequencer.rest(door).await {
        tracing::warn!(%error, "the lease on the numbers of events lapses by itself");
    }
}

async fn write(desk: &Desk) {
    if let Err(error) = desk.house.record_uses(desk.access.uses().take()).await {
        tracing::error!(%error, "uses could not be written");
    }
    if let Err(error) = desk.house.flush_refusals().await {
        tracing::error!(%error, "denials and failures could not be written; they wait");
    }
}

async fn sweep(desk: &Desk) {
    match desk.house.sweep().await {
        Ok(None) => {}
        Ok(Some(rows)) => tracing::debug!(rows, "swept"),
        Err(error) => tracing::error!(%error, "what has lapsed could not be swept"),
    }
}

async fn exchange_keys(desk: &Desk) {
    let keys = async {
        desk.house.exchange_signing_keys().await?;
        desk.house.signing_keys().await
    };
    match keys.await {
        Ok(keys) => desk.access.replace_signing_keys(keys),
        Err(error) => tracing::error!(%error, "the keys that sign assertions could not be read again"),
    }
}

//! What Doorward does by itself: writes down uses, denials and failures in batches, and sweeps what has lapsed.

use crate::{Error, House};
use access::Use;
use domain::Actor;
use std::time::Duration;
use store::{
    Ending,
    tables::{
        duties::{self, Lease},
        handoffs, sessions, tokens,
    },
};

/// How long ended sessions and lapsed codes are kept before they are swept.
const KEPT: Duration = Duration::from_hours(7 * 24);
/// The duty of removing them, how often it is done, and for how long a replica has it: a sweep takes a moment.
const SWEEP: &str = "sweep";
const SWEPT_EVERY: Duration = Duration::from_hours(1);
const LEASE: Duration = Duration::from_mins(1);

impl House {
    /// Writes down uses of sessions and tokens, and extends the sessions.
    pub async fn record_uses(&self, uses: Vec<Use>) -> Result<(), Error> {
        if uses.is_empty() {
            return Ok(());
        }
        let (actor, idle) = (Actor::system("uses"), self.settings.sessions.idle);
        let write = self.door.write(&actor, uses, move |work, uses| -> Result<_, Error> {
            for noted in uses {
                match *noted {
                    Use::Session(id, at) => sessions::note_use(work, id, at, at.plus(idle))?,
                    Use::Token(id, at) => tokens::note_use(work, id, at)?,
                }
            }
            Ok(Ending::Housekeeping(()))
        });
        write.await
    }

    /// Writes the denials and failures that are due.
    pub async fn flush_refusals(&self) -> Result<usize, Error> {
        Ok(self.door.flush_refusals().await?)
    }

    /// Writes every denial and failure that waits, due or not: the last thing before a stop.
    pub async fn flush_all_refusals(&self) -> Result<usize, Error> {
        Ok(self.door.flush_all_refusals().await?)
    }

    /// Removes what has lapsed, where it is time and no other replica does it; answers how many rows.
    pub async fn sweep(&self) -> Result<Option<u64>, Error> {
        let Some(lease) = self.door.take_duty(SWEEP, LEASE).await? else { return Ok(None) };
        let swept = self.sweep_under(lease.clone()).await;
        if swept.is_err() {
            self.door.fail_duty(lease).await?;
        }
        swept.map(Some)
    }

    async fn sweep_under(&self, lease: Lease) -> Result<u64, Error> {
        let actor = Actor::system("sweep");
        let write = self.door.write(&actor, lease, |work, lease| -> Result<_, Error> {
            let (now, before) = (work.now(), work.now().minus(KEPT));
            let swept = [sessions::sweep, handoffs::sweep, duties::sweep];
            let rows = swept.into_iter().map(|sweep| sweep(work, before)).sum::<Result<u64, _>>()?;
            duties::defer(work, lease, now.plus(SWEPT_EVERY))?;
            Ok(Ending::Housekeeping(rows))
        });
        write.await
    }
}

//! What Doorward does by itself: writes down uses, denials and failures in batches, and sweeps what has lapsed.

use crate::{Error, House};
use access::Use;
use domain::Actor;
use std::time::Duration;
use store::{
    Ending,
    tables::{handoffs, sessions, tokens},
};

/// How long ended sessions and lapsed codes are kept before they are swept.
const KEPT: Duration = Duration::from_hours(7 * 24);

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

    /// Removes what has lapsed; answers how many rows.
    pub async fn sweep(&self) -> Result<u64, Error> {
        let actor = Actor::system("sweep");
        let write = self.door.write(&actor, (), |work, ()| -> Result<_, Error> {
            let before = work.now().minus(KEPT);
            let swept = sessions::sweep(work, before)?.saturating_add(handoffs::sweep(work, before)?);
            Ok(Ending::Housekeeping(swept))
        });
        write.await
    }
}

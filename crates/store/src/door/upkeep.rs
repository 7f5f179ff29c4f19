//! What the store does by itself, and how a duty is taken.

use super::{Door, Isolation, Queued, Shared, Verdict};
use crate::{
    StoreError, WriteTx,
    tables::duties::{self, Lease},
};
use domain::Actor;
use std::time::Duration;
use tokio::sync::oneshot;

/// A change that is no act of anyone, and goes by the locks of the rows that it changes.
///
/// Leases and numbers of events are handed on by the row that says who has them: whoever writes it waits for the one
/// before, and then sees all that was committed. Run as if alone, they would be in the way of every transaction that
/// adds an event.
struct Upkeep<T, F> {
    act: F,
    output: Option<Result<T, StoreError>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Queued for Upkeep<T, F>
where
    T: Send,
    F: Fn(&mut WriteTx<'_>) -> Result<T, StoreError> + Send,
{
    fn run(&mut self, tx: &mut WriteTx<'_>, _: &Shared) -> Verdict {
        self.output = None;
        let output = (self.act)(tx);
        let verdict = if output.is_ok() { Verdict::Commit(None) } else { Verdict::RollBack };
        self.output = Some(output);
        verdict
    }

    fn isolation(&self) -> Isolation {
        Isolation::RowLocks
    }

    fn answer(self: Box<Self>, end: Result<(), StoreError>, _: &Shared) {
        let Self { output, reply, .. } = *self;
        let output = end.and_then(|()| output.unwrap_or(Err(StoreError::Panicked)));
        // The caller may have gone away; the change stands all the same.
        reply.send(output).ok();
    }
}

impl Door {
    /// Leases a duty of this kind for `span`, if one is due and free.
    pub async fn take_duty(&self, kind: &'static str, span: Duration) -> Result<Option<Lease>, StoreError> {
        let actor = Actor::system("duties");
        if !self.read(&actor, (), |look, ()| duties::is_due(look, kind)).await? {
            return Ok(None);
        }
        let replica = self.replica();
        self.tend(move |tx| duties::take(tx, (kind, replica), span)).await
    }

    /// Says that a duty failed: it is tried again after a pause.
    pub async fn fail_duty(&self, lease: Lease) -> Result<(), StoreError> {
        self.tend(move |tx| duties::fail(tx, &lease)).await
    }

    pub(crate) async fn tend<T: Send + 'static>(
        &self,
        act: impl Fn(&mut WriteTx<'_>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.engine.send_write(Box::new(Upkeep { act, output: None, reply })).await?;
        answer.await.unwrap_or(Err(StoreError::Stopped))
    }
}

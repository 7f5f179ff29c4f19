//! Transactions on their way to a thread, with their types erased.

use super::{Ending, Look, Shared, Work};
use crate::{ReadTx, StoreError, WriteTx};
use domain::{Actor, Event};
use std::sync::Arc;
use tokio::sync::oneshot;

/// A writing transaction that waits for its turn.
pub(crate) trait Queued: Send {
    /// Runs once, or again after a run that was rolled back; says whether to commit and which event goes with it.
    fn run(&mut self, tx: &mut WriteTx<'_>, shared: &Shared) -> Verdict;
    /// What the transaction must be kept from, where others write at the same time.
    fn isolation(&self) -> Isolation {
        Isolation::Serializable
    }
    /// Answers the caller, and records the denials of the last run; `end` tells whether the engine did what the
    /// verdict asked for.
    fn answer(self: Box<Self>, end: Result<(), StoreError>, shared: &Shared);
}

/// What a transaction is kept from, where others write at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Isolation {
    /// Everything: it runs as if it were alone.
    Serializable,
    /// Nothing but others' hands on the rows that it has locked. Each statement sees what was committed before it.
    RowLocks,
}

/// What is to become of a transaction.
pub(crate) enum Verdict {
    Commit(Option<Box<Event>>),
    RollBack,
}

/// A reading transaction that waits for its turn.
pub(crate) trait Asked: Send {
    /// Runs and answers the caller.
    fn run(self: Box<Self>, tx: &mut ReadTx<'_>, shared: &Shared);
    /// Answers the caller that there is no transaction to run in.
    fn refuse(self: Box<Self>, error: StoreError);
}

pub(super) struct WriteJob<I, T, E, F> {
    actor: Actor,
    input: I,
    work: F,
    output: Option<Result<T, E>>,
    denials: Vec<Event>,
    reply: oneshot::Sender<Result<T, E>>,
    news: News,
}

/// The event of a transaction, kept for the hook where there is one.
pub(super) struct News {
    pub(super) shared: Option<Arc<Shared>>,
    pub(super) event: Option<Event>,
}

impl News {
    fn keep(&mut self, verdict: &Verdict) {
        if let (Verdict::Commit(Some(event)), true) = (verdict, self.shared.is_some()) {
            self.event = Some(Event::clone(event));
        }
    }

    fn tell(&self) {
        if let (Some(shared), Some(event)) = (&self.shared, &self.event) {
            shared.written(event);
        }
    }
}

impl<I, T, E, F> WriteJob<I, T, E, F> {
    pub(super) fn new(
        actor: Actor,
        input: I,
        work: F,
        (reply, news): (oneshot::Sender<Result<T, E>>, News),
    ) -> Self {
        Self { actor, input, work, output: None, denials: Vec::new(), reply, news }
    }
}

impl<I, T, E, F> Queued for WriteJob<I, T, E, F>
where
    I: Send,
    T: Send,
    E: From<StoreError> + Send,
    F: Fn(&mut Work<'_, '_>, &I) -> Result<Ending<T, E>, E> + Send,
{
    fn run(&mut self, tx: &mut WriteTx<'_>, shared: &Shared) -> Verdict {
        (self.output, self.denials, self.news.event) = (None, Vec::new(), None);
        let mut work = Work::new(tx, &self.actor, shared);
        let ending = (self.work)(&mut work, &self.input);
        self.denials = work.take_denials();
        let (now, entropy) = (tx.now(), &*shared.entropy);
        let (output, verdict) = match ending {
            Ok(Ending::Done(output, deed)) => {
                (Ok(output), Verdict::Commit(Some(deed.into_event(&self.actor, now, entropy).into())))
            }
            Ok(Ending::Refused(error, failure)) => {
                (Err(error), Verdict::Commit(Some(failure.into_event(&self.actor, now, entropy).into())))
            }
            Ok(Ending::Housekeeping(output)) => (Ok(output), Verdict::Commit(None)),
            Err(error) => (Err(error), Verdict::RollBack),
        };
        // A swallowed statement error must not commit half a change.
        if tx.is_poisoned() && matches!(verdict, Verdict::Commit(_)) {
            self.output = Some(Err(StoreError::Poisoned.into()));
            return Verdict::RollBack;
        }
        self.output = Some(output);
        self.news.keep(&verdict);
        verdict
    }

    fn answer(self: Box<Self>, end: Result<(), StoreError>, shared: &Shared) {
        self.denials.into_iter().for_each(|denial| shared.refusals.add(denial));
        if end.is_ok() {
            self.news.tell();
        }
        let output = match (self.output, end) {
            (Some(output), Ok(())) => output,
            // An error of the function's own stands, whether or not its neighbours were committed.
            (Some(Err(error)), Err(StoreError::NotCommitted)) => Err(error),
            (None, Ok(())) => Err(StoreError::Panicked.into()),
            (_, Err(error)) => Err(error.into()),
        };
        // The caller may have gone away; the change stands all the same.
        self.reply.send(output).ok();
    }
}

pub(super) struct ReadJob<I, T, E, F> {
    actor: Actor,
    input: I,
    look: F,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<I, T, E, F> ReadJob<I, T, E, F> {
    pub(super) const fn new(actor: Actor, input: I, look: F, reply: oneshot::Sender<Result<T, E>>) -> Self {
        Self { actor, input, look, reply }
    }
}

impl<I, T, E, F> Asked for ReadJob<I, T, E, F>
where
    I: Send,
    T: Send,
    E: From<StoreError> + Send,
    F: FnOnce(&mut Look<'_, '_>, I) -> Result<T, E> + Send,
{
    fn run(self: Box<Self>, tx: &mut ReadTx<'_>, shared: &Shared) {
        let answer = (self.look)(&mut Look::new(tx, &self.actor, shared), self.input);
        self.reply.send(answer).ok();
    }

    fn refuse(self: Box<Self>, error: StoreError) {
        self.reply.send(Err(error.into())).ok();
    }
}

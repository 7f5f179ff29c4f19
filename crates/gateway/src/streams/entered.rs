//! One stream among those under way.

use super::{Key, Standing, Streams};
use domain::Time;
use futures_util::task::AtomicWaker;
use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    task::{Context, Poll},
};

/// One stream, as the watch sees it.
pub(super) struct Entry {
    pub(super) key: Key,
    pub(super) standing: Standing,
    until: AtomicI64,
    is_ended: AtomicBool,
    carrier: AtomicWaker,
}

/// One stream, as whoever carries it sees it; it is under way until this is dropped.
pub(crate) struct Entered {
    pub(super) streams: Arc<Streams>,
    pub(super) entry: Arc<Entry>,
}

impl Entry {
    pub(super) fn new(key: Key, standing: Standing) -> Self {
        let until = standing.who.as_ref().map_or(i64::MAX, |who| who.expires_at.micros());
        let (until, is_ended) = (AtomicI64::new(until), AtomicBool::new(false));
        Self { key, standing, until, is_ended, carrier: AtomicWaker::new() }
    }

    /// When it must be looked at again, whatever happens before.
    pub(super) fn until(&self) -> Time {
        Time::from_micros(self.until.load(Ordering::Relaxed))
    }

    /// Lets it go on until then.
    pub(super) fn extend(&self, until: Time) {
        self.until.store(until.micros(), Ordering::Relaxed);
    }

    /// Ends it.
    pub(super) fn end(&self) {
        self.extend(Time::from_micros(i64::MAX));
        self.is_ended.store(true, Ordering::Release);
        self.carrier.wake();
    }
}

impl Entered {
    /// Whether what it rests on has ended.
    pub(crate) fn is_ended(&self) -> bool {
        self.entry.is_ended.load(Ordering::Acquire)
    }

    /// Waits until what it rests on has ended. Only the last who asked is woken.
    pub(crate) fn poll_ended(&self, context: &Context<'_>) -> Poll<()> {
        self.entry.carrier.register(context.waker());
        if self.is_ended() { Poll::Ready(()) } else { Poll::Pending }
    }

    /// Waits until what it rests on has ended.
    pub(crate) async fn ended(&self) {
        poll_fn(|context| self.poll_ended(context)).await;
    }

    /// The client has sent something: as with a request, that keeps a session alive (`security.md` 4).
    pub(crate) fn note_use(&self) {
        if let Some(who) = &self.entry.standing.who {
            self.streams.access.note_use(who);
        }
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.streams.leave(&self.entry);
    }
}

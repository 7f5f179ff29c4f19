//! A body that its client holds back until the app wants it (`Expect: 100-continue`, RFC 9110 §10.1.1).

use crate::patience::Patience;
use futures_util::task::AtomicWaker;
use http::{HeaderMap, header::EXPECT};
use std::{
    sync::atomic::{AtomicU8, Ordering},
    task::{Context, Poll},
    time::Duration,
};

/// How long an app is given to say that it wants the body: many say nothing, and wait for it.
pub(super) const WAIT: Duration = Duration::from_secs(1);

const OPEN: u8 = 0;
const HELD: u8 = 1;
const SHUT: u8 = 2;

/// Lets a body pass, or not yet, or never. It is open unless it was told to hold.
#[derive(Debug, Default)]
pub(super) struct Gate {
    state: AtomicU8,
    waker: AtomicWaker,
}

/// Whether the client waits to be told to send its body.
pub(crate) fn is_expected(headers: &HeaderMap) -> bool {
    headers.get(EXPECT).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

impl Gate {
    pub(super) fn hold(&self) {
        self.state.store(HELD, Ordering::Release);
    }

    /// The app wants the body.
    pub(super) fn open(&self) {
        if self.turn(OPEN) {
            self.waker.wake();
        }
    }

    /// The app has answered; `true` if the body was held until then, and so for ever.
    pub(super) fn shut(&self) -> bool {
        self.turn(SHUT)
    }

    pub(super) fn poll_open(&self, patience: &mut Patience, context: &mut Context<'_>) -> Poll<()> {
        self.waker.register(context.waker());
        let is_held = self.state.load(Ordering::Acquire) == HELD;
        if is_held && patience.poll_lost(context).is_ready() {
            self.turn(OPEN);
        }
        if self.state.load(Ordering::Acquire) == OPEN { Poll::Ready(()) } else { Poll::Pending }
    }

    fn turn(&self, to: u8) -> bool {
        self.state.compare_exchange(HELD, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

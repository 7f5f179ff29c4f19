//! A wait that costs nothing until it begins, and is lost after a while.

use std::{
    future::Future as _,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::time::{Sleep, sleep};

/// How long to wait for something that may never come.
#[derive(Debug)]
pub(crate) struct Patience {
    limit: Duration,
    sleep: Option<Pin<Box<Sleep>>>,
}

impl Patience {
    pub(crate) const fn new(limit: Duration) -> Self {
        Self { limit, sleep: None }
    }

    /// Ready when it is lost: the limit has passed since this was first asked after the last `renew`.
    pub(crate) fn poll_lost(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let limit = self.limit;
        self.sleep.get_or_insert_with(|| Box::pin(sleep(limit))).as_mut().poll(context)
    }

    /// What was waited for has come.
    pub(crate) fn renew(&mut self) {
        self.sleep = None;
    }
}

//! The allowances that several processes keep together, in a Valkey: a script, which is one step to the server.

use super::{
    VISITORS,
    slice::{Asked, Slice, Step},
};
use crate::{
    Key, Quota, RetryAfter, Valkey,
    bounded::Bounded,
    valkey::{hex, micros},
};
use domain::Time;
use redis::Script;
use std::time::Duration;

/// How long a request may wait for an answer.
const PATIENCE: Duration = Duration::from_millis(100);

/// What all processes have counted that share a Valkey.
pub(super) struct SharedVisits {
    valkey: Valkey,
    slices: Bounded<Key, Slice>,
    take: Script,
}

impl SharedVisits {
    /// No two processes' clocks agree; all ask the server's.
    pub(super) fn by_its_clock(valkey: &Valkey) -> Self {
        Self::by_clock(valkey, "local time = redis.call('TIME')\nlocal now = time[1] * 1000000 + time[2]\n")
    }

    pub(super) fn by_callers_clocks(valkey: &Valkey) -> Self {
        Self::by_clock(valkey, "local now = tonumber(ARGV[4])\n")
    }

    fn by_clock(valkey: &Valkey, now: &str) -> Self {
        let take = Script::new(&[now, include_str!("take.lua")].concat());
        Self { valkey: valkey.apart("requests to apps"), slices: Bounded::new(VISITORS), take }
    }

    /// Counts a request of `key`, or refuses it uncounted; nothing when the Valkey is away.
    pub(super) async fn take(&self, key: Key, quota: Quota, now: Time) -> Option<Result<(), RetryAfter>> {
        match self.slices.change(key, now, |slice| slice.step(quota, now, PATIENCE)) {
            Step::Admit => Some(Ok(())),
            Step::Refuse(wait) => Some(Err(wait)),
            Step::Ask { number, is_ahead } => {
                Box::pin(self.ask((key, quota), number, Asked { at: now, is_ahead })).await
            }
        }
    }

    async fn ask(
        &self,
        (key, quota): (Key, Quota),
        number: u32,
        asked: Asked,
    ) -> Option<Result<(), RetryAfter>> {
        let mut call = self.take.prepare_invoke();
        call.key(format!("doorward:visits:{}", hex(&key.0)));
        call.arg(number).arg(micros(quota.per())).arg(micros(quota.span())).arg(asked.at.micros());
        let (granted, wait): (u32, u64) = self.valkey.run(&call, PATIENCE).await?;
        let wait = Duration::from_micros(wait);
        Some(self.slices.change(key, asked.at, |slice| {
            if granted > 0 {
                slice.granted(asked, granted);
                Ok(())
            } else {
                slice.refused(asked, wait);
                Err(RetryAfter(wait))
            }
        }))
    }
}

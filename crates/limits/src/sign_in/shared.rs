//! The limits that several processes keep together, in a Valkey.
//!
//! The same as [`super::local`] counts, by two scripts, each of which is one step to the server. Keys name nobody: an
//! identifier is an HMAC already.

use super::{Attempt, Rules};
use crate::{
    RetryAfter, Valkey,
    valkey::{hex, micros},
};
use domain::Time;
use redis::Script;
use std::{sync::Arc, time::Duration};

/// How long somebody who signs in may wait for an answer, a new connection included.
const PATIENCE: Duration = Duration::from_millis(500);

/// What all processes have counted that share a Valkey.
pub(super) struct SharedBook {
    valkey: Arc<Valkey>,
    rules: Rules,
    admit: Script,
    settle: Script,
}

impl SharedBook {
    pub(super) fn new(valkey: Arc<Valkey>, rules: Rules) -> Self {
        let admit = Script::new(include_str!("admit.lua"));
        let settle = Script::new(include_str!("settle.lua"));
        Self { valkey, rules, admit, settle }
    }

    pub(super) async fn look(&self) -> bool {
        self.valkey.look().await
    }

    /// Counts the attempt, or refuses it uncounted; nothing when the Valkey is away or refuses.
    pub(super) async fn admit(&self, attempt: &Attempt, now: Time) -> Option<Result<(), RetryAfter>> {
        let Rules { quota, free_failures } = self.rules;
        let mut call = self.admit.prepare_invoke();
        for key in keys(attempt) {
            call.key(key);
        }
        call.arg(now.micros()).arg(micros(quota.per())).arg(micros(quota.span()));
        call.arg(is_counted(attempt)).arg(free_failures).arg(micros(Rules::LONGEST_DELAY));
        call.arg(micros(Rules::MEMORY)).arg(micros(Rules::LONGEST_MEMORY));
        let wait: u64 = self.valkey.run(&call, PATIENCE).await?;
        let wait = Duration::from_micros(wait);
        Some(if wait.is_zero() { Ok(()) } else { Err(RetryAfter(wait)) })
    }

    pub(super) async fn failed(&self, attempt: &Attempt, now: Time) {
        self.settle("failed", attempt, now).await;
    }

    pub(super) async fn succeeded(&self, attempt: &Attempt, admitted_at: Time) {
        self.settle("succeeded", attempt, admitted_at).await;
    }

    pub(super) async fn untried(&self, attempt: &Attempt, admitted_at: Time) {
        self.settle("untried", attempt, admitted_at).await;
    }

    /// What cannot be said stays a failure, as it was counted at the admission.
    async fn settle(&self, outcome: &str, attempt: &Attempt, at: Time) {
        let mut call = self.settle.prepare_invoke();
        for key in keys(attempt) {
            call.key(key);
        }
        call.arg(outcome).arg(at.micros()).arg(micros(self.rules.quota.per())).arg(is_counted(attempt));
        let _said: Option<u64> = self.valkey.run(&call, PATIENCE).await;
    }
}

/// A known device's network is not counted.
const fn is_counted(attempt: &Attempt) -> u8 {
    if attempt.known_device { 0 } else { 1 }
}

/// The braces keep both on one node of a cluster.
fn keys(attempt: &Attempt) -> [String; 2] {
    let kind = if attempt.known_device { "known" } else { "stranger" };
    [
        format!("doorward:{{sign-in}}:tries:{}", hex(&attempt.network.bytes())),
        format!("doorward:{{sign-in}}:failures:{kind}:{}", hex(&attempt.identifier)),
    ]
}

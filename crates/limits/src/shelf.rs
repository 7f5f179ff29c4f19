//! Small values under names, kept in a Valkey for as long as each is good.
//!
//! What lies here may be gone at any time, and whoever can write to the Valkey can change it: whoever reads it seals what
//! must not be changed.

use crate::{Valkey, valkey::hex};
use std::{slice, time::Duration};

/// How long somebody may wait for an answer, a new connection included.
const PATIENCE: Duration = Duration::from_millis(500);

/// The Valkey does not answer, or does not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the Valkey does not answer, or refuses")]
pub struct Away;

/// What a value lies under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShelfName(String);

impl ShelfName {
    /// The name of one of its kind.
    pub fn of(kind: &'static str, bytes: &[u8]) -> Self {
        Self(format!("doorward:{kind}:{}", hex(bytes)))
    }
}

/// Values in a Valkey.
pub struct Shelf(Valkey);

impl Shelf {
    /// The values in this one. What else it is asked for, and does not answer, keeps nobody from asking for them.
    pub fn in_valkey(valkey: &Valkey) -> Self {
        Self(valkey.apart("sessions"))
    }

    /// That it answers.
    pub async fn look(&self) -> Result<(), Away> {
        if self.0.look().await { Ok(()) } else { Err(Away) }
    }

    /// The values under these names, in their order.
    pub async fn find(&self, names: &[ShelfName]) -> Result<Vec<Option<Vec<u8>>>, Away> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut question = redis::cmd("MGET");
        for name in names {
            question.arg(&name.0);
        }
        self.0.command(&question, PATIENCE).await.ok_or(Away)
    }

    /// Puts all of these, or none; they are gone after `life`.
    pub async fn put(&self, values: &[(ShelfName, Vec<u8>)], life: Duration) -> Result<(), Away> {
        let millis = u64::try_from(life.as_millis()).unwrap_or(u64::MAX).clamp(1, LONGEST_MILLIS);
        let mut all = redis::pipe();
        all.atomic();
        for (name, value) in values {
            all.cmd("SET").arg(&name.0).arg(value.as_slice()).arg("PX").arg(millis).ignore();
        }
        self.0.pipeline::<()>(&all, PATIENCE).await.ok_or(Away)
    }

    /// The value under a name, which is `fresh` where there was none. Nothing is written where there is one: a server whose
    /// memory is full refuses whatever might write.
    pub async fn find_or_put(&self, name: &ShelfName, fresh: &[u8]) -> Result<Vec<u8>, Away> {
        let found = self.find(slice::from_ref(name)).await?;
        if let Some(value) = found.into_iter().flatten().next() {
            return Ok(value);
        }
        let mut both = redis::pipe();
        both.atomic().cmd("SETNX").arg(&name.0).arg(fresh).ignore().cmd("GET").arg(&name.0);
        let (value,): (Vec<u8>,) = self.0.pipeline(&both, PATIENCE).await.ok_or(Away)?;
        Ok(value)
    }

    /// Removes what lies under these names.
    pub async fn remove(&self, names: &[ShelfName]) -> Result<(), Away> {
        let mut question = redis::cmd("DEL");
        for name in names {
            question.arg(&name.0);
        }
        self.0.command::<()>(&question, PATIENCE).await.ok_or(Away)
    }
}

/// A century: servers refuse what ends after the end of their time.
const LONGEST_MILLIS: u64 = 100 * 366 * 24 * 3_600 * 1_000;

//! Uses of sessions and tokens, gathered to be written in batches.

use domain::{ApiToken, Id, Session, Time};
use std::sync::{Mutex, PoisonError};

/// The most uses that wait; what finds no room is noted at a later use.
const CAPACITY: usize = 10_000;

/// A use that is worth writing down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Of a session.
    Session(Id<Session>, Time),
    /// Of a token.
    Token(Id<ApiToken>, Time),
}

/// Uses that wait to be written.
#[derive(Debug, Default)]
pub struct Uses(Mutex<Vec<Use>>);

impl Uses {
    pub(crate) fn add(&self, noted: Use) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < CAPACITY {
            waiting.push(noted);
        }
    }

    /// Takes all that wait.
    pub fn take(&self) -> Vec<Use> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

//! How the program ends when it cannot do what it was asked: an exit code for scripts, a sentence for people.
//!
//! INVARIANT: a sentence says what to do where there is something to do, and never holds a secret.

use std::io::{self, ErrorKind, Write};
use store::{
    StoreError,
    moving::{Failed, MoveState},
};

/// The exit codes that scripts rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// It was understood, and did not work.
    Failed = 1,
    /// The command line is wrong.
    Usage = 2,
    /// A setting or secret in the environment or the configuration file is missing or wrong.
    Setting = 64,
    /// The data is damaged, or newer than the program.
    Damaged = 65,
    /// The database, the server or the network cannot be reached.
    Unavailable = 69,
    /// The data directory cannot be written, or another server has it.
    DataDirectory = 73,
}

/// Why the program stops.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Stop {
    /// For scripts.
    pub exit: Exit,
    /// For people: one sentence, lower case, without a full stop.
    pub message: String,
}

impl Stop {
    /// Stops with a code and a sentence.
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into() }
    }

    /// Writes the sentence to standard error, as JSON where the output is JSON; answers the exit code.
    pub fn report(&self, json: bool) -> u8 {
        let code = self.exit as u8;
        let mut stderr = io::stderr().lock();
        // Nobody is left to be told when standard error is closed.
        drop(writeln!(stderr, "{}", self.text(json)));
        code
    }

    fn text(&self, json: bool) -> String {
        if json {
            serde_json::json!({ "error": self.message, "code": self.exit as u8 }).to_string()
        } else {
            format!("doorward: {}", self.message)
        }
    }
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        let exit = match error {
            StoreError::Newer { .. } | StoreError::Damaged(_) | StoreError::Unreadable { .. } => {
                Exit::Damaged
            }
            StoreError::Moved(ref mark) => match mark.state {
                MoveState::Gone | MoveState::Arrived => Exit::Setting,
                MoveState::Arriving => Exit::Damaged,
                MoveState::Leaving => Exit::Unavailable,
            },
            _ => Exit::Unavailable,
        };
        Self::new(exit, error.to_string())
    }
}

impl From<Failed> for Stop {
    fn from(failed: Failed) -> Self {
        let exit = match failed {
            Failed::Store(error) => return error.into(),
            Failed::OtherKeys => Exit::Damaged,
            Failed::Busy(_) | Failed::Strangers(_) => Exit::Unavailable,
            Failed::Inexact { .. }
            | Failed::NotEmpty { .. }
            | Failed::Another { .. }
            | Failed::Differs { .. }
            | Failed::Unasked { .. }
            | Failed::NoMove
            | Failed::Left { .. }
            | Failed::Unknown { .. }
            | Failed::Denied(_) => Exit::Failed,
        };
        Self::new(exit, failed.to_string())
    }
}

/// Writes to standard output; a reader that has seen enough and went away is no failure.
pub(crate) fn print(text: &str) -> Result<(), Stop> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Stop::new(Exit::Failed, format!("standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_is_one_sentence_for_people_and_one_object_for_programs() {
        let stop = Stop::new(Exit::DataDirectory, "another doorward holds `here`");
        assert_eq!(stop.text(false), "doorward: another doorward holds `here`");
        assert_eq!(stop.text(true), r#"{"error":"another doorward holds `here`","code":73}"#);
    }

    #[test]
    fn a_newer_database_is_told_from_one_that_cannot_be_reached() {
        assert_eq!(Stop::from(StoreError::Newer { found: 2, known: 1 }).exit, Exit::Damaged);
        assert_eq!(Stop::from(StoreError::Stopped).exit, Exit::Unavailable);
    }
}

//! The thread that writes the access log.

use super::{
    super::{Figures, line},
    Target,
};
use crate::exit::{Exit, Stop};
use domain::Time;
use gateway::Seen;
use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{Arc, mpsc::Receiver},
};

/// Lines are gathered up to this many bytes while more wait.
const BATCH: usize = 64 * 1024;

/// What the thread is told.
pub(super) enum Message {
    /// This was seen then.
    Line(Time, Box<Seen>),
    /// The file has been moved away: open another in its place.
    Reopen,
    /// Nothing comes behind this.
    End,
}

/// Writes lines as they come.
pub(super) struct Writer {
    messages: Receiver<Message>,
    sink: Sink,
    figures: Arc<Figures>,
    /// Lines that are not written yet.
    batch: Vec<u8>,
    lines: u64,
    failed: bool,
}

enum Sink {
    Stdout,
    File(PathBuf, File),
}

impl Writer {
    /// Opens the target; nothing when there is none.
    pub(super) fn open(
        target: &Target,
        messages: Receiver<Message>,
        figures: Arc<Figures>,
    ) -> Result<Option<Self>, Stop> {
        let sink = match target {
            Target::Off => return Ok(None),
            Target::Stdout => Sink::Stdout,
            Target::File(path) => {
                let file = open(path)
                    .map_err(|error| refused(&format!("`access_log`: `{}`", path.display()), &error));
                Sink::File(path.clone(), file?)
            }
        };
        Ok(Some(Self { messages, sink, figures, batch: Vec::new(), lines: 0, failed: false }))
    }

    /// Writes until it is told to end, or nobody is left to tell it anything.
    pub(super) fn run(mut self) {
        while let Ok(message) = self.messages.recv() {
            let mut next = Some(message);
            while let Some(message) = next {
                if !self.take(message) {
                    return self.flush();
                }
                next = if self.batch.len() < BATCH { self.messages.try_recv().ok() } else { None };
            }
            self.flush();
        }
    }

    fn take(&mut self, message: Message) -> bool {
        match message {
            Message::Line(time, seen) => {
                line::write(&mut self.batch, time, &seen);
                self.lines += 1;
            }
            Message::Reopen => {
                self.flush();
                self.reopen();
            }
            Message::End => return false,
        }
        true
    }

    fn flush(&mut self) {
        let written = match &mut self.sink {
            Sink::Stdout => {
                let mut stdout = io::stdout().lock();
                stdout.write_all(&self.batch).and_then(|()| stdout.flush())
            }
            Sink::File(_, file) => file.write_all(&self.batch),
        };
        if let Err(error) = &written {
            (0..self.lines).for_each(|_| self.figures.dropped_line());
            if !self.failed {
                tracing::error!(%error, "the access log cannot be written: lines are lost");
            }
        }
        self.failed = written.is_err();
        self.batch.clear();
        self.lines = 0;
    }

    fn reopen(&mut self) {
        if let Sink::File(path, file) = &mut self.sink {
            match open(path) {
                Ok(fresh) => *file = fresh,
                Err(error) => {
                    tracing::error!(%error, "the access log's file cannot be opened anew: the old one stays");
                }
            }
        }
    }
}

/// SECURITY: who visits what, and from where, is for the owner and the group that reads logs.
fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o640).open(path)
}

pub(super) fn refused(what: &str, error: &io::Error) -> Stop {
    Stop::new(Exit::Setting, format!("{what}: {error}"))
}

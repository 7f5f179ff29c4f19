//! The access log: lines, written by a thread of its own.
//!
//! INVARIANT: a request hands its line over without waiting. When the thread does not keep up, or the disk takes no
//! more, lines are lost and counted.

mod writer;

use super::Figures;
use crate::exit::Stop;
use domain::Time;
use gateway::{Outcome, RequestId, Seen};
use std::{
    path::PathBuf,
    str::FromStr,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{SyncSender, sync_channel},
    },
    thread::{self, JoinHandle},
};
use writer::{Message, Writer};

/// Lines that may wait for the thread.
const WAITING: usize = 4_096;

/// Whether there is an access log, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogSettings {
    /// Where lines go.
    pub target: Target,
    /// Which part of what went well is logged.
    pub sample: Sample,
}

/// Where the access log goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Target {
    /// Nowhere.
    #[default]
    Off,
    /// To standard output, behind what is printed at the start.
    Stdout,
    /// To a file, which is made when it is missing.
    File(PathBuf),
}

impl From<&str> for Target {
    fn from(text: &str) -> Self {
        match text {
            "off" => Self::Off,
            "stdout" => Self::Stdout,
            path => Self::File(path.into()),
        }
    }
}

/// The part of all requests that is logged though nothing was wrong with them, in 2³²ths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample(u64);

/// The text is no part of a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no number from 0 to 1, such as `0.1`")]
pub struct UnreadableSample(String);

impl Default for Sample {
    fn default() -> Self {
        Self(1 << 32)
    }
}

impl FromStr for Sample {
    type Err = UnreadableSample;

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 2³²")]
    fn from_str(text: &str) -> Result<Self, UnreadableSample> {
        let part = text.parse::<f64>().ok().filter(|part| (0.0..=1.0).contains(part));
        let part = part.ok_or_else(|| UnreadableSample(text.to_owned()))?;
        Ok(Self((part * 2_f64.powi(32)).round() as u64))
    }
}

impl Sample {
    /// Whether the request is in it. Ids are random, so that their beginning draws the lot.
    fn holds(self, id: &RequestId) -> bool {
        let lot = id.as_str().get(..8).and_then(|digits| u64::from_str_radix(digits, 16).ok());
        lot.is_none_or(|lot| lot < self.0)
    }
}

/// The access log.
pub(super) struct AccessLog {
    lines: SyncSender<Message>,
    sample: Sample,
    figures: Arc<Figures>,
    is_file: bool,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl AccessLog {
    /// Opens the log and starts its thread; nothing when there is to be none.
    pub(super) fn start(settings: &LogSettings, figures: &Arc<Figures>) -> Result<Option<Self>, Stop> {
        let (lines, waiting) = sync_channel(WAITING);
        let Some(writer) = Writer::open(&settings.target, waiting, Arc::clone(figures))? else {
            return Ok(None);
        };
        let thread = thread::Builder::new().name("access-log".to_owned()).spawn(|| writer.run());
        let thread = thread.map_err(|error| writer::refused("the access log", &error))?;
        Ok(Some(Self {
            lines,
            sample: settings.sample,
            figures: Arc::clone(figures),
            is_file: matches!(settings.target, Target::File(_)),
            thread: Mutex::new(Some(thread)),
        }))
    }

    pub(super) const fn is_file(&self) -> bool {
        self.is_file
    }

    /// Hands over what was seen at `time`, unless it is left out of the sample.
    pub(super) fn write(&self, time: Time, seen: Seen) {
        if (is_trouble(&seen) || self.sample.holds(&seen.id))
            && self.lines.try_send(Message::Line(time, Box::new(seen))).is_err()
        {
            self.figures.dropped_line();
        }
    }

    /// Has the file opened anew before the next line.
    pub(super) async fn reopen(&self) {
        let lines = self.lines.clone();
        // The queue may be full: this waits where waiting harms nobody.
        let told = tokio::task::spawn_blocking(move || lines.send(Message::Reopen).is_ok());
        drop(told.await);
    }

    /// Writes what waits, and ends the thread.
    pub(super) fn end(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && self.lines.send(Message::End).is_ok()
        {
            drop(thread.join());
        }
    }
}

/// What is logged whatever the sample: refusals, and what went wrong here or at the app.
fn is_trouble(seen: &Seen) -> bool {
    let status = seen.status.map_or(0, |status| status.as_u16());
    match seen.outcome {
        Outcome::Refused(_) | Outcome::Cut | Outcome::Ended => true,
        Outcome::Own => status >= 400,
        Outcome::Forwarded | Outcome::Checked | Outcome::Gone => status >= 500,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen() -> Seen {
        Seen {
            id: RequestId::new(&domain::FixedEntropy::new(1)),
            client: [127, 0, 0, 1].into(),
            method: http::Method::GET,
            version: http::Version::HTTP_11,
            words: None,
            route: None,
            upstream: None,
            snapshot: None,
            outcome: Outcome::Forwarded,
            failure: None,
            status: Some(http::StatusCode::OK),
            bytes_in: 0,
            bytes_out: 0,
            duration: std::time::Duration::ZERO,
            door: std::time::Duration::ZERO,
            is_tunnel: false,
        }
    }

    #[test]
    fn a_line_that_finds_no_room_is_lost_and_counted_and_not_waited_for() {
        let now = Time::from_micros(0);
        let (figures, (lines, waiting)) = (Arc::new(Figures::new(now)), sync_channel(2));
        let thread = Mutex::new(None);
        let sample = Sample::default();
        let log = AccessLog { lines, sample, figures: Arc::clone(&figures), is_file: false, thread };
        (0..5).for_each(|_| log.write(now, seen()));
        assert_eq!((waiting.try_iter().count(), figures.dropped_lines()), (2, 3));
    }

    #[test]
    fn a_sample_is_a_number_from_0_to_1() {
        for text in ["-0.1", "1.1", "NaN", "inf", "", "half"] {
            assert!(text.parse::<Sample>().is_err(), "{text}");
        }
        assert_eq!("1".parse::<Sample>().unwrap(), Sample::default());
    }

    #[test]
    fn a_sample_holds_as_many_as_it_says() {
        let ids = gateway::RequestIds::of(Arc::new(domain::FixedEntropy::new(1)));
        let ids: Vec<_> = (0..4_000).map(|_| ids.next()).collect();
        let held = |text: &str| {
            let sample: Sample = text.parse().unwrap();
            ids.iter().filter(|id| sample.holds(id)).count()
        };
        assert_eq!((held("0"), held("1")), (0, 4_000));
        assert!((900..1_100).contains(&held("0.25")), "{}", held("0.25"));
    }
}

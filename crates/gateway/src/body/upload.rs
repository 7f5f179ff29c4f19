//! A client's body on its way to an app.

use super::held::{Gate, WAIT};
use crate::{BodyError, changes, field, patience::Patience, streams::Guarded};
use bytes::{Buf as _, Bytes};
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
};

/// How far a body has got, for whoever waits for the answer to it.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    frames: AtomicU64,
    bytes: AtomicU64,
    is_too_large: AtomicBool,
    is_unreadable: AtomicBool,
    is_ended: AtomicBool,
    gate: Gate,
}

impl Progress {
    /// A number that grows while the body moves.
    pub(crate) fn frames(&self) -> u64 {
        self.frames.load(Ordering::Relaxed)
    }

    /// So many bytes of it came.
    pub(crate) fn count(&self, bytes: usize) {
        self.add(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    fn add(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// How many bytes of it came.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Whether the body was cut off because it was longer than allowed.
    pub(crate) fn is_too_large(&self) -> bool {
        self.is_too_large.load(Ordering::Relaxed)
    }

    /// Whether the client broke the body off, or framed it in a way that cannot be read.
    pub(crate) fn is_unreadable(&self) -> bool {
        self.is_unreadable.load(Ordering::Relaxed)
    }

    /// Whether the body was cut off because what it rests on has ended.
    pub(crate) fn is_ended(&self) -> bool {
        self.is_ended.load(Ordering::Relaxed)
    }

    /// Remembers why the body breaks off.
    fn note(&self, error: &BodyError) {
        let why = if matches!(error, BodyError::Ended) { &self.is_ended } else { &self.is_unreadable };
        why.store(true, Ordering::Relaxed);
    }

    /// The app wants a body that is held back.
    pub(crate) fn let_pass(&self) {
        self.gate.open();
    }

    /// The app has answered; `true` if it did so without the body that was held back until then.
    pub(crate) fn shut(&self) -> bool {
        self.gate.shut()
    }
}

/// A client's body on its way to an app: counted, and without identity fields in its trailers.
pub(crate) struct Upload {
    body: Guarded,
    left: u64,
    may_have_trailers: bool,
    progress: Arc<Progress>,
    held: Option<Patience>,
}

impl Upload {
    /// A body that is cut off after `longest` bytes.
    pub(crate) fn new(body: Guarded, longest: Option<u64>, may_have_trailers: bool) -> Self {
        let left = longest.unwrap_or(u64::MAX);
        Self { body, left, may_have_trailers, progress: Arc::default(), held: None }
    }

    /// Holds the body back until the app wants it, or has said nothing for a while.
    pub(crate) fn hold_back(&mut self) {
        self.progress.gate.hold();
        self.held = Some(Patience::new(WAIT));
    }

    /// How far the body has got, while it is on its way.
    pub(crate) fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    pub(crate) fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        if let Some(held) = &mut this.held {
            ready!(this.progress.gate.poll_open(held, context));
            this.held = None;
        }
        let next = ready!(this.body.poll_frame(context));
        if let Some(Err(error)) = &next {
            this.progress.note(error);
        }
        Poll::Ready(next.map(|frame| this.pass(frame?)))
    }

    fn pass(&mut self, frame: Frame<Bytes>) -> Result<Frame<Bytes>, BodyError> {
        self.progress.frames.fetch_add(1, Ordering::Relaxed);
        self.body.note_use();
        let bytes = frame.data_ref().map_or(0, |data| u64::try_from(data.remaining()).unwrap_or(u64::MAX));
        self.progress.add(bytes);
        let Some(left) = self.left.checked_sub(bytes) else {
            self.progress.is_too_large.store(true, Ordering::Relaxed);
            return Err(BodyError::TooLarge);
        };
        self.left = left;
        match frame.into_trailers() {
            Ok(trailers) => {
                let mut trailers = trailers_of(trailers, self.may_have_trailers).ok_or_else(|| {
                    self.progress.note(&BodyError::Trailers);
                    BodyError::Trailers
                })?;
                changes::to_trailers(&mut trailers, self.body.route().request_edits());
                Ok(Frame::trailers(trailers))
            }
            Err(data) => Ok(data),
        }
    }

    pub(crate) fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    pub(crate) fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// What of the trailers goes on; nothing when they make the body one that cannot be read.
///
/// SECURITY: see `framing::is_last`. Here, `LF` alone behind the last chunk makes trailers without a field.
pub(crate) fn trailers_of(trailers: HeaderMap, may_be: bool) -> Option<HeaderMap> {
    (may_be && !trailers.is_empty()).then(|| passed_on(trailers))
}

/// SECURITY: some servers put trailers among the header fields that their app sees.
fn passed_on(trailers: HeaderMap) -> HeaderMap {
    let fields = trailers.iter().filter(|(name, _)| field::may_trail(name));
    fields.map(|(name, value)| (name.clone(), value.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rule_10_trailers_are_stripped_too() {
        let mut trailers = HeaderMap::new();
        for field in ["remote_user", "content_length", "transfer-encoding", "cookie", "x_api_key", "host"] {
            trailers.append(field, "root".parse().unwrap());
        }
        trailers.append("x-checksum", "1".parse().unwrap());
        trailers.append("x-checksum", "2".parse().unwrap());
        let left = passed_on(trailers);
        assert_eq!(left.keys_len(), 1);
        assert_eq!(left.get_all("x-checksum").iter().count(), 2);
    }
}

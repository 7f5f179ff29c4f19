//! Bodies on their way through: never gathered, only passed on.

mod held;
mod upload;
mod watched;

pub(crate) use held::is_expected;
pub(crate) use upload::{Progress, Upload, trailers_of};

use crate::{quota::Seat, upstream::Download};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use std::{
    error::Error,
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

/// The body of a request or an answer.
#[derive(Default)]
pub struct Body(Kind);

#[derive(Default)]
enum Kind {
    #[default]
    Empty,
    Full(Bytes),
    Incoming(Incoming),
    Upload(Box<Upload>),
    Download(Box<Download>),
    Watched(Box<watched::Watched>),
    Other(Pin<Box<dyn http_body::Body<Data = Bytes, Error = BodyError> + Send>>),
    Seated(Box<(Body, Arc<Seat>)>),
}

/// A body ended before its end.
#[derive(Debug, thiserror::Error)]
pub enum BodyError {
    /// It is longer than allowed.
    #[error("the body is longer than allowed")]
    TooLarge,
    /// What it rests on has ended.
    #[error("the session, token, account or access behind the body has ended")]
    Ended,
    /// The connection that it came on broke.
    #[error("the connection broke within the body")]
    Broken(#[from] hyper::Error),
    /// What follows its last chunk cannot be read.
    #[error("the trailers cannot be read")]
    Trailers,
    /// The app stopped in the middle of it.
    #[error("the rest of the body does not come")]
    Stalled,
    /// Whoever makes it could not go on.
    #[error("the body could not be made")]
    Unmade(#[source] Box<dyn Error + Send + Sync>),
}

impl Body {
    /// A body of any other kind.
    pub fn new<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Box<dyn Error + Send + Sync>>,
    {
        use http_body_util::BodyExt as _;
        Self(Kind::Other(Box::pin(body.map_err(|error| BodyError::Unmade(error.into())))))
    }

    /// The same body, which keeps a seat until it has ended or is given up.
    pub(crate) fn seated(self, seat: Arc<Seat>) -> Self {
        Self(Kind::Seated(Box::new((self, seat))))
    }

    pub(crate) fn upload(upload: Upload) -> Self {
        Self(Kind::Upload(Box::new(upload)))
    }

    pub(crate) fn download(download: Download) -> Self {
        Self(Kind::Download(Box::new(download)))
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        if bytes.is_empty() { Self::default() } else { Self(Kind::Full(bytes)) }
    }
}

impl From<Incoming> for Body {
    fn from(incoming: Incoming) -> Self {
        Self(Kind::Incoming(incoming))
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        match &mut this.0 {
            Kind::Empty => Poll::Ready(None),
            Kind::Full(bytes) => {
                let bytes = std::mem::take(bytes);
                this.0 = Kind::Empty;
                Poll::Ready(Some(Ok(Frame::data(bytes))))
            }
            Kind::Incoming(body) => Pin::new(body).poll_frame(context).map_err(BodyError::from),
            Kind::Upload(body) => Pin::new(&mut **body).poll_frame(context),
            Kind::Download(body) => Pin::new(&mut **body).poll_frame(context),
            Kind::Watched(watched) => watched.poll_frame(context),
            Kind::Other(body) => body.as_mut().poll_frame(context),
            Kind::Seated(seated) => Pin::new(&mut seated.0).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Empty => true,
            Kind::Full(_) => false,
            Kind::Incoming(body) => body.is_end_stream(),
            Kind::Upload(body) => body.is_end_stream(),
            Kind::Download(body) => body.is_end_stream(),
            Kind::Watched(watched) => watched.body.is_end_stream(),
            Kind::Other(body) => body.is_end_stream(),
            Kind::Seated(seated) => seated.0.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Empty => SizeHint::with_exact(0),
            Kind::Full(bytes) => SizeHint::with_exact(u64::try_from(bytes.len()).unwrap_or(u64::MAX)),
            Kind::Incoming(body) => body.size_hint(),
            Kind::Upload(body) => body.size_hint(),
            Kind::Download(body) => body.size_hint(),
            Kind::Watched(watched) => watched.body.size_hint(),
            Kind::Other(body) => body.size_hint(),
            Kind::Seated(seated) => seated.0.size_hint(),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Body").finish_non_exhaustive()
    }
}

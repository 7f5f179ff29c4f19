//! An app behind the gateway that writes down what it gets, and answers by path.

use bytes::Bytes;
use doorward_gateway::{Body, Front, Peer};
use futures_util::{FutureExt as _, StreamExt as _, future::BoxFuture, stream};
use http::{HeaderMap, Method, Request, Response, StatusCode, Version};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper_util::rt::TokioIo;
use std::{
    collections::HashSet,
    convert::Infallible,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

/// A request as the app got it.
pub(crate) struct Seen {
    pub(crate) method: Method,
    pub(crate) target: String,
    pub(crate) version: Version,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) trailers: Option<HeaderMap>,
}

/// An app that writes down what it gets.
pub(crate) struct App {
    seen: Mutex<Vec<Seen>>,
    peers: Mutex<HashSet<SocketAddr>>,
    tasks: TaskTracker,
    /// Lets one answer below `/slow` end.
    pub(crate) go_on: Arc<Notify>,
}

impl Seen {
    /// The only value of a field, or an empty text.
    pub(crate) fn field(&self, name: &str) -> &str {
        let mut values = self.headers.get_all(name).iter();
        let only = values.next().map_or("", |value| value.to_str().unwrap());
        assert!(values.next().is_none(), "`{name}` came twice");
        only
    }
}

impl App {
    pub(crate) fn new(tasks: TaskTracker) -> Self {
        Self { seen: Mutex::default(), peers: Mutex::default(), tasks, go_on: Arc::default() }
    }

    /// The requests since this was last asked.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The only request since this was last asked.
    pub(crate) fn only(&self) -> Seen {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "the app got {} requests", seen.len());
        seen.remove(0)
    }

    /// How many connections carried requests so far.
    pub(crate) fn connections(&self) -> usize {
        self.peers.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    async fn note(&self, request: Request<Incoming>) -> Bytes {
        let (head, body) = request.into_parts();
        let collected = body.collect().await;
        let (body, trailers) = match collected {
            Ok(collected) => {
                let trailers = collected.trailers().cloned();
                (collected.to_bytes(), trailers)
            }
            Err(_) => (Bytes::from_static(b"(cut off)"), None),
        };
        let target = head.uri.to_string();
        let seen = Seen {
            method: head.method,
            target,
            version: head.version,
            headers: head.headers,
            body: body.clone(),
            trailers,
        };
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(seen);
        body
    }

    async fn answer(&self, request: Request<Incoming>) -> Response<Body> {
        let built = Response::builder();
        let built = match request.uri().path() {
            "/hang" => std::future::pending().await,
            "/socket" => return self.switch(request),
            "/switch-unasked" => built.status(StatusCode::SWITCHING_PROTOCOLS),
            "/slow" => return self.answer_slowly(),
            "/echo" => return Response::new(request.into_body().into()),
            "/names-request" => built.header("x-request-id", "of-the-app"),
            "/close" => built.header("connection", "close"),
            "/cookies" => built
                .header("set-cookie", "theirs=1")
                .header("set-cookie", "doorward=stolen; Path=/")
                .header("set-cookie", "__Host-doorward=stolen; Secure; Path=/"),
            "/hop" => {
                built.header("connection", "x-internal").header("x-internal", "1").header("keep-alive", "5")
            }
            _ => built,
        };
        let answer = self.note(request).await;
        built.body(Body::from(answer)).unwrap()
    }

    /// Begins an answer at once, and ends it when the test says so.
    fn answer_slowly(&self) -> Response<Body> {
        let go_on = Arc::clone(&self.go_on);
        let first = stream::once(std::future::ready(Bytes::from_static(b"first ")));
        let last = stream::once(async move {
            go_on.notified().await;
            Bytes::from_static(b"last")
        });
        let frames = first.chain(last).map(|bytes| Ok::<_, Infallible>(Frame::data(bytes)));
        Response::new(Body::new(StreamBody::new(frames)))
    }

    /// Echoes every byte once the connection is a tunnel.
    fn switch(&self, mut request: Request<Incoming>) -> Response<Body> {
        let upgrade = hyper::upgrade::on(&mut request);
        self.tasks.spawn(async move {
            let mut tunnel = TokioIo::new(upgrade.await.unwrap());
            let (mut read, mut write) = tokio::io::split(&mut tunnel);
            let _ended = tokio::io::copy(&mut read, &mut write).await;
        });
        let head = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
        head.header("connection", "upgrade").header("upgrade", "websocket").body(Body::default()).unwrap()
    }
}

impl Front for App {
    fn call(&self, peer: Peer, request: Request<Incoming>) -> BoxFuture<'_, Response<Body>> {
        self.peers.lock().unwrap_or_else(PoisonError::into_inner).insert(peer.address);
        self.answer(request).boxed()
    }
}

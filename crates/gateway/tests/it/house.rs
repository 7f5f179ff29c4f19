//! A gateway before an app, both on loopback, and a client that speaks to it in bytes.

use crate::{
    app::App,
    door::{self, Door},
    witness::Notebook,
};
use bytes::Bytes;
use domain::{FixedEntropy, Scheme};
use doorward_gateway::{
    Asked, Body, Client, Faces, Front, Gateway, Limits, Peer, Place, Refusal, Server, Tls, TrustedProxies,
    Witness, Workers,
};
use futures_util::{FutureExt as _, future::BoxFuture};
use http::{Request, Response, request::Parts};
use hyper::body::Incoming;
use limits::VisitLimits;
use std::{
    net::SocketAddr,
    num::NonZeroUsize,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Longer than anything here takes; a test that waits for it has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// A gateway before an app.
pub(crate) struct House {
    pub(crate) address: SocketAddr,
    pub(crate) app: Arc<App>,
    /// Who may come, and what a test may change about it.
    pub(crate) door: Door,
    /// Where the app `bare` is, which a test plays itself.
    pub(crate) bare: TcpListener,
    pub(crate) tasks: TaskTracker,
    pub(crate) leaving: Arc<AtomicBool>,
    pub(crate) closing: CancellationToken,
    pub(crate) shutdown: CancellationToken,
    pub(crate) witness: Arc<Notebook>,
}

impl House {
    /// The host and port of the app `notes`, as browsers reach it.
    pub(crate) fn authority(&self) -> String {
        format!("notes.localhost:{}", self.address.port())
    }

    pub(crate) async fn open() -> Self {
        Self::with(Limits::default()).await
    }

    pub(crate) async fn with(limits: Limits) -> Self {
        Self::of(limits, |_| ()).await
    }

    /// A house whose app `notes` is treated like that.
    pub(crate) async fn gated(gate: domain::GateSettings) -> Self {
        let change = |app: &mut domain::App| {
            if app.name.as_str() == "notes" {
                app.gate = gate.clone();
            }
        };
        Self::of(Limits::default(), change).await
    }

    /// A house whose apps `change` has seen.
    pub(crate) async fn of(limits: Limits, change: impl Fn(&mut domain::App)) -> Self {
        Self::set_up(None, TrustedProxies::default(), limits, change).await
    }

    /// A gateway that believes these proxies.
    pub(crate) async fn behind(trusted: TrustedProxies, limits: Limits) -> Self {
        Self::set_up(None, trusted, limits, |_| ()).await
    }

    /// A house whose door speaks TLS with this certificate, and whose apps `change` has seen.
    pub(crate) async fn over(tls: Arc<Tls>, limits: Limits, change: impl Fn(&mut domain::App)) -> Self {
        Self::set_up(Some(tls), TrustedProxies::default(), limits, change).await
    }

    async fn set_up(
        tls: Option<Arc<Tls>>,
        trusted: TrustedProxies,
        limits: Limits,
        change: impl Fn(&mut domain::App),
    ) -> Self {
        let scheme = if tls.is_some() { Scheme::Https } else { Scheme::Http };
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let app = Arc::new(App::new(tasks.clone()));
        let behind = listener().await;
        let before = listener().await;
        let address = before.local_addr().unwrap();
        let bare = listener().await;
        let apps = [("notes", &behind), ("bare", &bare), ("loop", &before)];
        let apps = apps.map(|(name, at)| (name, at.local_addr().unwrap()));
        let door = door::open(apps, (scheme, address), change);
        let witness = Arc::new(Notebook::default());
        let place = Place {
            trusted,
            own: vec![address],
            limits,
            tasks: tasks.clone(),
            shutdown: shutdown.clone(),
            witness: Arc::clone(&witness) as _,
            visits: VisitLimits::default(),
        };
        let gateway = Gateway::new(
            Arc::clone(&door.access),
            Arc::new(PlainFaces),
            Arc::new(FixedEntropy::new(1)),
            place,
        );
        // One, so that a test knows which connections wait for the next request.
        let workers = Arc::new(Workers::start(NonZeroUsize::MIN, &tasks, &shutdown).unwrap());
        let front = Arc::new(Gate(gateway, Arc::clone(&witness) as _));
        let (leaving, closing) = (Arc::new(AtomicBool::new(false)), CancellationToken::new());
        let server = |front: Arc<dyn Front>, tls, limits| Server {
            front,
            tls,
            trusted: TrustedProxies::default(),
            limits,
            workers: Arc::clone(&workers),
            tasks: tasks.clone(),
            leaving: Arc::clone(&leaving),
            closing: closing.clone(),
            shutdown: shutdown.clone(),
        };
        tasks.spawn(server(Arc::clone(&app) as _, None, Limits::default()).serve(behind));
        tasks.spawn(server(front, tls, limits).serve(before));
        Self { address, app, door, bare, tasks, leaving, closing, shutdown, witness }
    }

    /// A connection of its own.
    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Sends the bytes over a connection of their own, and gives all that comes back until it closes.
    pub(crate) async fn say(&self, request: &str) -> String {
        let mut stream = self.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        timeout(PATIENCE, stream.read_to_end(&mut answer)).await.unwrap().unwrap();
        String::from_utf8(answer).unwrap()
    }

    /// Sends a request of a signed-in browser for the app's host, with `fields` beside `Host` and the cookie.
    pub(crate) async fn ask(&self, line: &str, fields: &[&str]) -> String {
        self.say(&signed_in(line, fields)).await
    }
}

/// The head of a request of a signed-in browser, after which the connection closes.
pub(crate) fn signed_in(line: &str, fields: &[&str]) -> String {
    let cookie = door::cookie();
    let own = ["Host: notes.localhost", "Connection: close", &cookie];
    head(line, &[&own, fields].concat())
}

/// A request's head.
pub(crate) fn head(line: &str, fields: &[&str]) -> String {
    format!("{line} HTTP/1.1\r\n{}\r\n\r\n", fields.join("\r\n"))
}

/// Reads from `stream` until `end` has come.
pub(crate) async fn read_until(stream: &mut (impl AsyncRead + Unpin), end: &str) -> String {
    let mut read = Vec::new();
    while !read.ends_with(end.as_bytes()) {
        let byte = timeout(PATIENCE, stream.read_u8()).await.unwrap();
        read.push(byte.unwrap_or_else(|_| panic!("closed after {:?}", String::from_utf8_lossy(&read))));
    }
    String::from_utf8(read).unwrap()
}

async fn listener() -> TcpListener {
    TcpListener::bind(("127.0.0.1", 0)).await.unwrap()
}

struct Gate(Gateway, Arc<dyn Witness>);

impl Front for Gate {
    fn call(&self, peer: Peer, request: Request<Incoming>) -> BoxFuture<'_, Response<Body>> {
        self.0.handle(peer, request).boxed()
    }

    fn witness(&self) -> Option<&Arc<dyn Witness>> {
        Some(&self.1)
    }
}

/// Answers with a refusal's code, and shows what the other ways were called with.
struct PlainFaces;

impl Faces for PlainFaces {
    fn refuse<'a>(&'a self, refusal: &'a Refusal, asked: &'a Asked) -> BoxFuture<'a, Response<Body>> {
        let text = format!("{} navigation={}", refusal.code(), asked.is_navigation());
        let response = Response::builder().status(refusal.status()).body(Body::from(Bytes::from(text)));
        std::future::ready(response.unwrap()).boxed()
    }

    fn own_path(
        &self,
        route: Arc<access::AppRoute>,
        client: Client,
        request: Request<Body>,
    ) -> BoxFuture<'_, Response<Body>> {
        let text = format!("own path {} of {} for {}", request.uri(), route.app.name, client.address);
        std::future::ready(Response::new(Body::from(Bytes::from(text)))).boxed()
    }

    fn sample(&self, request: Parts) -> BoxFuture<'_, Response<Body>> {
        let user = request.headers.get("remote-user").map_or("nobody", |user| user.to_str().unwrap());
        let text = format!("sample for {user}, cookie {}", request.headers.contains_key("cookie"));
        std::future::ready(Response::new(Body::from(Bytes::from(text)))).boxed()
    }
}

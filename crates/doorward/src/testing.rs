//! The whole product on a temporary database, with a clock that stands still and predictable randomness.
//!
//! INVARIANT: nothing here weakens the product but the cost of a password hash and the floor of a failure's time.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot be set up has failed"
)]

mod embedded;
mod postgresql;

pub use embedded::{Answered, Embedded};
pub use postgresql::Postgresql;

use crate::{
    config::SessionPlace,
    seeing::{LogSettings, Seeing},
    serve::{Database, Parts, Wired, front},
};
use access::headers::session_cookie;
use axum::{Router, body::Body};
use domain::{Actor, Event, FixedClock, FixedEntropy, Origin, Scheme, Settings, Time};
use gateway::{Limits, Place, Server, TrustedProxies, Workers};
use http::{Request, Response, header};
use identity::{House, audit::EventFilter, sign_in::Visitor};
use policy::Policy;
use std::{
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroUsize,
    path::Path,
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;
use vault::{Cost, KeyRing, Password};
use web::{Client, Desk, Door};

/// The password of every account that a test makes.
pub const PASSWORD: &str = "seven violet kettles orbit";
/// When tests begin: 2026-01-01T00:00:00Z.
const BEGINNING: Time = Time::from_micros(1_767_225_600_000_000);

/// The product, running in the test's own process.
pub struct TestApp {
    /// What handlers need.
    pub desk: Desk,
    /// The clock, to be moved on.
    pub clock: Arc<FixedClock>,
    wired: Wired,
    home: Router,
    local: Router,
}

/// The product behind a listener on loopback, gateway and all.
pub struct Served {
    /// Where it listens.
    pub address: SocketAddr,
    tasks: TaskTracker,
    shutdown: CancellationToken,
    seeing: Arc<Seeing>,
}

impl Served {
    /// Sends the bytes over a connection of their own; answers all that comes back until it closes.
    pub async fn say(&self, request: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.expect("the listener is there");
        stream.write_all(request.as_bytes()).await.expect("the request is sent");
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.expect("the answer comes");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Ends it, once every line of the access log is written.
    pub async fn end(self) {
        self.shutdown.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        self.seeing.end();
    }
}

/// The keys that every test has, so that one database can be opened again.
fn ring() -> KeyRing {
    KeyRing::create(&FixedEntropy::new(7), BEGINNING)
}

impl TestApp {
    /// Opens the product on the database in `folder`, with the built-in policies.
    pub async fn open(folder: &Path) -> Self {
        Self::open_with(folder, Policy::builtin().expect("the built-in policies are valid")).await
    }

    /// The same under another policy.
    pub async fn open_with(folder: &Path, policy: Policy) -> Self {
        let clock = Arc::new(FixedClock::at(BEGINNING));
        let wired = parts(folder, &clock, policy).assemble().await.expect("the product starts");
        let desk = wired.desk.clone();
        let (home, local) = (web::home::router(desk.clone()), web::home::local_router(desk.clone()));
        Self { desk, clock, wired, home, local }
    }

    /// Serves as the program does, with this access log. Proxies in `trusted` are believed.
    pub async fn serve(&self, log: &LogSettings, trusted: TrustedProxies) -> Served {
        let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port is free");
        let address = listener.local_addr().expect("the listener has an address");
        let seeing = Seeing::begin(log, &self.wired).expect("the log can be written");
        let place = Place {
            trusted,
            own: vec![address],
            limits: Limits::default(),
            tasks: tasks.clone(),
            shutdown: shutdown.clone(),
            witness: Arc::clone(&seeing) as _,
            visits: self.wired.visits(),
        };
        let limits = place.limits;
        let front = front(&self.wired, place);
        let workers = Workers::start(NonZeroUsize::MIN, &tasks, &shutdown).expect("a thread starts");
        let server = Server {
            front,
            tls: None,
            trusted: TrustedProxies::default(),
            limits,
            workers: Arc::new(workers),
            tasks: tasks.clone(),
            leaving: Arc::clone(&self.wired.desk.leaving),
            closing: CancellationToken::new(),
            shutdown: shutdown.clone(),
        };
        tasks.spawn(server.serve(listener));
        tasks.spawn(Arc::clone(&seeing).reopen_when_told(shutdown.clone()));
        Served { address, tasks, shutdown, seeing }
    }

    /// Asks the home host over the network.
    pub async fn ask(&self, request: Request<Body>) -> Response<Body> {
        self.send(&self.home, Door::Network, request).await
    }

    /// Asks as the local operator.
    pub async fn ask_locally(&self, request: Request<Body>) -> Response<Body> {
        self.send(&self.local, Door::DataDirectory, request).await
    }

    async fn send(&self, router: &Router, door: Door, mut request: Request<Body>) -> Response<Body> {
        let address = (door == Door::Network).then_some(Ipv4Addr::LOCALHOST.into());
        request.extensions_mut().insert(Client { address, request: "req-test".into(), door });
        router.clone().oneshot(request).await.unwrap_or_else(|never| match never {})
    }

    /// Makes the first account, an administrator.
    pub async fn set_up(&self, email: &str) {
        let (email, password) = (email.parse().expect("an address"), password());
        let made = identity::setup::set_up_unattended(&self.desk.house, email, password).await;
        made.expect("the first account is made");
    }

    /// Signs in; answers the value of the `Cookie` header.
    pub async fn sign_in(&self, identifier: &str) -> String {
        let actor = Actor::anonymous(Some(Ipv4Addr::LOCALHOST.into()), "req-sign-in");
        let credentials = identity::sign_in::Credentials {
            identifier: identifier.to_owned(),
            password: password(),
            device: None,
            visitor: Visitor::default(),
        };
        let made = identity::sign_in::sign_in(&self.desk.house, &actor, credentials).await;
        let made = made.expect("the sign-in works");
        format!("{}={}", session_cookie(self.desk.home()), made.secret.reveal())
    }

    /// Every event of the log, oldest first, with what still waited to be written.
    pub async fn events(&self) -> Vec<Event> {
        events(&self.desk.house).await
    }
}

async fn events(house: &House) -> Vec<Event> {
    house.flush_all_refusals().await.expect("refusals are written");
    let operator = Actor::local_operator("req-look");
    let mut events = Vec::new();
    let mut after = None;
    loop {
        let page = identity::audit::list(house, &operator, EventFilter::default(), (after, 500)).await;
        let page = page.expect("the log can be read");
        events.extend(page.items);
        after = page.next.map(|next| next.parse().expect("a cursor"));
        if after.is_none() {
            events.reverse();
            return events;
        }
    }
}

/// A request with a JSON body from a page of the home host.
pub fn json_request(method: &str, path: &str, body: &serde_json::Value) -> Request<Body> {
    let request = Request::builder().method(method).uri(path).header(header::HOST, "localhost:8080");
    let request = request.header(header::ORIGIN, "http://localhost:8080");
    let filled = match body {
        serde_json::Value::Null => request.body(Body::empty()),
        body => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
    };
    filled.expect("a request")
}

/// What the product is put together of, with this clock.
fn parts(folder: &Path, clock: &Arc<FixedClock>, policy: Policy) -> Parts {
    let mut settings = Settings::at(Origin::new(Scheme::Http, "localhost", 8080));
    settings.failure_floor = Duration::ZERO;
    Parts {
        database: Database::File(folder.join("doorward.db")),
        ring: ring(),
        policy,
        clock: Arc::clone(clock) as _,
        entropy: Arc::new(FixedEntropy::new(entropy_seed(folder))),
        scheme: Cost::danger_tiny().into(),
        valkey: None,
        sessions: SessionPlace::Database,
        settings,
    }
}

fn password() -> Password {
    Password::new(PASSWORD.to_owned()).expect("a short password")
}

/// Another seed each time that the same folder is opened, so that ids do not repeat.
fn entropy_seed(folder: &Path) -> u64 {
    let opened = std::fs::metadata(folder.join("doorward.db")).map_or(0, |file| file.len());
    opened.wrapping_add(1)
}

//! Places of an app that a test plays by itself, byte by byte.

use crate::{
    door::{self, bearer},
    house::{House, PATIENCE, head, read_until},
};
use domain::{App, GateSettings};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};

pub(crate) const EMPTY: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

/// A place of the app `many`.
pub(crate) struct Stand {
    listener: TcpListener,
    queue: std::net::TcpListener,
}

/// A connection to a place, of which one request's head was read.
pub(crate) struct Heard {
    pub(crate) stream: TcpStream,
    pub(crate) head: String,
}

impl Stand {
    pub(crate) fn open() -> Self {
        let queue = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        queue.set_nonblocking(true).unwrap();
        Self { listener: TcpListener::from_std(queue.try_clone().unwrap()).unwrap(), queue }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.listener.local_addr().unwrap())
    }

    /// The next connection, once a request's head has come.
    pub(crate) async fn heard(&self) -> Heard {
        let (mut stream, _) = timeout(PATIENCE, self.listener.accept()).await.unwrap().unwrap();
        let head = read_until(&mut stream, "\r\n\r\n").await;
        Heard { stream, head }
    }

    /// Answers one request, and keeps the connection open.
    pub(crate) async fn answers(&self, answer: &str) -> Heard {
        let mut heard = self.heard().await;
        heard.says(answer).await;
        heard
    }

    /// Answers one request, and closes the connection.
    pub(crate) async fn answers_and_closes(&self, answer: &str) {
        drop(self.answers(answer).await);
    }

    /// Whether there was a connection beside those that were heard.
    pub(crate) fn was_asked(&self) -> bool {
        self.queue.accept().is_ok()
    }
}

impl Heard {
    pub(crate) async fn says(&mut self, bytes: &str) {
        self.stream.write_all(bytes.as_bytes()).await.unwrap();
    }

    /// Waits until the gateway has closed the connection; gives what it sent before.
    pub(crate) async fn closed(mut self) -> String {
        let mut rest = Vec::new();
        let ended = timeout(PATIENCE, self.stream.read_to_end(&mut rest)).await;
        let _was_reset = ended.unwrap_or_else(|_| panic!("the gateway keeps the connection")).is_err();
        String::from_utf8(rest).unwrap()
    }
}

/// Puts the app `many` at `places`, and takes all others away.
pub(crate) fn lead(house: &House, places: &[&str], gate: GateSettings) {
    let upstreams = places.iter().map(|place| place.parse().unwrap()).collect();
    house.door.access.replace_apps(&[App { upstreams, gate, ..door::app("many", "builtin:sample") }]);
}

/// A house before one place of the app `many`.
pub(crate) async fn before_one(limits: doorward_gateway::Limits) -> (House, Stand) {
    let (house, stand) = (House::with(limits).await, Stand::open());
    lead(&house, &[&stand.url()], GateSettings::default());
    (house, stand)
}

/// The head of a request for the app `many`, after which the connection closes.
pub(crate) fn to_many(line: &str, fields: &[&str]) -> String {
    let own = ["Host: many.localhost", "Connection: close", &bearer()];
    head(line, &[&own, fields].concat())
}

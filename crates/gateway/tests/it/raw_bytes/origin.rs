//! An app that keeps every byte it gets, takes them for requests in the strictest way, and answers each.

use crate::house::{House, PATIENCE};
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// What a test's own connection says, behind all of the gateway's.
const FENCE: &[u8] = b"FENCE";

/// Fields that the gateway adds to every request.
const ADDED: [&str; 9] = [
    "host",
    "remote-user",
    "remote-name",
    "remote-email",
    "remote-groups",
    "x-doorward-assertion",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-request-id",
];

/// The app `bare` behind a gateway.
pub(crate) struct Origin {
    house: House,
    requests: Arc<Mutex<Vec<String>>>,
    tasks: TaskTracker,
    at: std::net::SocketAddr,
}

impl Origin {
    pub(crate) async fn play(mut house: House) -> Self {
        let spare = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let listener = std::mem::replace(&mut house.bare, spare);
        let (requests, tasks) = (Arc::default(), TaskTracker::new());
        let at = listener.local_addr().unwrap();
        tasks.spawn(accept(listener, Arc::clone(&requests), tasks.clone()));
        Self { house, requests, tasks, at }
    }

    /// Every whole request that ever reached the app, once the gateway is gone and nothing can come any more.
    pub(crate) async fn requests(self) -> Vec<String> {
        self.house.shutdown.cancel();
        self.house.tasks.close();
        timeout(PATIENCE, self.house.tasks.wait()).await.expect("the gateway goes on");
        // Connections are accepted in the order in which they were made.
        TcpStream::connect(self.at).await.unwrap().write_all(FENCE).await.unwrap();
        self.tasks.close();
        timeout(PATIENCE, self.tasks.wait()).await.expect("a connection to the app goes on");
        std::mem::take(&mut self.requests.lock().unwrap())
    }
}

async fn accept(listener: TcpListener, requests: Arc<Mutex<Vec<String>>>, tasks: TaskTracker) {
    let fence = CancellationToken::new();
    while let Some(accepted) = fence.run_until_cancelled(listener.accept()).await {
        let (stream, _) = accepted.unwrap();
        tasks.spawn(converse(stream, Arc::clone(&requests), fence.clone()));
    }
}

async fn converse(mut stream: TcpStream, requests: Arc<Mutex<Vec<String>>>, fence: CancellationToken) {
    let mut bytes = Vec::new();
    loop {
        while let Some(length) = whole_request(&bytes) {
            let request: Vec<u8> = bytes.drain(..length).collect();
            requests.lock().unwrap().push(shown(&request));
            let _taken_or_gone = stream.write_all(ANSWER).await;
        }
        if !matches!(stream.read_buf(&mut bytes).await, Ok(1..)) {
            break;
        }
    }
    if bytes == FENCE {
        fence.cancel();
    }
}

/// How many of the bytes are one whole request; panics when it is not in the one form that is right.
fn whole_request(bytes: &[u8]) -> Option<usize> {
    let head = position(bytes, b"\r\n\r\n")?;
    let text = String::from_utf8_lossy(&bytes[..head]);
    let (line, fields) = text.split_once("\r\n").expect("a request names its host at least");
    let words: Vec<_> = line.split(' ').collect();
    assert!(words.len() == 3 && !words[1].is_empty() && words[2] == "HTTP/1.1", "no request line: {line:?}");
    assert!(!text.replace("\r\n", "").contains(['\r', '\n', '\0']), "a stray end of line: {text:?}");
    let values = |wanted: &str| -> Vec<&str> {
        let pairs = fields.split("\r\n").map(|field| field.split_once(": ").unwrap_or((field, "")));
        pairs.filter(|(name, _)| *name == wanted).map(|(_, value)| value).collect()
    };
    let body = head + 4;
    match (values("content-length").as_slice(), values("transfer-encoding").as_slice()) {
        ([], []) => Some(body),
        ([length], []) => Some(body + length.parse::<usize>().unwrap()).filter(|end| *end <= bytes.len()),
        ([], ["chunked"]) => end_of_chunks(bytes, body),
        framing => panic!("framed in two ways: {framing:?}"),
    }
}

fn end_of_chunks(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    loop {
        let line = position(&bytes[at..], b"\r\n")?;
        let size = usize::from_str_radix(std::str::from_utf8(&bytes[at..at + line]).unwrap(), 16).unwrap();
        at += line + 2;
        if size == 0 {
            break;
        }
        assert!(bytes.len() < at + size + 2 || bytes[at + size..].starts_with(b"\r\n"), "a chunk's end");
        at += size + 2;
        if at > bytes.len() {
            return None;
        }
    }
    loop {
        let line = position(&bytes[at..], b"\r\n")?;
        at += line + 2;
        if line == 0 {
            return Some(at);
        }
    }
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// The request without what the gateway always adds, which must be right, each byte a character.
fn shown(request: &[u8]) -> String {
    let text: String = request.iter().copied().map(char::from).collect();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let is_added = |line: &&str| ADDED.contains(&line.split(": ").next().unwrap());
    let is_proto = |line: &&str| *line == "x-forwarded-proto: http";
    let mut added: Vec<_> = head.split("\r\n").filter(is_added).collect();
    added.sort_unstable();
    assert_eq!(added.len(), ADDED.len(), "{text}");
    assert!(added.contains(&"remote-user: ada") && added.contains(&"x-forwarded-for: 127.0.0.1"), "{text}");
    assert_eq!(head.split("\r\n").filter(is_proto).count(), 1, "{text}");
    let mut own: Vec<_> = head.split("\r\n").filter(|line| !is_added(line) && !is_proto(line)).collect();
    // Only fields of one name have an order.
    own[1..].sort_by_key(|field| field.split(": ").next());
    if body.is_empty() { own.join("\n") } else { format!("{}\n\n{body}", own.join("\n")) }
}

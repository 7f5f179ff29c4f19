//! A client that speaks raw bytes, and an app that compares what reaches it byte for byte.
//!
//! The rule: refuse, or forward exactly one request that means the same to the app. Behind the bytes of each row comes,
//! in the same segment, one more request. It must reach the app where the connection stays, and never where it closes.

mod chunks;
mod fields;
mod lengths;
mod lines;
mod origin;
mod pipelines;
mod upgrades;

use crate::{
    door::bearer,
    house::{House, PATIENCE},
};
use doorward_gateway::Limits;
use origin::Origin;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    time::timeout,
};

/// What comes of a row's bytes. The requests are as the app got them, less what the gateway always adds.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Fate {
    /// Answered with this status and closed; the app got no whole request.
    Refused(u16),
    /// Closed without a word; the app got nothing.
    Dropped,
    /// The app got this one request, and then the one behind it.
    Passed(String),
    /// The app got this one request, and the connection was closed behind it.
    PassedAndClosed(String),
}

/// The bytes of a row, where `$` stands for the fields that name the app and the visitor.
fn written(row: &str) -> Vec<u8> {
    latin(&row.replace('$', &format!("Host: bare.localhost\r\n{}\r\n", bearer())))
}

/// The bytes whose values are the text's characters, so that a row can hold any byte.
fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(c).unwrap()).collect()
}

/// Sends a row and the request behind it, and gives what came of it.
async fn fate(row: &str) -> Fate {
    let house = House::with(Limits::default()).await;
    let (bytes, behind) = (written(row), written("GET /behind HTTP/1.1\r\n$Connection: close\r\n\r\n"));
    let address = house.address;
    let origin = Origin::play(house).await;
    let answers = say(address, &[bytes, behind].concat()).await;
    let mut requests = origin.requests().await;
    let stays = requests.last().is_some_and(|last| last.starts_with("GET /behind "));
    if stays {
        requests.pop();
    }
    let statuses = statuses(&answers);
    match (requests.as_slice(), statuses.as_slice(), stays) {
        ([], [], false) => Fate::Dropped,
        ([], [only], false) => Fate::Refused(*only),
        ([request], [200], false) => Fate::PassedAndClosed(request.clone()),
        ([request], [200, 200], true) => Fate::Passed(request.clone()),
        _ => {
            panic!("{row:?} was answered {answers:?}, and the app got {requests:#?}, then the next: {stays}")
        }
    }
}

/// Sends the bytes over a connection of their own, and gives all that comes back until it closes or breaks.
async fn say(address: std::net::SocketAddr, bytes: &[u8]) -> String {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    let (mut read, mut write) = stream.split();
    let mut answer = Vec::new();
    let reading = async {
        // A server that closes while bytes wait unread breaks the connection; what it said before has come.
        let _closed_or_broken = read.read_to_end(&mut answer).await;
    };
    let writing = async {
        // A refusal may come before all is written.
        let _written_or_broken = write.write_all(bytes).await;
    };
    timeout(PATIENCE, futures_util::future::join(reading, writing)).await.expect("the connection stays open");
    String::from_utf8(answer).unwrap()
}

/// The statuses of the answers, without `100 Continue`.
fn statuses(answers: &str) -> Vec<u16> {
    let heads = answers.split("HTTP/1.1 ").skip(1).chain(answers.split("HTTP/1.0 ").skip(1));
    heads.map(|head| head.get(..3).unwrap().parse().unwrap()).filter(|status| *status != 100).collect()
}

/// Sends each row and compares what came of it; says everything that differs.
async fn compare(rows: &[(&str, Fate)]) {
    let mut wrong = Vec::new();
    for (row, wanted) in rows {
        let found = fate(row).await;
        if found != *wanted {
            wrong.push(format!("{row:?}\n  wanted {wanted:?}\n  found  {found:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each row is refused with the status.
async fn refuses(status: u16, rows: &[&str]) {
    let rows: Vec<_> = rows.iter().map(|row| (*row, Fate::Refused(status))).collect();
    compare(&rows).await;
}

fn passed(request: &str) -> Fate {
    Fate::Passed(request.to_owned())
}

fn passed_and_closed(request: &str) -> Fate {
    Fate::PassedAndClosed(request.to_owned())
}

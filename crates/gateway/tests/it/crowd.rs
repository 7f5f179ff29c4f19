//! Many connections of one client, and many requests on one connection.

use crate::{
    house::{House, PATIENCE, read_until, signed_in},
    secure::{SecureHouse, piece, send, text},
};
use doorward_gateway::Limits;
use http_body_util::Full;
use std::{net::SocketAddr, pin::pin, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream},
    time::timeout,
};

fn two() -> Limits {
    Limits { network_connections: 2, ..Limits::default() }
}

/// A connection from another address of this machine.
async fn connect_from(address: &str, to: SocketAddr) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(address.parse().unwrap()).unwrap();
    socket.connect(to).await.unwrap()
}

async fn is_served(stream: &mut TcpStream) -> bool {
    let request = signed_in("GET /", &[]).replace("Connection: close\r\n", "");
    if stream.write_all(request.as_bytes()).await.is_err() {
        return false;
    }
    let mut first = [0; 8];
    let read = timeout(PATIENCE, stream.read_exact(&mut first)).await.unwrap();
    read.is_ok() && first == *b"HTTP/1.1"
}

#[tokio::test]
async fn rule_22_one_network_cannot_take_every_connection() {
    let house = House::with(two()).await;
    let (mut one, mut two) = (house.connect().await, house.connect().await);
    assert!(is_served(&mut one).await && is_served(&mut two).await);
    let mut third = house.connect().await;
    assert!(!is_served(&mut third).await, "it is closed at once");
    let mut neighbour = connect_from("127.0.0.2:0", house.address).await;
    assert!(is_served(&mut neighbour).await);
    drop(one);
    // The server sees the end a moment later than the client.
    timeout(PATIENCE, async { while !is_served(&mut house.connect().await).await {} }).await.unwrap();
}

#[tokio::test]
async fn a_web_socket_goes_on_counting() {
    let house = House::with(two()).await;
    let mut sockets = [house.connect().await, house.connect().await];
    for socket in &mut sockets {
        let request = signed_in("GET /socket", &["Upgrade: websocket"]);
        let request = request.replace("Connection: close", "Connection: Upgrade");
        socket.write_all(request.as_bytes()).await.unwrap();
        assert!(read_until(socket, "\r\n\r\n").await.starts_with("HTTP/1.1 101"));
    }
    assert!(!is_served(&mut house.connect().await).await);
}

#[tokio::test]
async fn requests_beside_each_other_count_like_connections() {
    let house = SecureHouse::with(two()).await;
    let mut sender = house.http2().await;
    let first = send(&mut sender, house.asked("/slow")).await.unwrap();
    let mut second = send(&mut sender, house.asked("/slow")).await.unwrap();
    assert_eq!(piece(&mut second).await.unwrap().unwrap(), "first ");
    let mut third = pin!(sender.send_request(house.asked("/").body(Full::default()).unwrap()));
    let early = timeout(Duration::from_millis(50), third.as_mut()).await;
    assert!(early.is_err(), "the third was answered beside two others");
    drop(first);
    assert_eq!(timeout(PATIENCE, third).await.unwrap().unwrap().status(), 200);
    house.house.app.go_on.notify_waiters();
    assert_eq!(text(second).await.unwrap(), "last");
}

#[tokio::test]
async fn connections_that_use_up_what_a_network_has_still_carry_a_request_each() {
    let house = SecureHouse::with(two()).await;
    let mut senders = [house.http2().await, house.http2().await];
    for sender in &mut senders {
        let response = send(sender, house.asked("/")).await.unwrap();
        assert_eq!(response.status(), 200);
        text(response).await.unwrap();
    }
}

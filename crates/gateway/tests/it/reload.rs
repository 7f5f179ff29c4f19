//! A certificate that is exchanged while requests are under way.

use crate::secure::{H1, H2, Http1, NOW, Pair, SecureHouse, send, shown, text};
use http::{Request, header::HOST};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};
use tokio::sync::Notify;

/// Asks over HTTP/1.1; answers the status, or nothing when the connection failed.
async fn ask(sender: &mut Http1, house: &SecureHouse) -> Option<u16> {
    let head = house.asked("/").header(HOST, house.house.authority());
    sender.ready().await.ok()?;
    let response = sender.send_request(head.body(Full::default()).unwrap()).await.ok()?;
    let status = response.status().as_u16();
    text(response).await.ok().map(|_| status)
}

/// Opens a connection for one request.
async fn ask_once(house: &SecureHouse) -> Option<u16> {
    let stream = house.connect(&[H1]).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    house.clients.spawn(connection);
    ask(&mut sender, house).await
}

#[tokio::test]
async fn a_certificate_is_exchanged_under_load_and_no_request_fails() {
    let house = Arc::new(SecureHouse::open().await);
    let (failures, asked) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let done = Arc::new(Notify::new());
    let load = {
        let (house, failures, asked) = (Arc::clone(&house), Arc::clone(&failures), Arc::clone(&asked));
        async move {
            let mut kept = house.http1().await;
            loop {
                let both = [ask_once(&house).await, ask(&mut kept, &house).await];
                asked.fetch_add(2, Ordering::Relaxed);
                let failed = both.iter().filter(|status| **status != Some(200)).count();
                failures.fetch_add(u32::try_from(failed).unwrap(), Ordering::Relaxed);
            }
        }
    };
    let stop = Arc::clone(&done);
    let loading = house.clients.spawn(async move {
        tokio::select! { () = load => {}, () = stop.notified() => {} }
    });

    let (mut kept1, mut kept2) = (house.http1().await, house.http2().await);
    for round in 0..20 {
        let pair = Pair::make();
        house.files.write(&pair);
        house.tls.reload(NOW).unwrap();
        for protocol in [H1, H2] {
            let stream = house.connect(&[protocol]).await.unwrap();
            assert_eq!(shown(&stream), pair.der, "round {round}: a new connection sees the new certificate");
        }
        assert_eq!(ask(&mut kept1, &house).await, Some(200), "round {round}: a kept one lives on");
        assert_eq!(send(&mut kept2, house.asked("/")).await.unwrap().status(), 200, "round {round}");
    }
    while asked.load(Ordering::Relaxed) < 40 {
        tokio::task::yield_now().await;
    }
    done.notify_one();
    loading.await.unwrap();
    assert_eq!(failures.load(Ordering::Relaxed), 0, "of {}", asked.load(Ordering::Relaxed));
}

#[tokio::test]
async fn a_bad_pair_leaves_the_old_one_in_place() {
    let house = SecureHouse::open().await;
    let before = shown(&house.connect(&[H2]).await.unwrap());
    fs::write(house.files.names().key, Pair::make().key).unwrap();
    assert!(house.tls.reload(NOW).unwrap_err().to_string().contains("is not that of the certificate"));
    assert_eq!(shown(&house.connect(&[H2]).await.unwrap()), before);
    fs::remove_file(house.files.names().certificate).unwrap();
    assert!(house.tls.reload(NOW).is_err());
    assert_eq!(ask_once(&house).await, Some(200));
}

#[tokio::test]
async fn what_streams_while_the_certificate_is_exchanged_goes_on() {
    let house = SecureHouse::open().await;
    let mut sender = house.http2().await;
    let request: Request<()> = house.asked("/slow").body(()).unwrap();
    assert_eq!(request.uri().scheme_str(), Some("https"));
    let streaming = send(&mut sender, house.asked("/slow")).await.unwrap();
    house.files.write(&Pair::make());
    house.tls.reload(NOW).unwrap();
    house.house.app.go_on.notify_one();
    assert_eq!(text(streaming).await.unwrap(), "first last");
}

use super::*;
use crate::{
    config::{Environment, Flags},
    serve::Gate,
};
use domain::{Entropy, FixedEntropy};
use std::sync::{Arc, Mutex};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

fn config(url: &str, entropy: &dyn Entropy) -> Config {
    let token = vault::TokenSecret::generate(entropy).reveal();
    let variables = [("DOORWARD_URL", url), ("DOORWARD_TOKEN", token.as_str())];
    Config::read(&Flags::default(), &Environment::of(variables)).unwrap()
}

#[tokio::test]
async fn a_server_that_was_named_gets_the_token_and_its_own_name() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(Mutex::new(String::new()));
    let serving = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = vec![0; 4_096];
        let length = stream.read(&mut bytes).await.unwrap();
        *seen.lock().unwrap() = String::from_utf8_lossy(&bytes[..length]).into_owned();
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.unwrap();
    };
    let config = config(&format!("http://{address}"), &FixedEntropy::new(1));
    let request = Request::get("/api/v1/me").body(Bytes::new()).unwrap();
    let asking =
        async { Transport::to(&config, &Gate::default()).await.unwrap().send(request).await.unwrap() };
    let ((), answer) = tokio::join!(serving, asking);

    assert_eq!((answer.status, &answer.body[..]), (StatusCode::OK, &b"ok"[..]));
    let seen = seen.lock().unwrap().to_lowercase();
    assert!(seen.starts_with("get /api/v1/me http/1.1\r\n"), "{seen}");
    assert!(
        seen.contains(&format!("host: {address}\r\n")) && seen.contains("authorization: bearer dwt_"),
        "{seen}"
    );
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let config = config(&format!("http://{free}"), &FixedEntropy::new(1));
    let request = Request::get("/").body(Bytes::new()).unwrap();
    let stop = Transport::to(&config, &Gate::default()).await.unwrap().send(request).await.err().unwrap();
    assert_eq!(stop.exit, Exit::Unavailable);
    assert!(stop.message.starts_with(&format!("the server at `http://{free}` cannot be reached")));
}

#[tokio::test]
async fn a_command_works_on_a_directory_that_nobody_serves_and_gives_it_back() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").display().to_string();
    let environment = Environment::of([("DOORWARD_DATA", data.as_str())]);
    let config = Config::read(&Flags::default(), &environment).unwrap();
    let stop = Transport::to(&config, &Gate::default()).await.err().unwrap();
    assert!(stop.message.starts_with("there is no data at"), "{}", stop.message);
    assert!(!config.data.exists(), "a mistyped folder is not made");
    std::fs::create_dir(&config.data).unwrap();
    for _ in 0..2 {
        let request = Request::get("/api/v1/groups").body(Bytes::new()).unwrap();
        let answer = Transport::to(&config, &Gate::default()).await.unwrap().send(request).await.unwrap();
        assert_eq!(answer.status, StatusCode::OK);
    }
    assert!(matches!(Claim::of(&config.data).unwrap(), Claim::Ours(_)));
}

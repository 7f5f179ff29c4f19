use super::*;
use crate::transport::{Answer, Transport};
use axum::routing::get;
use http::{Request, StatusCode};

async fn ask(path: &Path) -> Result<Answer, Stop> {
    let request = Request::get("/name").body(bytes::Bytes::new()).unwrap();
    Transport::Socket(path.to_owned()).send(request).await
}

#[tokio::test]
async fn a_command_is_answered_over_the_socket_until_the_shutdown() {
    let folder = tempfile::tempdir().unwrap();
    let data = DataDir::open(&folder.path().join("data")).unwrap();
    let path = data.socket();
    fs::write(&path, "left behind").unwrap();
    let listener = bind(&data).unwrap();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);

    let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let router = Router::new().route("/name", get(async || "doorward"));
    serve(listener, router, &tasks, shutdown.clone());
    let answer = ask(&path).await.unwrap();
    assert_eq!((answer.status, &answer.body[..]), (StatusCode::OK, &b"doorward"[..]));

    shutdown.cancel();
    tasks.close();
    tasks.wait().await;
    assert!(!path.exists());
    assert_eq!(ask(&path).await.err().unwrap().exit, Exit::Unavailable);
}

#[test]
fn rule_20_only_the_owner_and_root_are_answered() {
    assert!(is_trusted(1_000, 1_000) && is_trusted(0, 1_000));
    assert!(!is_trusted(1_001, 1_000) && !is_trusted(1_000, 0));
}

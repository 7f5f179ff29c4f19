//! What an app has of Doorward beside its routes: policies of its own, hooks, tasks, cookies, and an end.

use axum::{
    Router,
    body::Body,
    routing::{get, post},
};
use doorward::{
    Action, Authorized, Builder, ClientAddr, Db, Doorward, Fact, Facts, Id, Kind, Outcome, Principal,
    Require, Requirement, Resource, Role, Routes, SameSite, StartError, TrustedProxies, User,
    db::{self, Ending, Load, ReadTx},
    testing::Embedded,
};
use http::{Request, StatusCode};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

/// A board that is shown to whoever it names.
struct Board {
    id: Id<Board>,
    readers: Vec<Id<User>>,
}

impl Kind for Board {
    const PREFIX: &'static str = "brd";
}

impl Resource for Board {
    type Id = Id<Self>;
    const TYPE: &'static str = "Board";
    const SHAPE: &'static str = "{ readers: Set<User> }";

    fn id(&self) -> Id<Self> {
        self.id
    }

    fn facts(&self) -> Facts {
        Facts::new(Self::TYPE, &self.id.to_string()).with("readers", Fact::Users(self.readers.clone()))
    }

    fn any() -> Facts {
        Facts::new(Self::TYPE, "*").with("readers", Fact::Users(Vec::new()))
    }
}

impl Load for Board {
    fn load(tx: &mut ReadTx<'_>, id: Id<Self>) -> Result<Option<Self>, db::Error> {
        let readers = tx.list("SELECT reader FROM board_readers WHERE board = $1", &[id.into()])?;
        Ok(Some(Self { id, readers }))
    }
}

doorward::actions! {
    /// Look at a board.
    ReadBoard = "board:read" on Board,;
    /// Show a board to somebody.
    ShowBoard = "board:show" on Board, Administer System;
}

const READERS: &str = r#"
@id("reader of a board")
@reason("the board is shown to this account")
permit (principal is User, action == Action::"board:read", resource)
when { resource.readers.contains(principal) };
"#;

const TABLES: db::Migrations = db::Migrations {
    app: "boards",
    steps: &[
        "CREATE TABLE board_readers (board {blob} NOT NULL, reader {blob} NOT NULL, PRIMARY KEY (board, reader)) {strict};",
    ],
};

const BOARD: Id<Board> = Id::from_bytes([7; 16]);

fn boards() -> Builder {
    Doorward::builder("boards").actions(ACTIONS).policies(READERS).tables(TABLES)
}

fn routes() -> Routes {
    Routes::new()
        .signed_in("/boards/{id}", get(|_: Authorized<ReadBoard>| async { "the board" }))
        .signed_in("/show", get(|_: Require<ShowBoard>| async { "may show" }))
        .public(
            "/who",
            get(|who: Option<Principal>| async { who.map_or("nobody".to_owned(), |who| who.email) }),
        )
        .signed_in("/id", get(|who: Principal| async move { who.id.to_string() }))
        .public("/where", get(|ClientAddr(address): ClientAddr| async move { address.to_string() }))
        .nest("/old", Requirement::signed_in(), Router::new().route("/page", get(|| async { "an old page" })))
}

async fn show(db: &Db, reader: Id<User>) -> Result<(), doorward::Error> {
    let shown = db.write(reader, |tx, reader| {
        let permit = tx.permit::<ShowBoard>(&Board { id: BOARD, readers: Vec::new() })?;
        let row = [permit.id().into(), (*reader).into()];
        tx.change(&permit, "INSERT INTO board_readers (board, reader) VALUES ($1, $2)", &row)?;
        Ok(Ending::Done((), tx.deed(permit)))
    });
    shown.await
}

async fn open(app: Builder, folder: &tempfile::TempDir) -> Embedded {
    let app = Embedded::open(app, folder.path(), |_| routes()).await;
    app.account("ada@example.org", Role::Admin).await;
    app.account("grace@example.org", Role::Member).await;
    app
}

async fn status(app: &Embedded, path: &str, cookie: &str) -> StatusCode {
    app.ask("GET", path, &[("cookie", cookie)], String::new()).await.status
}

#[tokio::test]
async fn a_policy_of_the_app_opens_what_reach_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(boards(), &folder).await;
    let (ada, grace) = (app.sign_in("ada@example.org").await, app.sign_in("grace@example.org").await);
    let path = format!("/boards/{BOARD}");
    assert_eq!(status(&app, &path, &grace).await, StatusCode::NOT_FOUND);
    let id: Id<User> =
        app.ask("GET", "/id", &[("cookie", &grace)], String::new()).await.text.parse().unwrap();
    show(&app.doorward.db("showing"), id).await.unwrap();
    assert_eq!(status(&app, &path, &grace).await, StatusCode::OK);
    assert_eq!(status(&app, &path, &ada).await, StatusCode::NOT_FOUND, "an administrator is no reader");
    assert_eq!(status(&app, "/show", &ada).await, StatusCode::OK);
    assert_eq!(status(&app, "/show", &grace).await, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_policy_of_the_app_about_what_is_not_its_own_keeps_it_from_starting() {
    let all = r#"@id("all") @reason("all") permit (principal, action, resource);"#;
    let users =
        r#"@id("users") @reason("users") permit (principal, action == Action::"user:list", resource);"#;
    let both = r#"@id("both") @reason("both")
        permit (principal, action in [Action::"board:show", Action::"user:list"], resource);"#;
    for policy in [
        all,
        users,
        both,
        "permit (",
        r#"@id("x") @reason("x") permit (principal, action == Action::"no:such", resource);"#,
    ] {
        let folder = tempfile::tempdir().unwrap();
        let refused = boards().policies(policy).data(folder.path().join("data")).start().await;
        assert!(matches!(refused, Err(StartError::Policies(_))), "{policy}");
    }
}

#[tokio::test]
async fn hooks_are_told_of_what_was_done_and_of_what_was_denied() {
    let folder = tempfile::tempdir().unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    let app =
        boards().on_event(move |event| heard.lock().unwrap().push((event.action.clone(), event.outcome)));
    let app = open(app, &folder).await;
    let grace = app.sign_in("grace@example.org").await;
    status(&app, &format!("/boards/{BOARD}"), &grace).await;
    show(&app.doorward.db("showing"), Id::from_bytes([1; 16])).await.unwrap();
    app.events().await;
    app.doorward.stop().await;
    let told = told.lock().unwrap();
    for expected in [(ShowBoard::NAME, Outcome::Done), (ReadBoard::NAME, Outcome::Denied)] {
        assert!(told.contains(&(expected.0.to_owned(), expected.1)), "{expected:?} in {told:?}");
    }
}

#[tokio::test]
async fn whoever_may_be_anyone_is_known_where_they_are_signed_in() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(boards(), &folder).await;
    let grace = app.sign_in("grace@example.org").await;
    let who = async |cookie: &str| app.ask("GET", "/who", &[("cookie", cookie)], String::new()).await.text;
    assert_eq!(who(&grace).await, "grace@example.org");
    assert_eq!(who("doorward=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA").await, "nobody");
    assert_eq!(status(&app, "/old/page", &grace).await, StatusCode::OK);
    assert_eq!(status(&app, "/old/page", "").await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn the_address_comes_from_the_connection_and_never_from_a_header_of_the_client() {
    let folder = tempfile::tempdir().unwrap();
    let app = open(boards(), &folder).await;
    let claimed = app.ask("GET", "/where", &[("x-forwarded-for", "203.0.113.9")], String::new()).await;
    assert_eq!(claimed.text, "127.0.0.1");

    let folder = tempfile::tempdir().unwrap();
    let trusted = TrustedProxies::new(vec!["127.0.0.1".parse().unwrap()]);
    let started = boards().trusted_proxies(trusted).data(folder.path().join("data")).start().await.unwrap();
    let router = started.router(routes()).unwrap();
    let mut request = Request::get("/where").header("x-forwarded-for", "203.0.113.9, 198.51.100.7");
    let peer = SocketAddr::from(([127, 0, 0, 1], 50_000));
    request = request.extension(axum::extract::ConnectInfo(peer));
    let answered = tower::ServiceExt::oneshot(router, request.body(axum::body::Body::empty()).unwrap()).await;
    let body = axum::body::to_bytes(answered.unwrap().into_body(), 100).await.unwrap();
    assert_eq!(body, "198.51.100.7");
    started.stop().await;
}

#[tokio::test]
async fn a_request_without_a_known_origin_is_not_answered() {
    let folder = tempfile::tempdir().unwrap();
    let started = boards().data(folder.path().join("data")).start().await.unwrap();
    let router = started.router(routes()).unwrap();
    for path in ["/where", "/auth/login"] {
        let request = Request::get(path).body(axum::body::Body::empty()).unwrap();
        let answered = tower::ServiceExt::oneshot(router.clone(), request).await.unwrap();
        assert_eq!(answered.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
    }
    started.stop().await;
}

#[tokio::test]
async fn the_session_cookie_is_called_and_travels_as_the_app_says() {
    let folder = tempfile::tempdir().unwrap();
    let app = boards().session_cookie("boards").same_site(SameSite::Strict);
    let app = open(app, &folder).await;
    let body = r#"{"identifier":"grace@example.org","password":"seven violet kettles orbit"}"#;
    let made = app.ask("POST", "/auth/api/v1/sessions", &[], body.to_owned()).await;
    let line = made.headers["set-cookie"].to_str().unwrap();
    assert!(line.starts_with("boards=") && line.contains("; HttpOnly; SameSite=Strict"), "{line}");
    assert_eq!(status(&app, "/old/page", &made.cookie()).await, StatusCode::OK);
    let under_another_name = made.cookie().replace("boards=", "doorward=");
    assert_eq!(status(&app, "/old/page", &under_another_name).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn an_app_that_has_stopped_lets_its_data_directory_go() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let first = boards().data(&data).start().await.unwrap();
    assert!(first.setup_link().await.unwrap().unwrap().starts_with("http://localhost:8080/auth/setup?code="));
    let ended = Arc::new(Mutex::new(false));
    let end = Arc::clone(&ended);
    first.spawn(|stopping| async move {
        stopping.cancelled().await;
        *end.lock().unwrap() = true;
    });
    assert!(matches!(boards().data(&data).start().await, Err(StartError::Stopped(_))));
    first.stop().await;
    assert!(*ended.lock().unwrap());
    boards().data(&data).start().await.unwrap().stop().await;
}

#[tokio::test]
async fn a_body_that_drips_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let app = boards().body_time(Duration::from_millis(20));
    let read = Routes::new().public("/read", post(|body: String| async { body }));
    let app = Embedded::open(app, folder.path(), |_| read).await;
    let ask = async |body: Body| {
        let request = Request::post("/read").header("host", "localhost:8080");
        app.send(request.header("origin", "http://localhost:8080").body(body).unwrap()).await
    };
    let late = ask(Body::from_stream(futures_util::stream::pending::<Result<&str, std::io::Error>>())).await;
    assert_eq!((late.status.as_u16(), &late.json()["code"]), (408, &"slow_body".into()), "{}", late.text);
    assert_eq!(ask(Body::from("all at once")).await.text, "all at once");
}

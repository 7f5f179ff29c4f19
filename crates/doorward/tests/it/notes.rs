//! The example `notes`, driven: who sees what, who may do what, and what the log says of it.

#[path = "../../examples/notes.rs"]
#[expect(dead_code, reason = "the example is a program, and its `main` is not called here")]
mod example;

use axum::body::Body;
use doorward::{
    Outcome, Requirement, Role, Routes, StartError,
    testing::{Answered, Embedded},
};
use http::{Request, StatusCode};
use serde_json::{Value, json};
use std::time::Duration;

const ADA: &str = "ada@example.org";
const GRACE: &str = "grace@example.org";
const ALAN: &str = "alan@example.org";

/// The app with an administrator, Ada, and two members.
async fn notes(folder: &tempfile::TempDir) -> Embedded {
    let app = Embedded::open(example::app(), folder.path(), |_| example::routes()).await;
    app.account(ADA, Role::Admin).await;
    app.account(GRACE, Role::Member).await;
    app.account(ALAN, Role::Member).await;
    app
}

async fn ask(app: &Embedded, (method, path): (&str, &str), cookie: &str, body: &str) -> Answered {
    app.ask(method, path, &[("cookie", cookie)], body.to_owned()).await
}

async fn write(app: &Embedded, cookie: &str, text: &str) -> String {
    // Lists are in the order of their ids, which is that of time.
    app.clock.advance(Duration::from_millis(1));
    let made = ask(app, ("POST", "/notes"), cookie, text).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
    made.json()["id"].as_str().unwrap().to_owned()
}

async fn texts(app: &Embedded, cookie: &str) -> Vec<Value> {
    let list = ask(app, ("GET", "/notes"), cookie, "").await.json();
    list.as_array().unwrap().iter().map(|note| note["text"].clone()).collect()
}

#[tokio::test]
async fn everybody_sees_their_own_notes_and_an_administrator_sees_all() {
    let folder = tempfile::tempdir().unwrap();
    let app = notes(&folder).await;
    let (ada, grace, alan) = (app.sign_in(ADA).await, app.sign_in(GRACE).await, app.sign_in(ALAN).await);
    write(&app, &grace, "buy milk").await;
    write(&app, &alan, "call home").await;
    assert_eq!(texts(&app, &grace).await, [json!("buy milk")]);
    assert_eq!(texts(&app, &alan).await, [json!("call home")]);
    assert_eq!(texts(&app, &ada).await, [json!("buy milk"), json!("call home")]);
}

#[tokio::test]
async fn the_note_of_another_is_as_one_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let app = notes(&folder).await;
    let (grace, alan) = (app.sign_in(GRACE).await, app.sign_in(ALAN).await);
    let path = format!("/notes/{}", write(&app, &grace, "buy milk").await);
    let missing = "/notes/note_00000000000000000000000000";
    for method in ["GET", "DELETE"] {
        let there = ask(&app, (method, &path), &alan, "").await;
        let not_there = ask(&app, (method, missing), &alan, "").await;
        assert_eq!((there.status, not_there.status), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND));
        assert_eq!(without_id(&there), without_id(&not_there));
    }
    assert_eq!(ask(&app, ("GET", &path), &grace, "").await.json()["text"], "buy milk");
    assert_eq!(ask(&app, ("DELETE", &path), &grace, "").await.status, StatusCode::NO_CONTENT);
    assert_eq!(ask(&app, ("GET", &path), &grace, "").await.status, StatusCode::NOT_FOUND);
}

fn without_id(answer: &Answered) -> Value {
    let mut body = answer.json();
    body.as_object_mut().unwrap().remove("request_id");
    body
}

#[tokio::test]
async fn what_is_done_and_what_is_denied_is_in_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let app = notes(&folder).await;
    let (grace, alan) = (app.sign_in(GRACE).await, app.sign_in(ALAN).await);
    let id = write(&app, &grace, "buy milk").await;
    ask(&app, ("GET", &format!("/notes/{id}")), &alan, "").await;
    ask(&app, ("DELETE", &format!("/notes/{id}")), &grace, "").await;
    let told = app.events().await.into_iter().filter(|event| event.resource.as_ref() == Some(&id));
    let mut told: Vec<_> = told.map(|event| (event.action, event.outcome)).collect();
    told.sort_by(|one, other| one.0.cmp(&other.0));
    let expected =
        [("note:create", Outcome::Done), ("note:delete", Outcome::Done), ("note:read", Outcome::Denied)];
    assert_eq!(told, expected.map(|(action, outcome)| (action.to_owned(), outcome)));
}

#[tokio::test]
async fn a_token_does_what_its_scope_names_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let app = notes(&folder).await;
    let grace = app.sign_in(GRACE).await;
    let wanted = json!({ "name": "reader", "permissions": ["note:list"] }).to_string();
    let made = ask(&app, ("POST", "/auth/api/v1/tokens"), &grace, &wanted).await;
    let bearer = format!("Bearer {}", made.json()["secret"].as_str().unwrap());
    let by_token = [("authorization", bearer.as_str())];
    let listed = app.ask("GET", "/notes", &by_token, String::new()).await;
    assert_eq!(listed.status, StatusCode::OK);
    let refused = app.ask("POST", "/notes", &by_token, "buy milk".to_owned()).await;
    assert_eq!(
        (refused.status, &refused.json()["code"]),
        (StatusCode::FORBIDDEN, &json!("insufficient_scope"))
    );
}

#[tokio::test]
async fn rule_24_no_request_comes_to_a_handler_without_what_its_route_requires() {
    let folder = tempfile::tempdir().unwrap();
    let app = notes(&folder).await;
    let grace = app.sign_in(GRACE).await;
    for (method, path) in [("GET", "/notes"), ("POST", "/notes"), ("GET", "/notes/x"), ("DELETE", "/notes/x")]
    {
        let refused = app.ask(method, path, &[], "{}".to_owned()).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED, "{method} {path}");
        assert_eq!(refused.json()["code"], "sign_in_required");
        let wrong = app.ask(method, path, &[("authorization", "Bearer dwt_x")], "{}".to_owned()).await;
        assert_eq!(
            (wrong.status, &wrong.json()["code"]),
            (StatusCode::UNAUTHORIZED, &json!("malformed_token"))
        );
    }
    let open = app.ask("GET", "/", &[], String::new()).await;
    assert_eq!((open.status, open.text.as_str()), (StatusCode::OK, "notes with owners"));
    let page = app.ask("GET", "/notes", &[("accept", "text/html")], String::new()).await;
    assert_eq!(page.status, StatusCode::SEE_OTHER);
    assert_eq!(page.headers["location"], "/auth/login?next=%2Fnotes");

    let elsewhere = |site: &str| {
        let request = Request::builder().method("POST").uri("/notes").header("cookie", &grace);
        app.send(request.header("sec-fetch-site", site).body(Body::from("from elsewhere")).unwrap())
    };
    assert_eq!(elsewhere("cross-site").await.json()["code"], "cross_site_request");
    assert_eq!(elsewhere("same-origin").await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn rule_24_a_route_that_requires_what_nobody_declared_keeps_the_app_from_starting() {
    let folder = tempfile::tempdir().unwrap();
    let app = notes(&folder).await;
    doorward::actions! { Unlisted = "unlisted:see" on doorward::Installation, Own; }
    assert_eq!(ACTIONS.len(), 1);
    let routes = Routes::new().requires::<Unlisted>("/unlisted", axum::routing::get(|| async {}));
    let refused = app.doorward.router(routes).unwrap_err();
    assert!(matches!(refused, StartError::UnknownPermission { permission: "unlisted:see", .. }), "{refused}");
    let nested = Routes::new().nest("/x", Requirement::permission::<Unlisted>(), axum::Router::new());
    assert!(app.doorward.router(nested).is_err());
}

#[tokio::test]
async fn the_pages_and_rest_lie_where_they_are_mounted() {
    let folder = tempfile::tempdir().unwrap();
    let app = notes(&folder).await;
    let page = app.ask("GET", "/auth/login", &[("accept", "text/html")], String::new()).await;
    assert!(page.text.contains(r#"action="/auth/login""#), "{}", page.text);
    let style = page.text.split('"').find(|text| text.starts_with("/auth/assets/")).unwrap();
    assert_eq!(app.ask("GET", style, &[], String::new()).await.status, StatusCode::OK);
    assert_eq!(app.ask("GET", "/login", &[], String::new()).await.status, StatusCode::NOT_FOUND);
    assert_eq!(app.ask("GET", "/api/v1/me", &[], String::new()).await.status, StatusCode::NOT_FOUND);
    let ada = app.sign_in(ADA).await;
    let me = ask(&app, ("GET", "/auth/api/v1/me"), &ada, "").await.json();
    assert!(me["permissions"].as_array().unwrap().contains(&json!("note:read")), "{me}");
}

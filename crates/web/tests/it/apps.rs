//! The settings of an app, changed by REST, and what they do to a sign-in.

use crate::{
    browser::Browser,
    house::{HOME, NOTES, PASSWORD, TestHouse, operator},
};
use doorward_web::operations::OPERATIONS;
use http::Method;
use identity::{
    apps::{self, AppChange, Change, GateChange},
    groups,
};
use serde_json::{Value, json};
use std::{fmt::Write as _, time::Duration};

const URL: &str = "/api/v1/apps/notes";

/// A body with every setting.
fn every_setting() -> Value {
    json!({
        "upstreams": ["http://127.0.0.1:3000", "http://127.0.0.1:3001"],
        "hosts": ["notes.localhost", "*.notes.localhost"],
        "access": { "groups": ["family"], "roles": ["admin"] },
        "rules": [
            { "path": "/share", "methods": ["GET", "PROPFIND"], "allow": "anyone" },
            { "path": "/in", "allow": "signed_in" },
            { "path": "/kin", "allow": { "groups": ["family"], "users": ["ada@example.org"] } },
        ],
        "headers": {
            "request": { "set": { "Authorization": "Basic eDp5" }, "remove": ["X-Debug"] },
            "answer": { "set": { "x-frame-options": "DENY" } },
        },
        "origins": ["https://board.example.org"],
        "limits": { "requests_per_minute": 60, "body_bytes": 1_048_576.0 },
        "health": { "path": "/healthz", "every_seconds": 5.0 },
        "maintenance": "Back at noon.",
        "sign_in_hours": 8,
    })
}

/// A line for each field, with only the kind of each id.
fn settled(app: &Value) -> String {
    let kinds = ["app", "grp", "usr"];
    let kind = |part: &str| match part.split_once('_') {
        Some((kind, id)) if id.len() == 26 && kinds.contains(&kind) => kind.to_owned(),
        _ => part.to_owned(),
    };
    let lines = app.as_object().unwrap().iter().map(|(name, value)| format!("{name}: {value}"));
    lines.collect::<Vec<_>>().join("\n").split('"').map(kind).collect::<Vec<_>>().join("\"")
}

async fn with_family(house: &TestHouse) {
    groups::create(&house.desk.house, &operator(), "family".parse().unwrap()).await.unwrap();
}

async fn patch(ada: &mut Browser<'_>, body: &Value) -> (u16, Value) {
    ada.call(Method::PATCH, URL, body).await
}

#[tokio::test]
async fn every_setting_of_an_app_is_changed_and_shown() {
    let house = TestHouse::open().await;
    with_family(&house).await;
    let mut ada = house.ada(2).await;
    let (status, app) = patch(&mut ada, &every_setting()).await;
    assert_eq!(status, 200, "{app}");
    assert_eq!(ada.call(Method::GET, URL, &Value::Null).await, (200, app.clone()));
    insta::assert_snapshot!(settled(&app), @r#"
    id: "app"
    name: "notes"
    urls: ["http://notes.localhost:8080"]
    hosts: ["*.notes.localhost","notes.localhost"]
    upstreams: ["http://127.0.0.1:3000","http://127.0.0.1:3001"]
    access: {"everyone":false,"groups":["grp"],"users":[],"roles":["admin"]}
    basic: false
    rules: [{"path":"/share","methods":["GET","PROPFIND"],"allow":"anyone"},{"path":"/in","methods":[],"allow":"signed_in"},{"path":"/kin","methods":[],"allow":{"everyone":false,"groups":["grp"],"users":["usr"],"roles":[]}}]
    headers: {"request":{"set":{"authorization":"Basic eDp5"},"remove":["x-debug"]},"answer":{"set":{"x-frame-options":"DENY"},"remove":[]}}
    origins: ["https://board.example.org"]
    limits: {"requests_per_minute":60,"requests_at_once":null,"body_bytes":1048576,"answer_seconds":null}
    health: {"path":"/healthz","every_seconds":5}
    maintenance: "Back at noon."
    sign_in_hours: 8
    created_at: "2026-01-01T00:00:00Z"
    "#);

    let mut again = app.as_object().unwrap().clone();
    again.retain(|name, _| !["id", "urls", "created_at"].contains(&name.as_str()));
    assert_eq!(patch(&mut ada, &Value::Object(again)).await, (200, app), "what is read can be written");
}

#[tokio::test]
async fn what_is_absent_stays_and_null_clears() {
    let house = TestHouse::open().await;
    with_family(&house).await;
    let mut ada = house.ada(2).await;
    let (_, fresh) = ada.call(Method::GET, URL, &Value::Null).await;
    let (_, before) = patch(&mut ada, &every_setting()).await;
    let (status, mut after) = patch(&mut ada, &json!({ "maintenance": null })).await;
    assert_eq!((status, after["maintenance"].take()), (200, Value::Null));
    after["maintenance"] = before["maintenance"].clone();
    assert_eq!(after, before);
    let (_, after) = patch(&mut ada, &json!({ "limits": { "answer_seconds": 9 }, "headers": {} })).await;
    assert_eq!(after["limits"]["requests_per_minute"], Value::Null, "what is there replaces all that was");
    assert_eq!(after["headers"], fresh["headers"]);
    let settings = ["rules", "headers", "origins", "limits", "health", "maintenance", "sign_in_hours"];
    let nothing: Value = settings.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    let (status, cleared) = patch(&mut ada, &nothing).await;
    assert_eq!(status, 200, "{cleared}");
    for name in settings {
        assert_eq!(cleared[name], fresh[name], "{name}");
    }
}

#[tokio::test]
async fn an_app_is_made_with_its_settings() {
    let house = TestHouse::open().await;
    with_family(&house).await;
    let mut ada = house.ada(2).await;
    let mut body = every_setting();
    body["name"] = json!("wiki");
    body["hosts"] = json!(["*.wiki.localhost"]);
    let (status, app) = ada.call(Method::POST, "/api/v1/apps", &body).await;
    assert_eq!((status, &app["urls"]), (201, &json!([])), "{app}: no browser opens a wildcard");
    assert_eq!(
        app["rules"][0],
        json!({ "path": "/share", "methods": ["GET", "PROPFIND"], "allow": "anyone" })
    );
    let (status, problem) =
        ada.call(Method::POST, "/api/v1/apps", &json!({ "name": "bare", "upstreams": ["http://a"] })).await;
    assert_eq!(status, 201, "{problem}");
}

#[tokio::test]
async fn what_does_not_fit_is_refused_in_words_and_by_name() {
    let house = TestHouse::open().await;
    let mut ada = house.ada(2).await;
    let mut told = String::new();
    for body in [
        json!({ "rulez": [] }),
        json!({ "rules": [{ "path": "/", "allow": "anyone", "verbs": [] }] }),
        json!({ "rules": [{ "path": "/", "allow": { "everybody": true } }] }),
        json!({ "rules": [{ "path": "/", "allow": "everyone" }] }),
        json!({ "rules": [{ "path": "/a//b", "allow": "anyone" }] }),
        json!({ "rules": [{ "path": "/", "methods": ["get"], "allow": "anyone" }] }),
        json!({ "rules": [{ "path": "/", "methods": ["TRACE"], "allow": "anyone" }] }),
        json!({ "rules": [{ "path": "/", "allow": { "groups": ["nobody"] } }] }),
        json!({ "headers": { "request": { "add": {} } } }),
        json!({ "headers": { "request": { "set": { "a": "b\r\nc: d" } } } }),
        json!({ "headers": { "answer": { "set": { "X-A": "b", "x-a": "c" } } } }),
        json!({ "headers": { "answer": { "remove": ["Set_Cookie"] } } }),
        json!({ "limits": { "requests_per_minute": 0 } }),
        json!({ "limits": { "requests_per_hour": 9 } }),
        json!({ "health": { "path": "/" } }),
        json!({ "maintenance": "" }),
        json!({ "sign_in_hours": 721 }),
        json!({ "origins": ["board.example.org"] }),
        json!({ "upstreams": [] }),
        json!({ "upstreams": ["builtin:sample", "http://a"] }),
        json!({ "hosts": ["*.*.localhost"] }),
    ] {
        let (status, problem) = patch(&mut ada, &body).await;
        let [code, detail] = ["code", "detail"].map(|name| problem[name].as_str().unwrap());
        writeln!(told, "{status} {code}: {detail}").unwrap();
    }
    insta::assert_snapshot!(told, @r"
    400 invalid_input: unknown field `rulez`, expected one of `id`, `name`, `hosts`, `upstreams`, `access`, `basic`, `rules`, `headers`, `origins`, `limits`, `health`, `maintenance`, `sign_in_hours`
    400 invalid_input: unknown field `verbs`, expected one of `path`, `methods`, `allow`
    400 invalid_input: unknown field `everybody`, expected one of `everyone`, `groups`, `users`, `roles`
    400 invalid_input: unknown variant `everyone`, expected `anyone` or `signed_in`
    400 invalid_input: a path looks like `/share` or `/`: segments of letters, digits and `-._~@:+=,$&!'()`, none empty and none of dots alone, no slash at the end and no `*` (a path stands for all below it), at most 200 characters
    400 invalid_input: a method is written in upper case, such as `GET` or `PROPFIND`, at most 32 characters
    422 refused: `TRACE` never reaches an app, so no rule can allow it
    422 refused: there is no group `nobody`
    400 invalid_input: unknown field `add`, expected `set` or `remove`
    400 invalid_input: a header's value is 1 to 4096 printable ASCII characters without a blank at either end
    422 refused: the header `x-a` is named twice
    422 refused: `set_cookie` is Doorward's own to set: choose a header that neither tells apps who asks, nor carries cookies, nor says where a message ends
    422 refused: `requests_per_minute` is 1 to 1000000
    400 invalid_input: unknown field `requests_per_hour`, expected one of `requests_per_minute`, `requests_at_once`, `body_bytes`, `answer_seconds`
    400 invalid_input: missing field `every_seconds`
    400 invalid_input: what visitors are told has 1 to 500 characters and no control characters
    422 refused: `sign_in_hours` is 1 to 720
    422 refused: an origin looks like `https://home.example.org` or `http://localhost:8080`, with no path
    400 invalid_input: a list holds 1 to 16 items here, not 0
    422 refused: the built-in sample is an app by itself: name it alone, or not at all
    400 invalid_input: a host name looks like `notes.example.org`, or `*.notes.example.org` for every name one label below: labels of a-z, 0-9 and `-`, at most 253 characters
    ");
}

#[test]
fn a_setting_that_null_clears_says_so_to_the_command_line() {
    let entry = OPERATIONS.iter().find(|entry| entry.id == "apps.update").unwrap();
    let schema = (entry.input)();
    let properties = schema.get("properties").unwrap().as_object().unwrap();
    let clears = properties.iter().filter(|(_, property)| property.get("x-clears") == Some(&json!(true)));
    let names: Vec<_> = clears.map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["rules", "headers", "origins", "limits", "health", "maintenance", "sign_in_hours"]);
}

#[tokio::test]
async fn rule_08_an_app_with_a_short_life_asks_for_the_password_again_and_leads_back() {
    let house = TestHouse::open().await;
    let gate = GateChange { sign_in_hours: Change::To(2), ..GateChange::default() };
    let change = AppChange { gate, ..AppChange::default() };
    apps::update(&house.desk.house, &operator(), "notes".to_owned(), change).await.unwrap();
    let mut ada = house.ada(2).await;
    ada.follow(&format!("{NOTES}/")).await.shows(200, "Ada at /");
    house.clock.advance(Duration::from_mins(119));
    ada.follow(&format!("{NOTES}/today")).await.shows(200, "Ada at /today");
    house.clock.advance(Duration::from_mins(1));

    let form = ada.follow(&format!("{NOTES}/today?q=1")).await;
    form.shows(200, "Prove that it is you");
    // Chromium follows a form's answer only to where the page's policy lets the form go.
    assert!(
        form.header("content-security-policy").contains(&format!("form-action 'self' {NOTES};")),
        "{form:?}"
    );
    let next = form.hidden("next");
    let confirm = format!("{HOME}/account/confirm");
    let wrong = ada.post(&confirm, &[("password", "not it"), ("next", next.as_str())]).await;
    wrong.shows(403, "The current password is wrong.");
    ada.follow(&format!("{NOTES}/")).await.shows(200, "Prove that it is you");
    let proved = ada.post(&confirm, &[("password", PASSWORD), ("next", next.as_str())]).await;
    assert_eq!(proved.status, 303);
    ada.follow(&format!("{HOME}{}", proved.location())).await.shows(200, "Ada at /today?q=1");
}

//! An app with a single administrator that says nothing more than it must.

use axum::{Json, body::Body, routing::post};
use doorward::{
    Accounts, Builder, Doorward, Error, Routes, SecureCookie, SessionCookie, Single,
    testing::{Answered, Embedded},
};
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};
use std::{net::IpAddr, time::Duration};

const PASSWORD: &str = "seven violet kettles orbit";

fn app() -> Builder {
    let app = Doorward::builder("alone").accounts(Accounts::SingleAdministrator);
    app.secure_cookie(SecureCookie::ByRequest).session_cookie("alone")
}

async fn set_up(single: Single, Json(typed): Json<Value>) -> Result<(SessionCookie, ()), Error> {
    let password = typed["password"].as_str().unwrap_or_default().to_owned();
    Ok((single.set_up(password).await?, ()))
}

async fn sign_in(single: Single, Json(typed): Json<Value>) -> Result<(SessionCookie, ()), Error> {
    let password = typed["password"].as_str().unwrap_or_default().to_owned();
    Ok((single.sign_in(password).await?, ()))
}

fn routes() -> Routes {
    let routes = Routes::new().public("/setup", post(set_up)).public("/login", post(sign_in));
    routes.signed_in("/in", axum::routing::get(|| async { "in" }))
}

async fn ask(
    app: &Embedded,
    (method, path): (Method, &str),
    headers: &[(&str, &str)],
    body: &str,
) -> Answered {
    let mut request = Request::builder().method(method).uri(path).header("host", "localhost:8080");
    for (name, value) in headers.iter().chain(&[("origin", "http://localhost:8080")]) {
        request = request.header(*name, *value);
    }
    app.send(request.body(Body::from(body.to_owned())).unwrap()).await
}

#[tokio::test]
async fn rule_03_over_https_the_cookie_has_the_name_that_other_hosts_cannot_set() {
    let folder = tempfile::tempdir().unwrap();
    let app = Embedded::open(app(), folder.path(), |_| routes()).await;
    let https = ("x-forwarded-proto", "https");
    let json = ("content-type", "application/json");
    let password = format!(r#"{{"password":"{PASSWORD}"}}"#);
    let made = ask(&app, (Method::POST, "/setup"), &[https, json], &password).await;
    let line = made.headers["set-cookie"].to_str().unwrap();
    assert!(
        line.starts_with("__Host-alone=admin.") && line.ends_with("; Path=/; SameSite=Lax; Secure"),
        "{line}"
    );
    let (guarded, bare) = (made.cookie(), made.cookie().replace("__Host-", ""));
    let opens = async |headers: &[(&str, &str)]| ask(&app, (Method::GET, "/in"), headers, "").await.status;
    assert_eq!(opens(&[https, ("cookie", &guarded)]).await, StatusCode::OK);
    assert_eq!(opens(&[https, ("cookie", &bare)]).await, StatusCode::UNAUTHORIZED);
    assert_eq!(opens(&[("cookie", &bare)]).await, StatusCode::OK, "without https there is but the bare name");
}

#[tokio::test]
async fn there_is_no_link_for_an_account_that_no_page_would_take() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let app = app().data(&data).start().await.unwrap();
    assert_eq!(app.setup_link().await.unwrap(), None);
    app.stop().await;
}

/// Tries a password from another machine, with a cookie or with none.
async fn try_from(app: &Embedded, peer: impl Into<IpAddr>, (cookie, password): (&str, &str)) -> Answered {
    let mut request = Request::post("/login").header("host", "localhost:8080");
    for (name, value) in [("origin", "http://localhost:8080"), ("content-type", "application/json")] {
        request = request.header(name, value);
    }
    let body = Body::from(json!({ "password": password }).to_string());
    let request = request.header("cookie", cookie).body(body).unwrap();
    app.send_from((peer, 50_000).into(), request).await
}

/// Guesses once from each place until one is told to wait; answers how many were taken, and how many seconds to wait.
async fn guess_once_from_each<P: Into<IpAddr>>(
    app: &Embedded,
    places: impl Iterator<Item = P>,
) -> (usize, u64) {
    for (taken, place) in places.enumerate() {
        let answer = try_from(app, place, ("", "wrong")).await;
        if answer.status == StatusCode::TOO_MANY_REQUESTS {
            return (taken, answer.headers["retry-after"].to_str().unwrap().parse().unwrap());
        }
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", answer.text);
    }
    panic!("nobody slows them down");
}

/// An app with a password, and the cookie of the browser that set it.
async fn with_password(folder: &std::path::Path) -> (Embedded, String) {
    let app = Embedded::open(app(), folder, |_| routes()).await;
    let password = json!({ "password": PASSWORD }).to_string();
    let made = ask(&app, (Method::POST, "/setup"), &[("content-type", "application/json")], &password).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.text);
    let cookie = made.cookie();
    (app, cookie)
}

#[tokio::test]
async fn rule_22_guesses_from_the_networks_of_one_site_are_counted_together() {
    let folder = tempfile::tempdir().unwrap();
    let (app, _) = with_password(folder.path()).await;
    let within = |site: u16, network: u16| [0x2001, 0xdb8, site, network, 0, 0, 0, 1];
    let guesses = guess_once_from_each(&app, (0..99).map(|number| within(1, number)));
    assert_eq!(guesses.await, (15, 60));
    let right = ("", PASSWORD);
    assert_eq!(try_from(&app, within(1, 99), right).await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(try_from(&app, within(2, 0), right).await.status, StatusCode::OK);
}

#[tokio::test]
async fn rule_22_guesses_from_all_the_world_are_few_and_lock_out_no_browser_that_signed_in_before() {
    let folder = tempfile::tempdir().unwrap();
    let (app, cookie) = with_password(folder.path()).await;
    app.clock.advance(Duration::from_hours(24 * 40));
    assert_eq!(
        ask(&app, (Method::GET, "/in"), &[("cookie", &cookie)], "").await.status,
        401,
        "it has lapsed"
    );
    let guesses = guess_once_from_each(&app, (0..99).map(|number| [203, 0, 113, number]));
    assert_eq!(guesses.await, (50, 10));
    let here = [192, 168, 1, 20];
    let known = try_from(&app, here, (&cookie, PASSWORD)).await;
    assert_eq!(known.status, StatusCode::OK, "{}", known.text);
    assert_eq!(try_from(&app, here, ("", PASSWORD)).await.status, StatusCode::TOO_MANY_REQUESTS);
    app.clock.advance(Duration::from_secs(10));
    for _ in 0..3 {
        let right = try_from(&app, here, ("", PASSWORD)).await;
        assert_eq!(right.status, StatusCode::OK, "whoever knows the password uses up no guess");
    }
}

//! An app with a single administrator that says nothing more than it must.

use axum::{Json, body::Body, routing::post};
use doorward::{
    Accounts, Builder, Doorward, Error, Routes, SecureCookie, SessionCookie, Single,
    testing::{Answered, Embedded},
};
use http::{Method, Request, StatusCode};
use serde_json::Value;

fn app() -> Builder {
    let app = Doorward::builder("alone").accounts(Accounts::SingleAdministrator);
    app.secure_cookie(SecureCookie::ByRequest).session_cookie("alone")
}

async fn set_up(single: Single, Json(typed): Json<Value>) -> Result<(SessionCookie, ()), Error> {
    let password = typed["password"].as_str().unwrap_or_default().to_owned();
    Ok((single.set_up(password).await?, ()))
}

fn routes() -> Routes {
    Routes::new().public("/setup", post(set_up)).signed_in("/in", axum::routing::get(|| async { "in" }))
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
    let password = r#"{"password":"seven violet kettles orbit"}"#;
    let made = ask(&app, (Method::POST, "/setup"), &[https, json], password).await;
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

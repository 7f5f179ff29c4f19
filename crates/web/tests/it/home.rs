//! The home host where there is no page.

use crate::{
    browser::{page, request},
    house::{HOME, NOTES, TestHouse},
};
use doorward_web::{Problem, app_host, assets};
use http::{Method, StatusCode};

#[tokio::test]
async fn people_get_a_page_and_programs_a_problem() {
    let house = TestHouse::open().await;
    let mut browser = house.browser(2);
    let lost = browser.get(&format!("{HOME}/nowhere")).await;
    lost.shows(404, "There is nothing here");
    lost.shows(404, "0123456789abcdef");
    let api = browser.get(&format!("{HOME}/api/v1/nowhere")).await;
    api.shows(404, "\"code\":\"not_found\"");
    api.shows(404, "\"request_id\":\"0123456789abcdef\"");
    browser.get(&format!("{HOME}/account/name")).await.shows(405, "This is not how to get here");
    let mut program = request(Method::DELETE, &format!("{HOME}/logout"));
    program.headers.remove("sec-fetch-mode");
    let refused = browser.send(program, "").await;
    refused.shows(405, "\"code\":\"method_not_allowed\"");
    assert_eq!(refused.header("allow"), "GET,HEAD,POST");
}

#[tokio::test]
async fn every_answer_carries_our_headers() {
    let house = TestHouse::open().await;
    let mut browser = house.browser(2);
    let style = format!("/assets/{}", assets::stylesheet());
    for path in ["/login", "/nowhere", "/account", "/healthz", "/api/v1/me", &style] {
        let page = browser.get(&format!("{HOME}{path}")).await;
        assert_eq!(page.header("x-content-type-options"), "nosniff", "{path}");
        assert!(page.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        let kept = if path == style { assets::CACHE_CONTROL } else { "no-store" };
        assert_eq!(page.header("cache-control"), kept, "{path}");
    }
    let start = browser.get(&format!("{NOTES}/")).await;
    assert!(start.header("content-security-policy").contains("form-action 'self';"));
}

#[tokio::test]
async fn machines_ask_for_health_and_keys() {
    let house = TestHouse::open().await;
    let mut browser = house.browser(2);
    browser.get(&format!("{HOME}/healthz")).await.shows(200, "ok");
    browser.get(&format!("{HOME}/readyz")).await.shows(200, "\"database\":true");
    browser.get(&format!("{HOME}/.well-known/jwks.json")).await.shows(200, "{\"keys\":[{");
}

#[tokio::test]
async fn an_app_that_is_down_is_said_to_be_down() {
    let house = TestHouse::open().await;
    let route = house.route("notes.localhost");
    let refusal = |is_navigation| app_host::Refused {
        problem: Problem::new(StatusCode::BAD_GATEWAY, "app_unreachable", "the app does not answer"),
        route: Some(&route),
        who: None,
        reasons: Vec::new(),
        is_navigation,
        retry: Some("//evil.example"),
    };
    let page = crate::browser::page(app_host::refused(&house.desk, refusal(true)).await).await;
    page.shows(502, "notes does not answer");
    page.shows(502, "href=\"/.doorward/assets/");
    assert!(!page.text.contains("evil"));
    let problem = crate::browser::page(app_host::refused(&house.desk, refusal(false)).await).await;
    problem.shows(502, "\"code\":\"app_unreachable\"");
}

#[tokio::test]
async fn the_sample_shows_what_an_app_is_told() {
    let house = TestHouse::open().await;
    let mut parts = request(Method::GET, "/");
    let claims = "eyJzdWIiOiJ1c3JfMSIsImV4cCI6NjB9";
    for (name, value) in [
        ("host", "notes.localhost:8080"),
        ("remote-user", "zoe"),
        ("remote-name", "Zo%C3%AB <b>"),
        ("x-doorward-assertion", &format!("e30.{claims}.x")),
        ("x-mine", "1"),
    ] {
        parts.headers.insert(http::HeaderName::try_from(name).unwrap(), value.parse().unwrap());
    }
    let page = crate::browser::page(app_host::sample(&house.desk, &parts)).await;
    page.shows(200, "You are Zoë &#60;b&#62;");
    page.shows(200, "<td data-label=\"Value\"><code>usr_1</code></td>");
    page.shows(200, "<code>x-mine</code></td>");
    page.shows(200, "<code>remote-user</code> <span class=\"badge good\">by Doorward</span>");
}

#[tokio::test]
async fn an_app_that_is_shut_shows_what_its_settings_say() {
    let house = TestHouse::open().await;
    let route = house.route("notes.localhost");
    let mut problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, "maintenance", "Back at <noon>.");
    problem.retry_after = Some(60);
    let refusal = app_host::Refused {
        problem,
        route: Some(&route),
        who: None,
        reasons: Vec::new(),
        is_navigation: true,
        retry: Some("/today"),
    };
    let shown = page(app_host::refused(&house.desk, refusal).await).await;
    shown.shows(503, "notes is shut for a while");
    shown.shows(503, "Back at &#60;noon&#62;.");
    assert_eq!(shown.header("retry-after"), "60");
}

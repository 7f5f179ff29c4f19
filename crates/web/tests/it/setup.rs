//! The first account.

use crate::{
    browser::{page, request},
    house::{HOME, PASSWORD, TestHouse, address, client, operator},
};
use axum::body::Body;
use http::{Method, Request};
use std::time::Duration;
use tokio::task::JoinSet;
use tower::ServiceExt as _;

fn form(code: &str) -> [(&str, &str); 4] {
    [("code", code), ("email", "ada@example.org"), ("name", "Ada"), ("password", PASSWORD)]
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_19_one_setup_code_has_one_winner() {
    let house = TestHouse::empty().await;
    let code = house.setup_code().await;
    let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form(&code)).finish();
    let mut tries = JoinSet::new();
    for number in 0..1_000 {
        let mut parts = request(Method::POST, "/setup");
        parts.extensions.insert(client(address(number)));
        parts.headers.insert("origin", HOME.parse().unwrap());
        parts.headers.insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
        let answer = house.home.clone().oneshot(Request::from_parts(parts, Body::from(body.clone())));
        tries.spawn(async move { page(answer.await.unwrap()).await.status });
    }
    let statuses = tries.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1);
    let lost = statuses.iter().filter(|status| matches!(status, 403 | 410)).count();
    assert_eq!(lost, 999, "{statuses:?}");

    let mut late = house.browser(5_000);
    late.get(&format!("{HOME}/setup?code={code}")).await.shows(410, "closed for good");
    late.post(&format!("{HOME}/setup"), &form(&code)).await.shows(410, "closed for good");
    let again = identity::setup::create_link(&house.desk.house, &operator()).await;
    assert!(matches!(again, Err(identity::Error::SetupDone)));
}

#[tokio::test]
async fn rule_19_a_mistake_in_the_form_does_not_spend_the_code() {
    let house = TestHouse::empty().await;
    let code = house.setup_code().await;
    let (mut browser, url) = (house.browser(1), format!("{HOME}/setup"));
    browser.get(&format!("{url}?code={code}")).await.shows(200, "Make the first account");
    for (field, value, error) in [
        ("email", "ada", "id=\"email-error\""),
        ("name", "", "id=\"name-error\""),
        ("password", "password1234", "id=\"password-error\""),
    ] {
        let fields = form(&code).map(|(name, good)| (name, if name == field { value } else { good }));
        let page = browser.post(&url, &fields).await;
        page.shows(422, error);
        assert!(!page.text.contains(PASSWORD) && !page.text.contains("password1234"));
    }
    let made = browser.post(&url, &form(&code)).await;
    assert_eq!((made.status, made.location()), (303, "/?done=welcome"));
    browser.get(&format!("{HOME}/?done=welcome")).await.shows(200, "Your account is ready.");
}

#[tokio::test]
async fn rule_19_a_new_link_voids_the_old_and_none_outlives_half_an_hour() {
    let house = TestHouse::empty().await;
    let (old, new) = (house.setup_code().await, house.setup_code().await);
    let mut browser = house.browser(1);
    for wrong in [old.as_str(), "x", ""] {
        browser.get(&format!("{HOME}/setup?code={wrong}")).await.shows(403, "does not open the setup");
    }
    browser.get(&format!("{HOME}/setup?code={new}")).await.shows(200, "Make the first account");
    house.clock.advance(Duration::from_mins(31));
    browser.get(&format!("{HOME}/setup?code={new}")).await.shows(403, "does not open the setup");
}

#[tokio::test]
async fn without_any_account_every_way_leads_to_the_setup_link() {
    let house = TestHouse::empty().await;
    let mut browser = house.browser(1);
    for path in ["/", "/login", "/setup", "/account"] {
        browser.follow(&format!("{HOME}{path}")).await.shows(200, "doorward setup-link");
    }
}

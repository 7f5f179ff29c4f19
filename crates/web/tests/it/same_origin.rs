//! Forms that other sites send in a visitor's name.

use crate::house::{HOME, NOTES, PASSWORD, TestHouse};

const FORMS: [&str; 8] = [
    "/setup",
    "/login",
    "/logout",
    "/account/name",
    "/account/password",
    "/account/confirm",
    "/account/sessions/end-others",
    "/account/tokens",
];

const ELSEWHERE: [&[(&str, &str)]; 5] = [
    &[],
    &[("origin", "http://notes.localhost:8080")],
    &[("origin", "null")],
    &[("sec-fetch-site", "same-site")],
    &[("origin", "http://localhost:8080"), ("sec-fetch-site", "cross-site")],
];

#[tokio::test]
async fn rule_05_a_form_of_another_site_is_refused_with_a_page_and_changes_nothing() {
    let house = TestHouse::open().await;
    let mut ada = house.ada(2).await;
    let fields = [("name", "Mallory"), ("password", PASSWORD), ("identifier", "alan@example.org")];
    for path in FORMS {
        for head in ELSEWHERE {
            let page = ada.post_from(&format!("{HOME}{path}"), &fields, head).await;
            page.shows(403, "This did not come from our pages");
            assert!(page.headers.get("set-cookie").is_none(), "{path}");
        }
    }
    ada.get(&format!("{HOME}/account")).await.shows(200, "value=\"Ada\"");
}

#[tokio::test]
async fn rule_05_an_app_cannot_sign_its_visitor_out_by_a_link_or_another_s_form() {
    let house = TestHouse::open().await;
    let mut ada = house.ada(2).await;
    ada.follow(&format!("{NOTES}/")).await.shows(200, "Ada");
    let url = format!("{NOTES}/.doorward/sign-out");
    for head in [&[][..], &[("origin", HOME)], &[("sec-fetch-site", "same-site")]] {
        ada.post_from(&url, &[], head).await.shows(403, "This did not come from our pages");
    }
    ada.get(&url).await.shows(200, "Stay signed in");
    ada.get(&format!("{NOTES}/")).await.shows(200, "Ada");
}

#[tokio::test]
async fn fields_that_a_form_does_not_have_are_refused() {
    let house = TestHouse::open().await;
    let mut ada = house.ada(2).await;
    let url = format!("{HOME}/account/name");
    ada.post(&url, &[("name", "Augusta"), ("role", "admin")]).await.shows(400, "That was not understood");
    ada.post(&url, &[("name", "Augusta"), ("name", "Ada")]).await.shows(400, "That was not understood");
    ada.post(&url, &[("name", "\u{7}")]).await.shows(422, "id=\"name-error\"");
    assert_eq!(ada.post(&url, &[("name", " Augusta ")]).await.location(), "/account?done=named");
    ada.get(&format!("{HOME}/account?done=named")).await.shows(200, "value=\"Augusta\"");
}

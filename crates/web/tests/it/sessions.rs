//! Sessions end together, and when their time is over.

use crate::house::{HOME, NOTES, PASSWORD, TestHouse};
use std::time::Duration;

#[tokio::test]
async fn rule_04_signing_out_at_home_ends_every_app() {
    let house = TestHouse::open().await;
    let mut ada = house.ada(2).await;
    ada.follow(&format!("{NOTES}/")).await.shows(200, "Ada");
    ada.get(&format!("{HOME}/logout")).await.shows(200, "with it those in notes");
    assert_eq!(ada.get(&format!("{NOTES}/")).await.status, 200, "asking changes nothing");
    let left = ada.post(&format!("{HOME}/logout"), &[]).await;
    assert_eq!((left.status, left.location()), (303, "/login"));
    assert!(!ada.jar("localhost").contains_key("doorward"));
    assert_eq!(ada.get(&format!("{NOTES}/")).await.status, 303);
}

#[tokio::test]
async fn rule_04_signing_out_at_an_app_ends_the_whole_sign_in() {
    let house = TestHouse::open().await;
    let mut ada = house.ada(2).await;
    ada.follow(&format!("{NOTES}/")).await.shows(200, "Ada");
    ada.get(&format!("{NOTES}/.doorward/sign-out")).await.shows(200, "action=\"/.doorward/sign-out\"");
    let kept = ada.jar("localhost").clone();
    ada.post(&format!("{NOTES}/.doorward/sign-out"), &[]).await.shows(200, "You are signed out");
    assert!(!ada.jar("notes.localhost").contains_key("doorward"));
    *ada.jar("localhost") = kept;
    assert_eq!(ada.get(&format!("{HOME}/account")).await.location(), "/login?next=%2Faccount");
    ada.get(&format!("{NOTES}/.doorward/sign-out")).await.shows(200, "You are signed out");
}

#[tokio::test]
async fn rule_04_a_code_of_a_sign_in_that_has_ended_opens_nothing() {
    let house = TestHouse::open().await;
    let mut ada = house.ada(2).await;
    house.clock.advance(Duration::from_hours(24) - Duration::from_secs(20));
    let start = ada.get(&format!("{NOTES}/")).await.location().to_owned();
    let callback = ada.get(&start).await.location().to_owned();
    house.clock.advance(Duration::from_secs(30));
    let refused = ada.get(&callback).await;
    refused.shows(400, "This sign-in cannot be finished");
    assert!(!ada.jar("notes.localhost").contains_key("doorward"));
}

#[tokio::test]
async fn rule_04_use_of_an_app_extends_the_home_session() {
    let house = TestHouse::open().await;
    let (mut ada, mut idle) = (house.ada(2).await, house.ada(3).await);
    ada.follow(&format!("{NOTES}/")).await.shows(200, "Ada");
    house.clock.advance(Duration::from_hours(20));
    ada.get(&format!("{NOTES}/")).await.shows(200, "Ada");
    house.desk.house.record_uses(house.desk.access.uses().take()).await.unwrap();
    house.clock.advance(Duration::from_hours(10));
    ada.get(&format!("{HOME}/account")).await.shows(200, "ada@example.org");
    assert_eq!(idle.get(&format!("{HOME}/account")).await.status, 303);
}

#[tokio::test]
async fn the_list_of_browsers_shows_this_one_first_and_ends_the_others() {
    let house = TestHouse::open().await;
    let (mut ada, mut other) = (house.ada(2).await, house.ada(3).await);
    house.clock.advance(Duration::from_mins(4));
    let list = ada.get(&format!("{HOME}/account/sessions")).await;
    list.shows(200, "Firefox on Linux</b> <span class=\"badge good\">this one");
    list.shows(200, "4 minutes ago");
    let done = ada.post(&format!("{HOME}/account/sessions/end-others"), &[]).await;
    ada.get(&format!("{HOME}{}", done.location())).await.shows(200, "Every other browser is signed out.");
    assert_eq!(other.get(&format!("{HOME}/")).await.location(), "/login");
    let own = list.text.split("/account/sessions/ses_").nth(1).unwrap().split('/').next().unwrap();
    let left = ada.post(&format!("{HOME}/account/sessions/ses_{own}/end"), &[]).await;
    assert_eq!(left.location(), "/login");
    assert_eq!(ada.get(&format!("{HOME}/")).await.location(), "/login");
}

#[tokio::test]
async fn nobody_ends_or_sees_the_session_of_another() {
    let house = TestHouse::open().await;
    let (mut ada, mut alan) = (house.ada(2).await, house.signed_in("alan@example.org", 3).await);
    let list = ada.get(&format!("{HOME}/account/sessions")).await;
    let id = list.text.split("/account/sessions/ses_").nth(1).unwrap().split('/').next().unwrap();
    let refused = alan.post(&format!("{HOME}/account/sessions/ses_{id}/end"), &[]).await;
    refused.shows(404, "");
    ada.get(&format!("{HOME}/account")).await.shows(200, "ada@example.org");
    alan.get(&format!("{HOME}/admin/audit")).await.shows(403, "Ask <b>Ada</b>");
}

#[tokio::test]
async fn a_new_password_signs_out_every_other_browser() {
    let house = TestHouse::open().await;
    let (mut ada, mut other) = (house.ada(2).await, house.ada(3).await);
    let url = format!("{HOME}/account/password");
    let new = "orbit seven violet kettles";
    let wrong = [("current_password", "not it at all"), ("new_password", new)];
    ada.post(&url, &wrong).await.shows(403, "The current password is wrong.");
    let weak = [("current_password", PASSWORD), ("new_password", "password1234")];
    ada.post(&url, &weak).await.shows(422, "id=\"new_password-error\"");
    let right = [("current_password", PASSWORD), ("new_password", new)];
    assert_eq!(ada.post(&url, &right).await.location(), "/account?done=password");
    ada.get(&format!("{HOME}/account")).await.shows(200, "ada@example.org");
    assert_eq!(other.get(&format!("{HOME}/account")).await.status, 303);
    assert_eq!(house.browser(4).sign_in("ada@example.org", new).await.status, 303);
}

//! Signing in, and trying to.

use crate::house::{HOME, PASSWORD, TestHouse};

#[tokio::test]
async fn an_unknown_account_costs_the_same_work_as_a_wrong_password() {
    let house = TestHouse::open().await;
    let mut told = Vec::new();
    for identifier in ["ada@example.org", "nobody@example.org"] {
        let before = house.desk.house.password_runs();
        let page = house.browser(9).sign_in(identifier, "not the password").await;
        assert_eq!(house.desk.house.password_runs() - before, 1, "{identifier}");
        told.push((page.status, page.text.replace(identifier, "…")));
    }
    assert_eq!(told.first(), told.last());
    assert_eq!(told.first().unwrap().0, 401);
}

#[tokio::test]
async fn rule_22_an_attack_on_an_account_does_not_lock_its_owner_out() {
    let house = TestHouse::open().await;
    let mut owner = house.ada(2).await;
    owner.post(&format!("{HOME}/logout"), &[]).await;
    let mut statuses = Vec::new();
    for number in 0..20 {
        let page = house.browser(100 + number).sign_in("ada@example.org", "not the password").await;
        assert_eq!(page.status == 429, !page.header("retry-after").is_empty());
        statuses.push(page.status);
    }
    assert!(statuses.contains(&401) && statuses.last() == Some(&429), "{statuses:?}");
    assert_eq!(house.browser(200).sign_in("ada@example.org", PASSWORD).await.status, 429);
    assert_eq!(
        owner.sign_in("ada@example.org", PASSWORD).await.status,
        303,
        "a browser that signed in before"
    );
}

#[tokio::test]
async fn rule_22_another_account_s_device_cookie_is_worth_nothing() {
    let house = TestHouse::open().await;
    let mut alan = house.signed_in("alan@example.org", 2).await;
    let mut statuses = Vec::new();
    for _ in 0..10 {
        statuses.push(alan.sign_in("ada@example.org", "not the password").await.status);
    }
    assert_eq!(statuses.last(), Some(&429), "{statuses:?}");
    assert_eq!(
        house.browser(3).sign_in("ada@example.org", PASSWORD).await.status,
        429,
        "one count for strangers"
    );
}

#[tokio::test]
async fn a_refused_try_keeps_the_address_and_never_the_password() {
    let house = TestHouse::open().await;
    let page = house.browser(2).sign_in(" ada@example.org ", "a canary in the mine").await;
    page.shows(401, "value=\"ada@example.org\"");
    page.shows(401, "The e-mail address or the password is wrong.");
    assert!(!page.text.contains("canary"));
    assert!(page.header("www-authenticate").starts_with("Bearer"));
}

#[tokio::test]
async fn whoever_is_signed_in_is_led_on_and_whoever_is_not_comes_back() {
    let house = TestHouse::open().await;
    let mut browser = house.browser(2);
    let first = browser.get(&format!("{HOME}/account/tokens?x=1")).await;
    assert_eq!(first.location(), "/login?next=%2Faccount%2Ftokens%3Fx%3D1");
    let fields = [("identifier", "ada"), ("password", PASSWORD), ("next", "/account/tokens?x=1")];
    assert_eq!(browser.post(&format!("{HOME}/login"), &fields).await.location(), "/account/tokens?x=1");
    assert_eq!(browser.get(&format!("{HOME}/login?next=/account")).await.location(), "/account");
    browser.get(&format!("{HOME}/")).await.shows(200, "http://notes.localhost:8080/");
    browser.get(&format!("{HOME}/?q=NOT")).await.shows(200, "1 app found");
    browser.get(&format!("{HOME}/?q=kettle")).await.shows(200, "No app of yours is called");
}

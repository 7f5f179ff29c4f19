//! The sign-in across hosts, and those who would like to be in the middle of it.

use crate::{
    browser::{page, request},
    house::{HOME, NOTES, TestHouse, VAULT, address, client, operator},
};
use domain::{Allow, GateSettings, HostName, Rule};
use doorward_web::app_host;
use http::{Method, header};
use identity::apps::{self, AccessWanted, AppChange};
use std::time::Duration;
use tokio::task::JoinSet;

#[tokio::test]
async fn a_browser_signs_in_on_the_way_to_an_app_and_comes_back_to_where_it_was() {
    let house = TestHouse::open().await;
    let mut browser = house.browser(2);
    let form = browser.follow(&format!("{NOTES}/today?q=1")).await;
    form.shows(200, "Sign in to notes");
    assert!(
        form.header("content-security-policy").contains("form-action 'self' http://notes.localhost:8080;")
    );
    let next = form.hidden("next");
    let fields = [("identifier", "ada@example.org"), ("password", crate::house::PASSWORD), ("next", &next)];
    let answer = browser.post(&format!("{HOME}/login"), &fields).await;
    assert_eq!(answer.status, 303);
    let there = browser.follow(&format!("{HOME}{}", answer.location())).await;
    there.shows(200, "Ada at /today?q=1");
    assert_eq!(browser.jar("notes.localhost").keys().collect::<Vec<_>>(), ["doorward"], "the start is spent");
}

#[tokio::test]
async fn rule_01_a_code_that_another_browser_started_is_refused() {
    let house = TestHouse::open().await;
    let mut mallory = house.signed_in("alan@example.org", 2).await;
    let start = mallory.get(&format!("{NOTES}/")).await;
    let bait = mallory.get(start.location()).await.location().to_owned();

    let mut victim = house.browser(3);
    victim.get(&bait).await.shows(400, "Try again");
    assert!(!victim.jar("notes.localhost").contains_key("doorward"));

    let own = victim.get(&format!("{NOTES}/")).await.location().to_owned();
    let field = |url: &str, name: &str| {
        let query = url.split_once('?').unwrap().1.to_owned();
        form_urlencoded::parse(query.as_bytes()).find(|(n, _)| n == name).unwrap().1.into_owned()
    };
    let (code, state) = (field(&bait, "code"), field(&own, "state"));
    victim
        .get(&format!("{NOTES}/.doorward/callback?code={code}&state={state}"))
        .await
        .shows(400, "Try again");
    assert!(!victim.jar("notes.localhost").contains_key("doorward"));

    assert_eq!(mallory.get(&bait).await.status, 303, "the refused tries have not spent it");
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_01_one_callback_code_has_one_winner() {
    let house = TestHouse::open().await;
    let mut browser = house.ada(2).await;
    let start = browser.get(&format!("{NOTES}/")).await;
    let callback = browser.get(start.location()).await.location().to_owned();
    let jar = browser.jar("notes.localhost");
    let cookies: Vec<String> = jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut tries = JoinSet::new();
    for number in 0..1_000 {
        let mut parts = request(Method::GET, &callback);
        parts.headers.insert(header::COOKIE, cookies.join("; ").parse().unwrap());
        let (desk, route) = (house.desk.clone(), house.route("notes.localhost"));
        tries.spawn(async move {
            page(app_host::own_path(&desk, &route, client(address(number)), parts).await).await.status
        });
    }
    let statuses = tries.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 1);
    assert_eq!(statuses.iter().filter(|status| **status == 400).count(), 999);
}

#[tokio::test]
async fn rule_01_a_start_lasts_ten_minutes_and_a_code_one() {
    let house = TestHouse::open().await;
    let mut browser = house.ada(2).await;
    let start = browser.get(&format!("{NOTES}/")).await.location().to_owned();
    let late = browser.get(&start).await.location().to_owned();
    house.clock.advance(Duration::from_secs(61));
    browser.get(&late).await.shows(400, "cannot be finished");
    house.clock.advance(Duration::from_mins(9));
    let fresh = browser.get(&start).await.location().to_owned();
    browser.get(&fresh).await.shows(400, "cannot be finished");
}

#[tokio::test]
async fn rule_01_a_browser_keeps_at_most_eight_starts_and_the_oldest_go_first() {
    let house = TestHouse::open().await;
    let mut browser = house.ada(2).await;
    browser.jar("notes.localhost").insert("doorward-start-of-another-house".into(), "x".into());
    let mut starts = Vec::new();
    for _ in 0..10 {
        starts.push(browser.get(&format!("{NOTES}/")).await.location().to_owned());
        house.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(browser.jar("notes.localhost").len(), 8);
    for (number, start) in starts.iter().enumerate() {
        let callback = browser.get(start).await.location().to_owned();
        let wanted = if number < 2 { 400 } else { 303 };
        assert_eq!(browser.get(&callback).await.status, wanted, "{number}");
    }
}

#[tokio::test]
async fn rule_02_a_path_or_origin_of_elsewhere_leads_nowhere() {
    let house = TestHouse::open().await;
    let mut browser = house.ada(2).await;
    for next in ["%2F%2Fevil.example", "%2F%5Cevil.example", "https%3A%2F%2Fevil.example", "%2F%0D%0Aa"] {
        assert_eq!(browser.get(&format!("{HOME}/login?next={next}")).await.location(), "/", "{next}");
    }
    browser.follow(&format!("{NOTES}//evil.example/x")).await.shows(200, "Ada at /");

    browser.jar("notes.localhost").clear();
    let open = browser.get(&format!("{NOTES}/a")).await.location().to_owned();
    for evil in
        ["http%3A%2F%2Fevil.example", "http%3A%2F%2Fnotes.localhost", "http%3A%2F%2Fvault.localhost%3A8080"]
    {
        let changed = open.replace("http%3A%2F%2Fnotes.localhost%3A8080", evil);
        assert_ne!(changed, open);
        browser.get(&changed).await.shows(404, "There is nothing here");
    }
}

#[tokio::test]
async fn a_proxy_that_cannot_begin_a_sign_in_sends_the_browser_to_where_it_begins() {
    let house = TestHouse::open().await;
    let mut ada = house.ada(2).await;
    ada.follow(&format!("{NOTES}/.doorward/start?rd=%2Ftoday%3Fq%3D1%26r"))
        .await
        .shows(200, "Ada at /today?q=1&r");
    let again = ada.get(&format!("{NOTES}/.doorward/start?rd=%2Ftoday")).await;
    assert_eq!(again.location(), "/today", "who is signed in begins nothing");
    assert_eq!(ada.jar("notes.localhost").keys().collect::<Vec<_>>(), ["doorward"]);
}

#[tokio::test]
async fn rule_02_a_start_leads_back_to_nowhere_else() {
    let house = TestHouse::open().await;
    let mut ada = house.ada(2).await;
    ada.follow(&format!("{NOTES}/.doorward/start?rd=%2F%2Fevil.example")).await.shows(200, "Ada at /");
    for rd in ["", "%2F%2Fevil.example", "%2F%5Cevil.example", "https%3A%2F%2Fevil.example", "%2F%0D%0Aa"] {
        assert_eq!(ada.get(&format!("{NOTES}/.doorward/start?rd={rd}")).await.location(), "/", "{rd}");
    }
}

#[tokio::test]
async fn rule_03_an_app_session_opens_nothing_but_its_origin() {
    let house = TestHouse::open().await;
    let mut ada = house.ada(2).await;
    ada.follow(&format!("{NOTES}/")).await.shows(200, "Ada at /");
    let session = ada.jar("notes.localhost").get("doorward").unwrap().clone();
    let mut thief = house.browser(3);
    for host in ["localhost", "vault.localhost"] {
        thief.jar(host).insert("doorward".into(), session.clone());
    }
    assert_eq!(thief.get(&format!("{HOME}/account")).await.location(), "/login?next=%2Faccount");
    assert_eq!(thief.get(&format!("{HOME}/api/v1/me")).await.status, 401);
    assert!(thief.get(&format!("{VAULT}/")).await.location().starts_with("http://localhost:8080/open?"));
    thief.get(&format!("{VAULT}/.doorward/me")).await.shows(401, "Sign in first");
    let home = ada.jar("localhost").get("doorward").unwrap().clone();
    thief.jar("notes.localhost").insert("doorward".into(), home);
    assert_eq!(thief.get(&format!("{NOTES}/")).await.status, 303, "nor does a home session open an app");
}

#[tokio::test]
async fn whom_an_app_is_not_open_to_is_told_why_and_whom_to_ask() {
    let house = TestHouse::open().await;
    let mut alan = house.signed_in("alan@example.org", 2).await;
    let denied = alan.follow(&format!("{VAULT}/")).await;
    denied.shows(403, "You cannot open vault");
    denied.shows(403, "The app is open to nobody yet.");
    denied.shows(403, "alan@example.org");
    denied.shows(403, "Ask <b>Ada</b>");
    assert_eq!(alan.jar("vault.localhost").keys().filter(|name| *name == "doorward").count(), 0);
}

#[tokio::test]
async fn an_app_s_own_pages_can_ask_who_is_signed_in() {
    let house = TestHouse::open().await;
    let mut ada = house.ada(2).await;
    ada.follow(&format!("{NOTES}/")).await.shows(200, "Ada");
    let me = ada.get(&format!("{NOTES}/.doorward/me")).await;
    me.shows(200, "\"handle\":\"ada\"");
    assert_eq!(me.header("cache-control"), "no-store");
    let style = format!("{NOTES}/.doorward/assets/{}", doorward_web::assets::stylesheet());
    assert_eq!(ada.get(&style).await.header("content-type"), "text/css; charset=utf-8");
    ada.get(&format!("{NOTES}/.doorward/nothing")).await.shows(404, "There is nothing here");
}

#[tokio::test]
async fn an_app_that_is_closed_learns_nothing_more_of_whom_it_knew() {
    let house = TestHouse::open().await;
    let mut alan = house.signed_in("alan@example.org", 2).await;
    alan.follow(&format!("{NOTES}/")).await.shows(200, "Alan");
    let change = AppChange { access: Some(AccessWanted::default()), ..AppChange::default() };
    apps::update(&house.desk.house, &operator(), "notes".to_owned(), change).await.unwrap();
    let me = alan.get(&format!("{NOTES}/.doorward/me")).await;
    me.shows(403, "This is not open to you");
    assert!(!me.text.contains("alan"));
}

fn ruled(rules: Vec<Rule>) -> AppChange {
    AppChange { gate: GateSettings { rules, ..GateSettings::default() }.into(), ..AppChange::default() }
}

fn rule(path: &str, allow: Allow) -> Rule {
    Rule { path: path.to_owned(), methods: Vec::new(), allow }
}

#[tokio::test]
async fn whom_a_rule_alone_lets_in_signs_in_and_finds_the_app_where_it_opens() {
    let house = TestHouse::open().await;
    let mut alan = house.signed_in("alan@example.org", 2).await;
    let anyone = ruled(vec![rule("/hook", Allow::Anyone)]);
    apps::update(&house.desk.house, &operator(), "vault".to_owned(), anyone).await.unwrap();
    alan.follow(&format!("{VAULT}/")).await.shows(403, "You cannot open vault");
    assert!(!alan.get(&format!("{HOME}/")).await.text.contains("vault"), "nothing there asks who comes");

    let all = ruled(vec![rule("/hook", Allow::Anyone), rule("/board", Allow::SignedIn)]);
    apps::update(&house.desk.house, &operator(), "vault".to_owned(), all).await.unwrap();
    alan.get(&format!("{HOME}/")).await.shows(200, &format!("href=\"{VAULT}/board\""));
    alan.follow(&format!("{VAULT}/board")).await.shows(200, "Alan at /board");
    alan.get(&format!("{VAULT}/.doorward/me")).await.shows(200, "\"handle\":\"alan\"");
}

#[tokio::test]
async fn rule_02_below_a_wildcard_each_host_has_its_own_sign_in() {
    let house = TestHouse::open().await;
    let hosts = ["notes.localhost", "*.notes.localhost", "*.localhost"];
    let hosts = hosts.map(|host| HostName::from_stored(host.to_owned())).to_vec();
    let change = AppChange { hosts: Some(hosts), ..AppChange::default() };
    apps::update(&house.desk.house, &operator(), "notes".to_owned(), change).await.unwrap();
    let mut ada = house.ada(2).await;
    ada.follow("http://one.notes.localhost:8080/a").await.shows(200, "Ada at /a");
    assert_eq!(ada.jar("one.notes.localhost").keys().collect::<Vec<_>>(), ["doorward"]);
    let session = ada.jar("one.notes.localhost").get("doorward").unwrap().clone();
    let mut thief = house.browser(3);
    thief.jar("two.notes.localhost").insert("doorward".into(), session);
    assert_eq!(thief.get("http://two.notes.localhost:8080/").await.status, 303, "it is one host's alone");

    // No origin that the wildcard does not stand for, or that is another app's or the home host's, gets a code.
    let open = ada.get("http://two.notes.localhost:8080/").await.location().to_owned();
    for (host, status) in [
        ("three.notes.localhost%3A8080", 303),
        ("three.notes.localhost", 404),
        ("a.b.notes.localhost%3A8080", 404),
        ("vault.localhost%3A8080", 404),
        ("localhost%3A8080", 404),
        ("*.notes.localhost%3A8080", 404),
    ] {
        let changed = open.replace("two.notes.localhost%3A8080", host);
        assert_ne!(changed, open);
        assert_eq!(ada.get(&changed).await.status, status, "{host}");
    }
}

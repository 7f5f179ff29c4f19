//! Paths that are open to others than the app itself.

use crate::{
    door::{bearer, cookie, ended_cookie, unknown_bearer},
    house::{House, head},
};
use domain::{Allow, AppAccess, GateSettings, HostName, Rule};
use doorward_gateway::Limits;
use std::{sync::atomic::Ordering, time::Duration};

fn rule(path: &str, methods: &[&str], allow: Allow) -> Rule {
    let methods = methods.iter().map(|method| (*method).to_owned()).collect();
    Rule { path: path.to_owned(), methods, allow }
}

fn rules(rules: Vec<Rule>) -> GateSettings {
    GateSettings { rules, ..GateSettings::default() }
}

/// A house whose app lets anyone read `/share`, and nobody at all change anything below `/locked`.
async fn house() -> House {
    let nobody = Allow::Only(AppAccess::default());
    House::gated(rules(vec![
        rule("/share", &["GET"], Allow::Anyone),
        rule("/hook", &["POST"], Allow::Anyone),
        rule("/locked", &["POST", "DELETE"], nobody),
    ]))
    .await
}

async fn ask(house: &House, line: &str, fields: &[&str]) -> String {
    let own = ["Host: notes.localhost", "Connection: close"];
    house.say(&head(line, &[&own, fields].concat())).await
}

#[tokio::test]
async fn rule_10_what_is_open_to_anyone_needs_no_sign_in_and_hears_of_no_one() {
    let house = house().await;
    for line in ["GET /share/x?y", "HEAD /share", "GET /%73hare"] {
        let forged = ["Remote-User: root", "X_Doorward_Assertion: forged", "Cookie: theirs=1"];
        let answer = ask(&house, line, &forged).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{line}: {answer}");
        let seen = house.app.only();
        for gone in ["remote-user", "remote-groups", "x_doorward_assertion", "x-doorward-assertion"] {
            assert_eq!(seen.field(gone), "", "{gone}");
        }
        assert_eq!(seen.field("x-forwarded-for"), "127.0.0.1");
        assert_eq!(seen.field("cookie"), "theirs=1");
    }
}

#[tokio::test]
async fn who_is_signed_in_is_told_where_anyone_may_come() {
    let house = house().await;
    for credential in [cookie(), bearer()] {
        ask(&house, "GET /share", &[&credential]).await;
        let seen = house.app.only();
        assert_eq!(seen.field("remote-user"), "ada");
        assert!(!seen.field("x-doorward-assertion").is_empty());
    }
}

#[tokio::test]
async fn rule_07_an_invalid_token_is_refused_where_anyone_may_come_and_an_ended_session_is_nobody() {
    let house = house().await;
    let answer = ask(&house, "GET /share", &[&unknown_bearer()]).await;
    assert!(answer.starts_with("HTTP/1.1 401") && house.app.seen().is_empty(), "{answer}");
    let answer = ask(&house, "GET /share", &[&ended_cookie()]).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert_eq!(house.app.only().field("remote-user"), "");
    let answer = ask(&house, "GET /", &[&ended_cookie()]).await;
    assert!(answer.contains("sign_in_required"), "{answer}");
}

#[tokio::test]
async fn rule_12_a_path_that_can_be_read_in_two_ways_is_open_to_nobody_that_it_might_not_be_open_to() {
    let house = house().await;
    for path in [
        "/share/../private",
        "/share/%2e%2e/private",
        "/share/..%2fprivate",
        "/share/..;/private",
        "/share/..%5cprivate",
        "/share/\\..\\private",
        "//share",
        "/share//..//private",
        "/share%00",
        "/share/%252e%252e/private",
        "/share/%c0%ae%c0%ae/private",
        "/share/%",
        "/Share",
    ] {
        let answer = ask(&house, &format!("GET {path}"), &[]).await;
        let refused = answer.starts_with("HTTP/1.1 401") || answer.starts_with("HTTP/1.1 400");
        assert!(refused, "{path}: {answer}");
        assert!(house.app.seen().is_empty(), "{path} reached the app");
    }
    // Who is signed in meets every rule that names people, and one of them lets in nobody.
    let answer = ask(&house, "GET /share//x", &[&bearer()]).await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
}

#[tokio::test]
async fn a_rule_speaks_of_its_methods_alone() {
    let house = house().await;
    assert!(ask(&house, "POST /share", &[]).await.starts_with("HTTP/1.1 401"));
    assert!(ask(&house, "GET /locked", &[&bearer()]).await.starts_with("HTTP/1.1 200"));
    assert!(ask(&house, "DELETE /locked/x", &[&bearer()]).await.starts_with("HTTP/1.1 403"));
    assert!(ask(&house, "delete /locked/x", &[&bearer()]).await.starts_with("HTTP/1.1 405"));
    assert_eq!(house.app.only().method, http::Method::GET);
}

#[tokio::test]
async fn rule_12_no_field_makes_another_method_or_path_of_a_request() {
    let house = house().await;
    let fields = [
        "X-HTTP-Method-Override: DELETE",
        "x_http_method: DELETE",
        "X.Method.Override: DELETE",
        "X-Original-URL: /private",
        "X_Rewrite_URL: /private",
        "X-Harmless: stays",
    ];
    ask(&house, "GET /share", &fields).await;
    let seen = house.app.only();
    assert_eq!(seen.field("x-harmless"), "stays");
    let all = format!("{:?}", seen.headers);
    assert!(!all.contains("DELETE") && !all.contains("private"), "{all}");

    let plain = House::open().await;
    plain.ask("GET /", &fields).await;
    assert_eq!(plain.app.only().field("x-http-method-override"), "DELETE", "no rule speaks of methods");
}

#[tokio::test]
async fn an_app_that_is_closed_opens_to_everyone_where_a_rule_says_so() {
    let house = House::of(Limits::default(), |app| {
        app.access = AppAccess::default();
        app.gate.rules = vec![rule("/feed", &[], Allow::SignedIn)];
    })
    .await;
    assert!(ask(&house, "GET /feed/x", &[&cookie()]).await.starts_with("HTTP/1.1 200"));
    assert_eq!(house.app.only().field("remote-user"), "ada");
    assert!(ask(&house, "GET /feed", &[]).await.starts_with("HTTP/1.1 401"));
    assert!(ask(&house, "GET /", &[&cookie()]).await.starts_with("HTTP/1.1 403"));
    assert!(ask(&house, "GET /feed//x", &[&cookie()]).await.starts_with("HTTP/1.1 403"));
}

#[tokio::test]
async fn rule_06_a_visitor_s_cookie_is_guarded_where_anyone_may_come_and_nobody_s_is_not() {
    let house = house().await;
    let elsewhere = "Origin: https://elsewhere.example";
    let answer = ask(&house, "POST /hook", &[&cookie(), elsewhere]).await;
    assert!(answer.contains("cross_site_request"), "{answer}");
    assert!(ask(&house, "POST /hook", &[elsewhere]).await.starts_with("HTTP/1.1 200"));
    assert_eq!(house.app.only().field("remote-user"), "");
}

#[tokio::test]
async fn below_a_wildcard_an_app_is_at_each_host_by_itself() {
    let house = House::of(Limits::default(), |app| {
        if app.name.as_str() == "notes" {
            app.hosts.push(HostName::from_stored("*.notes.localhost".to_owned()));
        }
    })
    .await;
    let at = async |host: &str, credential: &str| {
        house.say(&head("GET /", &[&format!("Host: {host}"), "Connection: close", credential])).await
    };
    assert!(at("one.notes.localhost", &bearer()).await.starts_with("HTTP/1.1 200"));
    assert_eq!(house.app.only().field("host"), format!("one.{}", house.authority()));
    assert!(
        at("one.notes.localhost", &cookie()).await.contains("sign_in_required"),
        "it is for another host"
    );
    assert!(at("two.one.notes.localhost", &bearer()).await.starts_with("HTTP/1.1 421"));
}

/// Another replica may have closed it meanwhile.
#[tokio::test]
async fn rule_17_what_is_open_to_anyone_is_shut_a_second_after_nobody_can_say_whether_it_still_is() {
    let house = house().await;
    house.door.people.cut_off.store(true, Ordering::SeqCst);
    assert!(ask(&house, "GET /share", &[]).await.starts_with("HTTP/1.1 200"));
    house.door.clock.advance(Duration::from_micros(1_000_001));
    let answer = ask(&house, "GET /share", &[]).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    house.door.people.cut_off.store(false, Ordering::SeqCst);
    assert!(ask(&house, "GET /share", &[]).await.starts_with("HTTP/1.1 200"));
}

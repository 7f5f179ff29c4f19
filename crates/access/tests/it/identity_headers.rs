//! What an app is told of who asks (`security.md` 10).

use crate::stage::{START, Stage, app, bearer, person};
use domain::{Scope, User};
use doorward_access::Snapshot;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, jwk::Jwk};
use serde_json::{Value as Json, json};
use std::{sync::Arc, time::Duration};

async fn snapshot(stage: &Stage, user: &User) -> Arc<Snapshot> {
    let token = bearer(&stage.token(user, Scope::FULL));
    stage.who("notes", &[("authorization", &token)]).await.unwrap().unwrap()
}

fn told(stage: &Stage, who: &Snapshot, name: &str) -> Vec<(String, String)> {
    let headers = stage.access.identity_headers(who, &stage.route(name));
    headers
        .fields()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect()
}

fn assertion(stage: &Stage, who: &Snapshot, name: &str) -> String {
    let headers = told(stage, who, name);
    headers.into_iter().find(|(name, _)| name == "x-doorward-assertion").unwrap().1
}

/// The claims of an assertion that verifies against the published key.
fn claims(stage: &Stage, token: &str, audience: &str) -> Json {
    let key: Jwk = serde_json::from_value(stage.access.public_jwks().remove(0)).unwrap();
    let mut rules = Validation::new(Algorithm::ES256);
    rules.validate_exp = false;
    rules.set_audience(&[audience]);
    rules.set_issuer(&["http://localhost:8080"]);
    jsonwebtoken::decode(token, &DecodingKey::from_jwk(&key).unwrap(), &rules).unwrap().claims
}

#[tokio::test]
async fn an_app_is_told_name_address_and_groups() {
    let stage = Stage::open();
    let zoe = User { name: "Zo\u{eb} 100%".parse().unwrap(), ..person(7, "zoe") };
    let mut headers = told(&stage, &*snapshot(&stage, &zoe).await, "notes");
    headers.pop().unwrap();
    let lines: Vec<_> = headers.into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    remote-user: zoe
    remote-name: Zo%C3%AB 100%25
    remote-email: zoe@example.org
    remote-groups: admins,family
    ");
}

#[tokio::test]
async fn rule_10_an_address_is_told_only_when_somebody_vouched_for_it() {
    let stage = Stage::open();
    let zoe = User { email_verified: false, ..person(7, "Zoe") };
    let headers = told(&stage, &*snapshot(&stage, &zoe).await, "notes");
    let email = headers.iter().find(|(name, _)| name == "remote-email");
    // Empty and not absent: what the client sent under this name is replaced.
    assert_eq!(email.unwrap().1, "");
}

#[tokio::test]
async fn an_assertion_verifies_is_for_one_origin_and_lives_for_a_minute() {
    let stage = Stage::open();
    let zoe = User { email_verified: false, ..person(7, "Zoe") };
    let who = snapshot(&stage, &zoe).await;
    let claims = claims(&stage, &assertion(&stage, &who, "notes"), "http://notes.localhost:8080");
    let now = START.unix_seconds();
    assert_eq!(
        claims,
        json!({
            "iss": "http://localhost:8080",
            "aud": "http://notes.localhost:8080",
            "sub": zoe.id.to_string(),
            "iat": now,
            "nbf": now,
            "exp": now + 60,
            "preferred_username": "zoe",
            "name": "Zoe",
            "email": "zoe@example.org",
            "email_verified": false,
            "groups": ["admins", "family"],
        })
    );
}

#[tokio::test]
async fn every_origin_of_an_app_gets_an_assertion_of_its_own() {
    let stage = Stage::open();
    stage.access.replace_apps(&[app(1, &["notes", "journal"])]);
    let who = snapshot(&stage, &person(7, "Zoe")).await;
    for name in ["notes", "journal", "notes"] {
        let token = assertion(&stage, &who, name);
        claims(&stage, &token, &format!("http://{name}.localhost:8080"));
    }
}

#[tokio::test]
async fn an_assertion_is_used_again_for_half_its_life() {
    let stage = Stage::open();
    let who = snapshot(&stage, &person(7, "Zoe")).await;
    let first = assertion(&stage, &who, "notes");
    stage.clock.advance(Duration::from_secs(30) - Duration::from_micros(1));
    assert_eq!(assertion(&stage, &who, "notes"), first);
    stage.clock.advance(Duration::from_micros(1));
    let second = assertion(&stage, &who, "notes");
    assert_ne!(second, first);
    let exp = claims(&stage, &second, "http://notes.localhost:8080")["exp"].as_i64();
    assert_eq!(exp, Some(START.unix_seconds() + 90));
}

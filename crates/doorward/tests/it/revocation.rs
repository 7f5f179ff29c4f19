//! What is taken away is gone at the very next request, whatever was cached a moment before.

use crate::world::{Kind, World};
use doorward::testing::json_request;
use http::StatusCode;
use serde_json::{Value, json};

async fn me(world: &World, kind: Kind) -> StatusCode {
    world.send(kind, json_request("GET", "/api/v1/me", &Value::Null)).await.0
}

async fn admin(world: &World, method: &str, path: &str, body: Value) {
    let (status, answer) = world.send(Kind::Admin, json_request(method, path, &body)).await;
    assert!(status.is_success(), "{method} {path}: {status} {answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_token_is_refused_by_the_next_request() {
    let world = World::make().await;
    assert_eq!(me(&world, Kind::MemberToken).await, StatusCode::OK);
    admin(&world, "DELETE", &format!("/api/v1/tokens/{}", world.ids.token), Value::Null).await;
    assert_eq!(me(&world, Kind::MemberToken).await, StatusCode::UNAUTHORIZED);
    assert_eq!(me(&world, Kind::Member).await, StatusCode::OK, "the session is another credential");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_is_refused_by_the_next_request() {
    let world = World::make().await;
    assert_eq!(me(&world, Kind::Member).await, StatusCode::OK);
    admin(&world, "DELETE", &format!("/api/v1/sessions/{}", world.ids.session), Value::Null).await;
    assert_eq!(me(&world, Kind::Member).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shut_account_is_refused_by_the_next_request_whatever_it_comes_with() {
    let world = World::make().await;
    assert_eq!(me(&world, Kind::Member).await, StatusCode::OK);
    assert_eq!(me(&world, Kind::MemberToken).await, StatusCode::OK);
    let path = format!("/api/v1/users/{}", world.ids.user);
    admin(&world, "PATCH", &path, json!({ "disabled": true })).await;
    assert_eq!(me(&world, Kind::Member).await, StatusCode::UNAUTHORIZED);
    assert_eq!(me(&world, Kind::MemberToken).await, StatusCode::UNAUTHORIZED);
    admin(&world, "PATCH", &path, json!({ "disabled": false })).await;
    assert_eq!(me(&world, Kind::Member).await, StatusCode::UNAUTHORIZED, "its sessions ended for good");
    assert_eq!(me(&world, Kind::MemberToken).await, StatusCode::OK, "its tokens did not");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_that_was_closed_is_no_longer_among_ones_own() {
    let world = World::make().await;
    let apps = || world.send(Kind::Member, json_request("GET", "/api/v1/me", &Value::Null));
    assert_eq!(apps().await.1["apps"].as_array().map(Vec::len), Some(1));
    admin(&world, "PATCH", "/api/v1/apps/notes", json!({ "access": { "groups": ["family"] } })).await;
    assert_eq!(apps().await.1["apps"].as_array().map(Vec::len), Some(0));
    admin(&world, "PUT", "/api/v1/groups/family/members/grace", Value::Null).await;
    assert_eq!(apps().await.1["apps"].as_array().map(Vec::len), Some(1));
}

//! The keys that sign assertions are exchanged, and whoever verifies knows them before and after.

use crate::stage::Stage;
use serde_json::Value;
use std::time::Duration;

async fn listed(stage: &Stage) -> Vec<Value> {
    stage.house.signing_keys().await.unwrap().public_jwks()
}

/// Looks once more whether something is to be done; answers what is listed then.
async fn after(stage: &Stage, time: Duration) -> Vec<Value> {
    stage.clock.advance(time);
    assert!(stage.house.exchange_signing_keys().await.unwrap());
    listed(stage).await
}

#[tokio::test]
async fn a_key_is_exchanged_after_a_quarter_of_a_year_and_listed_for_a_while_longer() {
    let stage = Stage::open();
    let first = listed(&stage).await;
    assert_eq!((first.len(), after(&stage, Duration::ZERO).await), (1, first.clone()));
    assert!(!stage.house.exchange_signing_keys().await.unwrap(), "it was looked at a moment ago");
    assert_eq!(after(&stage, Duration::from_hours(89 * 24)).await, first);
    let both = after(&stage, Duration::from_hours(24)).await;
    assert_eq!((both.len(), both.last()), (2, first.last()));
    assert_eq!(after(&stage, Duration::from_mins(74)).await, both);
    let second = after(&stage, Duration::from_hours(1)).await;
    assert_eq!((second.len(), second.first()), (1, both.first()));
}

#[tokio::test]
async fn replicas_that_start_at_once_have_one_first_key() {
    let stage = Stage::open();
    let (one, other) = tokio::join!(listed(&stage), listed(&stage));
    assert_eq!((one.len(), one.clone()), (1, other));
}

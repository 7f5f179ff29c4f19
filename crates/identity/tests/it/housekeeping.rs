//! What is done without anyone asking for it.

use crate::stage::Stage;
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn what_has_lapsed_is_swept_once_an_hour_whoever_asks() {
    let (stage, _ada) = Stage::with_ada().await;
    assert_eq!(stage.house.sweep().await.unwrap(), Some(0));
    assert_eq!(stage.house.sweep().await.unwrap(), None, "it was done a moment ago");
    stage.clock.advance(HOUR * 24 * 90);
    assert_eq!(stage.house.sweep().await.unwrap(), Some(1), "the session ended long ago");
    stage.clock.advance(Duration::from_micros(3_599_999_999));
    assert_eq!(stage.house.sweep().await.unwrap(), None);
    stage.clock.advance(Duration::from_micros(1));
    assert_eq!(stage.house.sweep().await.unwrap(), Some(0));
}

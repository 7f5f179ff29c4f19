//! The Valkey goes away and comes back empty: sessions fail closed, and people sign in again.

use crate::{
    house::{HOME, NOTES, PASSWORD, TestHouse},
    kept::Kept,
};
use std::{sync::Arc, time::Duration};

/// A look at the Valkey, as the program does it again and again.
async fn look(house: &TestHouse) {
    house.desk.house.watch_sessions(|| house.desk.access.touch_everyone()).await;
}

#[tokio::test]
async fn rule_17_sessions_fail_closed_while_it_is_away_and_are_gone_with_what_it_lost() {
    let kept = Arc::new(Kept::open());
    let house = TestHouse::open_on(Arc::clone(&kept)).await;
    look(&house).await;
    let mut ada = house.ada(2).await;
    ada.follow(&format!("{NOTES}/")).await.shows(200, "Ada");
    let account = format!("{HOME}/account");
    ada.get(&account).await.shows(200, "ada@example.org");
    kept.server().stop();
    house.clock.advance(Duration::from_millis(1_001));
    look(&house).await;
    assert_eq!(ada.get(&account).await.status, 503);
    let refused = house.browser(3).sign_in("ada@example.org", PASSWORD).await;
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"));
    kept.server().start_again();
    // For a second after it was missed nobody asks it.
    tokio::time::sleep(Duration::from_secs(1)).await;
    look(&house).await;
    assert_eq!(ada.get(&account).await.location(), "/login?next=%2Faccount");
    assert_eq!(ada.sign_in("ada@example.org", PASSWORD).await.status, 303);
    ada.get(&account).await.shows(200, "ada@example.org");
    ada.follow(&format!("{NOTES}/")).await.shows(200, "Ada");
}

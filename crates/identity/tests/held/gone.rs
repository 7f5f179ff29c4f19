//! Without the Valkey there is no session, and nothing is spent on one.

use crate::{
    kept::Kept,
    stage::{PASSWORD, Stage, by_session, first, operator, stranger},
};
use access::{Directory as _, Unavailable};
use domain::{Clock as _, Id, Session};
use doorward_identity::{
    Error, SignedIn, sessions, setup,
    tokens::{self, NewToken},
};
use std::{sync::Arc, time::Duration};
use vault::{Digest, Purpose};

const SECOND: Duration = Duration::from_secs(1);

fn open() -> (Stage, Arc<Kept>) {
    let kept = Arc::new(Kept::open());
    (Stage::on("http://localhost:8080", Arc::clone(&kept)), kept)
}

fn digests(stage: &Stage, signed_in: &SignedIn) -> Vec<Digest> {
    stage.house.ring().digests(Purpose::Session, signed_in.secret.bytes()).collect()
}

/// The sessions of Ada's that are shown to her.
async fn listed(stage: &Stage, ada: &SignedIn) -> Vec<Id<Session>> {
    let page = sessions::list(&stage.house, &by_session(ada), None, (None, 10)).await.unwrap();
    page.items.into_iter().map(|shown| shown.session.id).collect()
}

/// Starts it again, empty, and waits until it is found.
async fn start_again(stage: &Stage, kept: &Kept) {
    kept.server().start_again();
    let nobodys: Vec<_> = stage.house.ring().digests(Purpose::Session, b"nobody").collect();
    let is_missed = async || stage.house.find_session(nobodys.clone()).await.is_err();
    let mut looks = 0;
    while is_missed().await {
        looks += 1;
        assert!(looks < 1_000);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn a_setup_link_is_not_spent_on_a_session_that_cannot_be() {
    let (stage, kept) = open();
    let code = setup::create_link(&stage.house, operator()).await.unwrap();
    let again = code.reveal().parse().unwrap();
    kept.server().stop();
    let refused = setup::set_up(&stage.house, stranger(), first("ada", code)).await.err();
    assert!(matches!(refused, Some(Error::NoSessions)), "{refused:?}");
    start_again(&stage, &kept).await;
    setup::set_up(&stage.house, stranger(), first("ada", again)).await.unwrap();
}

#[tokio::test]
async fn nobody_is_signed_in_and_tokens_go_on() {
    let (stage, kept) = open();
    let ada = stage.set_up_ada().await;
    let new = NewToken {
        owner: None,
        name: "script".parse().unwrap(),
        expires_in_days: None,
        apps: Vec::new(),
        permissions: vec!["*".to_owned()],
    };
    let token = tokens::create(&stage.house, &by_session(&ada), new).await.unwrap();
    kept.server().stop();
    let (runs, events) = (stage.house.password_runs(), stage.events().await.len());
    let refused = stage.try_sign_in(("ada", PASSWORD), None).await.err();
    assert!(matches!(refused, Some(Error::NoSessions)), "{refused:?}");
    assert_eq!((stage.house.password_runs(), stage.events().await.len()), (runs, events));
    let found = stage.house.find_session(digests(&stage, &ada)).await;
    assert!(matches!(found, Err(Unavailable)), "{found:?}");
    let secret = token.1.bytes();
    let digests = stage.house.ring().digests(Purpose::Token, secret).collect();
    assert!(stage.house.find_token(digests).await.unwrap().is_some());
}

#[tokio::test]
async fn an_owner_whom_nothing_leads_in_has_not_failed() {
    let (stage, kept) = open();
    stage.set_up_ada().await;
    // It goes away just after a look.
    look(&stage).await;
    kept.server().stop();
    for _ in 0..9 {
        let refused = stage.try_sign_in(("ada", PASSWORD), None).await.err();
        assert!(matches!(refused, Some(Error::NoSessions)), "{refused:?}");
    }
    start_again(&stage, &kept).await;
    stage.sign_in("ada").await;
}

#[tokio::test]
async fn what_was_lost_is_listed_until_it_is_over_as_nobody_who_can_write_there_may_hide_a_session() {
    let (stage, kept) = open();
    let ada = stage.set_up_ada().await;
    kept.server().stop();
    assert_eq!(listed(&stage, &ada).await, [ada.session.id]);
    start_again(&stage, &kept).await;
    assert!(stage.house.find_session(digests(&stage, &ada)).await.unwrap().is_none());
    let again = stage.sign_in("ada").await;
    assert_eq!(listed(&stage, &again).await.len(), 2);
    sessions::end(&stage.house, &by_session(&again), ada.session.id).await.unwrap();
    assert_eq!(listed(&stage, &again).await, [again.session.id]);
}

/// Looks whether something was lost; what is known must not count before it was dropped.
async fn look(stage: &Stage) -> bool {
    let (was_fed, mut is_lost) = (stage.house.are_sessions_fed(), false);
    let forget = || {
        is_lost = true;
        assert_eq!(stage.house.are_sessions_fed(), was_fed, "it counts before it was dropped");
    };
    stage.house.watch_sessions(forget).await;
    is_lost
}

#[tokio::test]
async fn what_is_known_counts_for_a_second_after_a_look_and_after_a_loss_not_at_all() {
    let (stage, kept) = open();
    assert!(!stage.house.are_sessions_fed(), "nobody has looked");
    assert!(look(&stage).await, "whatever was known before the first look");
    assert!(stage.house.are_sessions_fed() && !look(&stage).await);
    stage.clock.advance(SECOND);
    assert!(!stage.house.are_sessions_fed());
    assert!(look(&stage).await, "a gap");
    assert!(!look(&stage).await);
    // Emptied between two looks.
    kept.server().stop();
    start_again(&stage, &kept).await;
    assert!(look(&stage).await);
    assert!(!look(&stage).await);
    kept.server().stop();
    stage.clock.advance(SECOND);
    assert!(!look(&stage).await && !stage.house.are_sessions_fed());
}

#[tokio::test]
async fn rule_17_a_clock_that_is_set_back_revives_no_look() {
    let (stage, _kept) = open();
    look(&stage).await;
    let before = stage.clock.now().minus(SECOND * 3_600);
    stage.clock.set(before);
    assert!(!stage.house.are_sessions_fed());
    assert!(look(&stage).await, "nobody can say how long ago the last one was");
    assert!(stage.house.are_sessions_fed());
}

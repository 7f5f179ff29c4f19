//! What is asked of the directory, and what is never served from a cache again.

use crate::stage::{START, Stage, ada, app, bearer, ben, map};
use domain::{App, AppAccess, Clock, Id, Scope, User};
use doorward_access::{CredentialError, Use};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

/// More accounts than the cache keeps marks for.
const MANY: u128 = 10_001;

fn nobody(number: u128) -> Id<User> {
    Id::from_bytes((number << 64).to_be_bytes())
}

#[tokio::test]
async fn the_second_request_asks_the_directory_nothing() {
    let stage = Stage::open();
    let (cookie, token) = (stage.ada_at_notes(), bearer(&stage.token(&ben(), Scope::FULL)));
    let requests = [("cookie", cookie.as_str()), ("authorization", token.as_str())];
    for request in requests {
        stage.who("notes", &[request]).await.unwrap().unwrap();
    }
    assert_eq!(stage.loads(), 2);
    for request in requests.repeat(100) {
        let who = stage.who("notes", &[request]).await.unwrap().unwrap();
        assert!(stage.access.decide(&who, stage.route("notes").own()).is_allow());
    }
    assert_eq!(stage.loads(), 2);
}

#[tokio::test]
async fn who_is_unknown_is_asked_for_every_time() {
    let stage = Stage::open();
    let cookie = stage.ada_at_notes();
    stage.forget_everyone();
    for _ in 0..3 {
        let who = stage.who("notes", &[("cookie", &cookie)]).await;
        assert_eq!(who.unwrap_err(), CredentialError::SessionEnded);
    }
    assert_eq!(stage.loads(), 3);
}

#[tokio::test]
async fn a_touched_account_is_loaded_anew_and_the_others_are_not() {
    let stage = Stage::open();
    let (cookie, token) = (stage.ada_at_notes(), bearer(&stage.token(&ben(), Scope::FULL)));
    let ask = async || {
        stage.who("notes", &[("cookie", &cookie)]).await.unwrap().unwrap();
        stage.who("notes", &[("authorization", &token)]).await.unwrap().unwrap();
        stage.loads()
    };
    assert_eq!(ask().await, 2);
    stage.access.touch_user(ada().id);
    assert_eq!((ask().await, ask().await), (3, 3));
    stage.access.touch_everyone();
    assert_eq!((ask().await, ask().await), (5, 5));
}

#[tokio::test]
async fn rule_17_revoked_means_refused_by_the_next_request() {
    let stage = Stage::open();
    let token = bearer(&stage.token(&ada(), Scope::FULL));
    stage.who("notes", &[("authorization", &token)]).await.unwrap().unwrap();
    stage.forget_everyone();
    stage.access.touch_user(ada().id);
    let who = stage.who("notes", &[("authorization", &token)]).await;
    assert_eq!(who.unwrap_err(), CredentialError::InvalidToken);
}

/// Begins a load, revokes what it found before it comes back, as `touch` tells the gate, and asks again.
async fn late_fill(touch: impl Fn(&Stage)) {
    let stage = Stage::open();
    let cookie = stage.ada_at_notes();
    let request = [("cookie", cookie.as_str())];
    stage.register.answers.forget_permits(1_000);
    let (slow, ()) = tokio::join!(biased; stage.who("notes", &request), async {
        assert_eq!(stage.loads(), 1, "the load had not begun");
        stage.forget_everyone();
        touch(&stage);
        stage.register.answers.add_permits(1_000);
    });
    // The request that came before the revocation is answered as things were then; it is the last one.
    assert!(slow.unwrap().is_some());
    assert_eq!(stage.who("notes", &request).await.unwrap_err(), CredentialError::SessionEnded);
    assert_eq!(stage.loads(), 2);
}

#[tokio::test]
async fn rule_17_a_late_fill_does_not_bring_back_what_was_revoked() {
    late_fill(|stage| stage.access.touch_user(ada().id)).await;
    late_fill(|stage| stage.access.touch_everyone()).await;
    late_fill(|stage| stage.access.replace_apps(&[app(1, &["notes"])])).await;
}

#[tokio::test]
async fn rule_17_a_late_fill_finds_its_mark_behind_more_marks_than_are_kept() {
    late_fill(|stage| {
        stage.access.touch_user(ada().id);
        (0..MANY).for_each(|number| stage.access.touch_user(nobody(number)));
    })
    .await;
}

#[tokio::test]
async fn with_more_marks_than_are_kept_what_was_read_before_is_read_again_once() {
    let stage = Stage::open();
    let cookie = stage.ada_at_notes();
    let ask = async || {
        stage.who("notes", &[("cookie", &cookie)]).await.unwrap().unwrap();
        stage.loads()
    };
    assert_eq!(ask().await, 1);
    (0..MANY - 1).for_each(|number| stage.access.touch_user(nobody(number)));
    assert_eq!(ask().await, 1);
    stage.access.touch_user(nobody(MANY));
    assert_eq!((ask().await, ask().await), (2, 2));
}

#[tokio::test]
async fn a_credential_is_good_until_its_time_and_not_in_that_moment() {
    let stage = Stage::open();
    let (cookie, token) = (stage.ada_at_notes(), bearer(&stage.token(&ada(), Scope::FULL)));
    let session = async || stage.who("notes", &[("cookie", &cookie)]).await;
    let script = async || stage.who("notes", &[("authorization", &token)]).await;
    session().await.unwrap().unwrap();
    stage.clock.advance(Duration::from_hours(2) - Duration::from_micros(1));
    script().await.unwrap().unwrap();
    stage.clock.advance(Duration::from_micros(1));
    assert_eq!(script().await.unwrap_err(), CredentialError::InvalidToken);
    session().await.unwrap().unwrap();
    stage.clock.advance(Duration::from_hours(22));
    assert_eq!(session().await.unwrap_err(), CredentialError::SessionEnded);
}

#[tokio::test]
async fn without_the_directory_who_is_known_goes_on_and_who_is_not_waits() {
    let stage = Stage::open();
    let (cookie, token) = (stage.ada_at_notes(), bearer(&stage.token(&ada(), Scope::FULL)));
    stage.who("notes", &[("cookie", &cookie)]).await.unwrap().unwrap();
    stage.register.unavailable.store(true, Ordering::SeqCst);
    stage.who("notes", &[("cookie", &cookie)]).await.unwrap().unwrap();
    let unknown = stage.who("notes", &[("authorization", &token)]).await;
    assert_eq!(unknown.unwrap_err(), CredentialError::Unavailable);
    stage.register.unavailable.store(false, Ordering::SeqCst);
    stage.who("notes", &[("authorization", &token)]).await.unwrap().unwrap();
}

#[tokio::test]
async fn rule_17_while_others_changes_are_not_heard_of_who_is_known_for_a_second_is_looked_up_again() {
    let stage = Stage::open();
    let cookie = stage.ada_at_notes();
    let asked = async || stage.who("notes", &[("cookie", &cookie)]).await;
    asked().await.unwrap().unwrap();
    stage.register.unfed.store(true, Ordering::SeqCst);
    stage.clock.advance(Duration::from_secs(1));
    asked().await.unwrap().unwrap();
    assert_eq!(stage.loads(), 1);
    stage.clock.advance(Duration::from_micros(1));
    asked().await.unwrap().unwrap();
    assert_eq!(stage.loads(), 2);
    stage.register.unavailable.store(true, Ordering::SeqCst);
    asked().await.unwrap().unwrap();
    stage.clock.advance(Duration::from_millis(1_001));
    assert_eq!(asked().await.unwrap_err(), CredentialError::Unavailable);
    stage.register.unfed.store(false, Ordering::SeqCst);
    asked().await.unwrap().unwrap();
    assert_eq!(stage.loads(), 3);
}

#[tokio::test]
async fn rule_17_without_what_sessions_rest_on_they_are_looked_up_again_and_tokens_are_not() {
    let stage = Stage::open();
    let (cookie, token) = (stage.ada_at_notes(), bearer(&stage.token(&ada(), Scope::FULL)));
    let by_session = async || stage.who("notes", &[("cookie", &cookie)]).await;
    let by_token = async || stage.who("notes", &[("authorization", &token)]).await;
    by_session().await.unwrap().unwrap();
    by_token().await.unwrap().unwrap();
    stage.register.sessions_unfed.store(true, Ordering::SeqCst);
    stage.register.unavailable.store(true, Ordering::SeqCst);
    by_session().await.unwrap().unwrap();
    stage.clock.advance(Duration::from_millis(1_001));
    assert_eq!(by_session().await.unwrap_err(), CredentialError::Unavailable);
    by_token().await.unwrap().unwrap();
    assert_eq!(stage.loads(), 3);
}

#[tokio::test]
async fn rule_17_an_old_route_in_hand_does_not_decide_for_the_new_one() {
    let stage = Stage::open();
    let (cookie, old) = (stage.ada_at_notes(), stage.route("notes"));
    // The app is closed after the host was looked up, and before the person is.
    stage.access.replace_apps(&[App { access: AppAccess::default(), ..app(1, &["notes"]) }]);
    let who = stage.access.authenticate(&map(&[("cookie", &cookie)]), &old).await.unwrap().unwrap();
    assert!(stage.access.decide(&who, old.own()).is_allow());
    assert!(!stage.access.decide(&who, stage.route("notes").own()).is_allow());
}

#[tokio::test]
async fn a_session_s_use_is_noted_hourly_and_a_token_s_by_the_minute() {
    let stage = Stage::open();
    let (cookie, token) = (stage.ada_at_notes(), bearer(&stage.token(&ada(), Scope::FULL)));
    let mut noted = Vec::new();
    for _ in 0..=60 * 4 {
        for request in [("cookie", cookie.as_str()), ("authorization", token.as_str())] {
            if let Ok(Some(_)) = stage.who("notes", &[request]).await {
                noted.extend(stage.access.uses().take());
            }
        }
        stage.clock.advance(Duration::from_secs(15));
    }
    let minutes = |use_: &Use| match use_ {
        Use::Session(_, at) => (true, at.since(START).as_secs() / 60),
        Use::Token(_, at) => (false, at.since(START).as_secs() / 60),
    };
    let (sessions, tokens): (Vec<_>, Vec<_>) = noted.iter().map(minutes).partition(|(session, _)| *session);
    assert_eq!(sessions, [(true, 60)]);
    assert_eq!(tokens, (0..=60).map(|minute| (false, minute)).collect::<Vec<_>>());
    assert_eq!(stage.clock.now().since(START), Duration::from_secs(60 * 60 + 15));
}

#[tokio::test]
async fn what_is_kept_of_many_hosts_is_bounded_and_each_gets_its_own() {
    let stage = Stage::open();
    let host = domain::HostName::from_stored("*.notes.localhost".to_owned());
    stage.access.replace_apps(&[App { hosts: vec![host], ..app(1, &["notes"]) }]);
    let headers = map(&[("authorization", &bearer(&stage.token(&ada(), Scope::FULL)))]);
    let first = stage.route("0.notes");
    let who = stage.access.authenticate(&headers, &first).await.unwrap().unwrap();
    let kept = stage.access.identity_headers(&who, &first);
    assert!(Arc::ptr_eq(&kept, &stage.access.identity_headers(&who, &first)));
    for number in 1..=16 {
        let other = stage.route(&format!("{number}.notes"));
        assert!(
            !Arc::ptr_eq(&kept, &stage.access.identity_headers(&who, &other)),
            "one origin's for another"
        );
    }
    assert_eq!(Arc::strong_count(&kept), 1, "the first is no longer kept");
}

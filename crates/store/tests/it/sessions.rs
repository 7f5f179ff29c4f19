//! Signed-in browsers: found, listed, extended, ended.

use crate::{
    people::{LIFE, SignedIn, everyone},
    stage::{Stage, operator, pages, stages},
};
use domain::{Actor, AppName, Clock, Id, Role, Session, SessionState, Time, User};
use doorward_store::tables::{
    credentials, sessions,
    users::{self, UserState},
};
use policy::actions::{EndOtherSessions, EndSession, ListSessions, ProveAgain, UpdateUser};
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

impl Stage {
    async fn state(&self, of: &SignedIn) -> SessionState {
        let id = of.session.id;
        self.see(move |tx| sessions::find(tx, id)).await.unwrap().state
    }

    async fn is_found(&self, signed_in: &SignedIn) -> bool {
        let digest = signed_in.digest;
        self.see(move |tx| credentials::find_session(tx, &[digest])).await.is_some()
    }

    async fn end(&self, signed_in: &SignedIn) -> u64 {
        let row = signed_in.session.clone();
        let ended = self.deed::<EndSession, _>(&signed_in.actor, row.clone(), move |work, permit| {
            sessions::end(work, permit, &row)
        });
        ended.await.unwrap()
    }

    async fn use_now(&self, signed_in: &SignedIn) {
        let (id, now) = (signed_in.session.id, self.clock.now());
        self.keep_house(move |work| sessions::note_use(work, id, now, now.plus(LIFE.idle))).await;
    }

    async fn shut(&self, user: &User, disabled_at: Option<Time>) {
        let state = UserState { name: user.name.clone(), role: user.role, disabled_at };
        let shut = self.deed::<UpdateUser, _>(operator(), user.clone(), move |work, permit| {
            users::update(work, permit, &state)
        });
        shut.await.unwrap();
    }
}

/// Somebody who opened an app from their sign-in.
async fn family(stage: &Stage) -> (User, SignedIn, SignedIn) {
    let ada = stage.account("ada", Role::Member).await;
    let home = stage.sign_in(&ada).await;
    let notes = stage.app("notes", everyone()).await;
    let child = stage.open(&home, &notes).await;
    (ada, home, child)
}

#[tokio::test]
async fn a_session_is_found_by_its_digest_with_its_holder() {
    for stage in stages() {
        let (ada, home, child) = family(&stage).await;
        let (digest, wrong) = (child.digest, stage.digest());
        let found = stage.see(move |tx| credentials::find_session(tx, &[wrong, digest])).await.unwrap();
        assert_eq!((found.session, found.holder.user), (child.session.clone(), ada), "{}", stage.engine);
        assert_eq!(found.proved_at, child.session.created_at, "{}", stage.engine);
        let by_digest = stage.see(move |tx| sessions::find_by_digest(tx, &home.digest)).await;
        assert_eq!(by_digest, Some(home.session), "{}", stage.engine);
    }
}

/// All pages of the sign-ins that an actor may see.
async fn listed(stage: &Stage, actor: &Actor, user: Option<Id<User>>) -> Vec<Session> {
    let pages = pages(async |after: Option<Id<Session>>| {
        let page = stage
            .list::<ListSessions, _>(actor, move |tx, visible| sessions::list(tx, visible, user, (after, 2)));
        page.await.unwrap()
    });
    pages.await.concat()
}

#[tokio::test]
async fn sign_ins_are_listed_newest_first_with_the_apps_that_were_opened() {
    for stage in stages() {
        let (ada, home, child) = family(&stage).await;
        let ben = stage.account("ben", Role::Member).await;
        let mut made = vec![home.session.clone()];
        for _ in 0..4 {
            made.insert(0, stage.sign_in(&ada).await.session);
            stage.sign_in(&ben).await;
        }
        for (actor, user, number) in
            [(&home.actor, None, 5), (&home.actor, Some(ben.id), 5), (operator(), None, 9)]
        {
            let listed = listed(&stage, actor, user).await;
            assert_eq!(listed.len(), number, "{}", stage.engine);
            let of_ada: Vec<_> = listed.into_iter().filter(|session| session.user == ada.id).collect();
            assert_eq!(of_ada, made, "{}", stage.engine);
        }
        let (root, app) = (home.session.id, child.session.app.unwrap());
        let names = stage.see(move |tx| sessions::apps_opened(tx, root)).await;
        assert_eq!(names.iter().map(AppName::as_str).collect::<Vec<_>>(), ["notes"], "{}", stage.engine);
        let found = stage.see(move |tx| sessions::find_child(tx, root, app)).await;
        assert_eq!(found, Some(child.session.id), "{}", stage.engine);
    }
}

#[tokio::test]
async fn rule_04_use_of_an_app_extends_the_home_session_too() {
    for stage in stages() {
        let (_, home, child) = family(&stage).await;
        let other = stage.sign_in(&stage.account("ben", Role::Member).await).await;
        let before = stage.state(&other).await;
        stage.clock.advance(HOUR);
        stage.use_now(&child).await;
        let expected = stage.clock.now().plus(LIFE.idle);
        for session in [&home, &child] {
            let SessionState::Live { expires_at, .. } = stage.state(session).await else { panic!("ended") };
            assert_eq!(expires_at, expected, "{}", stage.engine);
        }
        assert_eq!(stage.state(&other).await, before, "{}", stage.engine);
    }
}

#[tokio::test]
async fn rule_04_no_use_extends_a_session_beyond_its_longest_life() {
    for stage in stages() {
        let (_, home, child) = family(&stage).await;
        let SessionState::Live { ends_at, .. } = stage.state(&home).await else { panic!("ended") };
        let mut last = stage.clock.now();
        while stage.is_found(&child).await {
            last = stage.clock.now();
            stage.use_now(&child).await;
            stage.clock.advance(HOUR * 12);
        }
        assert!(last < ends_at && stage.clock.now() >= ends_at, "{}", stage.engine);
        stage.use_now(&child).await;
        assert!(!stage.is_found(&child).await && !stage.is_found(&home).await, "{}", stage.engine);
    }
}

#[tokio::test]
async fn rule_04_extension_never_revives_a_session_that_has_ended() {
    for stage in stages() {
        let (ada, home, child) = family(&stage).await;
        let idle = stage.sign_in(&ada).await;
        stage.end(&home).await;
        let ended = stage.state(&child).await;
        stage.clock.advance(HOUR);
        stage.use_now(&child).await;
        stage.use_now(&home).await;
        assert_eq!(stage.state(&child).await, ended, "{}", stage.engine);
        assert!(!stage.is_found(&child).await && !stage.is_found(&home).await, "{}", stage.engine);
        stage.clock.advance(LIFE.idle);
        stage.use_now(&idle).await;
        assert!(!stage.is_found(&idle).await, "a session that lapsed came back on {}", stage.engine);
        let swept = stage.keep_house(|work| {
            let now = work.now();
            sessions::sweep(work, now)
        });
        assert_eq!(swept.await, 3, "{}", stage.engine);
        stage.use_now(&idle).await;
        let left = stage.see(|tx| tx.find::<i64>("SELECT count(*) FROM sessions", &[])).await;
        assert_eq!(left, Some(0), "{}", stage.engine);
    }
}

#[tokio::test]
async fn ending_a_session_ends_the_whole_sign_in_from_wherever_it_is_ended() {
    for stage in stages() {
        let (ada, home, child) = family(&stage).await;
        let wiki = stage.app("wiki", everyone()).await;
        let sibling = stage.open(&home, &wiki).await;
        let elsewhere = stage.sign_in(&ada).await;
        assert_eq!(stage.end(&child).await, 3, "{}", stage.engine);
        for session in [&home, &child, &sibling] {
            assert!(!stage.is_found(session).await, "{}", stage.engine);
        }
        assert!(stage.is_found(&elsewhere).await, "{}", stage.engine);
        let again = stage.open(&elsewhere, &wiki).await;
        assert_eq!(stage.end(&elsewhere).await, 2, "{}", stage.engine);
        assert!(!stage.is_found(&again).await, "{}", stage.engine);
    }
}

#[tokio::test]
async fn ending_the_others_keeps_the_sign_in_that_one_came_with() {
    for stage in stages() {
        let (ada, home, child) = family(&stage).await;
        let elsewhere = stage.sign_in(&ada).await;
        let ben = stage.sign_in(&stage.account("ben", Role::Member).await).await;
        let keep = Some(home.session.id);
        let ended = stage.deed::<EndOtherSessions, _>(&home.actor, ada.clone(), move |work, permit| {
            sessions::end_others(work, permit, keep)
        });
        assert_eq!(ended.await.unwrap(), 1, "{}", stage.engine);
        let found = [&home, &child, &elsewhere, &ben];
        let mut live = Vec::new();
        for session in found {
            live.push(stage.is_found(session).await);
        }
        assert_eq!(live, [true, true, false, true], "{}", stage.engine);
        let ended = stage
            .deed::<UpdateUser, _>(operator(), ada, |work, permit| sessions::end_others(work, permit, None));
        assert_eq!(ended.await.unwrap(), 2, "{}", stage.engine);
    }
}

#[tokio::test]
async fn a_session_at_an_app_is_not_found_once_its_home_session_lapsed() {
    for stage in stages() {
        let ada = stage.account("ada", Role::Member).await;
        let (home, notes) = (stage.sign_in(&ada).await, stage.app("notes", everyone()).await);
        let lapses = stage.clock.now().plus(LIFE.idle);
        stage.clock.advance(HOUR);
        let child = stage.open(&home, &notes).await;
        stage.clock.advance(lapses.since(stage.clock.now()).saturating_sub(Duration::from_millis(2)));
        assert!(stage.is_found(&home).await && stage.is_found(&child).await, "{}", stage.engine);
        stage.clock.advance(Duration::from_millis(2));
        assert!(!stage.is_found(&child).await && !stage.is_found(&home).await, "{}", stage.engine);
        assert!(stage.state(&child).await.is_live(stage.clock.now()), "{}", stage.engine);
    }
}

#[tokio::test]
async fn a_shut_account_is_not_found_by_any_credential() {
    for stage in stages() {
        let (ada, home, _) = family(&stage).await;
        let (_, token) = stage.token(&home.actor, &ada).await;
        let by_token = || stage.see(move |tx| credentials::find_token(tx, &[token]));
        stage.shut(&ada, Some(stage.clock.now())).await;
        assert!(!stage.is_found(&home).await && by_token().await.is_none(), "{}", stage.engine);
        stage.shut(&ada, None).await;
        assert!(stage.is_found(&home).await && by_token().await.is_some(), "{}", stage.engine);
    }
}

#[tokio::test]
async fn a_fresh_proof_is_noted_on_its_session_alone() {
    for stage in stages() {
        let (ada, home, _) = family(&stage).await;
        let other = stage.sign_in(&ada).await;
        stage.clock.advance(HOUR);
        let row = home.session.clone();
        let proved = stage.deed::<ProveAgain, _>(&home.actor, row.clone(), move |work, permit| {
            sessions::prove(work, permit, &row)
        });
        proved.await.unwrap();
        let (one, two, now) = (home.session.id, other.session.id, stage.clock.now());
        let proofs = stage.see(move |tx| Ok([sessions::proved_at(tx, one)?, sessions::proved_at(tx, two)?]));
        assert_eq!(proofs.await, [Some(now), Some(other.session.created_at)], "{}", stage.engine);
    }
}

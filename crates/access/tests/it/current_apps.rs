//! The apps of a replica that does not hear of others' changes.

use crate::stage::{START, Stage, app};
use domain::{Allow, App, AppAccess, GateSettings, Rule};
use doorward_access::{AppRoute, Demand, Unavailable};
use http::Method;
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

const SECOND: Duration = Duration::from_secs(1);
const MICROSECOND: Duration = Duration::from_micros(1);

async fn find(stage: &Stage) -> Result<Option<Arc<AppRoute>>, Unavailable> {
    stage.access.find_current_app("notes.localhost").await
}

fn reads(stage: &Stage) -> usize {
    stage.register.app_reads.load(Ordering::SeqCst)
}

fn set(stage: &Stage, apps: &[App]) {
    *stage.register.apps.lock().unwrap() = apps.to_vec();
}

/// `notes`, open to anyone by a rule for all of it.
fn open_to_anyone() -> App {
    let rule = Rule { path: "/".to_owned(), methods: Vec::new(), allow: Allow::Anyone };
    let gate = GateSettings { rules: vec![rule], ..GateSettings::default() };
    App { access: AppAccess::default(), gate, ..app(1, &["notes"]) }
}

/// A gate that knows `notes` as open to anyone, and hears of nothing any more; another replica has closed it.
fn cut_off() -> Stage {
    let stage = Stage::open();
    stage.access.replace_apps(&[open_to_anyone()]);
    set(&stage, &[App { access: AppAccess::default(), ..app(1, &["notes"]) }]);
    stage.register.unfed.store(true, Ordering::SeqCst);
    stage
}

fn is_open(route: &AppRoute) -> bool {
    matches!(route.demand(&Method::GET, "/"), Demand::Nothing)
}

#[tokio::test]
async fn who_is_told_of_changes_reads_nothing() {
    let stage = Stage::open();
    stage.clock.advance(SECOND * 3600);
    assert!(find(&stage).await.unwrap().is_some());
    assert_eq!(reads(&stage), 0);
}

#[tokio::test]
async fn rule_17_an_app_that_was_closed_to_anyone_is_closed_within_a_second_although_nobody_tells() {
    let stage = cut_off();
    stage.clock.advance(SECOND);
    assert!(is_open(&find(&stage).await.unwrap().unwrap()), "a second is bearable");
    assert_eq!(reads(&stage), 0);
    stage.clock.advance(MICROSECOND);
    assert!(!is_open(&find(&stage).await.unwrap().unwrap()));
    assert!(!is_open(&find(&stage).await.unwrap().unwrap()));
    assert_eq!(reads(&stage), 1, "what was read just now counts for a second");
    stage.clock.advance(SECOND + MICROSECOND);
    find(&stage).await.unwrap();
    assert_eq!(reads(&stage), 2);
}

#[tokio::test]
async fn rule_17_without_the_database_nothing_is_known_for_longer_than_a_second() {
    let stage = cut_off();
    stage.register.unavailable.store(true, Ordering::SeqCst);
    assert!(find(&stage).await.is_ok());
    stage.clock.advance(SECOND + MICROSECOND);
    assert!(find(&stage).await.is_err());
    stage.register.unavailable.store(false, Ordering::SeqCst);
    assert!(!is_open(&find(&stage).await.unwrap().unwrap()), "it is looked for with the next request");
}

#[tokio::test]
async fn rule_17_a_clock_that_is_set_back_revives_nothing() {
    let stage = cut_off();
    let failing = cut_off();
    failing.register.unavailable.store(true, Ordering::SeqCst);
    failing.clock.advance(SECOND * 2);
    assert!(find(&failing).await.is_err());
    failing.register.unavailable.store(false, Ordering::SeqCst);
    for set_back in [&stage, &failing] {
        set_back.clock.set(START.minus(SECOND * 3_600));
        assert!(!is_open(&find(set_back).await.unwrap().unwrap()));
        let before = reads(set_back);
        assert!(find(set_back).await.is_ok());
        assert_eq!(reads(set_back), before, "what was read just now counts by the clock as it is");
    }
}

#[tokio::test]
async fn rule_17_the_same_apps_read_after_the_clock_was_set_back_count_for_a_second() {
    let stage = cut_off();
    set(&stage, &[open_to_anyone()]);
    stage.clock.set(START.minus(SECOND * 3_600));
    for _ in 0..3 {
        assert!(find(&stage).await.is_ok());
    }
    assert_eq!(reads(&stage), 1);
}

#[tokio::test]
async fn apps_that_are_as_they_were_keep_what_was_worked_out() {
    let stage = cut_off();
    set(&stage, &[open_to_anyone()]);
    let before = find(&stage).await.unwrap().unwrap();
    stage.clock.advance(SECOND + MICROSECOND);
    let after = find(&stage).await.unwrap().unwrap();
    assert!(Arc::ptr_eq(&before, &after) && reads(&stage) == 1);
}

#[tokio::test]
async fn rule_17_a_late_reading_does_not_bring_back_what_was_told_meanwhile() {
    let stage = cut_off();
    set(&stage, &[open_to_anyone(), app(2, &["dav"])]);
    stage.clock.advance(SECOND + MICROSECOND);
    stage.register.answers.forget_permits(1_000);
    let (late, ()) = tokio::join!(biased; find(&stage), async {
        assert_eq!(reads(&stage), 1, "the reading had not begun");
        stage.access.replace_apps(&[App { access: AppAccess::default(), ..app(1, &["notes"]) }]);
        stage.register.answers.add_permits(1_000);
    });
    assert!(!is_open(&late.unwrap().unwrap()));
    assert!(!is_open(&find(&stage).await.unwrap().unwrap()));
}

#[tokio::test]
async fn of_many_who_wait_one_reads() {
    let stage = cut_off();
    stage.clock.advance(SECOND + MICROSECOND);
    let all = futures_util::future::join_all((0..20).map(|_| find(&stage))).await;
    assert!(all.into_iter().all(|found| !is_open(&found.unwrap().unwrap())));
    assert_eq!(reads(&stage), 1);
}

#[tokio::test]
async fn apps_that_could_not_be_read_after_a_change_are_closed_and_asked_for_rather_than_unknown() {
    let stage = Stage::open();
    stage.access.doubt_apps();
    assert!(stage.access.find_app("notes.localhost").is_none());
    stage.register.unavailable.store(true, Ordering::SeqCst);
    assert!(find(&stage).await.is_err(), "nobody says that there is no such app");
    stage.register.unavailable.store(false, Ordering::SeqCst);
    stage.clock.advance(MICROSECOND);
    assert!(find(&stage).await.unwrap().is_some());
    assert_eq!(
        (find(&stage).await.unwrap().is_some(), reads(&stage)),
        (true, 2),
        "once in vain, once for all"
    );
}

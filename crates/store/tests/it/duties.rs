//! Duties: one of all workers does each, and whoever slept beyond their lease does nothing any more.

use crate::stage::{Replica, Stage, Wrong, stages, system};
use domain::{Clock as _, Time};
use doorward_store::{
    Door, Ending, StoreError, Work,
    tables::duties::{self, Lease},
};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::task::JoinSet;

const SPAN: Duration = Duration::from_secs(30);
const SECOND: Duration = Duration::from_secs(1);

async fn ask(stage: &Stage, key: &'static str, due: Time) -> bool {
    stage.keep_house(move |work| duties::ask(work, ("mail", key), due)).await
}

async fn take(door: &Door) -> Option<Lease> {
    door.take_duty("mail", SPAN).await.unwrap()
}

/// Does what was taken, as a worker says it was.
async fn change(
    door: &Door,
    lease: &Lease,
    act: fn(&mut Work<'_, '_>, &Lease) -> Result<(), StoreError>,
) -> Result<(), Wrong> {
    let write = door.write(system(), lease.clone(), move |work, lease| -> Result<_, Wrong> {
        Ok(Ending::Housekeeping(act(work, lease)?))
    });
    write.await
}

fn is_lost(end: &Result<(), Wrong>) -> bool {
    matches!(end, Err(Wrong::Store(StoreError::LeaseLost)))
}

#[tokio::test]
async fn a_duty_is_asked_for_once_and_done_once() {
    for stage in stages() {
        let now = stage.clock.now();
        assert!(ask(&stage, "mail/1", now.plus(SECOND)).await, "{}", stage.engine);
        assert!(!ask(&stage, "mail/1", now).await, "{}", stage.engine);
        assert_eq!(take(&stage.door).await, None, "not due yet on {}", stage.engine);
        stage.clock.advance(SECOND);
        let lease = take(&stage.door).await.unwrap();
        assert_eq!((lease.key.as_str(), lease.attempts), ("mail/1", 1), "{}", stage.engine);
        assert_eq!(stage.door.take_duty("other", SPAN).await.unwrap(), None, "{}", stage.engine);
        assert_eq!(take(&stage.door).await, None, "taken already on {}", stage.engine);
        change(&stage.door, &lease, |work, lease| duties::finish(work, lease)).await.unwrap();
        stage.clock.advance(SPAN * 2);
        assert_eq!(take(&stage.door).await, None, "done on {}", stage.engine);
        assert!(!ask(&stage, "mail/1", now).await, "known although done on {}", stage.engine);
        assert!(is_lost(&change(&stage.door, &lease, |work, lease| duties::finish(work, lease)).await));
    }
}

#[tokio::test]
async fn a_failure_is_tried_again_after_pauses_that_grow_and_success_begins_anew() {
    for stage in stages() {
        ask(&stage, "mail/1", stage.clock.now()).await;
        for (attempt, pause) in [(1, 1), (2, 2), (3, 4)] {
            let lease = take(&stage.door).await.unwrap();
            assert_eq!(lease.attempts, attempt, "{}", stage.engine);
            stage.door.fail_duty(lease).await.unwrap();
            stage.clock.advance(Duration::from_micros(pause * 1_000_000 - 1));
            assert_eq!(take(&stage.door).await, None, "{}", stage.engine);
            stage.clock.advance(Duration::from_micros(1));
        }
        let lease = take(&stage.door).await.unwrap();
        let defer = |work: &mut Work<'_, '_>, lease: &Lease| {
            let due = work.now().plus(SECOND);
            duties::defer(work, lease, due)
        };
        change(&stage.door, &lease, defer).await.unwrap();
        stage.clock.advance(SECOND);
        assert_eq!(take(&stage.door).await.unwrap().attempts, 1, "{}", stage.engine);
    }
}

#[tokio::test]
async fn a_worker_that_slept_beyond_its_lease_changes_nothing() {
    for stage in stages() {
        ask(&stage, "mail/1", stage.clock.now()).await;
        let asleep = take(&stage.door).await.unwrap();
        let Replica { door: other, clock } = stage.replica();
        assert_eq!(take(&other).await, None, "{}", stage.engine);
        // Time goes by for everyone but the sleeper.
        clock.advance(SPAN);
        let awake = take(&other).await.unwrap();
        assert!(awake.fence > asleep.fence && awake.attempts == 2, "{awake:?} on {}", stage.engine);
        let sleeper = [
            change(&stage.door, &asleep, |work, lease| {
                let now = work.now();
                duties::ask(work, ("mail", "mail/2"), now)?;
                duties::finish(work, lease)
            })
            .await,
            change(&stage.door, &asleep, |work, lease| duties::hold(work, lease, SPAN)).await,
            change(&stage.door, &asleep, |work, lease| {
                let now = work.now();
                duties::defer(work, lease, now)
            })
            .await,
            stage.door.fail_duty(asleep.clone()).await.map_err(Wrong::Store),
        ];
        assert!(sleeper.iter().all(is_lost), "{sleeper:?} on {}", stage.engine);
        change(&other, &awake, |work, lease| duties::finish(work, lease)).await.unwrap();
        assert_eq!(take(&other).await, None, "what it did in that transaction is undone on {}", stage.engine);
    }
}

#[tokio::test]
async fn a_lease_that_lapsed_and_was_not_taken_is_still_ones_own() {
    for stage in stages() {
        ask(&stage, "mail/1", stage.clock.now()).await;
        let lease = take(&stage.door).await.unwrap();
        stage.clock.advance(SPAN);
        change(&stage.door, &lease, |work, lease| duties::hold(work, lease, SPAN)).await.unwrap();
        assert_eq!(take(&stage.door).await, None, "{}", stage.engine);
        change(&stage.door, &lease, |work, lease| duties::finish(work, lease)).await.unwrap();
    }
}

#[tokio::test]
async fn an_old_lease_is_none_on_the_same_duty_that_is_asked_for_anew() {
    for stage in stages() {
        ask(&stage, "mail/1", stage.clock.now()).await;
        let old = take(&stage.door).await.unwrap();
        change(&stage.door, &old, |work, lease| duties::finish(work, lease)).await.unwrap();
        stage.tick();
        let now = stage.clock.now();
        assert_eq!(stage.keep_house(move |work| duties::sweep(work, now)).await, 1, "{}", stage.engine);
        assert!(ask(&stage, "mail/1", now).await, "{}", stage.engine);
        let new = take(&stage.door).await.unwrap();
        assert!(new.fence > old.fence, "{}", stage.engine);
        assert!(is_lost(&change(&stage.door, &old, |work, lease| duties::finish(work, lease)).await));
    }
}

/// Does whatever there is to do; answers what that was.
async fn do_all(door: Arc<Door>) -> Vec<String> {
    let mut taken = Vec::new();
    while let Some(lease) = take(&door).await {
        change(&door, &lease, |work, lease| duties::finish(work, lease)).await.unwrap();
        taken.push(lease.key);
    }
    taken
}

#[tokio::test]
async fn of_many_workers_at_once_each_takes_something_else() {
    const DUTIES: [&str; 24] = [
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t",
        "u", "v", "w", "x",
    ];
    for stage in stages() {
        for key in DUTIES {
            ask(&stage, key, stage.clock.now()).await;
        }
        let doors = [Arc::clone(&stage.door), stage.replica().door, stage.replica().door];
        let mut workers = JoinSet::new();
        for door in doors.iter().cycle().take(12).map(Arc::clone) {
            workers.spawn(do_all(door));
        }
        let mut taken = workers.join_all().await.concat();
        taken.sort_unstable();
        // One that finds every free row in another's hands may go home early; none is done twice.
        let unique: BTreeSet<_> = taken.iter().collect();
        assert_eq!(unique.len(), taken.len(), "{}", stage.engine);
        taken.extend(do_all(Arc::clone(&stage.door)).await);
        taken.sort_unstable();
        assert_eq!(taken, DUTIES, "{}", stage.engine);
    }
}

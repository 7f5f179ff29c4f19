//! PostgreSQL breaks off, is gone, comes back: nothing is done twice, and nobody is told what is not so.

use crate::{
    cluster::Cluster,
    people::everyone,
    stage::{Stage, Wrong, operator, stages, stranger, system},
    wire::{Cut, Wire},
};
use domain::{Clock as _, Group, Id, Role};
use doorward_store::{
    Committed, Ending, ReadTx, StoreError, Touch, Work,
    tables::{groups, handoffs, users, users::UserState},
};
use policy::{
    Installation,
    actions::{CreateGroup, UpdateGroup, UpdateUser},
};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use tokio::{
    task::JoinSet,
    time::{Instant, timeout},
};

/// Makes a group, after `meanwhile` happened in the middle of the transaction; answers how often it was tried.
async fn make(
    stage: &Stage,
    name: &str,
    meanwhile: impl Fn(u32) + Send + 'static,
) -> (Result<(), Wrong>, u32) {
    let tries = Arc::new(AtomicU32::new(0));
    let group = Group { id: stage.id(), name: name.parse().unwrap(), created_at: crate::stage::START };
    let counted = Arc::clone(&tries);
    let write = stage.door.write(operator(), group, move |work, group| -> Result<_, Wrong> {
        let permit = work.permit::<CreateGroup>(&Installation)?;
        groups::insert(work, &permit, group)?;
        meanwhile(counted.fetch_add(1, Ordering::Relaxed));
        work.any("SELECT 1 FROM groups", &[])?;
        Ok(Ending::Done((), work.deed(permit)))
    });
    let outcome = write.await;
    (outcome, tries.load(Ordering::Relaxed))
}

async fn names(stage: &Stage) -> Vec<String> {
    stage.see(|tx| tx.list("SELECT name FROM groups ORDER BY name", &[])).await
}

fn over_a_wire() -> (Stage, Wire) {
    let (wire, database) = (Wire::new(), Cluster::running().database());
    (Stage::on_postgresql_at(&database, wire.address(&database)), wire)
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_commit_is_replaced_and_the_function_runs_again() {
    let stage = Stage::on_postgresql();
    let database = stage.database().to_owned();
    let (made, tries) = make(&stage, "family", move |tried| {
        if tried == 0 {
            Cluster::running().terminate(&database);
        }
    })
    .await;
    made.unwrap();
    assert_eq!(tries, 2);
    assert_eq!((names(&stage).await, stage.events().await.len()), (vec!["family".to_owned()], 1));
}

#[tokio::test]
async fn connections_that_were_cut_while_nobody_used_them_are_not_noticed() {
    let stage = Stage::on_postgresql();
    make(&stage, "family", |_| ()).await.0.unwrap();
    for name in ["friends", "others"] {
        Cluster::running().terminate(stage.database());
        assert!(!names(&stage).await.is_empty());
        Cluster::running().terminate(stage.database());
        make(&stage, name, |_| ()).await.0.unwrap();
    }
    assert_eq!(names(&stage).await, ["family", "friends", "others"]);
}

#[tokio::test]
async fn rule_15_a_commit_whose_answer_was_lost_is_found_by_its_event_and_not_done_again() {
    let (stage, wire) = over_a_wire();
    wire.cut(Cut::AfterCommit);
    let (made, tries) = make(&stage, "family", |_| ()).await;
    made.unwrap();
    assert_eq!(tries, 1);
    assert_eq!((names(&stage).await, stage.events().await.len()), (vec!["family".to_owned()], 1));
}

#[tokio::test]
async fn rule_15_a_commit_that_never_arrived_is_called_so_and_not_done_again() {
    let (stage, wire) = over_a_wire();
    wire.cut(Cut::BeforeCommit);
    let (made, tries) = make(&stage, "family", |_| ()).await;
    assert!(matches!(made, Err(Wrong::Store(StoreError::NotCommitted))), "{made:?}");
    assert_eq!((tries, names(&stage).await.len(), stage.events().await.len()), (1, 0, 0));
}

#[tokio::test]
async fn rule_15_what_nobody_can_find_out_is_called_unknown() {
    let (stage, wire) = over_a_wire();
    let kept = stage.door.write(system(), (), |_, ()| -> Result<_, Wrong> { Ok(Ending::Housekeeping(())) });
    kept.await.unwrap();
    wire.cut(Cut::AfterCommit);
    let kept = stage.door.write(system(), (), |_, ()| -> Result<_, Wrong> { Ok(Ending::Housekeeping(())) });
    assert!(matches!(kept.await, Err(Wrong::Store(StoreError::Unknown))), "nothing tells of it");
    wire.cut(Cut::AtCommitForGood);
    let (made, tries) = make(&stage, "family", |_| ()).await;
    assert!(matches!(made, Err(Wrong::Store(StoreError::Unknown))), "{made:?}");
    assert_eq!(tries, 1);
}

#[tokio::test]
async fn a_database_that_goes_away_is_called_away_at_once_and_found_again() {
    let (stage, wire) = over_a_wire();
    make(&stage, "before", |_| ()).await.0.unwrap();
    wire.cut(Cut::Now);
    let began = Instant::now();
    for _ in 0..100 {
        let (made, tries) = make(&stage, "meanwhile", |_| ()).await;
        let Err(Wrong::Store(error @ StoreError::Away(_))) = made else { panic!("not away: {made:?}") };
        assert!(error.is_passing() && tries == 0, "{error}");
    }
    assert!(began.elapsed() < Duration::from_secs(5), "each waited for itself");
    wire.cut(Cut::Never);
    // The thread whose connection nobody tried to use meanwhile may be the first to write again.
    let looked = || stage.door.read(operator(), (), |look, ()| look.find::<i64>("SELECT 1", &[]));
    let back = async {
        while looked().await.is_err() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(30), back).await.unwrap();
    make(&stage, "after", |_| ()).await.0.unwrap();
    assert_eq!(names(&stage).await, ["after", "before"]);
}

#[tokio::test]
async fn a_transaction_that_others_are_in_the_way_of_runs_again_on_what_they_left() {
    let stage = Stage::on_postgresql();
    let (family, database) = (stage.group("family").await, stage.database().to_owned());
    let (id, tries) = (family.id, Arc::new(AtomicU32::new(0)));
    let counted = Arc::clone(&tries);
    let write = stage.door.write(operator(), family, move |work, _| -> Result<_, Wrong> {
        let found = groups::find(work, id)?.unwrap();
        if counted.fetch_add(1, Ordering::Relaxed) == 0 {
            Cluster::running().run(&database, "UPDATE groups SET name = 'kin'");
        }
        let permit = work.permit::<UpdateGroup>(&found)?;
        groups::rename(work, &permit, &format!("{}-2", found.name).parse().unwrap())?;
        Ok(Ending::Done(found.name.to_string(), work.deed(permit)))
    });
    assert_eq!(write.await.unwrap(), "kin");
    assert_eq!(tries.load(Ordering::Relaxed), 2);
    assert_eq!((names(&stage).await, stage.events().await.len()), (vec!["kin-2".to_owned()], 2));
}

#[tokio::test]
async fn a_denial_of_a_try_that_was_broken_off_is_recorded_once() {
    let stage = Stage::on_postgresql();
    let database = stage.database().to_owned();
    let (ada, tries) = (stage.account("ada", Role::Member).await, AtomicU32::new(0));
    let (home, notes) = (stage.sign_in(&ada).await, stage.app("notes", everyone()).await);
    stage.handoff_code(&home, &notes).await;
    let later = stage.clock.now().plus(Duration::from_hours(1));
    let write = stage.door.write(stranger(), (), move |work: &mut Work<'_, '_>, ()| -> Result<_, Wrong> {
        work.permit::<CreateGroup>(&Installation).unwrap_err();
        if tries.fetch_add(1, Ordering::Relaxed) == 0 {
            Cluster::running().run(&database, "UPDATE handoff_codes SET used_at = 1");
        }
        Ok(Ending::Housekeeping(handoffs::sweep(work, later)?))
    });
    assert_eq!(write.await.unwrap(), 1);
    stage.door.flush_all_refusals().await.unwrap();
    let denied = stage.events().await.into_iter().filter(|event| event.action == "group:create");
    assert_eq!(denied.map(|event| event.count).collect::<Vec<_>>(), [1]);
}

/// Writes down whom it was told of, and whether the accounts could be read then.
struct Witness(Arc<Mutex<Vec<(Touch, bool)>>>);

impl Committed for Witness {
    fn committed(&self, touched: &[Touch], tx: &mut ReadTx<'_>) {
        let readable = users::administrators(tx).is_ok();
        self.0.lock().unwrap().extend(touched.iter().map(|touch| (*touch, readable)));
    }
}

#[tokio::test]
async fn a_listener_that_could_not_read_what_was_committed_is_told_again_when_it_can() {
    let (stage, wire) = over_a_wire();
    let ada = stage.account("ada", Role::Admin).await;
    let told = Arc::new(Mutex::new(Vec::new()));
    stage.door.listen(Box::new(Witness(Arc::clone(&told))));
    wire.cut(Cut::AfterAnswer);
    let row = UserState { name: "Countess".parse().unwrap(), role: Role::Admin, disabled_at: None };
    let renamed = stage.deed::<UpdateUser, _>(operator(), ada.clone(), move |work, permit| {
        users::update(work, permit, &row)
    });
    renamed.await.unwrap();
    let was_told = |readable| told.lock().unwrap().contains(&(Touch::User(ada.id), readable));
    assert!(was_told(false) && !was_told(true));
    wire.cut(Cut::Never);
    let again = async {
        while !was_told(true) {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(30), again).await.unwrap();
}

/// Makes a group that is called after the number of those that are there.
fn make_next(work: &mut Work<'_, '_>, id: &Id<Group>) -> Result<Ending<(), Wrong>, Wrong> {
    let permit = work.permit::<CreateGroup>(&Installation)?;
    let count = work.find::<i64>("SELECT count(*) FROM groups", &[])?.unwrap();
    let name = format!("group-{count}").parse().unwrap();
    let group = Group { id: *id, name, created_at: work.now() };
    groups::insert(work, &permit, &group)?;
    Ok(Ending::Done((), work.deed(permit)))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_decided_on_is_still_so_when_it_is_committed() {
    const WRITERS: usize = 40;
    for stage in stages() {
        let mut writers = JoinSet::new();
        for _ in 0..WRITERS {
            let (door, id) = (Arc::clone(&stage.door), stage.id());
            writers.spawn(async move { door.write(operator(), id, make_next).await });
        }
        for written in writers.join_all().await {
            written.unwrap();
        }
        assert_eq!(names(&stage).await.len(), WRITERS, "{}", stage.engine);
    }
}

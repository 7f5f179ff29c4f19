//! Replicas on a database that the installation has left: whatever else is broken, they read nothing there.

use crate::{
    cluster::Cluster,
    moving::{Target, moved, summaries},
    stage::{Stage, system},
    wire::{Cut, Wire},
};
use domain::Role;
use doorward_store::{
    StoreError,
    moving::{Failed, MoveState},
    tables::users,
};
use std::{thread, time::Duration};

const GONE: &str = "INSERT INTO moves (id, state, place, at) VALUES ('1', 'gone', 'there', 0)";

/// Looks somebody up.
async fn look(stage: &Stage) -> Result<(), StoreError> {
    let id = stage.id();
    let read = stage.door.read(system(), (), move |look, ()| users::find(look, id));
    read.await.map(drop)
}

fn is_gone(looked: &Result<(), StoreError>) -> bool {
    matches!(looked, Err(StoreError::Moved(_)))
}

#[tokio::test]
async fn a_replica_whose_feed_is_broken_asks_before_it_reads() {
    let stage = Stage::on_postgresql();
    let break_feed = "ALTER TABLE touches RENAME TO touches_elsewhere";
    Cluster::running().run(stage.database(), break_feed);
    while stage.door.is_fed() {
        stage.clock.advance(Duration::from_secs(2));
        thread::sleep(Duration::from_millis(50));
    }
    look(&stage).await.unwrap();
    Cluster::running().run(stage.database(), GONE);
    let looked = look(&stage).await;
    assert!(is_gone(&looked), "{looked:?}");
}

#[tokio::test]
async fn a_replica_that_was_cut_off_believes_nothing_when_it_comes_back() {
    let (source, target, wire) = (Target::server(), Target::file(), Wire::new());
    let name = source.name.clone().unwrap();
    let stage = Stage::on_postgresql_at(&name, wire.address(&name));
    stage.user("ada", Role::Admin);
    look(&stage).await.unwrap();
    wire.cut(Cut::Now);
    Cluster::running().terminate(&name);
    assert!(look(&stage).await.is_err());
    stage.clock.advance(Duration::from_secs(2));
    summaries(moved(&source, &target));
    assert!(!stage.door.is_fed());
    wire.cut(Cut::Never);
    let looked = loop {
        assert!(!stage.door.is_fed(), "what is not known to be so is believed");
        match look(&stage).await {
            Err(error) if error.is_away() => thread::sleep(Duration::from_millis(5)),
            looked => break looked,
        }
    };
    assert!(is_gone(&looked), "{looked:?}");
}

#[tokio::test]
async fn the_connections_of_replicas_are_ended_when_it_is_gone() {
    let (source, target) = (Target::server(), Target::file());
    let name = source.name.clone().unwrap();
    let stage = source_stage(&name);
    let pids = || {
        let all = "SELECT pid::text FROM pg_stat_activity WHERE datname = current_database() \
                   AND application_name LIKE 'doorward/%' ORDER BY pid";
        Cluster::running().texts(&name, all)
    };
    let before = pids();
    assert!(!before.is_empty());
    summaries(moved(&source, &target));
    assert!(!pids().iter().any(|pid| before.contains(pid)));
    assert!(is_gone(&look(&stage).await));
}

fn source_stage(name: &str) -> Stage {
    Stage::on_postgresql_at(name, Cluster::running().address(name))
}

#[tokio::test]
async fn a_database_that_others_read_who_do_not_mind_marks_is_not_left() {
    let (source, target) = (Target::server(), Target::file());
    let name = source.name.clone().unwrap();
    drop(source.open().unwrap());
    for older in ["doorward", "doorward/8", "psql"] {
        let refused = Cluster::running().with(&name, |client| {
            client.batch_execute(&format!("SET application_name = '{older}'")).unwrap();
            moved(&source, &target).unwrap_err()
        });
        let Failed::Strangers(all) = &refused else { panic!("{refused}") };
        assert!(all.len() == 1 && all[0].starts_with(&format!("`{older}` of `postgres`")), "{all:?}");
        assert!(refused.to_string().contains("Stop replicas of older releases"));
        assert_eq!((source.refusal(), target.state()), (None, None));
    }
    summaries(moved(&source, &target));
    assert_eq!((source.state(), target.state()), (Some(MoveState::Gone), Some(MoveState::Arrived)));
}

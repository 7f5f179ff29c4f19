//! Tables of an embedding app: made once, in order, and refused when they are newer than the app.

use crate::{
    cluster::Cluster,
    stage::{Stage, stages},
};
use domain::Actor;
use doorward_store::{Migrations, StoreError};

const FIRST: &str = "CREATE TABLE things (id {int} PRIMARY KEY) {strict};";
const SECOND: &str =
    "ALTER TABLE things ADD COLUMN name TEXT; INSERT INTO things (id, name) VALUES (1, 'one');";

async fn names(stage: &Stage) -> Vec<String> {
    let actor = Actor::system("test");
    let read = stage.door.read(&actor, (), |look, ()| -> Result<_, StoreError> {
        look.list("SELECT name FROM things ORDER BY id", &[])
    });
    read.await.unwrap()
}

#[tokio::test]
async fn a_step_is_applied_once_and_in_order() {
    for stage in stages() {
        let apply = |steps| stage.door.migrate(Migrations { app: "things", steps });
        apply(&[FIRST]).await.unwrap();
        apply(&[FIRST, SECOND]).await.unwrap();
        apply(&[FIRST, SECOND]).await.unwrap();
        assert_eq!(names(&stage).await, ["one"]);
    }
}

#[tokio::test]
async fn a_step_that_fails_leaves_nothing_behind() {
    for stage in stages() {
        let apply = |steps| stage.door.migrate(Migrations { app: "things", steps });
        assert!(apply(&[FIRST, "INSERT INTO nothing VALUES (1)"]).await.is_err());
        apply(&[FIRST, SECOND]).await.unwrap();
        assert_eq!(names(&stage).await, ["one"]);
    }
}

#[tokio::test]
async fn tables_that_a_newer_app_left_behind_are_refused() {
    for stage in stages() {
        let apply = |steps| stage.door.migrate(Migrations { app: "things", steps });
        apply(&[FIRST, SECOND]).await.unwrap();
        assert!(matches!(apply(&[FIRST]).await, Err(StoreError::Newer { found: 2, known: 1 })));
        stage.door.migrate(Migrations { app: "others", steps: &[] }).await.unwrap();
    }
}

const ROUNDS: [Migrations; 5] = [
    Migrations { app: "one", steps: &["CREATE TABLE one (id {int} PRIMARY KEY) {strict}", FILL] },
    Migrations { app: "two", steps: &["CREATE TABLE two (id {int} PRIMARY KEY) {strict}", FILL] },
    Migrations { app: "three", steps: &["CREATE TABLE three (id {int} PRIMARY KEY) {strict}", FILL] },
    Migrations { app: "four", steps: &["CREATE TABLE four (id {int} PRIMARY KEY) {strict}", FILL] },
    Migrations { app: "five", steps: &["CREATE TABLE five (id {int} PRIMARY KEY) {strict}", FILL] },
];
const FILL: &str = "CREATE TABLE IF NOT EXISTS things (id {int} PRIMARY KEY, name TEXT) {strict}; \
                    INSERT INTO things (id, name) SELECT coalesce(max(id), 0) + 1, 'one' FROM things";

#[tokio::test]
async fn replicas_that_start_at_once_apply_each_step_once() {
    let first = Stage::on_postgresql();
    let beside = || Stage::on_postgresql_at(first.database(), Cluster::running().address(first.database()));
    let (second, third) = (beside(), beside());
    for (round, own) in (1..).zip(ROUNDS) {
        let (one, two, three) =
            tokio::join!(first.door.migrate(own), second.door.migrate(own), third.door.migrate(own));
        assert!(one.is_ok() && two.is_ok() && three.is_ok(), "{one:?} {two:?} {three:?}");
        assert_eq!(names(&third).await.len(), round, "each step once");
    }
}

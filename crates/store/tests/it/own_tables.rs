//! Tables of an embedding app: made once, in order, and refused when they are newer than the app.

use crate::stage::{Stage, stages};
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

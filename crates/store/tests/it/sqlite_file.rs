//! The file of an embedded database: its schema, and files that are newer, damaged or none.

use crate::stage::{START, Stage, parts};
use domain::{FixedClock, Role};
use doorward_store::{Door, StoreError, tables::users};
use rusqlite::Connection;
use std::{fs, path::Path, sync::Arc};

/// Each table with its indexes behind it.
const SCHEMA: &str = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY tbl_name, type DESC, name";
const LEDGER: &str = "SELECT version || ' ' || applied_at FROM schema_migrations";

fn open(path: &Path) -> Result<Door, StoreError> {
    Door::open_sqlite(path, 1, parts(&Arc::new(FixedClock::at(START))))
}

fn texts(path: &Path, sql: &str) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[tokio::test]
async fn a_database_that_is_opened_again_is_as_it_was() {
    let stage = Stage::on_sqlite();
    let ada = stage.account("ada", Role::Admin).await;
    let schema = texts(&stage.path, SCHEMA);
    let ledger = texts(&stage.path, LEDGER);
    stage.tick();
    let stage = stage.reopen();
    assert_eq!(texts(&stage.path, SCHEMA), schema);
    assert_eq!(texts(&stage.path, LEDGER), ledger);
    assert_eq!(stage.see(move |tx| users::find(tx, ada.id)).await.unwrap().id, ada.id);
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_untouched() {
    let (path, _folder) = Stage::on_sqlite().close();
    Connection::open(&path).unwrap().execute("INSERT INTO schema_migrations VALUES (999, 1)", []).unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(open(&path), Err(StoreError::Newer { found: 999, .. })));
    assert!(fs::read(&path).unwrap() == before, "the file was changed");
    let log = fs::metadata(path.with_extension("db-wal"));
    assert!(log.is_ok_and(|log| log.len() == 0), "a change was begun");
}

#[tokio::test]
async fn a_damaged_file_is_called_damaged_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("doorward.db");
    for content in [b"not a database, but long enough to look like one ".repeat(100), vec![0xff; 8192]] {
        fs::write(&path, &content).unwrap();
        assert!(matches!(open(&path), Err(StoreError::Damaged(_))));
        assert!(fs::read(&path).unwrap() == content, "the file was changed");
    }
}

#[tokio::test]
async fn a_file_with_a_broken_page_is_called_damaged() {
    let (path, _folder) = Stage::on_sqlite().close();
    let mut content = fs::read(&path).unwrap();
    content.get_mut(100..4096).unwrap().fill(0xee);
    fs::write(&path, content).unwrap();
    assert!(matches!(open(&path), Err(StoreError::Damaged(_))));
}

#[tokio::test]
async fn a_commit_is_durable_and_leaves_nothing_of_what_was_deleted() {
    let stage = Stage::on_sqlite();
    let pragma =
        async |name: &'static str| stage.keep_house(move |work| work.find::<i64>(name, &[])).await.unwrap();
    assert_eq!(pragma("PRAGMA synchronous").await, 2);
    assert_eq!(pragma("PRAGMA foreign_keys").await, 1);
    assert_eq!(pragma("PRAGMA secure_delete").await, 1);
    assert_eq!(stage.see(|tx| tx.find::<i64>("PRAGMA query_only", &[])).await, Some(1));
    assert_eq!(texts(&stage.path, "PRAGMA journal_mode"), ["wal"]);
}

#[tokio::test]
async fn this_is_the_schema() {
    let stage = Stage::on_sqlite();
    let schema = texts(&stage.path, SCHEMA);
    insta::assert_snapshot!(schema.join(";\n"), @"");
}

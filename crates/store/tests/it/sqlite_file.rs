//! The file of an embedded database: its schema, and files that are newer, damaged or none.

use crate::stage::{START, Stage, parts};
use domain::{FixedClock, Role};
use doorward_store::{Door, StoreError, tables::users};
use rusqlite::Connection;
use std::{fs, path::Path, sync::Arc};

fn open(path: &Path) -> Result<Door, StoreError> {
    Door::open_sqlite(path, 1, parts(&Arc::new(FixedClock::at(START))))
}

fn texts(path: &Path, sql: &str) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let mut statement = connection.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// Every file of the database, with what is in it.
fn bytes(path: &Path) -> Vec<(String, Vec<u8>)> {
    let files = fs::read_dir(path.parent().unwrap()).unwrap().map(Result::unwrap);
    let mut all: Vec<_> =
        files.map(|file| (file.file_name().into_string().unwrap(), fs::read(file.path()).unwrap())).collect();
    all.sort();
    all
}

#[tokio::test]
async fn a_database_that_is_opened_again_is_as_it_was() {
    let stage = Stage::on_sqlite();
    let ada = stage.account("ada", Role::Admin).await;
    let schema = texts(&stage.path, "SELECT sql FROM sqlite_schema ORDER BY name");
    let ledger = texts(&stage.path, "SELECT version || ' ' || applied_at FROM schema_migrations");
    stage.tick();
    let stage = stage.reopen();
    assert_eq!(texts(&stage.path, "SELECT sql FROM sqlite_schema ORDER BY name"), schema);
    assert_eq!(texts(&stage.path, "SELECT version || ' ' || applied_at FROM schema_migrations"), ledger);
    assert_eq!(stage.see(move |tx| users::find(tx, ada.id)).await.unwrap().id, ada.id);
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_untouched() {
    let (path, _folder) = Stage::on_sqlite().close();
    Connection::open(&path).unwrap().execute("INSERT INTO schema_migrations VALUES (999, 1)", []).unwrap();
    let before = bytes(&path);
    assert!(matches!(open(&path), Err(StoreError::Newer { found: 999, .. })));
    assert_eq!(bytes(&path), before);
}

#[tokio::test]
async fn a_damaged_file_is_called_damaged_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("doorward.db");
    for content in [b"not a database, but long enough to look like one ".repeat(100), vec![0xff; 8192]] {
        fs::write(&path, content).unwrap();
        let before = bytes(&path);
        assert!(matches!(open(&path), Err(StoreError::Damaged(_))));
        assert_eq!(bytes(&path), before);
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
    let schema = texts(
        &stage.path,
        "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY tbl_name, type DESC, name",
    );
    insta::assert_snapshot!(schema.join(";\n"), @"");
}

//! The file of an embedded database: its schema, and files that are newer, damaged or none.

use crate::stage::{START, Stage, parts};
use domain::{FixedClock, Role};
use doorward_store::{Door, Schema, StoreError, tables::users};
use rusqlite::Connection;
use std::{fs, path::Path, sync::Arc};

const SCHEMA: &str = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL";
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
    let schema = texts(stage.path(), SCHEMA);
    let ledger = texts(stage.path(), LEDGER);
    stage.tick();
    let stage = stage.reopen();
    assert_eq!(texts(stage.path(), SCHEMA), schema);
    assert_eq!(texts(stage.path(), LEDGER), ledger);
    assert_eq!(stage.see(move |tx| users::find(tx, ada.id)).await.unwrap().id, ada.id);
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_untouched() {
    let (path, _folder) = Stage::on_sqlite().close();
    Connection::open(&path)
        .unwrap()
        .execute("INSERT INTO schema_migrations VALUES (999, 1, 999)", [])
        .unwrap();
    let before = fs::read(&path).unwrap();
    assert!(matches!(open(&path), Err(StoreError::Newer { found: 999, .. })));
    assert!(fs::read(&path).unwrap() == before, "the file was changed");
    let files = fs::read_dir(path.parent().unwrap()).unwrap();
    assert_eq!(files.count(), 1, "a file was put beside it");
}

#[tokio::test]
async fn a_newer_database_that_serves_this_program_is_served() {
    let (path, _folder) = Stage::on_sqlite().close();
    let known = Schema::of_file(&path).unwrap().known;
    let newer = "INSERT INTO schema_migrations VALUES (?1, 1, ?2)";
    Connection::open(&path).unwrap().execute(newer, (known + 1, known)).unwrap();
    assert_eq!(Schema::of_file(&path).unwrap(), Schema { found: known + 1, known, serves: true });
    open(&path).unwrap();
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
    assert_eq!(texts(stage.path(), "PRAGMA journal_mode"), ["wal"]);
}

const PEOPLE: [&str; 7] =
    ["installation", "setup_codes", "root_keys", "signing_keys", "users", "groups", "group_members"];
const APPS: [&str; 5] = ["apps", "app_hosts", "app_groups", "app_users", "handoff_codes"];
const USES: [&str; 3] = ["sessions", "tokens", "events"];
const REPLICAS: [&str; 3] = ["touches", "duties", "event_numbers"];

/// The statements that made these tables, each with its indexes behind it.
fn schema(tables: &[&str]) -> String {
    let stage = Stage::on_sqlite();
    let of = |table| format!("{SCHEMA} AND tbl_name = '{table}' ORDER BY type DESC, name");
    tables.iter().flat_map(|table| texts(stage.path(), &of(table))).collect::<Vec<_>>().join(";\n")
}

#[tokio::test]
async fn this_is_the_schema_of_people() {
    insta::assert_snapshot!(schema(&PEOPLE), @r"
    CREATE TABLE installation (
        fact  TEXT PRIMARY KEY,
        at    INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE setup_codes (
        digest      BLOB PRIMARY KEY,
        key_id      INTEGER NOT NULL,
        expires_at  INTEGER NOT NULL,
        used_at     INTEGER
    ) STRICT;
    CREATE TABLE root_keys (
        fingerprint    TEXT PRIMARY KEY,
        first_used_at  INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE signing_keys (
        id          TEXT PRIMARY KEY,
        sealed      BLOB NOT NULL,
        public_jwk  TEXT NOT NULL,
        created_at  INTEGER NOT NULL,
        retired_at  INTEGER
    ) STRICT;
    CREATE TABLE users (
        id                BLOB PRIMARY KEY,
        handle            TEXT NOT NULL UNIQUE,
        email             TEXT NOT NULL UNIQUE,
        name              TEXT NOT NULL,
        email_verified    INTEGER NOT NULL,
        role              TEXT NOT NULL,
        password_hash     TEXT NOT NULL,
        password_version  INTEGER NOT NULL,
        created_at        INTEGER NOT NULL,
        disabled_at       INTEGER
    ) STRICT;
    CREATE INDEX users_administrators ON users (id) WHERE role = 'admin';
    CREATE TABLE groups (
        id          BLOB PRIMARY KEY,
        name        TEXT NOT NULL UNIQUE,
        created_at  INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE group_members (
        group_id  BLOB NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
        user_id   BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        PRIMARY KEY (group_id, user_id)
    ) STRICT;
    CREATE INDEX group_members_by_user ON group_members (user_id)
    ");
}

#[tokio::test]
async fn this_is_the_schema_of_apps() {
    insta::assert_snapshot!(schema(&APPS), @r"
    CREATE TABLE apps (
        id          BLOB PRIMARY KEY,
        name        TEXT NOT NULL UNIQUE,
        upstreams    TEXT NOT NULL,
        everyone    INTEGER NOT NULL,
        basic       INTEGER NOT NULL,
        created_at  INTEGER NOT NULL
    , roles TEXT NOT NULL DEFAULT '[]', gate TEXT NOT NULL DEFAULT '{}') STRICT;
    CREATE TABLE app_hosts (
        host    TEXT PRIMARY KEY,
        app_id  BLOB NOT NULL REFERENCES apps (id) ON DELETE CASCADE
    ) STRICT;
    CREATE INDEX app_hosts_by_app ON app_hosts (app_id);
    CREATE TABLE app_groups (
        app_id    BLOB NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
        group_id  BLOB NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
        PRIMARY KEY (app_id, group_id)
    ) STRICT;
    CREATE INDEX app_groups_by_group ON app_groups (group_id);
    CREATE TABLE app_users (
        app_id   BLOB NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
        user_id  BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        PRIMARY KEY (app_id, user_id)
    ) STRICT;
    CREATE INDEX app_users_by_user ON app_users (user_id);
    CREATE TABLE handoff_codes (
        digest      BLOB PRIMARY KEY,
        key_id      INTEGER NOT NULL,
        challenge   BLOB NOT NULL,
        app_id      BLOB NOT NULL REFERENCES apps (id) ON DELETE CASCADE,
        origin      TEXT NOT NULL,
        session_id  BLOB NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
        expires_at  INTEGER NOT NULL,
        used_at     INTEGER
    ) STRICT;
    CREATE INDEX handoff_codes_by_app ON handoff_codes (app_id);
    CREATE INDEX handoff_codes_by_session ON handoff_codes (session_id)
    ");
}

#[tokio::test]
async fn this_is_the_schema_of_sessions_tokens_and_events() {
    insta::assert_snapshot!(schema(&USES), @r"
    CREATE TABLE sessions (
        id          BLOB PRIMARY KEY,
        digest      BLOB NOT NULL UNIQUE,
        key_id      INTEGER NOT NULL,
        user_id     BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        root_id     BLOB REFERENCES sessions (id) ON DELETE CASCADE,
        app_id      BLOB REFERENCES apps (id) ON DELETE CASCADE,
        origin      TEXT NOT NULL,
        created_at  INTEGER NOT NULL,
        proved_at   INTEGER NOT NULL,
        used_at     INTEGER NOT NULL,
        expires_at  INTEGER NOT NULL,
        ends_at     INTEGER NOT NULL,
        ended_at    INTEGER,
        address     TEXT,
        agent       TEXT NOT NULL
    ) STRICT;
    CREATE INDEX sessions_by_app ON sessions (app_id);
    CREATE INDEX sessions_by_root ON sessions (root_id, id);
    CREATE INDEX sessions_by_user ON sessions (user_id, id);
    CREATE TABLE tokens (
        id           BLOB PRIMARY KEY,
        digest       BLOB NOT NULL UNIQUE,
        key_id       INTEGER NOT NULL,
        owner_id     BLOB NOT NULL REFERENCES users (id) ON DELETE CASCADE,
        name         TEXT NOT NULL,
        prefix       TEXT NOT NULL,
        apps         TEXT NOT NULL,
        permissions  TEXT NOT NULL,
        created_at   INTEGER NOT NULL,
        used_at      INTEGER,
        expires_at   INTEGER,
        revoked_at   INTEGER
    ) STRICT;
    CREATE INDEX tokens_by_owner ON tokens (owner_id, id);
    CREATE TABLE events (
        id        BLOB PRIMARY KEY,
        at        INTEGER NOT NULL,
        actor     TEXT NOT NULL,
        proof     TEXT NOT NULL,
        address   TEXT,
        action    TEXT NOT NULL,
        resource  TEXT,
        outcome   TEXT NOT NULL,
        reasons   TEXT NOT NULL,
        detail    TEXT,
        request   TEXT NOT NULL,
        count     INTEGER NOT NULL
    , number INTEGER) STRICT;
    CREATE INDEX events_by_action ON events (action, id);
    CREATE INDEX events_by_actor ON events (actor, id);
    CREATE UNIQUE INDEX events_by_number ON events (number) WHERE number IS NOT NULL;
    CREATE INDEX events_by_outcome ON events (outcome, id);
    CREATE INDEX events_by_resource ON events (resource, id);
    CREATE INDEX events_waiting ON events (id) WHERE number IS NULL
    ");
}

#[tokio::test]
async fn this_is_the_schema_of_what_replicas_share() {
    insta::assert_snapshot!(schema(&REPLICAS), @r"
    CREATE TABLE touches (
        xid      INTEGER NOT NULL,
        replica  INTEGER NOT NULL,
        what     TEXT NOT NULL,
        user_id  BLOB,
        at       INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX touches_by_time ON touches (at);
    CREATE INDEX touches_by_xid ON touches (xid);
    CREATE TABLE duties (
        key          TEXT PRIMARY KEY,
        kind         TEXT NOT NULL,
        due_at       INTEGER NOT NULL,
        attempts     INTEGER NOT NULL,
        fence        INTEGER NOT NULL,
        leased_by    INTEGER,
        lease_until  INTEGER,
        done_at      INTEGER
    ) STRICT;
    CREATE INDEX duties_done ON duties (done_at) WHERE done_at IS NOT NULL;
    CREATE INDEX duties_due ON duties (kind, due_at) WHERE done_at IS NULL;
    CREATE TABLE event_numbers (
        one   INTEGER PRIMARY KEY CHECK (one = 1),
        last  INTEGER NOT NULL
    ) STRICT
    ");
}

#[tokio::test]
async fn this_is_the_schema_of_what_a_move_leaves_behind() {
    insta::assert_snapshot!(schema(&["moves"]), @r"
    CREATE TABLE moves (
        id     TEXT PRIMARY KEY,
        state  TEXT NOT NULL,
        place  TEXT NOT NULL,
        at     INTEGER NOT NULL
    ) STRICT
    ");
}

#[tokio::test]
async fn there_is_no_other_table() {
    let stage = Stage::on_sqlite();
    let mut known = [&PEOPLE[..], &APPS, &USES, &REPLICAS, &["moves", "schema_migrations"]].concat();
    known.sort_unstable();
    assert_eq!(
        texts(stage.path(), "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name"),
        known
    );
}

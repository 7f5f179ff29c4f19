//! A PostgreSQL server: how it is reached, what a session on it promises, and databases that are newer or shared.

use crate::{
    cluster::Cluster,
    stage::{START, Stage, operator, parts},
};
use domain::{FixedClock, Group};
use doorward_store::{Door, Schema, StoreError, tables::groups};
use policy::{Installation, actions::CreateGroup};
use std::{num::NonZeroUsize, sync::Arc, thread};

fn open(url: &str) -> Result<Door, StoreError> {
    let connections = NonZeroUsize::new(2).unwrap();
    Door::open_postgres(&url.parse().unwrap(), connections, parts(&Arc::new(FixedClock::at(START))))
}

/// The suite's server by its network address, with this password and these options.
fn url(host: &str, password: &str, options: &str) -> String {
    let (cluster, database) = (Cluster::running(), Cluster::running().database());
    format!("postgresql://postgres:{password}@{host}:{}/{database}?{options}", cluster.port)
}

#[tokio::test]
async fn tls_is_spoken_with_the_server_that_its_certificate_names_and_no_other() {
    let cluster = Cluster::running();
    let root = format!("sslmode=verify-full&sslrootcert={}/server.pem", cluster.folder.display());
    let door = open(&url("localhost", &cluster.password, &root)).unwrap();
    let encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let read = door.read(operator(), (), move |look, ()| look.find::<bool>(encrypted, &[]));
    assert_eq!(read.await.unwrap(), Some(true));
    let refused = [
        (url("127.0.0.1", &cluster.password, &root), "another name"),
        (url("localhost", &cluster.password, "sslmode=require"), "a root that nobody trusts"),
        (url("localhost", &cluster.password, "sslmode=require&sslrootcert=/nowhere.pem"), "no root"),
    ];
    for (url, why) in refused {
        assert!(matches!(open(&url), Err(StoreError::Away(_))), "{why}");
    }
}

#[tokio::test]
async fn who_is_not_let_in_is_told_so_without_the_password() {
    let Err(error @ StoreError::Away(_)) = open(&url("127.0.0.1", "s3cret", "")) else { panic!("let in") };
    let text = format!("{error} {error:?}");
    assert!(text.contains("password authentication failed for user \"postgres\""), "{text}");
    assert!(!text.contains("s3cret"), "{text}");
    let nobody = open("postgresql://postgres:s3cret@127.0.0.1:1/doorward").err().unwrap().to_string();
    assert!(nobody.starts_with("the database cannot be reached: ") && !nobody.contains("s3cret"), "{nobody}");
}

#[tokio::test]
async fn an_error_quotes_nothing_of_a_row() {
    let stage = Stage::on_postgresql();
    let family = stage.group("secret-family").await;
    let again = Group { id: stage.id(), ..family };
    let made = stage.deed::<CreateGroup, _>(operator(), Installation, move |work, permit| {
        groups::insert(work, permit, &again)
    });
    let text = format!("{:?}", made.await.unwrap_err());
    assert!(text.contains("groups_name_key") && !text.contains("secret-family"), "{text}");
}

#[tokio::test]
async fn a_session_waits_for_nothing_for_ever_and_its_commits_are_durable() {
    let stage = Stage::on_postgresql();
    let expected = [
        ("statement_timeout", "15s"),
        ("lock_timeout", "5s"),
        ("idle_in_transaction_session_timeout", "20s"),
        ("synchronous_commit", "on"),
        ("transaction_isolation", "serializable"),
    ];
    for (setting, value) in expected {
        let found = stage
            .keep_house(move |work| work.find::<String>("SELECT current_setting($1)", &[setting.into()]));
        assert_eq!(found.await.as_deref(), Some(value), "{setting}");
    }
    let read_only = stage.see(|tx| tx.find::<String>("SELECT current_setting('transaction_read_only')", &[]));
    assert_eq!(read_only.await.as_deref(), Some("on"));
}

#[tokio::test]
async fn replicas_that_start_at_once_make_one_schema() {
    let stage = Cluster::running().database();
    let address = Cluster::running().address(&stage);
    let empty = Schema::of_server(&address).unwrap();
    assert_eq!(empty.found, 0);
    let replicas: Vec<_> = (0..4)
        .map(|_| {
            let address = address.clone();
            thread::spawn(move || {
                let parts = parts(&Arc::new(FixedClock::at(START)));
                Door::open_postgres(&address, NonZeroUsize::MIN, parts).map(drop)
            })
        })
        .collect();
    for replica in replicas {
        replica.join().unwrap().unwrap();
    }
    let whole = Schema { found: empty.known, ..empty };
    assert_eq!(Schema::of_server(&address).unwrap(), whole);
    assert_eq!(Schema::migrate_server(&address, START).unwrap(), whole);
    let ledger = "SELECT version::text FROM schema_migrations ORDER BY version";
    assert_eq!(Cluster::running().texts(&stage, ledger), ["1", "2", "3", "4", "5", "6", "7", "8", "9"]);
}

#[tokio::test]
async fn a_newer_database_that_serves_this_program_is_served_and_left_as_it_is() {
    let stage = Stage::on_postgresql();
    let address = Cluster::running().address(stage.database());
    let known = Schema::of_server(&address).unwrap().known;
    let newer = |version: i64, floor: i64| {
        let entry = format!("INSERT INTO schema_migrations VALUES ({version}, 1, {floor})");
        Cluster::running().run(stage.database(), &entry);
    };
    newer(known + 1, known);
    let schema = Schema { found: known + 1, known, serves: true };
    assert_eq!(Schema::of_server(&address).unwrap(), schema);
    assert_eq!(Schema::migrate_server(&address, START).unwrap(), schema);
    stage.replica().door.read(operator(), (), |look, ()| look.any("SELECT 1", &[])).await.unwrap();
    newer(known + 2, known + 2);
    assert!(!Schema::of_server(&address).unwrap().serves);
    assert!(matches!(Schema::migrate_server(&address, START), Err(StoreError::Newer { .. })));
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused_untouched() {
    let database = Cluster::running().database();
    let address = Cluster::running().address(&database);
    Cluster::running().run(&database, "CREATE TABLE schema_migrations (version bigint, applied_at bigint)");
    Cluster::running().run(&database, "INSERT INTO schema_migrations VALUES (999, 1)");
    let parts = parts(&Arc::new(FixedClock::at(START)));
    let opened = Door::open_postgres(&address, NonZeroUsize::MIN, parts);
    assert!(matches!(opened, Err(StoreError::Newer { found: 999, .. })));
    let newer = Schema::of_server(&address).unwrap();
    assert!(newer.found == 999 && newer.known < 999 && !newer.serves);
    assert!(matches!(Schema::migrate_server(&address, START), Err(StoreError::Newer { found: 999, .. })));
    let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(Cluster::running().texts(&database, tables), ["schema_migrations"]);
}

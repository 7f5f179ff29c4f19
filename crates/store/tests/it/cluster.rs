//! A PostgreSQL of the suite's own, which ends with it, and a fresh database for whoever asks.

use doorward_store::PostgresAddress;
use postgres::{Client, NoTls};
use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        LazyLock,
        atomic::{AtomicU32, Ordering},
    },
};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/postgresql.sh");

static CLUSTER: LazyLock<Cluster> = LazyLock::new(Cluster::start);
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The server that all tests share.
pub(crate) struct Cluster {
    pub(crate) folder: PathBuf,
    pub(crate) port: u16,
    pub(crate) password: String,
    /// The server ends when this is gone: with the suite, however that ends.
    _lifeline: Child,
}

impl Cluster {
    pub(crate) fn running() -> &'static Self {
        &CLUSTER
    }

    fn start() -> Self {
        let mut script = Command::new("sh");
        let mut child = script.arg(SCRIPT).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let words: Vec<_> = line.split_whitespace().collect();
        let [folder, port, password] = words.as_slice() else { panic!("PostgreSQL did not start") };
        let (port, password) = (port.parse().unwrap(), (*password).to_owned());
        Self { folder: folder.into(), port, password, _lifeline: child }
    }

    /// The name of a fresh database.
    pub(crate) fn database(&self) -> String {
        let name = format!("it_{}", DATABASES.fetch_add(1, Ordering::Relaxed));
        self.run("postgres", &format!("CREATE DATABASE {name}"));
        name
    }

    /// The database of this name, through the socket.
    pub(crate) fn address(&self, database: &str) -> PostgresAddress {
        self.url(database).parse().unwrap()
    }

    fn url(&self, database: &str) -> String {
        format!("postgresql://postgres@/{database}?host={}&port={}", self.folder.display(), self.port)
    }

    /// Does something to a database behind the store's back.
    pub(crate) fn run(&self, database: &str, sql: &str) {
        self.with(database, |client| client.batch_execute(sql).unwrap());
    }

    /// Ends every connection to a database.
    pub(crate) fn terminate(&self, database: &str) {
        let all = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        self.run(database, all);
    }

    /// The texts in the first column of an answer.
    pub(crate) fn texts(&self, database: &str, sql: &str) -> Vec<String> {
        self.with(database, |client| client.query(sql, &[]).unwrap().iter().map(|row| row.get(0)).collect())
    }

    /// How a statement would be run for any values, if a table could only be read as a last resort.
    pub(crate) fn plan(&self, database: &str, sql: &str, values: &str) -> Vec<String> {
        self.with(database, |client| {
            let plan =
                "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_sort = off;";
            client.batch_execute(&format!("{plan} PREPARE list AS {sql}")).unwrap();
            let steps = client.query(&format!("EXPLAIN EXECUTE list{values}"), &[]).unwrap();
            steps.iter().map(|row| row.get(0)).collect()
        })
    }

    /// With a client of its own, on a thread of its own: it must not be used on a runtime's.
    pub(crate) fn with<T: Send>(&self, database: &str, act: impl FnOnce(&mut Client) -> T + Send) -> T {
        let url = self.url(database);
        std::thread::scope(|scope| {
            scope.spawn(|| act(&mut Client::connect(&url, NoTls).unwrap())).join().unwrap()
        })
    }
}

//! A PostgreSQL of a test's own.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/postgresql.sh");

/// A PostgreSQL of a test's own, with an empty database.
pub struct Postgresql {
    url: String,
    /// The server ends when its standard input is closed: with the test, however that ends.
    _lifeline: Child,
}

impl Postgresql {
    /// Starts it, which takes a second or two.
    pub fn start() -> Self {
        let mut script = Command::new("sh");
        let script = script.arg(SCRIPT).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = script.spawn().expect("the script starts");
        let mut line = String::new();
        let said = child.stdout.take().expect("what it says is piped");
        BufReader::new(said).read_line(&mut line).expect("PostgreSQL says where it is");
        let mut words = line.split_whitespace();
        let mut word = || words.next().expect("PostgreSQL starts");
        let (folder, port) = (word(), word());
        let url = format!("postgresql://postgres@/postgres?host={folder}&port={port}");
        Self { url, _lifeline: child }
    }

    /// The address of its database.
    pub fn url(&self) -> &str {
        &self.url
    }
}

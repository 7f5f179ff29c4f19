//! Fuzz bodies: plain functions that take any bytes, give them to a parser that meets the network, and panic where
//! something does not hold that must hold of every input.
//!
//! `cargo test -p doorward-fuzz` runs the corpus and a fixed number of cases made from it by chance;
//! `cargo run -p doorward-fuzz -- CASES [SEED]` runs as many as one likes.

#![expect(clippy::panic, clippy::expect_used, reason = "a fuzz body panics where something does not hold")]

pub mod chance;
mod chunks;
mod connection;
mod credentials;
mod forwarded;
mod host;
mod path;
mod request;

use std::{fs, path::PathBuf};

/// A fuzz body and what it is called.
#[derive(Clone, Copy)]
pub struct Target {
    /// The name, and that of the folder below `corpus/` with inputs that are worth trying.
    pub name: &'static str,
    /// Takes any bytes; panics where something does not hold.
    pub run: fn(&[u8]),
}

/// Every fuzz body there is.
pub const TARGETS: [Target; 6] = [
    Target { name: "request", run: request::run },
    Target { name: "chunks", run: chunks::run },
    Target { name: "host", run: host::run },
    Target { name: "forwarded", run: forwarded::run },
    Target { name: "credentials", run: credentials::run },
    Target { name: "path", run: path::run },
];

impl Target {
    /// The inputs in its folder, in the order of their names.
    ///
    /// # Panics
    ///
    /// When there are none, or they cannot be read.
    pub fn corpus(&self) -> Vec<Vec<u8>> {
        let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "corpus", self.name].iter().collect();
        let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let mut paths: Vec<_> = files.map(|file| file.expect("a readable folder").path()).collect();
        paths.sort();
        assert!(!paths.is_empty(), "{} is empty", folder.display());
        paths.iter().map(|path| fs::read(path).expect("a readable file")).collect()
    }

    /// Runs the corpus, and then `cases` inputs that chance makes of it.
    pub fn try_all(&self, cases: usize, seed: u64) {
        let corpus = self.corpus();
        for input in &corpus {
            (self.run)(input);
        }
        let mut chance = chance::Chance::new(seed);
        for _ in 0..cases {
            (self.run)(&chance.changed(&corpus));
        }
    }
}

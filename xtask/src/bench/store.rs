//! Reads and writes through the door on both engines, and SQLite's beside bare loops of the same durability.
//!
//! A ratio is taken within a round and only then the median over the rounds.

use super::{FOLDER, figures::Figures, table};
use crate::run;
use anyhow::{Context as _, Result};
use std::{
    fs,
    io::{BufRead as _, BufReader},
    process::{Child, Command, Stdio},
};

const ROUNDS: usize = 5;
/// What is held against what: the second is what callers would have who each commit by themselves.
const RATIOS: [(&str, &str); 3] = [
    ("SQLite, writes by 1", "bare loop, 1 a commit"),
    ("SQLite, writes by 64", "bare loop, 1 a commit"),
    ("SQLite, writes by 64", "bare loop, 64 a commit"),
];

/// What was measured in one round, and how often a second it was done.
type Round = Vec<(String, f64)>;

pub(super) fn measure() -> Result<()> {
    let cluster = Cluster::start()?;
    let rounds = (0..ROUNDS).map(|number| round(&cluster, number)).collect::<Result<Vec<_>>>()?;
    println!("{}", rates(&rounds));
    println!("{}", ratios(&rounds));
    Ok(())
}

fn round(cluster: &Cluster, number: usize) -> Result<Round> {
    let (folder, database) = (format!("{FOLDER}/store-{number}"), format!("store_{number}"));
    fs::create_dir_all(&folder).with_context(|| format!("cannot make `{folder}`"))?;
    cluster.run(&[format!("CREATE DATABASE {database}")])?;
    let mut program = Command::new("target/release/examples/throughput");
    read(&run::read(program.args([folder, cluster.address(&database)]))?)
}

/// `what<tab>figure`, a line each.
fn read(text: &str) -> Result<Round> {
    let line = |line: &str| -> Result<_> {
        let (what, figure) = line.split_once('\t').with_context(|| format!("`{line}` is no figure"))?;
        Ok((what.to_owned(), figure.parse()?))
    };
    text.lines().map(line).collect()
}

fn rates(rounds: &[Round]) -> String {
    let names = rounds.first().into_iter().flatten().map(|(what, _)| what);
    let row = |what: &String| {
        [what.clone(), Figures::of(rounds.iter().filter_map(|round| find(round, what))).with_spread(0)]
    };
    table::markdown(["what", "a second"], names.map(row))
}

fn ratios(rounds: &[Round]) -> String {
    let row = |(ours, bare): (&str, &str)| {
        let ratio = |round: &Round| Some(find(round, ours)? / find(round, bare)?);
        [format!("{ours} ÷ {bare}"), Figures::of(rounds.iter().filter_map(ratio)).with_spread(2)]
    };
    table::markdown(["ratio", "×"], RATIOS.map(row))
}

fn find(round: &Round, what: &str) -> Option<f64> {
    round.iter().find(|(name, _)| name == what).map(|(_, figure)| *figure)
}

/// The tests' PostgreSQL, made as durable as one that is meant to last. It ends with this.
struct Cluster {
    folder: String,
    port: String,
    script: Child,
}

impl Cluster {
    fn start() -> Result<Self> {
        let mut command = Command::new("sh");
        command.arg("tests/postgresql.sh").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut script = command.spawn().context("cannot start PostgreSQL")?;
        let mut line = String::new();
        BufReader::new(script.stdout.take().context("no output")?).read_line(&mut line)?;
        let mut words = line.split_whitespace().map(str::to_owned);
        let (folder, port) = words.next().zip(words.next()).context("PostgreSQL did not start")?;
        let cluster = Self { folder, port, script };
        let durable = ["fsync", "synchronous_commit", "full_page_writes"];
        let mut settings: Vec<_> = durable.map(|name| format!("ALTER SYSTEM SET {name} = on")).into();
        settings.push("SELECT pg_reload_conf()".to_owned());
        cluster.run(&settings)?;
        Ok(cluster)
    }

    fn address(&self, database: &str) -> String {
        format!("postgresql://postgres@/{database}?host={}&port={}", self.folder, self.port)
    }

    fn run(&self, statements: &[String]) -> Result<()> {
        let mut command = Command::new("psql");
        command.args(["--no-psqlrc", "--quiet", "--username=postgres", "--dbname=postgres"]);
        command.args(["--host", &self.folder, "--port", &self.port]).stdout(Stdio::null());
        run::show(command.args(statements.iter().flat_map(|statement| ["--command", statement.as_str()])))
    }
}

impl Drop for Cluster {
    /// It ends when its standard input is closed, and takes its folder along.
    fn drop(&mut self) {
        drop(self.script.stdin.take());
        self.script.wait().ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_taken_within_a_round() {
        let round = |ours: u32, bare: u32| {
            read(&format!("SQLite, writes by 1\t{ours}\nbare loop, 1 a commit\t{bare}\n")).unwrap()
        };
        let text = ratios(&[round(1, 2), round(20, 10), round(9, 10)]);
        assert!(
            text.contains("| SQLite, writes by 1 ÷ bare loop, 1 a commit | 0.90 (0.50–2.00) |"),
            "{text}"
        );
        assert!(read("no figure").is_err());
    }
}

//! What the program costs while nobody asks it anything, and how soon it answers after it was started.

use super::{door, figures::Figures, server::Server, table, visitor::Visitor};
use crate::run;
use anyhow::{Context as _, Result, ensure};
use std::{
    fs,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

const STARTS: usize = 10;
const SIGN_INS: usize = 10;
const WRITES: &str = "crates/store/examples/writes.rs";

pub(super) fn measure() -> Result<()> {
    println!("{}", memory()?);
    println!("{}", starts()?);
    if Path::new(WRITES).exists() {
        let example = ["run", "--release", "--quiet", "--package=doorward-store", "--example=writes"];
        println!("{}", run::read(Command::new("cargo").args(example))?);
    }
    Ok(())
}

/// The memory of a server on a fresh directory, at rest and after sign-ins.
fn memory() -> Result<String> {
    let server = door::start(&["serve"])?;
    let at_start = memory_row("after the start", &server)?;
    thread::sleep(Duration::from_secs(30));
    let at_rest = memory_row("after 30 s at rest", &server)?;
    for _ in 0..SIGN_INS {
        door::sign_in(&server)?;
    }
    thread::sleep(Duration::from_secs(10));
    let signed_in = memory_row(&format!("after {SIGN_INS} sign-ins and 10 s at rest"), &server)?;
    Ok(table::markdown(["memory", "resident MB", "proportional MB"], [at_start, at_rest, signed_in]))
}

fn memory_row(when: &str, server: &Server) -> Result<[String; 3]> {
    let megabytes = |file, field| -> Result<String> {
        let path = format!("/proc/{}/{file}", server.id());
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read `{path}`"))?;
        let line = text.lines().find_map(|line| line.strip_prefix(field)).context("no such field")?;
        let kibibytes: f64 = line.trim_end_matches("kB").trim().parse()?;
        Ok(format!("{:.1}", kibibytes * 1024.0 / 1_000_000.0))
    };
    Ok([when.to_owned(), megabytes("status", "VmRSS:")?, megabytes("smaps_rollup", "Pss:")?])
}

/// How long it takes from the start of the program to its first answer, on a directory that is there already.
fn starts() -> Result<String> {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        times.push(start()?.as_secs_f64() * 1000.0);
    }
    let row = [format!("start to first answer, of {STARTS}"), Figures::of(times).with_spread(1)];
    Ok(table::markdown(["time", "ms"], [row]))
}

#[expect(clippy::disallowed_methods, reason = "the time that has passed is the figure")]
fn start() -> Result<Duration> {
    let before = Instant::now();
    let server = door::start(&["serve"])?;
    let answer = Visitor::new(server.port).ask("GET /healthz", "localhost", &[], "")?;
    let time = before.elapsed();
    ensure!(answer.status == 200, "`/healthz` answered {}", answer.status);
    Ok(time)
}

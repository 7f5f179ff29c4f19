//! What the program costs while nobody asks it anything, and how soon it answers after it was started.

use super::{door, figures::Figures, server::Server, table, visitor::Visitor};
use anyhow::{Context as _, Result, ensure};
use std::{
    fs, thread,
    time::{Duration, Instant},
};

const STARTS: usize = 10;
const SIGN_INS: usize = 10;

pub(super) fn measure() -> Result<()> {
    println!("{}", memory()?);
    println!("{}", starts()?);
    Ok(())
}

/// The memory of a server on a fresh directory, at rest and after sign-ins, and of one that finds the directory made.
///
/// To make the first account a password is hashed, which alone takes more memory than the rest.
fn memory() -> Result<String> {
    let server = start()?;
    let at_start = memory_row("first start, account made", &server)?;
    thread::sleep(Duration::from_secs(30));
    let at_rest = memory_row("after 30 s at rest", &server)?;
    for _ in 0..SIGN_INS {
        door::sign_in(&server)?;
    }
    thread::sleep(Duration::from_secs(10));
    let signed_in = memory_row(&format!("after {SIGN_INS} sign-ins and 10 s at rest"), &server)?;
    drop(server);
    let later = memory_row("later start", &start()?)?;
    Ok(table::markdown(["memory", "resident MB", "proportional MB"], [at_start, at_rest, signed_in, later]))
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
#[expect(clippy::disallowed_methods, reason = "the time that has passed is the figure")]
fn starts() -> Result<String> {
    let mut times = Vec::new();
    for _ in 0..STARTS {
        let before = Instant::now();
        let server = start()?;
        times.push(before.elapsed().as_secs_f64() * 1000.0);
        drop(server);
    }
    let row = [format!("start to first answer, of {STARTS}"), Figures::of(times).with_spread(1)];
    Ok(table::markdown(["time", "ms"], [row]))
}

/// A server that has answered once.
fn start() -> Result<Server> {
    let server = door::start(&["serve"])?;
    let answer = Visitor::new(server.port).ask("GET /healthz", "localhost", &[], "")?;
    ensure!(answer.status == 200, "`/healthz` answered {}", answer.status);
    Ok(server)
}

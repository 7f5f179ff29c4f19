//! Chores of the project, called as `cargo xtask CHORE`.
//!
//! Here stands only which chore is meant. Every chore works from the root of the checkout, so all paths in this crate
//! are relative to it.

mod bench;
mod cluster;
mod contracts;
mod run;
mod setup;
mod test;
mod tidy;

use anyhow::{Context as _, Result, bail};
use std::{env, process::ExitCode};

const USAGE: &str = "usage: cargo xtask CHORE

  setup               install what the tests need on this machine
  test                set up, then check and test everything, stopping at the first failure
  test --only STEP    run one step of `test`
  tidy                check the rules of the house that the compiler does not know
  cluster up --replicas N
                      start PostgreSQL, a Valkey, N replicas (3 if not said) and an nginx before them, until Ctrl-C
  contracts           run the tests of every promise that a blueprint makes, and print what keeps which
  bench               measure all that follows
  bench gateway       requests per second and latency, side by side with nginx and a bare proxy
  bench idle          memory, and time to the first answer
  bench store         reads and writes on both databases, and beside bare loops
  bench sizing        processor time of a request and a sign-in, memory of sessions";

fn main() -> ExitCode {
    match chore() {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn chore() -> Result<ExitCode> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    env::set_current_dir(root).with_context(|| format!("cannot enter `{root}`"))?;
    let words: Vec<String> = env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["setup"] => setup::install()?,
        ["tidy"] => tidy::check()?,
        ["cluster", "up"] => cluster::up("3")?,
        ["cluster", "up", "--replicas", number] => cluster::up(number)?,
        ["contracts"] => contracts::check()?,
        ["bench"] => bench::all()?,
        ["bench", "gateway"] => bench::gateway()?,
        ["bench", "idle"] => bench::idle()?,
        ["bench", "sizing"] => bench::sizing()?,
        ["bench", "store"] => bench::store()?,
        ["test"] => return test::all(),
        ["test", "--only", step] => return test::only(step),
        _ => bail!("{USAGE}"),
    }
    Ok(ExitCode::SUCCESS)
}

//! `cargo xtask cluster up`: several replicas to try things out on, as the end-to-end steps have them.

use crate::{run, setup};
use anyhow::Result;

// As the tests build it, so that nothing is compiled once more.
const BUILD: &[&str] = &["cargo", "test", "--workspace", "--locked", "--no-run"];
const PROGRAM: &[&str] = &[".tools/python/bin/python", "-B", "tests/python/cluster_up.py", "--replicas"];

/// Sets up what is missing, and runs so many replicas until Ctrl-C.
pub(crate) fn up(number: &str) -> Result<()> {
    setup::install()?;
    run::show(&mut run::command(BUILD)?)?;
    run::show(&mut run::command(&[PROGRAM, &[number]].concat())?)
}

//! `cargo xtask bench`: figures of the release build, measured on this machine and printed as Markdown.
//!
//! Nothing here passes or fails on a figure: a figure is for people, and says something only beside another of the same
//! run. What is measured is checked first, so that no refusal is counted as an answer.

mod caddy;
mod contenders;
mod door;
mod figures;
mod gateway;
mod idle;
mod load;
mod nginx;
mod server;
mod sizing;
mod store;
mod table;
mod visitor;

use crate::{run, setup};
use anyhow::{Context as _, Result};
use std::{fs, path::Path, process::Command};

/// Where servers keep their files meanwhile; what an earlier run left is removed first.
const FOLDER: &str = "target/bench";

/// Everything that can be measured.
pub(crate) fn all() -> Result<()> {
    gateway()?;
    idle()?;
    store()
}

/// The gateway beside others that pass requests on.
pub(crate) fn gateway() -> Result<()> {
    setup::install_for_bench()?;
    prepare()?;
    gateway::measure()
}

/// What the program costs while nobody asks it anything, and how soon it answers.
pub(crate) fn idle() -> Result<()> {
    prepare()?;
    idle::measure()
}

/// What a server needs for so many people.
pub(crate) fn sizing() -> Result<()> {
    setup::install_for_bench()?;
    prepare()?;
    sizing::measure()
}

/// What reads and writes cost on either database.
pub(crate) fn store() -> Result<()> {
    setup::postgresql::install()?;
    build(&["--package=doorward-store", "--example=throughput"])?;
    store::measure()
}

fn prepare() -> Result<()> {
    build(&["--package=doorward", "--package=doorward-benches"])
}

/// Builds what is measured, and empties the folder.
fn build(what: &[&str]) -> Result<()> {
    if Path::new(FOLDER).exists() {
        fs::remove_dir_all(FOLDER).with_context(|| format!("cannot empty `{FOLDER}`"))?;
    }
    fs::create_dir_all(FOLDER).with_context(|| format!("cannot make `{FOLDER}`"))?;
    run::show(Command::new("cargo").args(["build", "--release", "--locked"]).args(what))?;
    machine()
}

/// Says what the figures were measured on.
fn machine() -> Result<()> {
    let read = |path| fs::read_to_string(path).with_context(|| format!("cannot read `{path}`"));
    let processors = read("/proc/cpuinfo")?;
    let models = || processors.lines().filter_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = models().next().map_or("an unnamed processor", |(_, name)| name);
    let kernel = read("/proc/sys/kernel/osrelease")?;
    let load = read("/proc/loadavg")?;
    let busy = load.split(' ').next().unwrap_or_default();
    println!("\n{} × {model}, Linux {}, {busy} busy before", models().count(), kernel.trim());
    Ok(())
}

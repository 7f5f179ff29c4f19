//! `cargo xtask setup`: makes a Debian 12 with only a Rust toolchain and a C compiler fit for every test.
//!
//! Each thing has a line that says what it is for. What is there already is left alone, so a second run changes nothing.

mod debian;
mod locked;
pub(crate) mod postgresql;
pub(crate) mod proxies;

use crate::run;
use anyhow::Result;
use std::process::Command;

/// Installs whatever is missing.
pub(crate) fn install() -> Result<()> {
    install_component("rustfmt", "fmt", "the format of the code is checked")?;
    install_component("clippy", "clippy", "the code is linted")?;
    debian::install()?;
    postgresql::install()?;
    proxies::install()?;
    locked::install()
}

/// Installs what only `bench` needs, if it is missing.
pub(crate) fn install_for_bench() -> Result<()> {
    debian::install_for_bench()?;
    proxies::install()
}

/// Adds the toolchain's `component`, which serves `cargo subcommand`.
fn install_component(component: &str, subcommand: &str, why: &str) -> Result<()> {
    let there = run::succeeds(Command::new("cargo").args([subcommand, "--version"]));
    announce(there, component, why);
    if there {
        return Ok(());
    }
    run::show(Command::new("rustup").args(["component", "add", component]))
}

fn announce(there: bool, what: &str, why: &str) {
    let verb = if there { "have" } else { "install" };
    println!("{verb:<8} {what:<18} {why}");
}

//! Packages from Debian: programs that the tests start beside the product.

use super::announce;
use crate::run;
use anyhow::{Result, bail};
use std::{path::Path, process::Command};

/// How one sees that a package is there, whoever brought it.
enum Sign {
    Program(&'static str),
    Folder(&'static str),
    PythonModule(&'static str),
}

type Package = (&'static str, Sign, &'static str);

const PACKAGES: [Package; 11] = [
    (
        "apache2-bin",
        Sign::Program("apache2"),
        "an app behind the gate; without a service that starts by itself",
    ),
    ("chromium", Sign::Program("chromium"), "people are played in a real browser"),
    ("fonts-dejavu-core", Sign::Folder("/usr/share/fonts/truetype/dejavu"), "the browser needs letters"),
    ("nodejs", Sign::Program("node"), "runs the browser tests"),
    ("npm", Sign::Program("npm"), "installs what the browser tests need"),
    ("openssl", Sign::Program("openssl"), "makes certificates"),
    ("python3", Sign::Program("python3"), "runs the tests with other people's clients and servers"),
    ("python3-venv", Sign::PythonModule("ensurepip"), "keeps the Python packages in a folder of their own"),
    (
        "redis-tools",
        Sign::Program("redis-check-rdb"),
        "counts for several processes; without a service that starts by itself",
    ),
    ("strace", Sign::Program("strace"), "shows what reaches the disk, and when"),
    ("git", Sign::Program("git"), "tells `tidy` which files belong to the project"),
];

const FOR_BENCH: [Package; 1] =
    [("wrk", Sign::Program("wrk"), "puts load on a server and counts its answers")];

impl Sign {
    fn is_there(&self) -> bool {
        match self {
            Self::Program(name) => run::finds(name),
            Self::Folder(path) => Path::new(path).is_dir(),
            Self::PythonModule(name) => {
                run::succeeds(Command::new("python3").args(["-c", &format!("import {name}")]))
            }
        }
    }
}

pub(super) fn install() -> Result<()> {
    install_missing(&PACKAGES)
}

pub(super) fn install_for_bench() -> Result<()> {
    install_missing(&FOR_BENCH)
}

fn install_missing(packages: &[Package]) -> Result<()> {
    let mut missing = Vec::new();
    for (name, sign, why) in packages {
        let there = sign.is_there();
        announce(there, name, why);
        if !there {
            missing.push(*name);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    add(&missing)
}

/// Installs packages, with no more than they need.
pub(super) fn add(packages: &[&str]) -> Result<()> {
    let before = words_before_apt(packages)?;
    apt(&before, &["update", "--quiet"])?;
    apt(&before, &[&["install", "--quiet", "--yes", "--no-install-recommends"], packages].concat())
}

/// Runs a shell's `line` as root.
pub(super) fn as_root(line: &str) -> Result<()> {
    let words = [words_before_apt(&[])?.as_slice(), &["sh", "-c", line]].concat();
    run::show(&mut run::command(&words)?)
}

/// Has apt read anew which packages there are.
pub(super) fn update_lists() -> Result<()> {
    apt(&words_before_apt(&[])?, &["update", "--quiet"])
}

/// What makes apt run as root: nothing, or `sudo`.
fn words_before_apt(missing: &[&str]) -> Result<Vec<&'static str>> {
    if run::read(Command::new("id").arg("-u"))?.trim() == "0" {
        return Ok(vec![]);
    }
    if run::finds("sudo") {
        return Ok(vec!["sudo"]);
    }
    let names = missing.join(" ");
    bail!(
        "only root may install packages and there is no `sudo`; as root, run \
         `apt-get update && apt-get install --yes --no-install-recommends {names}`"
    )
}

fn apt(before: &[&str], arguments: &[&str]) -> Result<()> {
    const APT: &[&str] =
        &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300"];
    let words = [before, APT, arguments].concat();
    run::show(&mut run::command(&words)?)
}

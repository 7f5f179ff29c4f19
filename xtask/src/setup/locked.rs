//! Packages for Node and Python, each in the very version that a requirement file in the repository names.
//!
//! INVARIANT: the stamp, a copy of the requirement file, is written last and lies in the folder that the installation
//! clears first; so an interrupted or outdated installation is done again.

use super::announce;
use crate::run;
use anyhow::{Context as _, Result};
use std::fs;

struct Locked {
    what: &'static str,
    why: &'static str,
    requirements: &'static str,
    stamp: &'static str,
    commands: &'static [&'static [&'static str]],
}

const NODE: Locked = Locked {
    what: "Node packages",
    why: "drive the browser and judge pages by the rules of accessibility",
    requirements: "tests/browser/package-lock.json",
    stamp: "tests/browser/node_modules/.doorward-stamp",
    commands: &[&["npm", "ci", "--prefix", "tests/browser", "--ignore-scripts", "--loglevel=error"]],
};

const PYTHON: Locked = Locked {
    what: "Python packages",
    why: "a calendar server and WebSockets behind the door, and a tester that reads the API's description",
    requirements: "tests/python/requirements.txt",
    stamp: ".tools/python/doorward-stamp",
    commands: &[
        &["python3", "-m", "venv", "--clear", ".tools/python"],
        &[
            ".tools/python/bin/python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--requirement=tests/python/requirements.txt",
        ],
    ],
};

pub(super) fn install() -> Result<()> {
    NODE.install()?;
    PYTHON.install()
}

impl Locked {
    fn install(&self) -> Result<()> {
        let wanted =
            fs::read(self.requirements).with_context(|| format!("cannot read `{}`", self.requirements))?;
        let there = fs::read(self.stamp).is_ok_and(|stamp| stamp == wanted);
        announce(there, self.what, self.why);
        if there {
            return Ok(());
        }
        for words in self.commands {
            run::show(&mut run::command(words)?)?;
        }
        fs::write(self.stamp, wanted).with_context(|| format!("cannot write `{}`", self.stamp))
    }
}

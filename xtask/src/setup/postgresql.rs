//! PostgreSQL's programs. `tests/postgresql.sh` starts a server of the tests' own with them.
//!
//! Debian would make and start a cluster while it installs them. It is told not to, so that no service of the machine's is
//! started or touched; one that is there already is left alone.

use super::{announce, debian};
use crate::run;
use anyhow::Result;
use std::fs;

/// Where Debian keeps a version's programs, each in a folder of its own.
const VERSIONS: &str = "/usr/lib/postgresql";

/// Read by Debian's packages before they make a cluster.
const NO_CLUSTER: &str = "sed -i -E 's/^#? *create_main_cluster *=.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf \
     && grep -q '^create_main_cluster = false' /etc/postgresql-common/createcluster.conf";

/// Installs the programs, if they are missing.
pub(crate) fn install() -> Result<()> {
    let there = is_there();
    announce(there, "postgresql", "the second database; the tests start a server of their own");
    if there {
        return Ok(());
    }
    debian::add(&["postgresql-common"])?;
    debian::as_root(NO_CLUSTER)?;
    debian::add(&["postgresql"])
}

fn is_there() -> bool {
    let versions = fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let mut programs = versions.map(|version| version.path().join("bin/initdb"));
    programs.any(|program| program.is_file()) || run::finds("initdb")
}

//! Debian's nginx, Caddy and `HAProxy`, unpacked beside the checkout: the tests have them ask Doorward before they pass
//! a request on, stand behind it, and run beside it in the bench. They are never installed, so that no service of the machine's is started or touched.

use super::{announce, debian};
use crate::run;
use anyhow::{Context as _, Result};
use std::{fs, path::Path, process::Command};

const FOLDER: &str = ".tools/proxies";

/// Where Caddy is.
pub(crate) const CADDY: &str = ".tools/proxies/usr/bin/caddy";

/// Where nginx is.
pub(crate) const NGINX: &str = ".tools/proxies/usr/sbin/nginx";

/// Written last, so that an interrupted unpacking is done again.
const STAMP: &str = ".tools/proxies/doorward-stamp";

/// The programs, and the libraries of theirs that a Debian need not have.
const PACKAGES: [&str; 7] = [
    "nginx",
    "caddy",
    "haproxy",
    "liblua5.3-0",
    "libopentracing-c-wrapper0",
    "libopentracing1",
    "libpcre2-8-0",
];

/// Unpacks the packages, unless that was done before.
pub(super) fn install() -> Result<()> {
    let wanted = PACKAGES.join("\n");
    let there = fs::read_to_string(STAMP).is_ok_and(|stamp| stamp == wanted);
    announce(there, "proxies", "nginx, Caddy and HAProxy before, behind and beside Doorward");
    if there {
        return Ok(());
    }
    if Path::new(FOLDER).exists() {
        fs::remove_dir_all(FOLDER).with_context(|| format!("cannot clear `{FOLDER}`"))?;
    }
    fs::create_dir_all(FOLDER).with_context(|| format!("cannot make `{FOLDER}`"))?;
    if download().is_err() {
        debian::update_lists()?;
        download()?;
    }
    let unpack = "for package in *.deb; do dpkg-deb --extract \"$package\" . || exit 1; done; rm -- *.deb";
    run::show(Command::new("sh").args(["-c", unpack]).current_dir(FOLDER))?;
    fs::write(STAMP, wanted).with_context(|| format!("cannot write `{STAMP}`"))
}

fn download() -> Result<()> {
    run::show(Command::new("apt-get").args(["download", "--quiet"]).args(PACKAGES).current_dir(FOLDER))
}

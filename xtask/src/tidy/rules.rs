//! `xtask/tidy.toml`: what the rules allow, as data.

use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::collections::BTreeMap;

pub(super) const PATH: &str = "xtask/tidy.toml";

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Rules {
    pub(super) licences: Vec<String>,
    pub(super) licence_exceptions: Vec<String>,
    /// From a crate's directory to the directories of the crates that it may build on.
    pub(super) edges: BTreeMap<String, Vec<String>>,
    /// From a package to the directories of the crates that may use it.
    pub(super) homes: BTreeMap<String, Vec<String>>,
    #[serde(rename = "exception")]
    pub(super) exceptions: Vec<Exception>,
}

/// A size that may be beyond its limit.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exception {
    pub(super) rule: String,
    pub(super) path: String,
    pub(super) function: Option<String>,
    pub(super) reason: String,
}

impl Rules {
    pub(super) fn parse(text: &str) -> Result<Self> {
        toml::from_str(text).with_context(|| format!("cannot read `{PATH}`"))
    }
}

//! What cargo knows of the packages: the workspace's own, and all that they pull in.

use crate::run;
use anyhow::{Context as _, Result};
use serde::Deserialize;
use std::{path::Path, process::Command};

#[derive(Deserialize)]
pub(super) struct Metadata {
    pub(super) packages: Vec<Package>,
    workspace_members: Vec<String>,
    workspace_root: String,
}

#[derive(Deserialize)]
pub(super) struct Package {
    id: String,
    pub(super) name: String,
    pub(super) license: Option<String>,
    manifest_path: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
    path: Option<String>,
}

/// A crate of the workspace, known by its directory, and what it is built on; what only its tests use is left out.
#[derive(Debug, Default)]
pub(super) struct Member {
    pub(super) directory: String,
    /// Relative to the root.
    pub(super) manifest: String,
    /// Directories of other members.
    pub(super) members: Vec<String>,
    /// Names of packages from elsewhere.
    pub(super) packages: Vec<String>,
}

impl Metadata {
    pub(super) fn read() -> Result<Self> {
        let arguments = ["metadata", "--locked", "--format-version", "1"];
        Self::parse(&run::read(Command::new("cargo").args(arguments))?)
    }

    fn parse(json: &str) -> Result<Self> {
        serde_json::from_str(json).context("cannot read what `cargo metadata` says")
    }

    pub(super) fn members(&self) -> Vec<Member> {
        let own = self.packages.iter().filter(|package| self.workspace_members.contains(&package.id));
        own.map(|package| self.member(package)).collect()
    }

    fn member(&self, package: &Package) -> Member {
        let manifest = package.manifest_path.trim_start_matches(&self.workspace_root).trim_start_matches('/');
        let directory = Path::new(manifest).parent().map_or(String::new(), last_name);
        let mut member = Member { directory, manifest: manifest.into(), ..Member::default() };
        for dependency in package.dependencies.iter().filter(|it| it.kind.as_deref() != Some("dev")) {
            match &dependency.path {
                Some(path) => member.members.push(last_name(Path::new(path))),
                None => member.packages.push(dependency.name.clone()),
            }
        }
        member
    }
}

fn last_name(path: &Path) -> String {
    path.file_name().map_or(String::new(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_is_known_by_its_directory_and_what_it_is_built_on() {
        let json = r#"{
            "workspace_root": "/src",
            "workspace_members": ["own"],
            "packages": [
                {"id": "own", "name": "doorward-store", "license": null, "manifest_path": "/src/crates/store/Cargo.toml",
                 "dependencies": [
                    {"name": "doorward-domain", "kind": null, "path": "/src/crates/domain"},
                    {"name": "rusqlite", "kind": null},
                    {"name": "cc", "kind": "build"},
                    {"name": "tempfile", "kind": "dev"}]},
                {"id": "other", "name": "rusqlite", "license": "MIT", "manifest_path": "/else/Cargo.toml", "dependencies": []}
            ]
        }"#;
        let members = Metadata::parse(json).unwrap().members();
        let [member] = members.as_slice() else { panic!("one member") };
        assert_eq!(member.directory, "store");
        assert_eq!(member.manifest, "crates/store/Cargo.toml");
        assert_eq!(member.members, ["domain"]);
        assert_eq!(member.packages, ["rusqlite", "cc"]);
    }
}

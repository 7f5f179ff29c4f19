//! Which crate may build on which: the table `edges`, and the homes of packages from elsewhere.
//!
//! An edge that the table does not allow fails. One that it allows and nobody needs is a word of warning.

use super::{
    checkout::Checkout,
    finding::Finding,
    metadata::Member,
    rules::{self, Rules},
};

pub(super) fn check(rules: &Rules, members: &[Member], checkout: &Checkout) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in members {
        findings.extend(unexpected_members(rules, member, checkout));
        findings.extend(unexpected_packages(rules, member, checkout));
    }
    findings.extend(unused_rows(rules, members, checkout));
    findings
}

fn unexpected_members(rules: &Rules, member: &Member, checkout: &Checkout) -> Vec<Finding> {
    let Member { directory, manifest, .. } = member;
    let Some(allowed) = rules.edges.get(directory) else {
        let advice = format!("add a row for `{directory}` to `{}`", rules::PATH);
        return vec![Finding::new(manifest, 1, "edges", advice)];
    };
    let unexpected = member.members.iter().filter(|name| !allowed.contains(name));
    let report = |name: &String| {
        let advice = format!("`{directory}` may not build on `{name}`: ask through a crate that may");
        Finding::new(manifest, checkout.line_of(manifest, name), "edges", advice)
    };
    unexpected.map(report).collect()
}

fn unexpected_packages(rules: &Rules, member: &Member, checkout: &Checkout) -> Vec<Finding> {
    let Member { directory, manifest, .. } = member;
    let mut findings = Vec::new();
    for name in &member.packages {
        let Some(homes) = rules.homes.get(name) else { continue };
        if !homes.contains(directory) {
            let advice =
                format!("`{name}` is at home in {}: ask there for what it does", homes.join(" and "));
            findings.push(Finding::new(manifest, checkout.line_of(manifest, name), "homes", advice));
        }
    }
    findings
}

fn unused_rows(rules: &Rules, members: &[Member], checkout: &Checkout) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (directory, allowed) in &rules.edges {
        let line = checkout.line_of(rules::PATH, &format!("{directory} = "));
        let mut warn =
            |advice| findings.push(Finding::new(rules::PATH, line, "edges", advice).into_warning());
        let Some(member) = members.iter().find(|member| member.directory == *directory) else {
            warn(format!("no crate is called `{directory}`: drop the row"));
            continue;
        };
        for name in allowed.iter().filter(|name| !member.members.contains(name)) {
            warn(format!("`{directory}` does not build on `{name}`: drop the edge"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_member(directory: &str, members: &[&str], packages: &[&str]) -> Vec<String> {
        let rules = Rules::parse(
            "[edges]\ndomain = []\nstore = [\"domain\"]\n[homes]\nrusqlite = [\"store\"]\nanyhow = [\"a\", \"b\"]",
        );
        let member = Member {
            directory: directory.into(),
            manifest: "Cargo.toml".into(),
            members: members.iter().map(|name| (*name).into()).collect(),
            packages: packages.iter().map(|name| (*name).into()).collect(),
        };
        let checkout = Checkout::of(&[("Cargo.toml", "[dependencies]\nstore = 1\nrusqlite = 1\n")]);
        let findings = check(&rules.unwrap(), &[member], &checkout);
        findings.iter().filter(|finding| finding.fails).map(ToString::to_string).collect()
    }

    #[test]
    fn an_allowed_edge_and_a_package_at_home_pass() {
        assert!(check_member("store", &["domain"], &["rusqlite", "serde"]).is_empty());
    }

    #[test]
    fn an_edge_that_is_not_in_the_table_fails() {
        let findings = check_member("domain", &["store"], &[]);
        assert_eq!(
            findings,
            ["Cargo.toml:2: edges: `domain` may not build on `store`: ask through a crate that may"]
        );
    }

    #[test]
    fn a_package_away_from_home_fails() {
        let findings = check_member("domain", &[], &["rusqlite", "anyhow"]);
        assert_eq!(
            findings,
            [
                "Cargo.toml:3: homes: `rusqlite` is at home in store: ask there for what it does",
                "Cargo.toml:1: homes: `anyhow` is at home in a and b: ask there for what it does",
            ]
        );
    }

    #[test]
    fn a_crate_without_a_row_fails() {
        assert_eq!(check_member("extra", &[], &[]).len(), 1);
    }

    #[test]
    fn rows_and_edges_that_nobody_needs_are_a_warning() {
        let rules = Rules::parse("[edges]\ndomain = []\nstore = [\"domain\"]\ngone = []").unwrap();
        let member = |directory: &str| Member { directory: directory.into(), ..Member::default() };
        let findings = check(&rules, &[member("domain"), member("store")], &Checkout::of(&[]));
        assert!(findings.iter().all(|finding| !finding.fails));
        let advice: Vec<_> = findings.iter().map(|finding| finding.advice.as_str()).collect();
        assert_eq!(
            advice,
            ["no crate is called `gone`: drop the row", "`store` does not build on `domain`: drop the edge"]
        );
    }
}

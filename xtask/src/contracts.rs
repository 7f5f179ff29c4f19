//! `cargo xtask contracts`: every promise that a blueprint makes, the test that keeps it, and whether it passes.
//!
//! A blueprint says in `contract.toml` which promises it makes and where its security stands. A promise without a test that
//! passes, a test of a promise that was not made, and more lines of security than a blueprint may have are failures.

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use std::{collections::BTreeMap, fs, process::Command};

const BLUEPRINTS: &str = "blueprints";
/// As many lines as a blueprint's settings and calls may have, without comments and blank lines.
const MOST_LINES: usize = 150;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Contract {
    /// The guide that it keeps.
    guide: String,
    /// What its promises begin with, in lower case.
    prefix: String,
    /// How many there are: from 1 to this.
    promises: u32,
    /// The files with its settings and its calls to Doorward.
    security: Vec<String>,
}

/// Checks every blueprint.
pub(crate) fn check() -> Result<()> {
    let mut faults = Vec::new();
    for entry in fs::read_dir(BLUEPRINTS).context("there are no blueprints")? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let path = format!("{BLUEPRINTS}/{name}/contract.toml");
        let text = read(&path)?;
        let contract: Contract = toml::from_str(&text).with_context(|| format!("`{path}` cannot be read"))?;
        faults.extend(check_one(&name, &contract)?);
    }
    if faults.is_empty() { Ok(()) } else { bail!("{}", faults.join("\n")) }
}

fn check_one(name: &str, contract: &Contract) -> Result<Vec<String>> {
    println!("{name} keeps {}", contract.guide);
    let words = ["test", "--workspace", "--locked", "--no-fail-fast", "--test", "it", "--", &contract.prefix];
    let output = Command::new("cargo").args(words).env("RUST_BACKTRACE", "0").output();
    let output = output.context("cannot run the tests")?;
    let tests = outcomes(&String::from_utf8_lossy(&output.stdout), &contract.prefix);
    let mut faults = table(contract, &tests);
    let mut lines = 0;
    for file in &contract.security {
        lines += code_lines(&read(&format!("{BLUEPRINTS}/{name}/{file}"))?);
    }
    println!("{lines} lines of security, fewer than {MOST_LINES} are asked for\n");
    if lines >= MOST_LINES {
        faults.push(format!("{name}: {lines} lines of security are too many: {MOST_LINES} at most"));
    }
    Ok(faults)
}

/// Prints promise, test and outcome; answers what is wrong.
fn table(contract: &Contract, tests: &BTreeMap<u32, Vec<(String, bool)>>) -> Vec<String> {
    let mut faults = Vec::new();
    for number in 1..=contract.promises {
        let promise = format!("{}-{number:02}", contract.prefix.trim_end_matches('_').to_uppercase());
        let Some(own) = tests.get(&number) else {
            println!("{promise}  (no test)  GAP");
            faults.push(format!("{promise} has no test"));
            continue;
        };
        for (test, passed) in own {
            println!("{promise}  {test}  {}", if *passed { "passed" } else { "FAILED" });
            if !passed {
                faults.push(format!("{promise} is broken: `{test}` fails"));
            }
        }
    }
    let unknown = tests.keys().filter(|number| !(1..=contract.promises).contains(number));
    faults.extend(unknown.map(|number| format!("there is no promise {}{number:02}", contract.prefix)));
    faults
}

/// The tests whose names begin with the prefix and a number, by number.
fn outcomes(output: &str, prefix: &str) -> BTreeMap<u32, Vec<(String, bool)>> {
    let mut tests = BTreeMap::<u32, Vec<(String, bool)>>::new();
    for line in output.lines() {
        let Some((path, outcome)) = line.strip_prefix("test ").and_then(|rest| rest.split_once(" ... "))
        else {
            continue;
        };
        let name = path.rsplit("::").next().unwrap_or(path);
        let number = name.strip_prefix(prefix).and_then(|rest| rest.split('_').next()?.parse().ok());
        if let Some(number) = number {
            tests.entry(number).or_default().push((name.to_owned(), outcome == "ok"));
        }
    }
    tests
}

fn read(path: &str) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read `{path}`"))
}

/// Lines that are neither blank nor a comment.
fn code_lines(text: &str) -> usize {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("//")).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contract() -> Contract {
        Contract { guide: String::new(), prefix: "fb_".into(), promises: 2, security: Vec::new() }
    }

    #[test]
    fn a_promise_without_a_test_or_with_one_that_fails_is_a_fault() {
        let output = "test a::fb_01_holds ... ok\ntest b::fb_02_breaks ... FAILED\ntest c::other ... ok\n";
        let tests = outcomes(output, "fb_");
        assert_eq!(table(&contract(), &tests), ["FB-02 is broken: `fb_02_breaks` fails"]);
        assert_eq!(table(&contract(), &outcomes("test fb_01_holds ... ok", "fb_")), ["FB-02 has no test"]);
        let beyond = outcomes(&format!("{output}test fb_03_more ... ok"), "fb_");
        assert!(table(&contract(), &beyond).contains(&"there is no promise fb_03".to_owned()));
    }

    #[test]
    fn comments_and_blank_lines_are_no_lines_of_security() {
        assert_eq!(code_lines("//! Docs.\n\n/// More.\nfn f() {\n    // Why.\n    g();\n}\n"), 3);
    }
}

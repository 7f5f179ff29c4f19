//! What the steps are: those that every checkout has, then the end-to-end steps that `tests/e2e.toml` lists.

use crate::{run, setup, tidy};
use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use std::{collections::BTreeSet, fs};

const END_TO_END: &str = "tests/e2e.toml";

pub(super) struct Step {
    /// What `--only` takes.
    pub(super) name: String,
    pub(super) why: String,
    pub(super) work: Work,
    /// Whether another step may run meanwhile.
    pub(super) beside: bool,
}

pub(super) enum Work {
    Chore(fn() -> Result<()>),
    /// A program and its arguments.
    Program(Vec<String>),
}

impl Step {
    fn chore(name: &str, why: &str, chore: fn() -> Result<()>) -> Self {
        Self { name: name.into(), why: why.into(), work: Work::Chore(chore), beside: false }
    }

    /// A step whose `line` is split at its spaces.
    pub(super) fn program(name: &str, why: &str, line: &str) -> Self {
        let words = line.split(' ').map(String::from).collect();
        Self { name: name.into(), why: why.into(), work: Work::Program(words), beside: false }
    }
}

impl Work {
    pub(super) fn run(&self) -> Result<()> {
        match self {
            Self::Chore(chore) => chore(),
            Self::Program(words) => run::show(&mut run::command(words)?),
        }
    }

    /// The same, but for what a program writes: that is handed back.
    pub(super) fn run_quietly(&self) -> (String, Result<()>) {
        match self {
            Self::Chore(chore) => (String::new(), chore()),
            Self::Program(words) => run::command(words)
                .map_or_else(|error| (String::new(), Err(error)), |mut command| run::overhear(&mut command)),
        }
    }
}

/// All steps in the order they run.
pub(super) fn all() -> Result<Vec<Step>> {
    let text = fs::read_to_string(END_TO_END).with_context(|| format!("cannot read `{END_TO_END}`"))?;
    let end_to_end = parse(&text).with_context(|| format!("`{END_TO_END}` is not as it describes itself"))?;
    if end_to_end.is_empty() {
        println!("no end-to-end steps");
    }
    let mut steps = everywhere();
    steps.extend(end_to_end);
    let mut names = BTreeSet::new();
    for step in &steps {
        if !names.insert(&step.name) {
            bail!("two steps are called `{}`", step.name);
        }
    }
    Ok(steps)
}

fn everywhere() -> Vec<Step> {
    const CLIPPY: &str = "cargo clippy --workspace --all-targets --locked -- -D warnings";
    const DOCS: &str = "env RUSTDOCFLAGS=-Dwarnings cargo doc --workspace --no-deps --locked";
    // As the tests build it: built with other features, Cedar and much else would be compiled once more.
    const BUILD: &str = "cargo test --workspace --locked --no-run";
    vec![
        Step::chore("setup", "what the tests need is installed", setup::install),
        Step::program("format", "the code looks as rustfmt writes it", "cargo fmt --all --check"),
        Step::program("clippy", "no lint has anything to say", CLIPPY),
        Step::program("docs", "the documentation has no broken link", DOCS),
        Step::program("tests", "the crates do what they promise", "cargo test --workspace --locked"),
        Step::chore("tidy", "the rules of the house are kept", tidy::check),
        Step::program(
            "build",
            "the end-to-end steps drive the program that the tests were built with",
            BUILD,
        ),
    ]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EndToEnd {
    #[serde(default)]
    step: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    name: String,
    why: String,
    run: Vec<String>,
    #[serde(default)]
    beside: bool,
}

fn parse(text: &str) -> Result<Vec<Step>> {
    let listed = toml::from_str::<EndToEnd>(text)?.step;
    Ok(listed
        .into_iter()
        .map(|Listed { name, why, run, beside }| Step { name, why, work: Work::Program(run), beside })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listed_step_keeps_its_words() {
        let steps =
            parse("[[step]]\nname = \"browser\"\nwhy = \"it must work\"\nrun = [\"node\", \"a b\"]").unwrap();
        let [step] = steps.as_slice() else { panic!("one step") };
        assert_eq!((step.name.as_str(), step.why.as_str()), ("browser", "it must work"));
        assert!(matches!(&step.work, Work::Program(words) if words == &["node", "a b"]));
    }

    #[test]
    fn a_list_may_be_empty_but_not_misspelt() {
        assert!(parse("# nothing yet\n").unwrap().is_empty());
        assert!(parse("steps = []").is_err());
        assert!(parse("[[step]]\nname = \"browser\"\nwhy = \"it must work\"").is_err());
    }

    #[test]
    fn a_step_without_a_program_fails() {
        assert!(Work::Program(vec![]).run().is_err());
    }
}

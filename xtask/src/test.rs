//! `cargo xtask test`: every check that a change must pass, one after the other, up to the first that fails.
//!
//! The last line of the output counts the steps, alone: `12 passed, 0 failed`.

mod steps;

use anyhow::{Context as _, Result};
use std::{
    process::ExitCode,
    time::{Duration, Instant},
};
use steps::Step;

/// Runs all steps.
pub(crate) fn all() -> Result<ExitCode> {
    Ok(run(&steps::all()?))
}

/// Runs the step called `name`, and nothing before it.
pub(crate) fn only(name: &str) -> Result<ExitCode> {
    let steps = steps::all()?;
    let names: Vec<_> = steps.iter().map(|step| step.name.as_str()).collect();
    let chosen = names.iter().position(|known| *known == name);
    let step = chosen.and_then(|place| steps.get(place));
    let step = step.with_context(|| format!("no step is called `{name}`; there are {}", names.join(", ")))?;
    Ok(run(std::slice::from_ref(step)))
}

struct Outcome<'a> {
    step: &'a Step,
    time: Duration,
    passed: bool,
}

fn run(steps: &[Step]) -> ExitCode {
    let outcomes = run_to_failure(steps);
    for Outcome { step, time, passed } in &outcomes {
        println!("{:<24} {:>7.1} s  {}", step.name, time.as_secs_f64(), verdict(*passed));
    }
    let failed = outcomes.iter().filter(|outcome| !outcome.passed).count();
    println!("{} passed, {failed} failed", outcomes.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run_to_failure(steps: &[Step]) -> Vec<Outcome<'_>> {
    let mut outcomes = Vec::new();
    for step in steps {
        let outcome = run_step(step);
        let passed = outcome.passed;
        outcomes.push(outcome);
        if !passed {
            break;
        }
    }
    outcomes
}

#[expect(clippy::disallowed_methods, reason = "how long a step took is said to a person and decides nothing")]
fn run_step(step: &Step) -> Outcome<'_> {
    println!("== {} == {}", step.name, step.why);
    let start = Instant::now();
    let result = step.work.run();
    let time = start.elapsed();
    if let Err(error) = &result {
        println!("{error:#}");
    }
    println!("== {} == {} after {:.1} s\n", step.name, verdict(result.is_ok()), time.as_secs_f64());
    Outcome { step, time, passed: result.is_ok() }
}

const fn verdict(passed: bool) -> &'static str {
    if passed { "passed" } else { "failed" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_runs_after_the_first_failure() {
        let steps = ["true", "false", "true"].map(|name| Step::program(name, "a try", name));
        let passed: Vec<_> = run_to_failure(&steps).iter().map(|outcome| outcome.passed).collect();
        assert_eq!(passed, [true, false]);
    }

    #[test]
    fn a_missing_program_is_a_failure() {
        let step = Step::program("missing", "a try", "no-such-program");
        assert!(!run_step(&step).passed);
    }
}

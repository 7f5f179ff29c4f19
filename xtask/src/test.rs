//! `cargo xtask test`: every check that a change must pass, one after the other, up to the first that fails.
//!
//! The last line of the output counts the steps, alone: `12 passed, 0 failed`.

mod steps;

use anyhow::{Context as _, Result};
use std::{
    process::ExitCode,
    slice,
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
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
    for group in steps.chunk_by(|one, next| one.beside && next.beside) {
        match group {
            [step] => outcomes.push(run_step(step)),
            several => outcomes.extend(run_beside(several)),
        }
        if outcomes.iter().any(|outcome| !outcome.passed) {
            break;
        }
    }
    outcomes
}

/// Runs two steps at a time, in their order, and begins no more after a failure. What each wrote is shown when it has ended.
fn run_beside(steps: &[Step]) -> Vec<Outcome<'_>> {
    let (waiting, outcomes) = (Mutex::new(steps.iter()), Mutex::new(Vec::new()));
    let work = || {
        while let Some(step) = next(&waiting) {
            let outcome = run_quietly(step);
            if !outcome.passed {
                *lock(&waiting) = [].iter();
            }
            lock(&outcomes).push(outcome);
        }
    };
    thread::scope(|scope| {
        scope.spawn(work);
        work();
    });
    outcomes.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn next<'a>(waiting: &Mutex<slice::Iter<'a, Step>>) -> Option<&'a Step> {
    lock(waiting).next()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[expect(clippy::disallowed_methods, reason = "how long a step took is said to a person and decides nothing")]
fn run_quietly(step: &Step) -> Outcome<'_> {
    let start = Instant::now();
    let (written, result) = step.work.run_quietly();
    tell(step, &written, &result, start.elapsed())
}

/// Shows all of a step that has ended, at once.
fn tell<'a>(step: &'a Step, written: &str, result: &Result<()>, time: Duration) -> Outcome<'a> {
    let error = result.as_ref().err().map(|error| format!("{error:#}\n")).unwrap_or_default();
    let (name, verdict) = (&step.name, verdict(result.is_ok()));
    let seconds = time.as_secs_f64();
    println!("== {name} == {}\n{written}{error}== {name} == {verdict} after {seconds:.1} s\n", step.why);
    Outcome { step, time, passed: result.is_ok() }
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
    fn of_steps_beside_each_other_all_run_and_none_begins_after_a_failure() {
        let beside = |name: &str| Step { beside: true, ..Step::program(name, "a try", name) };
        let all = ["true", "true", "true"].map(beside);
        assert_eq!(run_to_failure(&all).len(), 3);
        let names = ["false", "false", "true", "true", "true"].map(beside);
        let outcomes = run_to_failure(&names);
        assert!(outcomes.len() <= 3 && outcomes.iter().any(|outcome| !outcome.passed), "{}", outcomes.len());
    }

    #[test]
    fn a_missing_program_is_a_failure() {
        let step = Step::program("missing", "a try", "no-such-program");
        assert!(!run_step(&step).passed);
    }
}

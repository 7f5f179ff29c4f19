//! One run of `wrk`: 32 connections from two threads, and what it counted.

use super::{door::APP, visitor::Visitor};
use crate::run;
use anyhow::{Context as _, Result, ensure};
use std::process::Command;

/// What is asked again and again.
pub(super) struct Target {
    pub(super) port: u16,
    /// What every answer must have.
    pub(super) status: u16,
    /// Header fields, as `Name: value`.
    pub(super) fields: Vec<String>,
}

/// What `wrk` counted.
#[derive(Debug, PartialEq)]
pub(super) struct Load {
    /// Answers per second.
    pub(super) rate: f64,
    /// The latency, in milliseconds, that half of the answers kept to.
    pub(super) p50: f64,
    /// The latency, in milliseconds, that 99 of 100 answers kept to.
    pub(super) p99: f64,
    answers: u64,
    refusals: u64,
}

impl Target {
    /// Asks once, and fails unless the answer is the one that is to be measured.
    pub(super) fn check(&self) -> Result<()> {
        let fields: Vec<_> =
            self.fields.iter().filter(|field| !field.starts_with("Host:")).cloned().collect();
        let answer = Visitor::new(self.port).ask("GET /", APP, &fields, "")?;
        let Target { port, status, .. } = self;
        ensure!(answer.status == *status, "port {port} answered {} instead of {status}", answer.status);
        ensure!(
            *status != 200 || answer.body == "hello\n",
            "port {port} answered for the app: {}",
            answer.body
        );
        Ok(())
    }

    /// Asks for so many seconds, and fails unless all answers are of the one kind.
    pub(super) fn measure(&self, seconds: u32) -> Result<Load> {
        let mut wrk = Command::new("wrk");
        wrk.args(["--threads=2", "--connections=32", "--latency", &format!("--duration={seconds}s")]);
        wrk.args(self.fields.iter().flat_map(|field| ["--header", field]));
        let text = run::read(wrk.arg(format!("http://127.0.0.1:{}/", self.port)))?;
        let load = Load::parse(&text).with_context(|| format!("`wrk` wrote:\n{text}"))?;
        let refusals = if self.status == 200 { 0 } else { load.answers };
        ensure!(load.refusals == refusals, "port {} answered otherwise than before:\n{text}", self.port);
        Ok(load)
    }
}

impl Load {
    fn parse(text: &str) -> Result<Self> {
        ensure!(!text.contains("Socket errors"), "connections failed");
        let lines = || text.lines().map(str::trim);
        let after = |start| lines().find_map(|line| Some(line.strip_prefix(start)?.trim()));
        let refusals = after("Non-2xx or 3xx responses:").map_or(Ok(0), str::parse)?;
        let answers = lines().find_map(|line| Some(line.split_once(" requests in ")?.0));
        Ok(Self {
            rate: after("Requests/sec:").context("no rate")?.parse()?,
            p50: milliseconds(after("50%").context("no median")?)?,
            p99: milliseconds(after("99%").context("no 99th percentile")?)?,
            answers: answers.context("no count")?.parse()?,
            refusals,
        })
    }
}

/// A time as `wrk` writes it, such as `635.00us`.
fn milliseconds(text: &str) -> Result<f64> {
    let unit = text.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
    let factor = match unit {
        "us" => 0.001,
        "ms" => 1.0,
        "s" => 1000.0,
        _ => anyhow::bail!("`{text}` is no time"),
    };
    Ok(text.trim_end_matches(unit).parse::<f64>()? * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Running 5s test @ http://127.0.0.1:8080/
  2 threads and 32 connections
  Latency Distribution
     50%  500.00us
     75%    1.00ms
     99%    1.25ms
  1200 requests in 5.00s, 1.20MB read
Requests/sec:    240.50
";

    #[test]
    fn the_figures_are_read() {
        let load = Load { rate: 240.5, p50: 0.5, p99: 1.25, answers: 1200, refusals: 0 };
        assert_eq!(Load::parse(TEXT).unwrap(), load);
        let refused = TEXT.replace("Requests/sec", "  Non-2xx or 3xx responses: 1200\nRequests/sec");
        assert_eq!(Load::parse(&refused).unwrap(), Load { refusals: 1200, ..load });
    }

    #[test]
    fn failed_connections_are_no_figure() {
        assert!(
            Load::parse(&format!("{TEXT}  Socket errors: connect 0, read 3, write 0, timeout 0\n")).is_err()
        );
    }
}

//! The figures in Prometheus's text format.

use super::{Figures, OfApp};
use std::{
    fmt::{Result, Write},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use web::Desk;

impl web::Figures for Figures {
    fn text(&self, desk: &Desk) -> String {
        self.forget(|app| desk.access.has_app(app));
        let mut out = String::new();
        // Writing to a `String` does not fail.
        self.write(desk, &mut out).map(|()| out).unwrap_or_default()
    }
}

impl Figures {
    fn write(&self, desk: &Desk, out: &mut String) -> Result {
        self.write_process(out)?;
        self.write_requests(out)?;
        self.write_open(out)?;
        write_house(desk, out)?;
        let dropped = self.dropped_lines();
        single(out, COUNTER, "doorward_access_log_dropped_total", "Lines that the access log lost.", dropped)
    }

    fn write_process(&self, out: &mut String) -> Result {
        let start = Duration::from_micros(u64::try_from(self.started.micros()).unwrap_or(0)).as_secs_f64();
        single(out, GAUGE, "process_start_time_seconds", "When the program started, since 1970.", start)?;
        family(out, GAUGE, "doorward_build_info", "The program's version; always 1.")?;
        writeln!(out, "doorward_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"))
    }

    fn write_requests(&self, out: &mut String) -> Result {
        let apps = self.apps.load();
        let mut all: Vec<&OfApp> = apps.values().map(Arc::as_ref).chain([&self.nobody]).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        family(out, COUNTER, "doorward_requests_total", "Requests that are over.")?;
        for app in &all {
            let mut counts: Vec<_> = app.requests.each().collect();
            counts.sort_unstable();
            for ((outcome, class), count) in counts {
                let labels = format!("{},outcome=\"{outcome}\",status_class=\"{class}\"", label(app));
                writeln!(out, "doorward_requests_total{{{labels}}} {count}")?;
            }
        }
        family(out, COUNTER, "doorward_upstream_errors_total", "Requests that an app failed to answer.")?;
        for app in &all {
            for ((kind, _), count) in app.failures.each() {
                writeln!(out, "doorward_upstream_errors_total{{{},kind=\"{kind}\"}} {count}", label(app))?;
            }
        }
        let name = "doorward_request_duration_seconds";
        family(out, HISTOGRAM, name, "From a request's head to its answer's end, tunnels apart.")?;
        all.iter().try_for_each(|app| app.duration.write(out, name, &label(app)))?;
        let name = "doorward_door_seconds";
        family(out, HISTOGRAM, name, "From a request's head to its answer's, less the wait for the app.")?;
        all.iter().try_for_each(|app| app.door.write(out, name, &label(app)))
    }

    fn write_open(&self, out: &mut String) -> Result {
        let connections = self.connections.load(Ordering::Relaxed);
        single(out, GAUGE, "doorward_connections", "Connections of clients that speak HTTP.", connections)?;
        let tunnels = self.tunnels.load(Ordering::Relaxed);
        single(out, GAUGE, "doorward_tunnels", "Connections that have become tunnels.", tunnels)
    }
}

/// What other rooms of the house count.
fn write_house(desk: &Desk, out: &mut String) -> Result {
    family(out, COUNTER, "doorward_sign_ins_total", "Tries to sign in with a password.")?;
    for (outcome, count) in desk.house.sign_in_counts().by_outcome() {
        writeln!(out, "doorward_sign_ins_total{{outcome=\"{outcome}\"}} {count}")?;
    }
    let (hits, misses) = desk.access.lookups();
    let help = "Credentials whose owner was known from the cache, or had to be looked up.";
    family(out, COUNTER, "doorward_credential_lookups_total", help)?;
    for (result, count) in [("hit", hits), ("miss", misses)] {
        writeln!(out, "doorward_credential_lookups_total{{result=\"{result}\"}} {count}")?;
    }
    let waiting = desk.house.passwords_waiting();
    single(out, GAUGE, "doorward_password_queue", "Passwords that wait to be hashed.", waiting)?;
    let (waiting, overflowed) = desk.house.door().refusals().load();
    single(out, GAUGE, "doorward_audit_queue", "Denials and failures that wait to be logged.", waiting)?;
    let help = "Denials and failures that are in the audit log as a number alone.";
    single(out, COUNTER, "doorward_audit_overflow_total", help, overflowed)
}

const COUNTER: &str = "counter";
const GAUGE: &str = "gauge";
const HISTOGRAM: &str = "histogram";

fn family(out: &mut String, kind: &str, name: &str, help: &str) -> Result {
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}")
}

fn single(out: &mut String, kind: &str, name: &str, help: &str, value: impl std::fmt::Display) -> Result {
    family(out, kind, name, help)?;
    writeln!(out, "{name} {value}")
}

/// Names of apps are lower-case letters, digits and hyphens: nothing in them has to be escaped.
fn label(app: &OfApp) -> String {
    format!("app=\"{}\"", app.name)
}

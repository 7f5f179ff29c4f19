//! What a server needs for so many people: processor time for each thing that they do, and memory for what is remembered of
//! them.

use super::{
    door::{self, APP},
    load::Target,
    server::Server,
    table,
};
use anyhow::{Context as _, Result};
use std::{fs, thread, time::Duration};

const SECONDS: u32 = 10;
const SIGN_INS: u32 = 100;
const SESSIONS: u32 = 20_000;
/// Of what the table tells the memory for.
const TOLD: u32 = 100_000;
/// How many clock ticks of processor time `/proc` counts in a second, on every Linux that Debian has.
const TICKS: f64 = 100.0;

pub(super) fn measure() -> Result<()> {
    let app = Server::of_ours("hello", &[])?;
    let door =
        door::start(&["protect", &format!("http://{}", app.address()), "--name", "hello", "--host", APP])?;
    let mut rows = vec![check(&door)?];
    rows.push(sign_in(&door)?);
    rows.push(sessions(&door)?);
    println!("{}", table::markdown(["what", "figure"], rows));
    Ok(())
}

/// A request by session through the gateway, which decides, tells the app who asks and passes it on.
fn check(door: &Server) -> Result<[String; 2]> {
    let session = door::session(&mut door::sign_in(door)?)?;
    let fields = vec![format!("Host: {APP}:{}", door.port), session];
    let target = Target { port: door.port, status: 200, fields };
    target.check()?;
    let before = processor(door)?;
    let answers = target.measure(SECONDS)?.rate * f64::from(SECONDS);
    let spent = (processor(door)? - before) / answers;
    Ok(["request through the gateway, µs of a core".to_owned(), format!("{:.0}", spent * 1e6)])
}

fn sign_in(door: &Server) -> Result<[String; 2]> {
    let before = processor(door)?;
    for _ in 0..SIGN_INS {
        door::sign_in(door)?;
    }
    let spent = (processor(door)? - before) / f64::from(SIGN_INS);
    Ok(["sign-in with a password, µs of a core".to_owned(), format!("{:.0}", spent * 1e6)])
}

/// Sessions at an app, each of which was used once, so that all is known of them.
fn sessions(door: &Server) -> Result<[String; 2]> {
    let mut visitor = door::sign_in(door)?;
    door::session(&mut visitor)?;
    thread::sleep(Duration::from_secs(2));
    let before = memory(door)?;
    for _ in 0..SESSIONS {
        visitor.forget(APP);
        door::session(&mut visitor)?;
    }
    let each = (memory(door)? - before) / f64::from(SESSIONS);
    Ok([format!("{TOLD} sessions in use, MB"), format!("{:.0}", each * f64::from(TOLD) / 1e6)])
}

/// Seconds of processor time that a server has used.
fn processor(server: &Server) -> Result<f64> {
    let path = format!("/proc/{}/stat", server.id());
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read `{path}`"))?;
    // The second field is a name in brackets; of those behind it the 12th and 13th are the times.
    let behind = text.rsplit_once(") ").context("no name")?.1;
    let times = behind.split(' ').skip(11).take(2).map(str::parse::<f64>);
    Ok(times.sum::<Result<f64, _>>()? / TICKS)
}

/// Resident memory of a server, in bytes.
fn memory(server: &Server) -> Result<f64> {
    let path = format!("/proc/{}/status", server.id());
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read `{path}`"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no such field")?;
    Ok(line.trim_end_matches("kB").trim().parse::<f64>()? * 1024.0)
}

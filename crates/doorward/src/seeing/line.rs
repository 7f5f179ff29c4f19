//! One line of the access log: a JSON object with the same fields in every line.
//!
//! SECURITY: no query, cookie, token or other field value is here. What a client has chosen is printable ASCII and
//! inside a JSON text, so that nobody forges a line.

use domain::{Proof, Time};
use gateway::Seen;
use serde::Serialize;
use std::{net::IpAddr, time::Duration};

const LONGEST_METHOD: usize = 32;

#[derive(Serialize)]
struct Line<'a> {
    time: Time,
    request: &'a str,
    trace: Option<&'a str>,
    client: IpAddr,
    method: &'a str,
    host: Option<&'a str>,
    path: Option<&'a str>,
    protocol: &'static str,
    app: Option<&'a str>,
    user: Option<&'a str>,
    credential: Option<String>,
    outcome: &'static str,
    status: Option<u16>,
    bytes_in: u64,
    bytes_out: u64,
    duration_ms: f64,
    door_ms: f64,
    upstream: Option<String>,
}

/// Adds the line to `out`.
pub(super) fn write(out: &mut Vec<u8>, time: Time, seen: &Seen) {
    let (words, who) = (seen.words.as_ref(), seen.snapshot.as_ref());
    let line = Line {
        time,
        request: seen.id.as_str(),
        trace: words.and_then(|words| words.trace.as_deref()),
        client: seen.client,
        method: seen.method.as_str().get(..LONGEST_METHOD).unwrap_or(seen.method.as_str()),
        host: words.map(|words| words.host.as_str()),
        path: words.map(|words| words.path.as_str()),
        protocol: protocol(seen.version),
        app: seen.route.as_ref().map(|route| route.app.name.as_str()),
        user: who.map(|who| who.handle.as_str()),
        credential: who.map(|who| who.proof).filter(|proof| *proof != Proof::None).map(|proof| proof.label()),
        outcome: seen.outcome.code(),
        status: seen.status.map(|status| status.as_u16()),
        bytes_in: seen.bytes_in,
        bytes_out: seen.bytes_out,
        duration_ms: milliseconds(seen.duration),
        door_ms: milliseconds(seen.door),
        upstream: seen.place().map(ToString::to_string),
    };
    let begin = out.len();
    match serde_json::to_writer(&mut *out, &line) {
        Ok(()) => out.push(b'\n'),
        Err(_) => out.truncate(begin),
    }
}

fn protocol(version: http::Version) -> &'static str {
    match version {
        http::Version::HTTP_09 => "HTTP/0.9",
        http::Version::HTTP_10 => "HTTP/1.0",
        http::Version::HTTP_2 => "HTTP/2",
        http::Version::HTTP_3 => "HTTP/3",
        _ => "HTTP/1.1",
    }
}

/// To the microsecond.
fn milliseconds(span: Duration) -> f64 {
    (span.as_secs_f64() * 1e6).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::milliseconds;
    use std::time::Duration;

    #[test]
    fn spans_are_written_to_the_microsecond() {
        assert_eq!(milliseconds(Duration::from_nanos(1_234_567)).to_string(), "1.235");
        assert_eq!(milliseconds(Duration::from_hours(3)).to_string(), "10800000");
    }
}

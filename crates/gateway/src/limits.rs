//! How much of everything a client or an app may take. Each has a default that suits a small server.

use std::time::Duration;

/// How much of everything a client or an app may take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Client connections at once, tunnels included; more wait in the listener's queue.
    pub connections: usize,
    /// The same of one IPv4 address or IPv6 /64, requests beside each other on one connection included.
    pub network_connections: usize,
    /// Requests at once on one connection.
    pub streams: u32,
    /// How long the TLS handshake may take.
    pub handshake_time: Duration,
    /// Header fields of one request.
    pub header_fields: usize,
    /// Bytes of one request's head, at least 8192; and of an answer's.
    pub header_bytes: usize,
    /// How long a client may take over a request's head, and how long its connection may lie idle.
    pub header_time: Duration,
    /// Bytes of one request's body; `None` leaves it to the app.
    pub body_bytes: Option<u64>,
    /// How long connecting to an app may take, over all its addresses.
    pub connect_time: Duration,
    /// How long an app may leave a request without an answer while no byte of the body moves either.
    pub answer_time: Duration,
    /// How long an app may leave an answer of known length where it is. One of unknown length may be a stream
    /// of events: it goes on for as long as its client is there.
    pub stall_time: Duration,
    /// How long a client may take no byte of an answer that waits for it.
    pub write_time: Duration,
    /// How long a client that has closed its side, or gone, is still held to want an answer of which nothing comes.
    pub half_closed_time: Duration,
    /// How long the rest of a request is still read that its app has answered already.
    pub linger_time: Duration,
    /// Idle connections kept to one place of an app.
    pub idle_connections: usize,
    /// How long an idle connection to an app is kept at least; twice as long at most.
    pub idle_time: Duration,
    /// How long a tunnel may lie idle at least; twice as long at most.
    pub tunnel_idle_time: Duration,
    /// How long requests and tunnels under way may go on after the shutdown began.
    pub drain_time: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            network_connections: 256,
            streams: 100,
            handshake_time: Duration::from_secs(10),
            header_fields: 100,
            header_bytes: 64 * 1024,
            header_time: Duration::from_secs(10),
            body_bytes: None,
            connect_time: Duration::from_secs(5),
            answer_time: Duration::from_mins(1),
            stall_time: Duration::from_mins(5),
            write_time: Duration::from_mins(1),
            half_closed_time: Duration::from_secs(30),
            linger_time: Duration::from_secs(5),
            idle_connections: 64,
            idle_time: Duration::from_secs(30),
            tunnel_idle_time: Duration::from_hours(1),
            drain_time: Duration::from_secs(10),
        }
    }
}

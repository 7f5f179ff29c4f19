//! A wire to PostgreSQL that can be cut at the worst moment.

use crate::cluster::Cluster;
use doorward_store::PostgresAddress;
use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// When the wire breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// Not at all.
    Never,
    /// Once: a commit does not reach the server.
    BeforeCommit,
    /// Once: the server commits, and its answer is lost.
    AfterCommit,
    /// The answer to a commit is the last that comes through.
    AfterAnswer,
    /// The server commits, and nothing comes through any more.
    AtCommitForGood,
    /// Nothing comes through, and nobody may connect.
    Now,
}

/// Where the wire begins, and when it breaks.
pub(crate) struct Wire {
    port: u16,
    cut: Arc<Mutex<Cut>>,
}

impl Wire {
    /// A wire to the suite's server.
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let cut = Arc::new(Mutex::new(Cut::Never));
        let state = Arc::clone(&cut);
        thread::spawn(move || {
            for client in listener.incoming().map(Result::unwrap) {
                if *state.lock().unwrap() != Cut::Now {
                    connect(client, &state);
                }
            }
        });
        Self { port, cut }
    }

    /// A database of this name, over the wire.
    pub(crate) fn address(&self, database: &str) -> PostgresAddress {
        let password = &Cluster::running().password;
        format!("postgresql://postgres:{password}@127.0.0.1:{}/{database}", self.port).parse().unwrap()
    }

    pub(crate) fn cut(&self, cut: Cut) {
        *self.cut.lock().unwrap() = cut;
    }
}

fn connect(client: TcpStream, state: &Arc<Mutex<Cut>>) {
    let server = TcpStream::connect(("127.0.0.1", Cluster::running().port)).unwrap();
    let ends = Arc::new((client, server));
    // Whether the next answer is the last, and whether it still comes through.
    let last = Arc::new(Mutex::new(None::<bool>));
    let (there, state, armed) = (Arc::clone(&ends), Arc::clone(state), Arc::clone(&last));
    thread::spawn(move || {
        pump(&there, (&there.0, &there.1), |bytes| {
            let mut cut = state.lock().unwrap();
            if !bytes.windows(7).any(|window| window == b"COMMIT\0") {
                return Pass { on: *cut != Cut::Now, more: true };
            }
            let (next, through, answer) = match *cut {
                Cut::BeforeCommit => (Cut::Never, false, None),
                Cut::AfterCommit => (Cut::Never, true, Some(false)),
                Cut::AfterAnswer => (Cut::Now, true, Some(true)),
                Cut::AtCommitForGood => (Cut::Now, true, Some(false)),
                Cut::Now => (Cut::Now, false, None),
                Cut::Never => (Cut::Never, true, None),
            };
            (*cut, *armed.lock().unwrap()) = (next, answer);
            Pass { on: through, more: true }
        });
    });
    thread::spawn(move || {
        pump(&ends, (&ends.1, &ends.0), |_| {
            let last = *last.lock().unwrap();
            Pass { on: last != Some(false), more: last.is_none() }
        });
    });
}

/// Whether bytes come through, and whether any come after them.
struct Pass {
    on: bool,
    more: bool,
}

/// Carries bytes one way, for as long as they come through.
fn pump(ends: &(TcpStream, TcpStream), way: (&TcpStream, &TcpStream), mut pass: impl FnMut(&[u8]) -> Pass) {
    let (mut from, mut to) = way;
    let mut buffer = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let bytes = buffer.get(..length).unwrap();
        let pass = pass(bytes);
        if (pass.on && to.write_all(bytes).is_err()) || !pass.on || !pass.more {
            break;
        }
    }
    for end in [&ends.0, &ends.1] {
        end.shutdown(Shutdown::Both).ok();
    }
}

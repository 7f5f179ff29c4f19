//! A wire to PostgreSQL that can be cut at the worst moment.

use crate::cluster::Cluster;
use doorward_store::PostgresAddress;
use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
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
    /// The answer to a commit comes through, and nothing that is said then.
    AfterAnswer,
    /// The server commits, and nothing comes through any more.
    AtCommitForGood,
    /// Nothing comes through, and nobody may connect.
    Now,
    /// All but the doorbell comes through.
    Bell,
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
    let mute = Arc::new(AtomicBool::new(false));
    let (there, muted) = (Arc::clone(&ends), Arc::clone(&mute));
    let (state, answered) = (Arc::clone(state), Arc::clone(state));
    thread::spawn(move || {
        pump(&there, (&there.0, &there.1), |bytes| {
            let mut cut = state.lock().unwrap();
            if !bytes.windows(7).any(|window| window == b"COMMIT\0") {
                return *cut != Cut::Now;
            }
            let (next, through, unanswered) = match *cut {
                Cut::BeforeCommit => (Cut::Never, false, false),
                Cut::AfterCommit => (Cut::Never, true, true),
                Cut::AfterAnswer => (Cut::Now, true, false),
                Cut::AtCommitForGood => (Cut::Now, true, true),
                Cut::Now => (Cut::Now, false, false),
                Cut::Never | Cut::Bell => (*cut, true, false),
            };
            *cut = next;
            muted.store(unanswered, Ordering::SeqCst);
            through
        });
    });
    thread::spawn(move || {
        pump(&ends, (&ends.1, &ends.0), |bytes| {
            if *answered.lock().unwrap() == Cut::Bell {
                silence(bytes);
            }
            !mute.load(Ordering::SeqCst)
        });
    });
}

/// Takes the doorbell's notification out: a letter, a length, a number, and what is rung for.
fn silence(bytes: &mut Vec<u8>) {
    const HEAD: usize = 9;
    const RUNG: &[u8] = b"doorward_touches\0\0";
    while let Some(place) = bytes.windows(RUNG.len()).position(|window| window == RUNG) {
        bytes.drain(place - HEAD..place + RUNG.len());
    }
}

/// Carries bytes one way, for as long as they pass.
fn pump(
    ends: &(TcpStream, TcpStream),
    way: (&TcpStream, &TcpStream),
    mut pass: impl FnMut(&mut Vec<u8>) -> bool,
) {
    let (mut from, mut to) = way;
    let mut buffer = [0; 16 * 1024];
    while let Ok(length @ 1..) = from.read(&mut buffer) {
        let mut bytes = buffer.get(..length).unwrap().to_vec();
        if !pass(&mut bytes) || to.write_all(&bytes).is_err() {
            break;
        }
    }
    for end in [&ends.0, &ends.1] {
        end.shutdown(Shutdown::Both).ok();
    }
}

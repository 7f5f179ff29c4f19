//! What goes on on a connection: whether requests are under way, and how many the client has taken back.
//!
//! SECURITY: a client that asks and takes back, as fast as it can, never has more requests open than it may, but each
//! costs work. It is cut off when it has taken back many more than it let be answered.

use super::super::Slot;
use crate::Peer;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::timeout,
};

/// A browser takes back what it has open, a hundred at most, when its reader leaves a page.
const PATIENCE: u32 = 200;

/// What goes on on a connection.
pub(super) struct Traffic {
    state: watch::Sender<State>,
    /// The connection's own slot, which one request at a time may use.
    own: Arc<Semaphore>,
    slot: Option<Arc<Slot>>,
}

struct State {
    open: usize,
    patience: u32,
}

/// One request, until the last of its answer is sent or nobody waits for it any more.
pub(super) struct Visit {
    traffic: Arc<Traffic>,
    is_answered: bool,
    room: Room,
}

/// What a request goes on in.
enum Room {
    None,
    #[expect(dead_code, reason = "it is held, and given back when dropped")]
    Own(OwnedSemaphorePermit),
    #[expect(dead_code, reason = "it is held, and given back when dropped")]
    Another(Slot),
}

impl Traffic {
    pub(super) fn new(peer: &Peer) -> Self {
        let state = watch::Sender::new(State { open: 0, patience: PATIENCE });
        Self { state, own: Arc::new(Semaphore::new(1)), slot: peer.slot.clone() }
    }

    /// A request has come.
    pub(super) fn begin(self: &Arc<Self>) -> Visit {
        self.state.send_modify(|state| state.open += 1);
        Visit { traffic: Arc::clone(self), is_answered: false, room: Room::None }
    }

    fn end(&self, is_answered: bool) {
        self.state.send_modify(|state| {
            state.open = state.open.saturating_sub(1);
            state.patience = if is_answered {
                PATIENCE.min(state.patience.saturating_add(1))
            } else {
                state.patience.saturating_sub(1)
            };
        });
    }

    /// Waits until no request was under way for `idle`, or the client has used up all patience.
    pub(super) async fn is_over(&self, idle: Duration) {
        let mut state = self.state.subscribe();
        loop {
            let is_quiet = {
                let state = state.borrow_and_update();
                if state.patience == 0 {
                    return;
                }
                state.open == 0
            };
            let changed = state.changed();
            if is_quiet {
                if timeout(idle, changed).await.is_err() {
                    return;
                }
            } else if changed.await.is_err() {
                return;
            }
        }
    }
}

impl Visit {
    /// Waits for room: that of the connection itself, or a slot more.
    pub(super) async fn enter(&mut self) {
        let Some(slot) = &self.traffic.slot else { return };
        self.room = tokio::select! {
            biased;
            own = Arc::clone(&self.traffic.own).acquire_owned() => own.map_or(Room::None, Room::Own),
            another = slot.another() => another.map_or(Room::None, Room::Another),
        };
    }

    /// The whole answer is on its way.
    pub(super) const fn is_answered(&mut self) {
        self.is_answered = true;
    }
}

impl Drop for Visit {
    fn drop(&mut self) {
        self.traffic.end(self.is_answered);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::poll;
    use std::{
        net::{Ipv4Addr, SocketAddr},
        pin::pin,
    };

    fn traffic() -> Arc<Traffic> {
        let peer = Peer::at(SocketAddr::from((Ipv4Addr::LOCALHOST, 1)));
        Arc::new(Traffic::new(&peer))
    }

    fn take_back(traffic: &Arc<Traffic>, times: u32) {
        (0..times).for_each(|_| drop(traffic.begin()));
    }

    #[tokio::test]
    async fn a_connection_lies_idle_only_while_no_request_is_under_way() {
        let traffic = traffic();
        let visit = traffic.begin();
        let mut over = pin!(traffic.is_over(Duration::ZERO));
        assert!(timeout(Duration::from_millis(20), over.as_mut()).await.is_err());
        drop(visit);
        over.await;
    }

    #[tokio::test]
    async fn who_takes_back_more_than_is_answered_is_cut_off() {
        let traffic = traffic();
        let _open = traffic.begin();
        let mut over = pin!(traffic.is_over(Duration::ZERO));
        take_back(&traffic, PATIENCE - 1);
        assert!(poll!(over.as_mut()).is_pending());
        traffic.begin().is_answered();
        take_back(&traffic, 1);
        assert!(poll!(over.as_mut()).is_pending(), "an answer makes up for one");
        take_back(&traffic, 1);
        assert!(poll!(over.as_mut()).is_ready());
    }
}

//! Where cookies lead to their sessions from: here, a Valkey of the test's own.

#[path = "../../../../tests/valkey_server.rs"]
mod server;

use doorward_identity::House;
use limits::{Shelf, Valkey};
use server::ValkeyServer;
use std::sync::{Mutex, MutexGuard};

/// The place, with what it needs.
pub(crate) struct Kept(Mutex<ValkeyServer>);

impl Kept {
    pub(crate) fn open() -> Self {
        Self(Mutex::new(ValkeyServer::start()))
    }

    /// The house with its sessions in this place.
    pub(crate) fn furnish(&self, house: House) -> House {
        house.holding_sessions(self.shelf())
    }

    /// Another way to the same place.
    pub(crate) fn shelf(&self) -> Shelf {
        Shelf::in_valkey(&Valkey::at(&self.server().url().parse().unwrap()).unwrap())
    }

    pub(crate) fn server(&self) -> MutexGuard<'_, ValkeyServer> {
        self.0.lock().unwrap()
    }
}

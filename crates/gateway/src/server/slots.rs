//! How many connections there may be: of all clients together, and of one network.
//!
//! Over HTTP/2 a connection carries many requests at once; each beyond its first takes a slot like a connection,
//! so that what is open towards the apps stays within the same number. INVARIANT: who waits for a second slot
//! holds one already on which requests go on, so that nobody waits for ever.

use crate::{Limits, TrustedProxies};
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The slots of a listener.
#[derive(Debug)]
pub(super) struct Slots {
    all: Arc<Semaphore>,
    of_one_network: usize,
    networks: Mutex<HashMap<IpAddr, Arc<Semaphore>>>,
    trusted: TrustedProxies,
}

/// Room for one connection or one request, until it is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    slots: Arc<Slots>,
    /// None where the client is a trusted proxy, which speaks for many.
    network: Option<IpAddr>,
    of_network: Option<OwnedSemaphorePermit>,
    _of_all: OwnedSemaphorePermit,
}

impl Slots {
    pub(super) fn new(limits: Limits, trusted: TrustedProxies) -> Arc<Self> {
        let all = Arc::new(Semaphore::new(limits.connections));
        let of_one_network = limits.network_connections;
        Arc::new(Self { all, of_one_network, networks: Mutex::default(), trusted })
    }

    /// Waits until there is room for one more of whomever.
    pub(super) async fn wait(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.all).acquire_owned().await.ok()
    }

    /// Gives the room to a client, unless its network has as much as one may.
    ///
    /// SECURITY: one visitor could otherwise take every slot and leave none to others.
    pub(super) fn admit(self: &Arc<Self>, of_all: OwnedSemaphorePermit, client: IpAddr) -> Option<Slot> {
        let network = (!self.trusted.contains(client)).then(|| network(client));
        let mut slot = Slot { slots: Arc::clone(self), network, of_network: None, _of_all: of_all };
        if let Some(network) = network {
            slot.of_network = Some(self.of(network).try_acquire_owned().ok()?);
        }
        Some(slot)
    }

    fn of(&self, network: IpAddr) -> Arc<Semaphore> {
        let mut networks = self.lock();
        Arc::clone(networks.entry(network).or_insert_with(|| Arc::new(Semaphore::new(self.of_one_network))))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, Arc<Semaphore>>> {
        self.networks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// Waits until the same client has room for one more: in its network first, so that who has used up that takes
    /// nothing from others while waiting.
    pub(super) async fn another(&self) -> Option<Self> {
        let of_network = match self.network {
            Some(network) => Some(self.slots.of(network).acquire_owned().await.ok()?),
            None => None,
        };
        let of_all = self.slots.wait().await?;
        Some(Self { slots: Arc::clone(&self.slots), network: self.network, of_network, _of_all: of_all })
    }
}

impl Drop for Slot {
    /// Forgets a network that has nothing here any more.
    fn drop(&mut self) {
        drop(self.of_network.take());
        let Some(network) = self.network else { return };
        let mut networks = self.slots.lock();
        if networks.get(&network).is_some_and(|slots| Arc::strong_count(slots) == 1) {
            networks.remove(&network);
        }
    }
}

/// What counts as one visitor: an IPv4 address, or the /64 that one household or server has of IPv6.
fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests;

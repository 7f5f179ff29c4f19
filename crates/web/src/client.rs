//! Where a request comes from, as the program's front found it out.

use domain::Actor;
use std::{net::IpAddr, sync::Arc};

/// Where a request comes from. The front puts it into the request's extensions; without it nothing is answered.
#[derive(Debug, Clone)]
pub struct Client {
    /// The client's address, behind any trusted proxy.
    pub address: Option<IpAddr>,
    /// The request's id.
    pub request: Arc<str>,
    /// Which door it came through.
    pub door: Door,
}

/// Which door a request came through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// The network: who it is must be proved.
    Network,
    /// The data directory or its socket: it is the local operator (`security.md` 20).
    DataDirectory,
}

impl Client {
    /// The client as nobody that we know.
    pub fn anonymous(&self) -> Actor {
        Actor::anonymous(self.address, &self.request)
    }

    /// The client as the local operator.
    pub fn local_operator(&self) -> Actor {
        Actor { address: self.address, ..Actor::local_operator(&self.request) }
    }
}

//! Where a request really comes from: the connection, or what trusted proxies say of it.
//!
//! INVARIANT: a forwarding header counts only when the connection itself comes from a trusted proxy, and then
//! only as far to the left as trusted proxies have written it.

use crate::{quota::Seat, server::Slot};
use domain::Scheme;
use http::{HeaderMap, HeaderName, header::GetAll};
use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
    sync::Arc,
};

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The other end of a connection.
#[derive(Debug, Clone)]
pub struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// Its slot among the connections, which a tunnel keeps when the connection becomes one.
    pub(crate) slot: Option<Arc<Slot>>,
    /// Its request's seat at the app, which a tunnel keeps, too.
    pub(crate) seat: Option<Arc<Seat>>,
}

impl Peer {
    /// A peer that is not counted among the server's connections.
    pub const fn at(address: SocketAddr) -> Self {
        Self { address, slot: None, seat: None }
    }
}

/// Who sent a request, behind any trusted proxies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// The client's address.
    pub address: IpAddr,
    /// How it reached the outermost proxy, where a trusted proxy says so.
    pub scheme: Option<Scheme>,
}

/// Addresses with the same first bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u32,
}

/// The text is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a network looks like `127.0.0.1`, `10.0.0.0/8` or `fd00::/8`")]
pub struct UnreadableNetwork;

impl Network {
    /// Whether `address` lies in it; IPv4 addresses in IPv6 clothes count as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                own.to_bits().checked_shr(32 - self.prefix) == other.to_bits().checked_shr(32 - self.prefix)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                own.to_bits().checked_shr(128 - self.prefix) == other.to_bits().checked_shr(128 - self.prefix)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl FromStr for Network {
    type Err = UnreadableNetwork;

    fn from_str(text: &str) -> Result<Self, UnreadableNetwork> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| UnreadableNetwork)?;
        let widest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.map_or(Ok(widest), str::parse).map_err(|_| UnreadableNetwork)?;
        if prefix > widest { Err(UnreadableNetwork) } else { Ok(Self { address, prefix }) }
    }
}

/// The proxies whose forwarding headers are believed. None by default.
#[derive(Debug, Clone, Default)]
pub struct TrustedProxies(Vec<Network>);

impl TrustedProxies {
    /// Believes every proxy in `networks`.
    pub const fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    /// Whether `address` is one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// Who sent a request that came from `peer` with `headers`.
    pub fn client(&self, peer: SocketAddr, headers: &HeaderMap) -> Client {
        let peer = peer.ip().to_canonical();
        if !self.contains(peer) {
            return Client { address: peer, scheme: None };
        }
        let address = self.furthest(peer, headers.get_all(FORWARDED_FOR));
        Client { address, scheme: scheme(headers.get_all(FORWARDED_PROTO)) }
    }

    // SECURITY: a client may begin `X-Forwarded-For` with any address; proxies append, so it is read from the
    // right, and nothing left of the first address that is no trusted proxy's counts.
    fn furthest(&self, peer: IpAddr, fields: GetAll<'_, http::HeaderValue>) -> IpAddr {
        let mut nearest = peer;
        for field in fields.iter().rev() {
            for hop in field.to_str().unwrap_or_default().rsplit(',') {
                let Some(hop) = address(hop.trim()) else { return nearest };
                nearest = hop;
                if !self.contains(hop) {
                    return nearest;
                }
            }
        }
        nearest
    }
}

/// An address as proxies write it: bare, with a port, or in brackets.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let address = bare.parse().ok().or_else(|| text.parse().ok().map(|socket: SocketAddr| socket.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

fn scheme(fields: GetAll<'_, http::HeaderValue>) -> Option<Scheme> {
    let mut fields = fields.iter();
    let (Some(only), None) = (fields.next(), fields.next()) else { return None };
    match only.as_bytes() {
        b"http" => Some(Scheme::Http),
        b"https" => Some(Scheme::Https),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

//! The running server that a command is for, when it is not the one of the data directory.

use super::layers::Layers;
use crate::exit::{Exit, Stop};
use domain::{Origin, Scheme};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use vault::TokenSecret;

/// A running server on this machine, and the token to show there.
#[derive(Debug)]
pub struct Remote {
    /// Where it is, as its clients write it.
    pub origin: Origin,
    /// What it is shown.
    pub token: TokenSecret,
}

impl Remote {
    pub(super) fn read(layers: &Layers) -> Result<Option<Self>, Stop> {
        let Some(url) = layers.find("url") else {
            // A token that is passed over would let its holder act as the local operator unawares.
            return layers.find("token").map_or(Ok(None), |token| Err(token.refuse("a token needs `--url`")));
        };
        let origin: Origin = url.one(str::parse)?;
        if origin.scheme() == Scheme::Https {
            return Err(
                url.refuse("the command line does not speak https yet; run it on the server's machine")
            );
        }
        // SECURITY: on a plain connection everyone on the way reads the token and may use it.
        if loopback(origin.host()).is_empty() {
            return Err(url.refuse(
                "a token is not sent over plain http to another machine; run the command on the server's machine",
            ));
        }
        let missing = "`--url` needs a token: set `DOORWARD_TOKEN`, or give `--token`";
        let token = layers.find("token").ok_or_else(|| Stop::new(Exit::Setting, missing))?;
        Ok(Some(Self { origin, token: token.one(str::parse)? }))
    }

    /// The addresses to try, all of them on this machine.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        let addresses = loopback(self.origin.host());
        addresses.into_iter().map(|address| SocketAddr::new(address, self.origin.port())).collect()
    }
}

/// The addresses of a host of this machine. No resolver is asked: it might lead elsewhere.
fn loopback(host: &str) -> Vec<IpAddr> {
    if host == "localhost" || host.ends_with(".localhost") {
        return vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
    }
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    bare.parse().ok().filter(IpAddr::is_loopback).into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosts_of_this_machine_have_addresses() {
        for host in ["localhost", "home.localhost", "127.0.0.1", "127.9.9.9", "[::1]"] {
            assert!(!loopback(host).is_empty(), "{host}");
        }
        for host in ["example.org", "10.0.0.1", "localhost.example.org", "notlocalhost", "0.0.0.0", "[::]"] {
            assert!(loopback(host).is_empty(), "{host}");
        }
    }
}

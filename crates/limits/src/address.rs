//! What of an address counts: IPv4 whole, IPv6 by its /64.

use std::net::{IpAddr, Ipv6Addr};

/// A network that is counted as one: an IPv4 address, or an IPv6 /64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network([u8; 16]);

impl Network {
    /// The network of `address`; an IPv4-mapped IPv6 address is the IPv4 address.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(v4) => Self(v4.to_ipv6_mapped().octets()),
            // SECURITY: one subscriber has 2^64 addresses of a /64 to come from.
            IpAddr::V6(v6) => Self(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).octets()),
        }
    }

    /// The bytes by which it is counted. An IPv4 address is written in its mapped form, which is never
    /// the start of a /64.
    pub const fn bytes(self) -> [u8; 16] {
        self.0
    }

    /// The IPv6 /48 that it is of, as sites are given them; an IPv4 address is of none.
    pub(crate) fn site(self) -> Option<Self> {
        let v6 = Ipv6Addr::from(self.0);
        // SECURITY: one subscriber may have 65,536 networks of a /48 to come from.
        let site = Self(Ipv6Addr::from_bits(v6.to_bits() >> 80 << 80).octets());
        v6.to_ipv4_mapped().is_none().then_some(site)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        Network::of(text.parse().unwrap())
    }

    #[test]
    fn neighbours_in_a_64_are_one_network() {
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
    }

    #[test]
    fn every_ipv4_address_is_a_network_however_it_is_written() {
        assert_eq!(network("192.0.2.1"), network("::ffff:192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
        assert_ne!(network("192.0.2.1"), network("::1"));
        assert_ne!(network("0.0.0.0"), network("::"));
    }
}

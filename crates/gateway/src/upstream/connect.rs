//! A connection to an app, to an address that an app may have (`security.md` 25).
//!
//! INVARIANT: the address that is checked is the address that is dialled; a name is looked up once.

use super::{SendError, place::Place};
use rustix::net::sockopt;
use std::{
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};
use tokio::{
    net::{TcpStream, lookup_host},
    time::timeout,
};

/// An app's machine that has vanished is noticed after two minutes, however quiet its answer may be.
const QUIET: Duration = Duration::from_mins(1);
const PROBE_EVERY: Duration = Duration::from_secs(15);
const PROBES: u32 = 4;

/// Connects to the first address of the place's that answers, within `limit` over all.
pub(super) async fn open(place: &Place, limit: Duration, own: &[SocketAddr]) -> Result<TcpStream, SendError> {
    let addresses =
        timeout(limit, addresses(&place.host, place.port)).await.map_err(|_| SendError::Timeout)??;
    let share = limit / u32::try_from(addresses.len()).unwrap_or(u32::MAX).max(1);
    let mut failure = SendError::Forbidden;
    for address in addresses {
        match timeout(share, dial(address, own)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => failure = error,
            Err(_) => failure = SendError::Timeout,
        }
    }
    Err(failure)
}

async fn addresses(host: &str, port: u16) -> Result<Vec<SocketAddr>, SendError> {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    let found = lookup_host((bare, port)).await.map_err(SendError::Connect)?;
    Ok(found.filter(|address| may_be_app(address.ip())).collect())
}

/// Where clouds answer with a machine's own keys, beside the link-local addresses: Azure, Alibaba, Amazon.
const METADATA: [IpAddr; 3] = [
    IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16)),
    IpAddr::V4(Ipv4Addr::new(100, 100, 100, 200)),
    IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)),
];

/// SECURITY: link-local addresses reach the machine's own services, such as a cloud's metadata with its keys.
fn may_be_app(address: IpAddr) -> bool {
    let address = meant(address);
    let is_link_local = match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    };
    !(is_link_local || address.is_unspecified() || address.is_multicast() || METADATA.contains(&address))
}

/// The IPv4 address that an IPv6 address leads to: mapped, compatible, by NAT64 (RFC 6052) or by 6to4 (RFC 3056).
fn meant(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address.to_canonical() else { return address.to_canonical() };
    match v6.segments() {
        [0, 0, 0, 0, 0, 0, high, low] if (high, low) != (0, 1) => v4(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] => v4(high, low),
        _ => v6.into(),
    }
}

fn v4(high: u16, low: u16) -> IpAddr {
    Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)).into()
}

async fn dial(address: SocketAddr, own: &[SocketAddr]) -> Result<TcpStream, SendError> {
    let stream = TcpStream::connect(address).await.map_err(SendError::Connect)?;
    if is_own(&stream, own).map_err(SendError::Connect)? {
        return Err(SendError::Loop);
    }
    prepare(&stream).map_err(SendError::Connect)?;
    Ok(stream)
}

/// Sends at once, and has the system find out whether a quiet app is still there.
fn prepare(stream: &TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    sockopt::set_tcp_keepidle(stream, QUIET)?;
    sockopt::set_tcp_keepintvl(stream, PROBE_EVERY)?;
    sockopt::set_tcp_keepcnt(stream, PROBES)?;
    Ok(sockopt::set_socket_keepalive(stream, true)?)
}

/// A listener on all addresses is met at any address of this machine: at a loopback one, or where both ends are one.
fn is_own(stream: &TcpStream, own: &[SocketAddr]) -> io::Result<bool> {
    let (here, there) = (stream.local_addr()?, stream.peer_addr()?);
    Ok(own.iter().any(|listener| is_met(*listener, here.ip().to_canonical(), there)))
}

fn is_met(listener: SocketAddr, here: IpAddr, there: SocketAddr) -> bool {
    let (own, ip) = (listener.ip().to_canonical(), there.ip().to_canonical());
    let is_this_machine = here == ip || ip.is_loopback();
    listener.port() == there.port() && (own == ip || (own.is_unspecified() && is_this_machine))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn a_quiet_app_is_asked_whether_it_is_still_there() {
        let app = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let place = Place::new(1, "127.0.0.1", app.local_addr().unwrap().port());
        let stream = open(&place, Duration::from_secs(5), &[]).await.unwrap();
        assert!(sockopt::socket_keepalive(&stream).unwrap());
        assert_eq!(sockopt::tcp_keepidle(&stream).unwrap(), QUIET);
    }

    #[test]
    fn rule_25_no_app_is_where_a_cloud_answers_with_its_keys() {
        for address in [
            "169.254.169.254",
            "fe80::1",
            "168.63.129.16",
            "100.100.100.200",
            "fd00:ec2::254",
            "::ffff:169.254.169.254",
            "::169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "::",
        ] {
            assert!(!may_be_app(address.parse().unwrap()), "{address}");
        }
        for address in
            ["127.0.0.1", "::1", "10.0.0.1", "fd00::1", "192.0.2.1", "2001:db8::1", "64:ff9b::c000:201"]
        {
            assert!(may_be_app(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn rule_25_a_listener_of_our_own_is_known_by_all_its_addresses() {
        for (listener, here, there, is_ours) in [
            ("0.0.0.0:80", "127.0.0.1", "127.0.0.2:80", true),
            ("[::]:80", "10.0.0.1", "10.0.0.1:80", true),
            ("127.0.0.1:80", "127.0.0.1", "[::ffff:127.0.0.1]:80", true),
            ("127.0.0.1:80", "127.0.0.1", "127.0.0.1:81", false),
            ("0.0.0.0:80", "10.0.0.1", "10.0.0.2:80", false),
        ] {
            let met = is_met(listener.parse().unwrap(), here.parse().unwrap(), there.parse().unwrap());
            assert_eq!(met, is_ours, "{there} before {listener}");
        }
    }

    #[test]
    fn rule_25_an_app_is_never_link_local() {
        for address in ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1"]
        {
            assert!(!may_be_app(address.parse().unwrap()), "{address}");
        }
        for address in ["127.0.0.1", "::1", "10.0.0.1", "fd00::1", "192.0.2.1"] {
            assert!(may_be_app(address.parse().unwrap()), "{address}");
        }
    }
}

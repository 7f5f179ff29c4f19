//! `X-Forwarded-For` and `X-Forwarded-Proto`: nobody chooses their own address.

use gateway::{Network, TrustedProxies};
use http::{HeaderMap, HeaderName, HeaderValue};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORGED: &str = "203.0.113.66";

pub(crate) fn run(bytes: &[u8]) {
    if let Ok(network) = String::from_utf8_lossy(bytes).parse::<Network>() {
        assert!(!network.contains(IpAddr::V4(Ipv4Addr::LOCALHOST)) || bytes.contains(&b'.'), "{network:?}");
    }
    let Ok(field) = HeaderValue::from_bytes(bytes) else { return };
    let said = HeaderMap::from_iter([(FOR, field.clone()), (PROTO, field.clone())]);
    let stranger = SocketAddr::from(([192, 0, 2, 1], 1));
    let untrusted = trusted().client(stranger, &said);
    assert_eq!((untrusted.address, untrusted.scheme), (stranger.ip(), None), "a stranger is believed");

    let client = trusted().client(SocketAddr::from(([127, 0, 0, 1], 1)), &said).address;
    let forged =
        HeaderValue::from_bytes(&[FORGED.as_bytes(), b", ", bytes].concat()).expect("it is a field's value");
    let forged = HeaderMap::from_iter([(FOR, forged)]);
    let again = trusted().client(SocketAddr::from(([127, 0, 0, 1], 1)), &forged).address;
    let is_from_proxy = trusted().contains(client);
    assert!(again == client || (is_from_proxy && again.to_string() == FORGED), "{client} became {again}");
}

fn trusted() -> TrustedProxies {
    let networks = ["127.0.0.0/8", "10.0.0.0/8", "fd00::/8"];
    TrustedProxies::new(networks.iter().map(|text| text.parse().expect("a network")).collect())
}

use super::*;
use http::HeaderValue;
use proptest::prelude::*;

fn proxies() -> TrustedProxies {
    let networks = ["127.0.0.1", "10.0.0.0/8", "fd00::/8"];
    TrustedProxies::new(networks.iter().map(|text| text.parse().unwrap()).collect())
}

fn client(peer: &str, forwarded_for: &[&str]) -> String {
    let mut headers = HeaderMap::new();
    for value in forwarded_for {
        headers.append(FORWARDED_FOR, HeaderValue::from_str(value).unwrap());
    }
    let peer = SocketAddr::new(peer.parse().unwrap(), 4711);
    proxies().client(peer, &headers).address.to_string()
}

#[test]
fn an_untrusted_peer_is_the_client_whatever_it_says() {
    assert_eq!(client("192.0.2.1", &["198.51.100.7"]), "192.0.2.1");
    assert_eq!(client("11.0.0.1", &["198.51.100.7"]), "11.0.0.1");
}

#[test]
fn trusted_hops_are_skipped_from_the_right() {
    assert_eq!(client("127.0.0.1", &[]), "127.0.0.1");
    assert_eq!(client("127.0.0.1", &["192.0.2.9"]), "192.0.2.9");
    assert_eq!(client("127.0.0.1", &["203.0.113.1, 192.0.2.9, 10.1.2.3"]), "192.0.2.9");
    assert_eq!(client("127.0.0.1", &["203.0.113.1", "192.0.2.9 , 10.1.2.3"]), "192.0.2.9");
    assert_eq!(client("::ffff:127.0.0.1", &["[2001:db8::1]:443, fd00::2"]), "2001:db8::1");
    assert_eq!(client("10.0.0.1", &["192.0.2.9:5000"]), "192.0.2.9");
}

#[test]
fn what_stands_left_of_nonsense_is_not_believed() {
    assert_eq!(client("127.0.0.1", &["192.0.2.9, unknown, 10.0.0.2"]), "10.0.0.2");
    assert_eq!(client("127.0.0.1", &[""]), "127.0.0.1");
}

#[test]
fn a_scheme_counts_when_a_trusted_proxy_says_it_once() {
    let said = |peer: &str, values: &[&'static str]| {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(FORWARDED_PROTO, HeaderValue::from_static(value));
        }
        proxies().client(SocketAddr::new(peer.parse().unwrap(), 1), &headers).scheme
    };
    assert_eq!(said("127.0.0.1", &["https"]), Some(Scheme::Https));
    assert_eq!(said("127.0.0.1", &["https", "http"]), None);
    assert_eq!(said("127.0.0.1", &["gopher"]), None);
    assert_eq!(said("192.0.2.1", &["https"]), None);
}

#[test]
fn what_is_no_network_is_refused() {
    for text in ["", "10.0.0.0/33", "10.0.0.0/-1", "fd00::/129", "localhost", "10.0.0.0/8/8"] {
        assert_eq!(text.parse::<Network>(), Err(UnreadableNetwork), "{text}");
    }
    assert!("0.0.0.0/0".parse::<Network>().unwrap().contains("192.0.2.1".parse().unwrap()));
    assert!(!"0.0.0.0/0".parse::<Network>().unwrap().contains("::1".parse().unwrap()));
}

proptest! {
    #[test]
    fn a_client_cannot_choose_its_address_behind_a_trusted_proxy(forged in "[0-9a-f:., \\[\\]]{0,40}") {
        let field = format!("{forged},192.0.2.9");
        prop_assert_eq!(client("127.0.0.1", &[&field]), "192.0.2.9");
    }

    #[test]
    fn a_network_holds_what_shares_its_first_bits(bits: u32, other: u32, prefix in 0_u32..=32) {
        let network: Network = format!("{}/{prefix}", std::net::Ipv4Addr::from_bits(bits)).parse().unwrap();
        let shared = (bits ^ other).leading_zeros() >= prefix;
        prop_assert_eq!(network.contains(IpAddr::V4(other.into())), shared);
    }
}

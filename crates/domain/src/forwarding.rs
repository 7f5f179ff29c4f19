//! Which header fields proxies add to a request: one list for whoever removes them and whoever is betrayed by them.
//!
//! SECURITY: CGI, WSGI and their kin make variables of field names, so that `X_Real_IP` and `X-Real-IP` are one to the
//! app. Names are therefore compared with every sign that is no letter and no digit read as `-`.

/// Fields by which proxies tell apps where a request comes from, and through whom.
pub const ORIGINS: [&str; 30] = [
    "ali-cdn-real-ip",
    "cf-connecting-ip",
    "cf-connecting-ipv6",
    "cf-pseudo-ipv4",
    "client-ip",
    "do-connecting-ip",
    "fastly-client-ip",
    "fly-client-ip",
    "forwarded",
    "forwarded-for",
    "http-client-ip",
    "incap-client-ip",
    "proxy-client-ip",
    "true-client-ip",
    "wl-proxy-client-ip",
    "x-appengine-user-ip",
    "x-azure-clientip",
    "x-azure-socketip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-envoy-external-address",
    "x-forwarded",
    "x-host",
    "x-nf-client-connection-ip",
    "x-original-forwarded-for",
    "x-original-host",
    "x-proxyuser-ip",
    "x-real-ip",
    "x-sucuri-clientip",
    "x-vercel-proxied-for",
];
/// How the names of their families begin.
pub const ORIGIN_FAMILIES: [&str; 1] = ["x-forwarded-"];

/// Fields that say that there was a proxy, and nothing that an app would believe of the client.
const TRACES: [&str; 8] =
    ["cdn-loop", "cf-ray", "cf-visitor", "via", "x-amz-cf-id", "x-amzn-trace-id", "x-azure-ref", "x-varnish"];
const TRACE_FAMILIES: [&str; 1] = ["x-original-"];

/// Whether the field says that the request came through a proxy.
pub fn betrays_proxy(name: &str) -> bool {
    ORIGINS.iter().chain(&TRACES).any(|field| name.len() == field.len() && begins_as(name, field))
        || ORIGIN_FAMILIES.iter().chain(&TRACE_FAMILIES).any(|family| begins_as(name, family))
}

/// Whether an app may read `name` as one that begins with `field`, which is in lower case.
pub fn begins_as(name: &str, field: &str) -> bool {
    let sign = |byte: u8| if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'-' };
    name.bytes().map(sign).take(field.len()).eq(field.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_is_known_by_its_fields_in_any_spelling() {
        for name in ["X-Forwarded-For", "x_real_ip", "Via", "CDN-Loop", "Fly-Client-IP", "X-Original-URL"] {
            assert!(betrays_proxy(name), "{name}");
        }
        for name in ["host", "via-x", "accept", "x-api-key", "client-ipx", ""] {
            assert!(!betrays_proxy(name), "{name}");
        }
    }
}

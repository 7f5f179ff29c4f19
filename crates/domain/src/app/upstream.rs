//! Where an app really is.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

/// Where an app's requests go.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Upstream {
    /// The sample that shows who is signed in and what an app receives.
    Sample,
    /// `http://HOST:PORT`, with no path.
    Http {
        /// A name or an address, IPv6 in brackets.
        host: String,
        /// The TCP port.
        port: u16,
    },
}

/// The text names no upstream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableUpstream {
    /// It is no URL that can be proxied to.
    #[error("an upstream looks like `http://127.0.0.1:3000`: `http`, a host, a port, and no path")]
    Form,
    /// Link-local addresses reach the machine's own services (cloud metadata), never an app.
    #[error("an upstream cannot be a link-local address")]
    LinkLocal,
}

/// How the built-in sample is written.
const SAMPLE: &str = "builtin:sample";

impl FromStr for Upstream {
    type Err = UnreadableUpstream;

    fn from_str(text: &str) -> Result<Self, UnreadableUpstream> {
        if text == SAMPLE {
            return Ok(Self::Sample);
        }
        let url = url::Url::parse(text).map_err(|_| UnreadableUpstream::Form)?;
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let anonymous = url.username().is_empty() && url.password().is_none();
        let Some(host) = url.host().filter(|_| url.scheme() == "http" && bare && anonymous) else {
            return Err(UnreadableUpstream::Form);
        };
        if is_link_local(&host) {
            return Err(UnreadableUpstream::LinkLocal);
        }
        Ok(Self::Http { host: host.to_string(), port: url.port_or_known_default().unwrap_or(80) })
    }
}

fn is_link_local(host: &url::Host<&str>) -> bool {
    match host {
        url::Host::Domain(_) => false,
        url::Host::Ipv4(address) => address.is_link_local(),
        url::Host::Ipv6(address) => {
            address.is_unicast_link_local() || address.to_ipv4_mapped().is_some_and(|v4| v4.is_link_local())
        }
    }
}

impl fmt::Display for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sample => f.write_str(SAMPLE),
            Self::Http { host, port } => write!(f, "http://{host}:{port}"),
        }
    }
}

impl Serialize for Upstream {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Upstream {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_is_a_host_and_a_port() {
        let read = |text: &str| text.parse::<Upstream>().map(|u| u.to_string());
        assert_eq!(read("http://127.0.0.1:3000").unwrap(), "http://127.0.0.1:3000");
        assert_eq!(read("http://[::1]:3000/").unwrap(), "http://[::1]:3000");
        assert_eq!(read("http://notes").unwrap(), "http://notes:80");
        assert_eq!(read("builtin:sample").unwrap(), "builtin:sample");
        for text in
            ["", "127.0.0.1:3000", "https://x", "http://x/path", "http://u:p@x", "ftp://x", "http://x?q"]
        {
            assert_eq!(read(text), Err(UnreadableUpstream::Form), "{text}");
        }
    }

    #[test]
    fn rule_25_an_upstream_is_never_link_local() {
        for text in ["http://169.254.169.254", "http://[fe80::1]:80", "http://[::ffff:169.254.169.254]"] {
            assert_eq!(text.parse::<Upstream>(), Err(UnreadableUpstream::LinkLocal), "{text}");
        }
    }
}

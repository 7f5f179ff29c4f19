//! Where a page comes from: a scheme, a host and a port (RFC 6454).

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, str::FromStr};

/// `http` or `https`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Without TLS.
    Http,
    /// With TLS, by Doorward or by a trusted proxy in front of it.
    Https,
}

impl Scheme {
    /// The scheme as a URL writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port that a URL need not name.
    pub const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// A scheme, a host and a port, written as browsers write it: `https://notes.example.org`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: Scheme,
    host: String,
    port: u16,
}

/// The text is no origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an origin looks like `https://home.example.org` or `http://localhost:8080`, with no path")]
pub struct UnreadableOrigin;

impl Origin {
    /// An origin of its parts; `host` is kept in lower case.
    pub fn new(scheme: Scheme, host: &str, port: u16) -> Self {
        Self { scheme, host: host.to_ascii_lowercase(), port }
    }

    /// The same scheme and port at another host: where an app of this installation lives.
    #[must_use]
    pub fn at(&self, host: &str) -> Self {
        Self::new(self.scheme, host, self.port)
    }

    /// `http` or `https`.
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The host without its port.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, named or not.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The host, and the port where a URL must name it: what a `Host` header says.
    pub fn authority(&self) -> String {
        if self.port == self.scheme.default_port() {
            self.host.clone()
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }

    /// Whether browsers reach it over TLS, so that cookies must be `Secure`.
    pub fn is_secure(&self) -> bool {
        self.scheme == Scheme::Https
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.authority())
    }
}

impl FromStr for Origin {
    type Err = UnreadableOrigin;

    fn from_str(text: &str) -> Result<Self, UnreadableOrigin> {
        let url = url::Url::parse(text).map_err(|_| UnreadableOrigin)?;
        let scheme = match url.scheme() {
            "http" => Scheme::Http,
            "https" => Scheme::Https,
            _ => return Err(UnreadableOrigin),
        };
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        let anonymous = url.username().is_empty() && url.password().is_none();
        match (url.host_str(), url.port_or_known_default()) {
            (Some(host), Some(port)) if bare && anonymous => Ok(Self::new(scheme, host, port)),
            _ => Err(UnreadableOrigin),
        }
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for text in
            ["https://home.example.org", "http://localhost:8080", "https://a.b:8443", "http://[::1]:80"]
        {
            let origin: Origin = text.parse().unwrap();
            assert_eq!(origin.to_string(), text.trim_end_matches(":80").to_owned());
        }
        for text in ["", "null", "localhost", "https://a/b", "https://u@a", "ftp://a", "https://a?b"] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }
}

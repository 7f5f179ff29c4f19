//! Where a PostgreSQL database is, as one URL says it.

use crate::migrations::newest;
use percent_encoding::percent_decode_str;
use postgres::{
    Config,
    config::{Host, SslMode, TargetSessionAttrs},
};
use std::{fmt, net::IpAddr, path::PathBuf, str::FromStr, time::Duration};

/// What the server shows of a connection, unless the URL says otherwise; the schema that the program knows follows.
pub(crate) const APPLICATION: &str = "doorward/";
/// How long a connection may take to be made, where the URL does not say.
const CONNECT: Duration = Duration::from_secs(5);
/// How long the other side may leave bytes unacknowledged, where the URL does not say.
const SILENCE: Duration = Duration::from_secs(10);

/// `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`, and what follows a `?`.
///
/// A server on another machine is spoken to over TLS, and its certificate must bear its name, unless the URL says
/// `sslmode=disable`. SECURITY: the password is in neither `Debug` nor `Display`.
#[derive(Clone)]
pub struct PostgresAddress {
    pub(super) config: Box<Config>,
    pub(super) security: Security,
}

/// How the connection is kept private.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Security {
    /// Not at all: within one machine, or where the URL says so.
    Plain,
    /// TLS; the certificate leads to one of these and bears the server's name.
    Verified(Roots),
}

/// Whose certificates are trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Roots {
    System,
    File(PathBuf),
}

/// Why a text is no such URL. Never quotes it, for it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPostgresAddress {
    /// It is something else.
    #[error("this is no PostgreSQL address: write `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`")]
    Form,
    /// An option behind the `?` is not known, or has no such value.
    #[error("an option behind `?` in the PostgreSQL address is unknown or has a value that does not fit")]
    Option,
    /// A `sslmode` that would send the password to whoever answers.
    #[error("`sslmode` is `verify-full` (which `require` means, too) or `disable`, nothing between")]
    Mode,
}

impl FromStr for PostgresAddress {
    type Err = NoPostgresAddress;

    fn from_str(text: &str) -> Result<Self, NoPostgresAddress> {
        let known = ["postgresql://", "postgres://"].iter().any(|scheme| text.starts_with(scheme));
        if !known {
            return Err(NoPostgresAddress::Form);
        }
        let (place, options) = text.split_once('?').unwrap_or((text, ""));
        place.parse::<Config>().map_err(|_| NoPostgresAddress::Form)?;
        let (mut mode, mut roots, mut others) = (None, Roots::System, Vec::new());
        for option in options.split('&').filter(|option| !option.is_empty()) {
            match option.split_once('=') {
                Some(("sslmode", value)) => mode = Some(value),
                Some(("sslrootcert", path)) => roots = Roots::File(decoded(path)?.into()),
                _ => others.push(option),
            }
        }
        let rest = format!("{place}?{}", others.join("&"));
        let mut config: Config = rest.parse().map_err(|_| NoPostgresAddress::Option)?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(NoPostgresAddress::Form);
        }
        let security = match mode {
            Some("disable") => Security::Plain,
            Some("require" | "verify-full") => Security::Verified(roots),
            Some(_) => return Err(NoPostgresAddress::Mode),
            None if is_local(&config) => Security::Plain,
            None => Security::Verified(roots),
        };
        complete(&mut config, &security);
        Ok(Self { config: Box::new(config), security })
    }
}

fn decoded(value: &str) -> Result<String, NoPostgresAddress> {
    percent_decode_str(value).decode_utf8().map(Into::into).map_err(|_| NoPostgresAddress::Option)
}

/// What the URL leaves open.
fn complete(config: &mut Config, security: &Security) {
    config.ssl_mode(if *security == Security::Plain { SslMode::Disable } else { SslMode::Require });
    // A replica that only reads is of no use; of several hosts, the one that writes is taken.
    config.target_session_attrs(TargetSessionAttrs::ReadWrite);
    if config.get_application_name().is_none() {
        config.application_name(&format!("{APPLICATION}{}", newest()));
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(SILENCE);
    }
    config.keepalives_idle(SILENCE);
}

#[cfg(test)]
impl PostgresAddress {
    pub(crate) fn application(&self) -> &str {
        self.config.get_application_name().unwrap_or_default()
    }
}

/// Whether no byte leaves this machine.
fn is_local(config: &Config) -> bool {
    let named = config.get_hosts().iter().all(|host| match host {
        Host::Tcp(name) => {
            name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
        }
        Host::Unix(_) => true,
    });
    named && config.get_hostaddrs().iter().all(IpAddr::is_loopback)
}

/// The port of a server that says none.
const USUAL_PORT: u16 = 5432;

impl fmt::Display for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgresql://")?;
        if let Some(user) = self.config.get_user() {
            write!(f, "{user}@")?;
        }
        for (place, host) in self.config.get_hosts().iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            match host {
                Host::Tcp(name) => write!(f, "{comma}{name}")?,
                Host::Unix(path) => write!(f, "{comma}{}", path.display())?,
            }
            // One port is for all hosts, or there is one for each.
            let ports = self.config.get_ports();
            if let Some(port) = ports.get(place).or(ports.first()).filter(|port| **port != USUAL_PORT) {
                write!(f, ":{port}")?;
            }
        }
        write!(f, "/{}", self.config.get_dbname().unwrap_or_default())
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<PostgresAddress, NoPostgresAddress> {
        text.parse()
    }

    #[test]
    fn another_machine_is_spoken_to_over_tls_unless_the_url_says_otherwise() {
        let (plain, system) = (Security::Plain, Security::Verified(Roots::System));
        let own = Security::Verified(Roots::File("/etc/my root.pem".into()));
        let cases = [
            ("postgresql://db.example.org/doorward", &system),
            ("postgres://u:p@192.0.2.1:5433/doorward?sslmode=require", &system),
            ("postgresql://localhost,db.example.org/doorward", &system),
            ("postgresql://db.example.org/d?sslrootcert=%2Fetc%2Fmy%20root.pem&sslmode=verify-full", &own),
            ("postgresql://db.example.org/doorward?connect_timeout=3&sslmode=disable", &plain),
            ("postgresql://localhost/doorward", &plain),
            ("postgresql://[::1]/doorward", &plain),
            ("postgresql:///doorward?host=/run/postgresql", &plain),
        ];
        for (text, security) in cases {
            assert_eq!(&read(text).unwrap().security, security, "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        use NoPostgresAddress as No;
        let cases = [
            ("doorward.db", No::Form),
            ("mysql://localhost/doorward", No::Form),
            ("postgresql://localhost:port/doorward", No::Form),
            ("postgresql:///doorward", No::Form),
            ("postgresql://localhost/doorward?sslmode=prefer", No::Mode),
            ("postgresql://localhost/doorward?sslmode=verify-ca", No::Mode),
            ("postgresql://localhost/doorward?ssl=true", No::Option),
            ("postgresql://localhost/doorward?connect_timeout=soon", No::Option),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).unwrap_err(), expected, "{text}");
        }
    }

    #[test]
    fn the_password_is_shown_nowhere() {
        let address = read("postgresql://ada:s3cret@db.example.org:5433/doorward").unwrap();
        assert_eq!(format!("{address} {address:?}").matches("s3cret").count(), 0);
        assert_eq!(address.to_string(), "postgresql://ada@db.example.org:5433/doorward");
        for unquoted in ["postgresql://ada:s3c?ret@db.example.org/doorward", "postgresql://ada:s3cret@h:p/d"]
        {
            let error = read(unquoted).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("ret@"), "{error:?}");
        }
    }
}

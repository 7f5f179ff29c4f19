//! Which database: the file in the data directory, or a PostgreSQL server.

use super::layers::Layers;
use crate::exit::{Exit, Stop};
use std::{fmt, num::NonZeroUsize, path::PathBuf, str::FromStr};
use store::PostgresAddress;

/// The connections of a server, where nobody says how many.
const USUAL: NonZeroUsize = NonZeroUsize::new(10).unwrap();

/// A PostgreSQL server's database.
///
/// SECURITY: neither `Debug` nor an error shows the password in its address.
#[derive(Debug, Clone)]
pub struct Server {
    /// Where it is, and how to get in.
    pub address: PostgresAddress,
    /// The most connections for transactions.
    pub connections: NonZeroUsize,
}

impl Server {
    /// The server at this address.
    pub fn at(url: &str) -> Result<Self, Stop> {
        let address =
            url.parse().map_err(|error| Stop::new(Exit::Setting, format!("the app's database: {error}")))?;
        Ok(Self { address, connections: USUAL })
    }

    /// The server that was named; none means the file in the data directory.
    pub(super) fn read(layers: &Layers) -> Result<Option<Self>, Stop> {
        let connections = layers.read_one("database_connections", number)?;
        let address = layers.read_one("database", str::parse)?;
        match (address, layers.find("database_connections")) {
            (Some(address), _) => Ok(Some(Self { address, connections: connections.unwrap_or(USUAL) })),
            (None, Some(given)) => Err(given.refuse("the number of connections needs `database`")),
            (None, None) => Ok(None),
        }
    }
}

/// Where an installation is to move.
///
/// SECURITY: neither `Debug` nor an error shows the password in an address.
#[derive(Debug, Clone)]
pub enum Destination {
    /// A data directory, in which the embedded database is made.
    Folder(PathBuf),
    /// A PostgreSQL server's database.
    Server(PostgresAddress),
}

impl FromStr for Destination {
    type Err = String;

    /// An address is what has `://` in it, everything else is a folder.
    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains("://") {
            let address = text.parse().map(Self::Server);
            return address.map_err(|error: store::NoPostgresAddress| error.to_string());
        }
        if text.contains("//") && text.contains(':') {
            return Err("an address begins with `postgresql://`".to_owned());
        }
        if text.is_empty() {
            Err("name a folder or an address".to_owned())
        } else {
            Ok(Self::Folder(text.into()))
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.address.fmt(f)
    }
}

fn number(text: &str) -> Result<NonZeroUsize, String> {
    let fitting = text.parse().ok().filter(|number| (2..=500).contains(&NonZeroUsize::get(*number)));
    fitting.ok_or_else(|| format!("`{text}` is no whole number from 2 to 500"))
}

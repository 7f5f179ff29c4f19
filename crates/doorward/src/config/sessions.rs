//! Where cookies lead to their sessions from.

use super::layers::Layers;
use crate::exit::Stop;

/// Where what leads from a cookie to its session is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SessionPlace {
    /// Beside the session.
    #[default]
    Database,
    /// In the Valkey, and nowhere else.
    Valkey,
}

impl SessionPlace {
    /// The place that was named.
    pub(super) fn read(layers: &Layers) -> Result<Self, Stop> {
        let place = layers.read_one("sessions", place)?.unwrap_or_default();
        match (place, layers.find("sessions")) {
            (Self::Valkey, Some(given)) if layers.find("valkey").is_none() => {
                Err(given.refuse("sessions in a Valkey need `valkey`"))
            }
            _ => Ok(place),
        }
    }
}

fn place(text: &str) -> Result<SessionPlace, String> {
    match text {
        "database" => Ok(SessionPlace::Database),
        "valkey" => Ok(SessionPlace::Valkey),
        _ => Err(format!("`{text}` is neither `database` nor `valkey`")),
    }
}

//! What the environment says.

use doorward::Outbound;
use std::{collections::HashMap, fmt, time::Duration};

/// What the environment says, checked. `Debug` shows no key, and of addresses no name and password.
#[derive(Clone)]
pub struct Settings {
    /// `AUTH_ENABLED`: whether anybody is asked who they are.
    pub auth_enabled: bool,
    /// `SPOOLMAN_URL`, without a slash at its end.
    pub spoolman: String,
    /// `FILAMENTDB_URL`, without a slash at its end.
    pub filament_db: String,
    /// `FILAMENTDB_API_KEY`.
    pub filament_db_key: Option<String>,
    /// `SYNC_INTERVAL_SECONDS`; none for 0.
    pub sync_every: Option<Duration>,
    /// The hour, UTC, at which both inventories make a backup of themselves (`BACKUP_HOUR`); none where
    /// `BACKUP_ENABLED` is off.
    pub backup_hour: Option<u32>,
    /// `BACKUP_KEEP_DAYS`.
    pub backup_days: u32,
    /// How the inventories are asked; by `UPSTREAM_CA_FILE` with a root of one's own.
    pub outbound: Outbound,
}

impl Settings {
    /// What the environment of this process says.
    pub fn of_process() -> Result<Self, String> {
        Self::read(&std::env::vars().collect())
    }

    /// What these variables say; a sentence where they cannot be used.
    pub fn read(variables: &HashMap<String, String>) -> Result<Self, String> {
        let find = |name: &str| variables.get(name).map(String::as_str).filter(|text| !text.is_empty());
        let url = |name: &str| {
            let text = find(name).ok_or_else(|| format!("`{name}` is missing"))?;
            let known = ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
            let plain = known && !text.contains('@') && text.parse::<http::Uri>().is_ok();
            let wrong = || {
                format!(
                    "`{name}` must be an address such as http://192.168.1.5:7912, with no name or password"
                )
            };
            plain.then(|| text.trim_end_matches('/').to_owned()).ok_or_else(wrong)
        };
        let switch = |name: &str| match find(name).map(str::to_ascii_lowercase).as_deref() {
            None | Some("true" | "1") => Ok(true),
            Some("false" | "0") => Ok(false),
            Some(other) => Err(format!("`{name}` is `{other}`, and must be `true` or `false`")),
        };
        let number = |name: &str, usual: u32, most: u32| match find(name).map(str::parse) {
            None => Ok(usual),
            Some(Ok(number)) if number <= most => Ok(number),
            Some(_) => Err(format!("`{name}` is no whole number up to {most}")),
        };
        let (seconds, hour) =
            (number("SYNC_INTERVAL_SECONDS", 120, u32::MAX)?, number("BACKUP_HOUR", 3, 23)?);
        Ok(Self {
            auth_enabled: switch("AUTH_ENABLED")?,
            spoolman: url("SPOOLMAN_URL")?,
            filament_db: url("FILAMENTDB_URL")?,
            filament_db_key: find("FILAMENTDB_API_KEY").map(str::to_owned),
            sync_every: (seconds > 0).then(|| Duration::from_secs(seconds.into())),
            backup_hour: switch("BACKUP_ENABLED")?.then_some(hour),
            backup_days: number("BACKUP_KEEP_DAYS", 7, 3650)?,
            outbound: outbound(find("UPSTREAM_CA_FILE"))?,
        })
    }
}

fn outbound(roots: Option<&str>) -> Result<Outbound, String> {
    let Some(path) = roots else { return Outbound::trusting_system().map_err(|error| error.to_string()) };
    let wrong = |error: &dyn fmt::Display| format!("`UPSTREAM_CA_FILE`, `{path}`: {error}");
    let pem = std::fs::read(path).map_err(|error| wrong(&error))?;
    Outbound::trusting(&pem).map_err(|error| wrong(&error))
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bare = |url: &str| {
            url.parse::<http::Uri>().ok().and_then(|url| Some(url.authority()?.host().to_owned()))
        };
        f.debug_struct("Settings")
            .field("auth_enabled", &self.auth_enabled)
            .field("spoolman", &bare(&self.spoolman))
            .field("filament_db", &bare(&self.filament_db))
            .field("filament_db_key", &self.filament_db_key.as_ref().map(|_| "…"))
            .field("sync_every", &self.sync_every)
            .field("backup_hour", &self.backup_hour)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_show_no_secret() {
        let read = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let settings = Settings::read(&HashMap::from([
            read("SPOOLMAN_URL", "http://spools.example:7912/?key=hidden"),
            read("FILAMENTDB_URL", "https://filaments.example"),
            read("FILAMENTDB_API_KEY", "hidden"),
        ]));
        let shown = format!("{:?}", settings.unwrap());
        assert!(shown.contains("spools.example") && shown.contains("filaments.example"), "{shown}");
        assert!(!shown.contains("hidden"), "{shown}");
        let named = HashMap::from([read("SPOOLMAN_URL", "http://me:hidden@spools.example")]);
        assert!(!Settings::read(&named).unwrap_err().contains("hidden"));
    }
}

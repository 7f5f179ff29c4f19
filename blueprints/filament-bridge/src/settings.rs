//! What the environment says.

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
            let plain = text.starts_with("http://") && text.parse::<http::Uri>().is_ok();
            let wrong = || format!("`{name}` must be an address such as http://192.168.1.5:7912");
            plain.then(|| text.trim_end_matches('/').to_owned()).ok_or_else(wrong)
        };
        let auth_enabled = match find("AUTH_ENABLED").map(str::to_ascii_lowercase).as_deref() {
            None | Some("true" | "1") => true,
            Some("false" | "0") => false,
            Some(other) => return Err(format!("`AUTH_ENABLED` is `{other}`, and must be `true` or `false`")),
        };
        let seconds = find("SYNC_INTERVAL_SECONDS").unwrap_or("120").parse::<u64>();
        let seconds = seconds.map_err(|_| "`SYNC_INTERVAL_SECONDS` is no number of seconds".to_owned())?;
        Ok(Self {
            auth_enabled,
            spoolman: url("SPOOLMAN_URL")?,
            filament_db: url("FILAMENTDB_URL")?,
            filament_db_key: find("FILAMENTDB_API_KEY").map(str::to_owned),
            sync_every: (seconds > 0).then(|| Duration::from_secs(seconds)),
        })
    }
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
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_show_no_secret() {
        let read = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let settings = Settings::read(&HashMap::from([
            read("SPOOLMAN_URL", "http://me:hidden@spools.example:7912"),
            read("FILAMENTDB_URL", "http://filaments.example"),
            read("FILAMENTDB_API_KEY", "hidden"),
        ]));
        let shown = format!("{:?}", settings.unwrap());
        assert!(shown.contains("spools.example") && shown.contains("filaments.example"), "{shown}");
        assert!(!shown.contains("hidden"), "{shown}");
    }
}

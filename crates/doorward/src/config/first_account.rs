//! The first account of an unattended first start, given by variables.

use super::layers::Layers;
use crate::exit::{Exit, Stop};
use domain::Email;
use std::{fs, path::PathBuf};
use vault::Password;
use zeroize::Zeroizing;

/// The first account, its password unread.
#[derive(Debug)]
pub struct FirstAccount {
    /// Its address.
    pub email: Email,
    password: Source,
}

enum Source {
    Text(Zeroizing<String>),
    File(PathBuf),
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Source(…)")
    }
}

impl FirstAccount {
    pub(super) fn read(layers: &Layers) -> Result<Option<Self>, Stop> {
        let text = layers.find("admin_password").map(|given| Source::Text(given.text().to_owned().into()));
        let file = layers.find("admin_password_file").map(|given| Source::File(given.text().into()));
        let email = layers.read_one("admin_email", str::parse::<Email>)?;
        let wrong = |message| Err(Stop::new(Exit::Setting, message));
        match (email, text, file) {
            (None, None, None) => Ok(None),
            (Some(email), Some(password), None) | (Some(email), None, Some(password)) => {
                Ok(Some(Self { email, password }))
            }
            (_, Some(_), Some(_)) => {
                wrong("give `DOORWARD_ADMIN_PASSWORD_FILE` or `DOORWARD_ADMIN_PASSWORD`, not both")
            }
            (Some(_), None, None) => {
                wrong("`DOORWARD_ADMIN_EMAIL` needs a password: set `DOORWARD_ADMIN_PASSWORD_FILE`")
            }
            (None, _, _) => wrong("the first administrator's password needs `DOORWARD_ADMIN_EMAIL`"),
        }
    }

    /// The password; a file's without the end of its line.
    pub fn password(&self) -> Result<Password, Stop> {
        let text = match &self.password {
            Source::Text(text) => text.clone(),
            Source::File(path) => Zeroizing::new(fs::read_to_string(path).map_err(|error| {
                let path = path.display();
                Stop::new(Exit::Setting, format!("`DOORWARD_ADMIN_PASSWORD_FILE`: `{path}`: {error}"))
            })?),
        };
        let line =
            text.strip_suffix('\n').map_or(text.as_str(), |line| line.strip_suffix('\r').unwrap_or(line));
        let refused =
            |error| Stop::new(Exit::Setting, format!("the first administrator's password: {error}"));
        Password::new(line.to_owned()).map_err(refused)
    }
}

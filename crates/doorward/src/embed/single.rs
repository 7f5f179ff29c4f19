//! The single administrator, for the handlers of an app that has one.

use super::{Error, authenticate::one_cookie, settings::Danger, visit::Visit};
use axum::{
    extract::FromRequestParts,
    response::{IntoResponseParts, ResponseParts},
};
use domain::{Proof, Time, Who};
use http::{HeaderValue, StatusCode, header, request::Parts};
use identity::{
    House,
    single::{self, SingleError},
};
use serde::{Deserialize, Serialize};
use std::{convert::Infallible, time::Duration};
use store::tables::single::SESSION_LIFE;
use vault::{Password, PasswordHash, ReadableSecret};
use web::Problem;

/// What an app with [`Accounts::SingleAdministrator`](super::Accounts::SingleAdministrator) does with its administrator,
/// in the name of whoever sent the request.
pub struct Single {
    visit: Visit,
    secure: bool,
    /// The cookie's name, as this request has it.
    name: String,
    /// The cookie that the request brought along, good or not.
    brought: Option<String>,
}

/// A line of `Set-Cookie`, which a handler puts into its answer: `(cookie, Json(…))`.
#[must_use]
#[derive(Debug)]
pub struct SessionCookie(HeaderValue);

/// How things stand.
#[expect(clippy::struct_excessive_bools, reason = "each is a word of its own on the wire")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SingleStatus {
    /// Whether anybody is asked who they are.
    pub auth_enabled: bool,
    /// Whether a password was set.
    pub password_set: bool,
    /// Whether who asks may do everything.
    pub authenticated: bool,
    /// Whether the token is taken.
    pub api_token_enabled: bool,
}

/// The secrets of an installation, as a backup holds them.
///
/// SECURITY: it is the one thing of Doorward's that writes secrets out; nothing but a backup takes it.
#[derive(Clone, Serialize, Deserialize)]
pub struct BackupSecrets {
    /// What sessions are signed with.
    pub auth_secret: String,
    /// The hash of the password.
    pub admin_password_hash: String,
    /// The token.
    pub api_token: Option<String>,
    /// Whether it is taken.
    pub api_token_enabled: bool,
    /// Sessions that were signed before this moment have ended; none of another program's backup.
    #[serde(default)]
    pub auth_epoch: Option<Time>,
}

impl Single {
    /// How things stand.
    pub async fn status(&self) -> Result<SingleStatus, Error> {
        let status =
            single::status(self.house(), &self.visit.actor()).await.map_err(|error| answer(error, 400))?;
        Ok(SingleStatus {
            auth_enabled: !self.visit.is_operator(),
            password_set: status.password_set,
            authenticated: self.visit.is_operator() || self.visit.known().is_ok(),
            api_token_enabled: status.token_enabled,
        })
    }

    /// Sets the first password, which works once, and signs in. 409 `password_already_set`, 422 `invalid_password`.
    pub async fn set_up(&self, password: String) -> Result<SessionCookie, Error> {
        let made = single::set_up(self.house(), &self.visit.actor(), read(password)?).await;
        self.cookie(&made.map_err(|error| answer(error, 400))?, SESSION_LIFE)
    }

    /// Signs in. 401 `invalid_credentials` or `no_password_set`, 429 `too_many_requests`.
    pub async fn sign_in(&self, password: String) -> Result<SessionCookie, Error> {
        let password = Password::new(password).map_err(|_| answer(SingleError::WrongPassword, 401))?;
        let made = single::sign_in(self.house(), &self.visit.actor(), (password, self.brought.clone())).await;
        self.cookie(&made.map_err(|error| answer(error, 401))?, SESSION_LIFE)
    }

    /// Takes the session's cookie back.
    pub fn sign_out(&self) -> Result<SessionCookie, Error> {
        self.cookie("", Duration::ZERO)
    }

    /// Sets another password, and ends every session but that of the cookie that it answers. It takes a session, which a
    /// token is none, and the old password; with authentication switched off, neither. 400 `no_password_set`, 401
    /// `invalid_credentials`, 422 `invalid_password`.
    pub async fn change_password(&self, current: String, new: String) -> Result<SessionCookie, Error> {
        self.in_a_session()?;
        let current = Password::new(current).map_err(|_| answer(SingleError::WrongPassword, 401))?;
        let made = single::change_password(self.house(), &self.visit.actor(), (current, read(new)?)).await;
        self.cookie(&made.map_err(|error| answer(error, 400))?, SESSION_LIFE)
    }

    /// Makes a fresh token, which its owner may read again; the old one is refused from now on. It takes a session.
    pub async fn regenerate_token(&self) -> Result<String, Error> {
        self.in_a_session()?;
        self.may_read_tokens()?;
        let made = single::regenerate_token(self.house(), &self.visit.actor()).await;
        made.map(|token| token.reveal().to_owned()).map_err(|error| answer(error, 400))
    }

    /// The token, if one was made; none where a token asks.
    pub async fn token(&self) -> Result<Option<String>, Error> {
        self.may_read_tokens()?;
        let token = single::token(self.house(), &self.visit.actor()).await;
        token.map(|token| token.map(|token| token.reveal().to_owned())).map_err(|error| answer(error, 400))
    }

    /// Says whether the token is taken. It takes a session.
    pub async fn enable_token(&self, enabled: bool) -> Result<(), Error> {
        self.in_a_session()?;
        let done = single::enable_token(self.house(), &self.visit.actor(), enabled).await;
        done.map_err(|error| answer(error, 400))
    }

    /// The secrets, for a backup; none where a token asks, and where backups are without them, which is so unless the
    /// app says `danger_backup_with_secrets`.
    pub async fn export(&self) -> Result<Option<BackupSecrets>, Error> {
        if !self.visit.doorward().policies().has(Danger::BackupWithSecrets) {
            return Ok(None);
        }
        let secrets =
            single::export(self.house(), &self.visit.actor()).await.map_err(|error| answer(error, 400))?;
        Ok(secrets.map(|secrets| BackupSecrets {
            auth_secret: secrets.auth_secret.reveal().to_owned(),
            admin_password_hash: secrets.password_hash.as_str().to_owned(),
            api_token: secrets.api_token.map(|token| token.reveal().to_owned()),
            api_token_enabled: secrets.token_enabled,
            auth_epoch: Some(secrets.epoch),
        }))
    }

    /// Whether [`Self::restore`] would take these secrets back, and if not, as what it would refuse them. Asked before
    /// the rest of a backup is taken back, it leaves nothing half done.
    pub async fn check_restore(&self, secrets: &BackupSecrets) -> Result<(), Error> {
        if !self.visit.doorward().policies().has(Danger::BackupWithSecrets) {
            return Ok(());
        }
        let secrets = read_secrets(secrets.clone())?;
        let checked = single::check_restore(self.house(), &self.visit.actor(), secrets).await;
        checked.map_err(|error| answer(error, 400))
    }

    /// Takes the secrets of a backup back, where backups are with them. A token may bring none but those that are there
    /// (403 `session_required`); what is no secret of ours is 422 `unreadable_backup`, and a password that is hashed too
    /// cheaply `weak_password_hash`.
    ///
    /// It comes last: where the secrets are others, the session that brings them ends, and its request may do nothing
    /// more.
    pub async fn restore(&self, secrets: BackupSecrets) -> Result<(), Error> {
        if !self.visit.doorward().policies().has(Danger::BackupWithSecrets) {
            return Ok(());
        }
        let secrets = read_secrets(secrets)?;
        single::restore(self.house(), &self.visit.actor(), secrets).await.map_err(|error| answer(error, 400))
    }

    fn house(&self) -> &House {
        &self.visit.doorward().desk().house
    }

    /// SECURITY: a token that could set the password would outlive its own end.
    fn in_a_session(&self) -> Result<(), Error> {
        if self.visit.actor().who == Who::LocalOperator {
            return Ok(());
        }
        match self.visit.known()?.proof {
            Proof::SharedToken(_) => Err(Error::sign_in_required()),
            _ => Ok(()),
        }
    }

    fn may_read_tokens(&self) -> Result<(), Error> {
        if self.visit.doorward().policies().has(Danger::ReadableToken) {
            Ok(())
        } else {
            Err(Error::NotFound("token"))
        }
    }

    fn cookie(&self, value: &str, life: Duration) -> Result<SessionCookie, Error> {
        let settings = &self.house().settings().session_cookie;
        let (name, same_site, seconds) = (&self.name, settings.same_site.as_str(), life.as_secs());
        let secure = if self.secure { "; Secure" } else { "" };
        let text =
            format!("{name}={value}; HttpOnly; Max-Age={seconds}; Path=/; SameSite={same_site}{secure}");
        let mut written = HeaderValue::from_str(&text).map_err(|_| Error::outside())?;
        // SECURITY: `Debug` shows nothing of it.
        written.set_sensitive(true);
        Ok(SessionCookie(written))
    }
}

impl<S: Sync> FromRequestParts<S> for Single {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let visit = Visit::of(parts)?.clone();
        let (name, secure) = visit.doorward().cookie_name(&parts.headers);
        let brought = one_cookie(&parts.headers, &name).unwrap_or_default();
        Ok(Self { visit, secure, name, brought })
    }
}

impl IntoResponseParts for SessionCookie {
    type Error = Infallible;

    fn into_response_parts(self, mut parts: ResponseParts) -> Result<ResponseParts, Infallible> {
        parts.headers_mut().append(header::SET_COOKIE, self.0);
        Ok(parts)
    }
}

fn read(password: String) -> Result<Password, Error> {
    Password::new(password).map_err(|_| answer(SingleError::InvalidPassword, 422))
}

fn read_secrets(secrets: BackupSecrets) -> Result<single::Secrets, Error> {
    let unreadable = |name| move || answer(SingleError::Unreadable(name), 422);
    let secret = |text: &str| ReadableSecret::read(text);
    let token = secrets.api_token.map(|token| secret(&token).ok_or_else(unreadable("api_token")));
    Ok(single::Secrets {
        auth_secret: secret(&secrets.auth_secret).ok_or_else(unreadable("auth_secret"))?,
        password_hash: PasswordHash::from_stored(secrets.admin_password_hash)
            .map_err(|_| unreadable("admin_password_hash")())?,
        api_token: token.transpose()?,
        token_enabled: secrets.api_token_enabled,
        epoch: secrets.auth_epoch.unwrap_or(Time::from_micros(0)),
    })
}

/// `unset` is the status of an app without a password.
fn answer(error: SingleError, unset: u16) -> Error {
    let (status, code) = match &error {
        SingleError::AlreadySet => (409, "password_already_set"),
        SingleError::NotSet => (unset, "no_password_set"),
        SingleError::InvalidPassword => (422, "invalid_password"),
        SingleError::WrongPassword => (401, "invalid_credentials"),
        SingleError::Unreadable(_) => (422, "unreadable_backup"),
        SingleError::WeakHash => (422, "weak_password_hash"),
        SingleError::SessionNeeded => (403, "session_required"),
        SingleError::Other(_) => (500, "internal"),
    };
    match error {
        SingleError::Other(error) => Problem::from(error).into(),
        error => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            Problem::new(status, code, error.to_string()).into()
        }
    }
}

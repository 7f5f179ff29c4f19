//! Doorward's own cookies: host-only always, `__Host-` where the connection is secure.

use crate::Desk;
use access::headers::{cookies, session_cookie};
use domain::{Origin, Session, SessionState, Time, settings::SameSite};
use http::{HeaderMap, HeaderValue};
use std::time::Duration;
use vault::SessionSecret;

const DEVICE: &str = "doorward-device";
const DEVICE_LIFE: Duration = Duration::from_hours(365 * 24);

/// Sets a cookie that scripts cannot read and other hosts never see.
pub(crate) fn set(origin: &Origin, name: &str, value: &str, life: Duration) -> Option<HeaderValue> {
    line(origin, (name, value), life, SameSite::Lax)
}

fn line(
    origin: &Origin,
    (name, value): (&str, &str),
    life: Duration,
    same_site: SameSite,
) -> Option<HeaderValue> {
    let secure = if origin.is_secure() { "; Secure" } else { "" };
    let (same_site, seconds) = (same_site.as_str(), life.as_secs());
    let cookie = format!("{name}={value}; Path=/; HttpOnly; SameSite={same_site}; Max-Age={seconds}{secure}");
    HeaderValue::from_str(&cookie).ok()
}

/// Takes a cookie back.
pub(crate) fn clear(origin: &Origin, name: &str) -> Option<HeaderValue> {
    set(origin, name, "", Duration::ZERO)
}

/// The cookie of a session that has begun. It lasts as long as the session can; the server knows when it ends.
pub(crate) fn begin_session(session: &Session, secret: &SessionSecret, now: Time) -> Option<HeaderValue> {
    let SessionState::Live { ends_at, .. } = session.state else { return None };
    let life = ends_at.since(now);
    set(&session.origin, session_cookie(&session.origin), &secret.reveal(), life)
}

/// The cookie of a session at the home host, as the installation has set it.
pub(crate) fn begin_home_session(
    desk: &Desk,
    session: &Session,
    secret: &SessionSecret,
) -> Option<HeaderValue> {
    let SessionState::Live { ends_at, .. } = session.state else { return None };
    home_session(desk, &secret.reveal(), ends_at.since(desk.now()))
}

/// Takes the cookie of a session at the home host back.
pub(crate) fn end_home_session(desk: &Desk) -> Option<HeaderValue> {
    home_session(desk, "", Duration::ZERO)
}

fn home_session(desk: &Desk, value: &str, life: Duration) -> Option<HeaderValue> {
    let same_site = desk.house.settings().session_cookie.same_site;
    line(desk.home(), (desk.session_cookie(), value), life, same_site)
}

/// Takes the session's cookie back.
pub(crate) fn end_session(origin: &Origin) -> Option<HeaderValue> {
    clear(origin, session_cookie(origin))
}

/// A cookie's name at `origin`, with the prefix that browsers guard where they can.
pub(crate) fn prefixed(origin: &Origin, name: &str) -> String {
    if origin.is_secure() { format!("__Host-{name}") } else { name.to_owned() }
}

/// The cookie by which a browser proves that it signed in before.
pub(crate) fn set_device(origin: &Origin, value: &str) -> Option<HeaderValue> {
    set(origin, &prefixed(origin, DEVICE), value, DEVICE_LIFE)
}

/// What the browser says of having signed in before.
pub(crate) fn device(origin: &Origin, headers: &HeaderMap) -> Option<String> {
    let name = prefixed(origin, DEVICE);
    cookies(headers).find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
}

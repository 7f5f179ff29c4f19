//! The start of a sign-in at an app's host: what the browser keeps of it until it comes back (`security.md` 1).
//!
//! INVARIANT: it is kept in the browser alone, sealed for its state, its app and its origin; whoever has not got
//! the cookie cannot finish the sign-in.

use super::{Trouble, Visit, cover};
use crate::{
    Desk, Problem, cookies,
    pages::{LocalPath, see_other},
};
use access::{AppRoute, CredentialError, headers};
use axum::response::Response;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::Time;
use http::{HeaderMap, header, request::Parts};
use identity::handoff::challenge;
use std::time::Duration;
use vault::Purpose;

const COOKIE: &str = "doorward-start-";
const LIFE: Duration = Duration::from_mins(10);
/// As many sign-ins as one browser may have under way at one host.
const MOST: usize = 8;

/// What a browser keeps of a sign-in that it began.
pub(super) struct Start {
    pub(super) nonce: [u8; 32],
    pub(super) back: LocalPath,
    made: Time,
}

/// Leads a browser to the home host to sign in, and lets it remember where it wanted to go.
pub fn start_sign_in(desk: &Desk, route: &AppRoute, parts: &Parts) -> Response {
    lead_home(desk, route, (&parts.headers, LocalPath::of(&parts.uri)))
}

/// The same for a proxy that could not hand the start on to the browser itself, and sends the browser here; whoever
/// is signed in goes on at once.
pub(super) async fn begin(visit: &Visit<'_>) -> Result<Response, Trouble> {
    let back = LocalPath::read(&visit.field("rd").unwrap_or_default());
    match visit.desk.access.authenticate(&visit.parts.headers, visit.route).await {
        Ok(Some(_)) => Ok(see_other(back.as_str())),
        Ok(None) | Err(CredentialError::SessionEnded) => {
            Ok(lead_home(visit.desk, visit.route, (&visit.parts.headers, back)))
        }
        Err(error) => Err(Problem::from(error).into()),
    }
}

fn lead_home(desk: &Desk, route: &AppRoute, (headers, back): (&HeaderMap, LocalPath)) -> Response {
    let state = URL_SAFE_NO_PAD.encode(random(desk));
    let start = Start { nonce: random(desk), back, made: desk.now() };
    let challenge = URL_SAFE_NO_PAD.encode(challenge(&desk.house, &start.nonce));
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("app", &route.app.id.to_string())
        .append_pair("origin", &route.origin.to_string())
        .append_pair("state", &state)
        .append_pair("challenge", &challenge)
        .finish();
    let mut response = see_other(&format!("{}/open?{query}", desk.home()));
    let kept = cookies::set(&route.origin, &name(route, &state), &start.seal(desk, route, &state), LIFE);
    let gone = surplus(desk, route, headers).into_iter().map(|name| cookies::clear(&route.origin, &name));
    for line in gone.chain([kept]).flatten() {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
    cover(&mut response, route);
    response
}

impl Start {
    /// What this browser keeps of the sign-in of that state, unless it is too old.
    pub(super) fn find(desk: &Desk, route: &AppRoute, (headers, state): (&HeaderMap, &str)) -> Option<Self> {
        let wanted = name(route, state);
        let (_, sealed) = headers::cookies(headers).find(|(name, _)| *name == wanted)?;
        Self::open(desk, route, (state, sealed)).filter(|start| desk.now().since(start.made) <= LIFE)
    }

    fn seal(&self, desk: &Desk, route: &AppRoute, state: &str) -> String {
        let plain =
            [&self.nonce[..], &self.made.micros().to_be_bytes(), self.back.as_str().as_bytes()].concat();
        let sealed =
            desk.house.ring().seal(Purpose::Start, &place(route, state), &plain, desk.house.door().entropy());
        URL_SAFE_NO_PAD.encode(sealed)
    }

    fn open(desk: &Desk, route: &AppRoute, (state, sealed): (&str, &str)) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let plain = desk.house.ring().open(Purpose::Start, &place(route, state), &sealed).ok()?;
        let (nonce, rest) = plain.split_first_chunk::<32>()?;
        let (made, back) = rest.split_first_chunk::<8>()?;
        let made = Time::from_micros(i64::from_be_bytes(*made));
        Some(Self { nonce: *nonce, made, back: LocalPath::read(std::str::from_utf8(back).ok()?) })
    }
}

/// The name of the cookie for a state.
pub(super) fn name(route: &AppRoute, state: &str) -> String {
    cookies::prefixed(&route.origin, &format!("{COOKIE}{state}"))
}

/// Where sealed bytes belong: they open for no other state, app or origin.
fn place(route: &AppRoute, state: &str) -> Vec<u8> {
    format!("{state} {} {}", route.app.id, route.origin).into_bytes()
}

/// The cookies that must go so that one more leaves no more than [`MOST`]: the oldest, after those of no use.
fn surplus(desk: &Desk, route: &AppRoute, headers: &HeaderMap) -> Vec<String> {
    let prefix = name(route, "");
    let mut known: Vec<(Option<Time>, &str)> = headers::cookies(headers)
        .filter_map(|(name, sealed)| {
            let state = name.strip_prefix(&prefix)?;
            Some((Start::open(desk, route, (state, sealed)).map(|start| start.made), name))
        })
        .collect();
    known.sort();
    let surplus = (known.len() + 1).saturating_sub(MOST);
    known.into_iter().take(surplus).map(|(_, name)| name.to_owned()).collect()
}

fn random(desk: &Desk) -> [u8; 32] {
    let mut bytes = [0; 32];
    desk.house.door().entropy().fill(&mut bytes);
    bytes
}

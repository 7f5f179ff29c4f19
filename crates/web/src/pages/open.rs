//! `/open`: the home host's part in a sign-in that began at an app's host (`security.md` 1, 2).

use super::{LocalPath, Trouble, fields::Fields, guest::Guest, see_other};
use crate::{Desk, Problem, shield};
use access::AppRoute;
use axum::response::Response;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{App, Id, Origin};
use http::{HeaderValue, header};
use identity::handoff::{HandOff, hand_off};
use std::sync::Arc;

/// What an app's host asks for: which app, where, and the digest of what the browser there holds.
pub(super) struct Opening {
    app: Id<App>,
    origin: Origin,
    state: String,
    challenge: [u8; 32],
}

pub(super) async fn go(guest: Guest) -> Result<Response, Trouble> {
    let asked = Opening::read(guest.query());
    let opening =
        asked.ok_or_else(|| Problem::invalid("this link opens no app: open the app by its own address"))?;
    let route = opening.route(&guest.desk).ok_or_else(|| Problem::not_found("app"))?;
    let input = HandOff { app: route.app.id, origin: route.origin.clone(), challenge: opening.challenge };
    let code = hand_off(guest.house(), guest.actor(), input)
        .await
        .map_err(|error| Trouble::from(error).titled(format!("You cannot open {}", route.app.name)))?;
    Ok(see_other(&format!(
        "{}/.doorward/callback?code={}&state={}",
        route.origin,
        code.reveal(),
        opening.state
    )))
}

impl Opening {
    /// What `path` asks for, if it leads to an app.
    pub(super) fn find(path: &LocalPath) -> Option<Self> {
        let (path, query) = path.parts();
        if path == "/open" { Self::read(Fields::read(query.as_bytes())) } else { None }
    }

    /// The route of the app, at an origin that is one of its own.
    pub(super) fn route(&self, desk: &Desk) -> Option<Arc<AppRoute>> {
        desk.access.find_route(self.app, &self.origin)
    }

    fn read(mut query: Fields) -> Option<Self> {
        let mut field = |name| query.take_raw(name).ok().flatten();
        let state = field("state").filter(|state| bytes(state).is_some())?;
        let challenge = bytes(&field("challenge")?)?;
        Some(Self {
            app: field("app")?.parse().ok()?,
            origin: field("origin")?.parse().ok()?,
            state,
            challenge,
        })
    }
}

/// Lets a page's form lead on to the app: Chromium holds `form-action` against what a form's answer redirects to.
pub(super) fn let_go_on_to(response: &mut Response, route: &AppRoute) {
    let ours = shield::PAGE_POLICY;
    let policy = ours.replace("form-action 'self'", &format!("form-action 'self' {}", route.origin));
    if let Ok(policy) = HeaderValue::try_from(policy) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// The 32 bytes that 43 characters of base64url stand for.
fn bytes(text: &str) -> Option<[u8; 32]> {
    URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()
}

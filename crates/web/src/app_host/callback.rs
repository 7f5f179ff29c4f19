//! The end of a sign-in at an app's host: the code from the home host is exchanged for a session here.

use super::{
    Trouble, Visit,
    start::{self, Start},
};
use crate::{
    cookies,
    pages::{LocalPath, see_other},
};
use axum::response::Response;
use http::header;
use identity::{
    Error, SignedIn,
    handoff::{Exchange, exchange},
    sign_in::Visitor,
};
use policy::Hint;
use std::borrow::Cow;

/// Exchanges the code, if this browser began the sign-in, and leads back to where it wanted to go.
pub(super) async fn finish(visit: &Visit<'_>) -> Result<Response, Trouble> {
    let Visit { desk, route, client, parts } = visit;
    let query = parts.uri.query().unwrap_or_default();
    let field = |wanted: &str| {
        form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == wanted).map(|(_, v)| v)
    };
    let state: Cow<'_, str> = field("state").unwrap_or_default();
    let start = Start::find(desk, route, (&parts.headers, &state));
    let back = start.as_ref().map_or_else(|| LocalPath::read("/"), |start| start.back.clone());
    let code = field("code").and_then(|code| code.parse().ok());
    let agent =
        parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let exchanged = match (start, code) {
        (Some(Start { nonce, .. }), Some(code)) => {
            let visitor = Visitor { agent: agent.to_owned(), address: client.address };
            let input = Exchange { code, nonce, app: route.app.id, origin: route.origin.clone(), visitor };
            exchange(&desk.house, &client.anonymous(), input).await
        }
        _ => Err(Error::HandoffInvalid),
    };
    match exchanged {
        Ok(signed_in) => Ok(visit.go_back(&signed_in, &back, &state)),
        // The sign-in at the home host ended on the way.
        Err(Error::Denied(denied)) if denied.hint == Hint::SignIn => {
            Err(Trouble { retry: Some(back), ..Error::HandoffInvalid.into() })
        }
        Err(error) => Err(Trouble { retry: Some(back), ..error.into() }),
    }
}

impl Visit<'_> {
    fn go_back(&self, signed_in: &SignedIn, back: &LocalPath, state: &str) -> Response {
        let mut response = see_other(back.as_str());
        let begun = cookies::begin_session(&signed_in.session, &signed_in.secret, self.desk.now());
        let spent = cookies::clear(&self.route.origin, &start::name(self.route, state));
        for line in [begun, spent].into_iter().flatten() {
            response.headers_mut().append(header::SET_COOKIE, line);
        }
        response
    }
}

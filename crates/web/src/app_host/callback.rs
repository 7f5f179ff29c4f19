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

/// Exchanges the code, if this browser began the sign-in, and leads back to where it wanted to go.
pub(super) async fn finish(visit: &Visit<'_>) -> Result<Response, Trouble> {
    let state = visit.field("state").unwrap_or_default();
    let start = Start::find(visit.desk, visit.route, (&visit.parts.headers, &state));
    let back = start.as_ref().map_or_else(|| LocalPath::read("/"), |start| start.back.clone());
    match visit.exchange(start).await {
        Ok(signed_in) => Ok(visit.go_back(&signed_in, &back, &state)),
        Err(error) => Err(Trouble { retry: Some(back), ..error.into() }),
    }
}

impl Visit<'_> {
    async fn exchange(&self, start: Option<Start>) -> Result<SignedIn, Error> {
        let code = self.field("code").and_then(|code| code.parse().ok());
        let (Some(Start { nonce, .. }), Some(code)) = (start, code) else {
            return Err(Error::HandoffInvalid);
        };
        let agent = self.parts.headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok());
        let visitor = Visitor { agent: agent.unwrap_or_default().to_owned(), address: self.client.address };
        let (app, origin) = (self.route.app.id, self.route.origin.clone());
        let input = Exchange { code, nonce, app, origin, visitor };
        exchange(&self.desk.house, &self.client.anonymous(), input).await.map_err(|error| match error {
            // The sign-in at the home host has ended on the way.
            Error::Denied(denied) if denied.hint == Hint::SignIn => Error::HandoffInvalid,
            other => other,
        })
    }

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

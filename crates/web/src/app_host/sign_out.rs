//! Signing out at an app's host ends the whole sign-in: the home session and all that came from it.

use super::{Trouble, Visit, frame};
use crate::{
    Problem, cookies, same_origin,
    views::{Frame, respond},
};
use askama::Template;
use axum::response::Response;
use http::{StatusCode, header};
use identity::{Error, sessions};

/// Asks before it posts to `/.doorward/sign-out`.
#[derive(Template)]
#[template(path = "app_sign_out.html")]
struct SignOut {
    frame: Frame,
    /// Who is signed in: their e-mail address.
    who: String,
    app: String,
}

/// The end: no redirect, for the app would lead back to the sign-in at once.
#[derive(Template)]
#[template(path = "app_signed_out.html")]
struct SignedOut {
    frame: Frame,
    app: String,
    home_url: String,
}

pub(super) async fn show(visit: &Visit<'_>) -> Result<Response, Trouble> {
    match visit.known().await {
        Ok(who) => {
            let (frame, app) = visit.frame_and_app();
            Ok(respond(StatusCode::OK, &SignOut { frame, who: who.email.to_string(), app }))
        }
        Err(problem) if problem.status == StatusCode::UNAUTHORIZED => Ok(visit.signed_out()),
        Err(problem) => Err(problem.into()),
    }
}

pub(super) async fn submit(visit: &Visit<'_>) -> Result<Response, Trouble> {
    let known = visit.known().await;
    let carrier = known.as_ref().ok().map(|who| who.carrier);
    same_origin::check(visit.parts, &visit.route.origin, carrier)?;
    let who = match known {
        Err(problem) if problem.status == StatusCode::UNAUTHORIZED => return Ok(visit.signed_out()),
        known => known?,
    };
    let actor = who.actor(visit.client.address, &visit.client.request);
    match sessions::end_own(&visit.desk.house, &actor).await {
        Ok(()) => Ok(visit.signed_out()),
        Err(Error::NotFound(_)) => {
            Err(Problem::invalid("a token is revoked at the home host, not signed out").into())
        }
        Err(error) => Err(error.into()),
    }
}

impl Visit<'_> {
    fn signed_out(&self) -> Response {
        let (frame, app) = self.frame_and_app();
        let page = SignedOut { frame, app, home_url: self.desk.home().to_string() };
        let mut response = respond(StatusCode::OK, &page);
        if let Some(line) = cookies::end_session(&self.route.origin) {
            response.headers_mut().append(header::SET_COOKIE, line);
        }
        response
    }

    fn frame_and_app(&self) -> (Frame, String) {
        (frame(self.route.origin.host()), self.route.app.name.to_string())
    }
}

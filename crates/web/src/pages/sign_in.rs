//! `/login`: signing in with a password.

use super::{
    LocalPath, Trouble, fields::Fields, frame, guest::Stranger, open, open::Opening, see_other, sentence,
    setup, trouble::add_hints,
};
use crate::{
    Caller, Desk, Problem, cookies,
    views::{AppToOpen, SignIn, respond},
};
use axum::{extract::State, response::Response};
use http::{StatusCode, header, request::Parts};
use identity::{
    Error, SignedIn,
    sign_in::{Credentials, device_cookie, sign_in},
};
use vault::Password;

pub(super) async fn show(State(desk): State<Desk>, parts: Parts) -> Result<Response, Trouble> {
    let next = LocalPath::read(&Fields::of_query(&parts.uri).take("next")?.unwrap_or_default());
    let caller = Caller::maybe_known(&desk, &parts).await?;
    if caller.snapshot.is_some() {
        return Ok(see_other(next.as_str()));
    }
    if !identity::setup::is_done(&desk.house, &caller.actor).await? {
        return Ok(setup::not_set_up(&desk));
    }
    Ok(page(&desk, &next, Refusal::default()))
}

pub(super) async fn submit(stranger: Stranger, mut fields: Fields) -> Result<Response, Trouble> {
    let Stranger { desk, caller } = stranger;
    let (identifier, password) = (fields.text("identifier")?, fields.password("password")?);
    let next = LocalPath::read(&fields.take("next")?.unwrap_or_default());
    fields.end()?;
    let signed_in = match Password::new(password) {
        Ok(password) => {
            let (device, visitor) = (caller.device.clone(), caller.visitor());
            let input = Credentials { identifier: identifier.clone(), password, device, visitor };
            sign_in(&desk.house, &caller.actor, input).await
        }
        Err(error) => Err(error.into()),
    };
    match signed_in {
        Ok(signed_in) => {
            let mut response = see_other(next.as_str());
            set_cookies(&desk, &mut response, &signed_in);
            Ok(response)
        }
        Err(
            error @ (Error::InvalidCredentials | Error::TooMany(_) | Error::Busy | Error::LongPassword(_)),
        ) => Ok(page(&desk, &next, Refusal { identifier, problem: Some(error.into()) })),
        Err(error) => Err(error.into()),
    }
}

/// A try that did not work; nothing at all when there was none yet.
#[derive(Default)]
struct Refusal {
    identifier: String,
    problem: Option<Problem>,
}

fn page(desk: &Desk, next: &LocalPath, refusal: Refusal) -> Response {
    let app = Opening::find(next).and_then(|opening| opening.route(desk));
    let Refusal { identifier, problem } = refusal;
    let wait = problem.as_ref().and_then(|problem| problem.retry_after);
    let error = problem.as_ref().map(|problem| match problem.retry_after {
        Some(_) => "There were too many tries.".to_owned(),
        None => sentence(&problem.detail),
    });
    let page = SignIn {
        frame: frame(desk),
        app: app.as_ref().map(|route| AppToOpen {
            name: route.app.name.to_string(),
            host: route.origin.host().to_owned(),
        }),
        next: if next.as_str() == "/" { String::new() } else { next.as_str().to_owned() },
        identifier,
        error,
        retry_after: wait,
    };
    let mut response = respond(problem.as_ref().map_or(StatusCode::OK, |problem| problem.status), &page);
    if let Some(problem) = &problem {
        add_hints(&mut response, problem);
    }
    if let Some(route) = app {
        open::let_go_on_to(&mut response, &route);
    }
    response
}

/// Sets the cookies of a session that has begun at the home host.
pub(super) fn set_cookies(desk: &Desk, response: &mut Response, signed_in: &SignedIn) {
    let device = device_cookie(&desk.house, signed_in.user.id);
    let session = cookies::begin_home_session(desk, &signed_in.session, &signed_in.secret);
    for line in [session, cookies::set_device(desk.home(), &device)].into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
}

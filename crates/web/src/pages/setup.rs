//! `/setup`: the first account, with the code of the setup link.

use super::{
    Trouble, fields::Fields, frame, guest::Stranger, see_other, sentence, sign_in::set_cookies,
    trouble::add_hints,
};
use crate::{
    Desk, Problem,
    views::{Frame, Setup, SetupClosed, Typed, respond},
};
use askama::Template;
use axum::response::Response;
use domain::{DisplayName, Email};
use http::{StatusCode, Uri};
use identity::{
    Error,
    setup::{SetUp, check_code, is_done, set_up},
};
use vault::{CodeSecret, Password};

/// Where nobody has an account yet: how the first one is made.
#[derive(Template)]
#[template(path = "not_set_up.html")]
struct NotSetUp {
    frame: Frame,
}

pub(super) fn not_set_up(desk: &Desk) -> Response {
    respond(StatusCode::OK, &NotSetUp { frame: frame(desk) })
}

pub(super) async fn show(stranger: Stranger, uri: Uri) -> Result<Response, Trouble> {
    let Stranger { desk, caller } = stranger;
    let Some(text) = Fields::of_query(&uri).take("code")? else {
        let done = is_done(&desk.house, &caller.actor).await?;
        return if done { closed(&desk, Error::SetupDone) } else { Ok(not_set_up(&desk)) };
    };
    let checked = match text.parse() {
        Ok(code) => check_code(&desk.house, &caller.actor, &code).await,
        Err(_) => Err(Error::SetupCodeInvalid),
    };
    match checked {
        Ok(()) => {
            let (email, name) = (Typed::default(), Typed::default());
            let page = Setup { frame: frame(&desk), code: text, email, name, password_error: None };
            Ok(respond(StatusCode::OK, &page))
        }
        Err(error) => closed(&desk, error),
    }
}

pub(super) async fn submit(stranger: Stranger, mut fields: Fields) -> Result<Response, Trouble> {
    let Stranger { desk, caller } = stranger;
    let (code, password) = (fields.text("code")?, fields.password("password")?);
    let (email, name) = (fields.text("email")?, fields.text("name")?);
    fields.end()?;
    let page = Setup {
        frame: frame(&desk),
        code,
        email: checked::<Email>(email),
        name: checked::<DisplayName>(name),
        password_error: None,
    };
    let Ok(code) = page.code.parse::<CodeSecret>() else { return closed(&desk, Error::SetupCodeInvalid) };
    let (Ok(email), Ok(name)) = (page.email.value.parse(), page.name.value.parse()) else {
        return Ok(respond(StatusCode::UNPROCESSABLE_ENTITY, &page));
    };
    let made = match Password::new(password) {
        Ok(password) => {
            let input = SetUp { code, email, name, password, visitor: caller.visitor() };
            set_up(&desk.house, &caller.actor, input).await
        }
        Err(error) => Err(error.into()),
    };
    match made {
        Ok(signed_in) => {
            let mut response = see_other("/?done=welcome");
            set_cookies(&desk, &mut response, &signed_in);
            Ok(response)
        }
        Err(error @ (Error::WeakPassword(_) | Error::LongPassword(_) | Error::Busy)) => {
            let problem = Problem::from(error);
            let page = Setup { password_error: Some(sentence(&problem.detail)), ..page };
            let mut response = respond(problem.status, &page);
            add_hints(&mut response, &problem);
            Ok(response)
        }
        Err(error) => closed(&desk, error),
    }
}

/// What was typed, with what is wrong with it.
fn checked<T: std::str::FromStr<Err = domain::Refused>>(text: String) -> Typed {
    let error = text.parse::<T>().err().map(|refused| sentence(&refused.to_string()));
    Typed { value: text, error }
}

/// The page for a link that opens nothing; other errors stay what they are.
fn closed(desk: &Desk, error: Error) -> Result<Response, Trouble> {
    let (reason, done) = match error {
        Error::SetupCodeInvalid => {
            ("It was used, or is older than thirty minutes, or a newer one was made since.", false)
        }
        Error::SetupDone => ("The first account was made, so the setup is closed for good.", true),
        other => return Err(other.into()),
    };
    let page = SetupClosed { frame: frame(desk), reason: reason.to_owned(), done };
    Ok(respond(Problem::from(error).status, &page))
}

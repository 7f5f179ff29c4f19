//! Setting up, signing in and out, and the list of signed-in browsers.

use super::{
    people::{PasswordText, User},
    shape::{List, Nothing, Reply, SessionChange, SessionPage},
};
use crate::{Caller, Desk, Problem};
use domain::{DisplayName, Email, Id, Session, SessionState, Time};
use identity::{
    sessions::{self, SignInShown},
    setup, sign_in as signing_in,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The first account.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetUp {
    /// The code of the setup link.
    #[schemars(length(min = 1, max = 100))]
    code: String,
    /// The address to sign in with.
    email: Email,
    /// A password of your own.
    password: PasswordText,
    /// What you are called.
    name: DisplayName,
}

/// The first account was made.
#[derive(Serialize, JsonSchema)]
pub(super) struct SetUpDone {
    user: User,
}

/// Who signs in.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SignIn {
    /// An e-mail address or a handle.
    #[schemars(length(min = 1, max = 254))]
    identifier: String,
    /// The password.
    password: PasswordText,
}

/// A sign-in that worked.
#[derive(Serialize, JsonSchema)]
pub(super) struct SignedIn {
    user: User,
    session: Shown,
}

/// The password, once more.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Proof {
    /// The password.
    password: PasswordText,
}

/// One session.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    id: Id<Session>,
}

/// How many sessions ended.
#[derive(Serialize, JsonSchema)]
pub(super) struct Ended {
    /// Sessions at the home host and at apps.
    ended: u64,
}

/// A signed-in browser.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Shown {
    id: Id<Session>,
    user: Id<domain::User>,
    /// Whether it is the one that asks.
    current: bool,
    /// The apps that were opened from it.
    apps: Vec<String>,
    /// The address that it signed in from.
    address: Option<String>,
    /// What the browser calls itself.
    agent: String,
    created_at: Time,
    last_used_at: Time,
    expires_at: Time,
}

impl Shown {
    fn of(shown: SignInShown, caller: &Caller) -> Self {
        let SignInShown { session, apps } = shown;
        let own = caller.snapshot.as_ref().and_then(|snapshot| snapshot.sign_in);
        Self {
            id: session.id,
            user: session.user,
            current: own == Some(session.id),
            apps: apps.iter().map(ToString::to_string).collect(),
            address: session.address.map(|address| address.to_string()),
            agent: session.agent,
            created_at: session.created_at,
            last_used_at: session.used_at,
            expires_at: match session.state {
                SessionState::Live { expires_at, .. } => expires_at,
                SessionState::Ended { at } => at,
            },
        }
    }
}

pub(super) async fn set_up(desk: &Desk, caller: &Caller, input: SetUp) -> Result<Reply<SetUpDone>, Problem> {
    let SetUp { code, email, password, name } = input;
    let Ok(code) = code.parse() else {
        let done = setup::is_done(&desk.house, &caller.actor).await?;
        return Err(if done { identity::Error::SetupDone } else { identity::Error::SetupCodeInvalid }.into());
    };
    let (password, visitor) = (password.read()?, caller.visitor());
    let made =
        setup::set_up(&desk.house, &caller.actor, setup::SetUp { code, email, name, password, visitor })
            .await?;
    let output = SetUpDone { user: made.user.clone().into() };
    Ok(Reply { output, session: SessionChange::Begin(Box::new(made)) })
}

pub(super) async fn sign_in(desk: &Desk, caller: &Caller, input: SignIn) -> Result<Reply<SignedIn>, Problem> {
    let (password, visitor, device) = (input.password.read()?, caller.visitor(), caller.device.clone());
    let credentials = signing_in::Credentials { identifier: input.identifier, password, device, visitor };
    let made = signing_in::sign_in(&desk.house, &caller.actor, credentials).await?;
    let shown = SignInShown { session: made.session.clone(), apps: Vec::new() };
    let session = Shown { current: true, ..Shown::of(shown, caller) };
    let output = SignedIn { user: made.user.clone().into(), session };
    Ok(Reply { output, session: SessionChange::Begin(Box::new(made)) })
}

pub(super) async fn list(
    desk: &Desk,
    caller: &Caller,
    input: SessionPage,
) -> Result<Reply<List<Shown>>, Problem> {
    let user = input.user.map(|user| user.0);
    let page = sessions::list(&desk.house, &caller.actor, user, (input.after, input.limit.rows())).await?;
    Ok(List::reply(page, |shown| Shown::of(shown, caller)))
}

pub(super) async fn end(desk: &Desk, caller: &Caller, input: One) -> Result<Reply<()>, Problem> {
    sessions::end(&desk.house, &caller.actor, input.id).await?;
    Ok(Reply::of(()))
}

pub(super) async fn end_current(desk: &Desk, caller: &Caller, _: Nothing) -> Result<Reply<()>, Problem> {
    sessions::end_own(&desk.house, &caller.actor).await?;
    Ok(Reply { output: (), session: SessionChange::End })
}

pub(super) async fn end_others(desk: &Desk, caller: &Caller, _: Nothing) -> Result<Reply<Ended>, Problem> {
    let ended = sessions::end_others(&desk.house, &caller.actor).await?;
    Ok(Reply::of(Ended { ended }))
}

pub(super) async fn prove(desk: &Desk, caller: &Caller, input: Proof) -> Result<Reply<()>, Problem> {
    signing_in::prove_again(&desk.house, &caller.actor, input.password.read()?).await?;
    Ok(Reply::of(()))
}

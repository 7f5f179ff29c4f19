//! API tokens.

use super::shape::{List, Named, Reply, TokenPage};
use crate::{Caller, Desk, Problem};
use domain::{ApiToken, Id, Selection, Time, TokenName};
use identity::tokens::{self, NewToken};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An API token, without its secret.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Token {
    id: Id<ApiToken>,
    owner: Id<domain::User>,
    name: String,
    /// The first characters of the secret, by which one tells tokens apart.
    prefix: String,
    created_at: Time,
    expires_at: Option<Time>,
    last_used_at: Option<Time>,
    revoked_at: Option<Time>,
    /// The ids of the apps that it opens, or `*`.
    apps: Vec<String>,
    /// What may be done with it, or `*`.
    permissions: Vec<String>,
}

impl From<ApiToken> for Token {
    fn from(token: ApiToken) -> Self {
        Self {
            id: token.id,
            owner: token.owner,
            name: token.name.to_string(),
            prefix: token.prefix,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.used_at,
            revoked_at: token.revoked_at,
            apps: texts(&token.scope.apps),
            permissions: texts(&token.scope.permissions),
        }
    }
}

fn texts<T: ToString>(selection: &Selection<T>) -> Vec<String> {
    match selection {
        Selection::All => vec!["*".to_owned()],
        Selection::Only(items) => items.iter().map(ToString::to_string).collect(),
    }
}

/// A token that is to be made. Its scope must be named: apps, permissions, or both.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("anyOf" = [
    { "required": ["apps"], "properties": { "apps": { "minItems": 1 } } },
    { "required": ["permissions"], "properties": { "permissions": { "minItems": 1 } } },
]))]
pub(super) struct New {
    /// Whose it is to be, by id, e-mail address or handle; your own when absent. Only the local operator may name
    /// somebody else.
    #[serde(default)]
    user: Option<Named>,
    /// What you call it.
    name: TokenName,
    /// After how many days it stops; never when absent.
    #[serde(default)]
    #[schemars(range(min = 1, max = 3650))]
    expires_in_days: Option<u32>,
    /// The apps that it opens, by name or id; `["*"]` for all that are open to you.
    #[serde(default)]
    #[schemars(length(max = 100), inner(length(min = 1, max = 100)))]
    apps: Vec<String>,
    /// What may be done with it, as `resource:action`; `["*"]` for all that you may.
    #[serde(default)]
    #[schemars(length(max = 100), inner(length(min = 1, max = 100)))]
    permissions: Vec<String>,
}

/// A token and its secret, which is shown this once.
#[derive(Serialize, JsonSchema)]
pub(super) struct Made {
    token: Token,
    /// To be kept by whoever uses it; it cannot be shown again.
    secret: String,
}

/// One token.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct One {
    id: Id<ApiToken>,
}

pub(super) async fn list(
    desk: &Desk,
    caller: &Caller,
    input: TokenPage,
) -> Result<Reply<List<Token>>, Problem> {
    let user = input.user.map(|user| user.0);
    let page = tokens::list(&desk.house, &caller.actor, user, (input.after, input.limit.rows())).await?;
    Ok(List::reply(page, Token::from))
}

pub(super) async fn create(desk: &Desk, caller: &Caller, input: New) -> Result<Reply<Made>, Problem> {
    let new = read(input)?;
    let (token, secret) = tokens::create(&desk.house, &caller.actor, new).await?;
    Ok(Reply::of(Made { token: token.into(), secret: secret.reveal() }))
}

fn read(input: New) -> Result<NewToken, Problem> {
    let New { user, name, expires_in_days, apps, permissions } = input;
    if expires_in_days.is_some_and(|days| !(1..=3650).contains(&days)) {
        return Err(Problem::invalid("`expires_in_days` is 1 to 3650"));
    }
    let fits = |text: &String| (1..=100).contains(&text.chars().count());
    if apps.len() > 100 || permissions.len() > 100 || !apps.iter().chain(&permissions).all(fits) {
        return Err(Problem::invalid(
            "`apps` and `permissions` hold at most 100 names of 1 to 100 characters",
        ));
    }
    Ok(NewToken { owner: user.map(|user| user.0), name, expires_in_days, apps, permissions })
}

pub(super) async fn revoke(desk: &Desk, caller: &Caller, input: One) -> Result<Reply<()>, Problem> {
    tokens::revoke(&desk.house, &caller.actor, input.id).await?;
    Ok(Reply::of(()))
}

//! API tokens.

use crate::{
    Error, House,
    account::{own_id, own_row},
    error::unseen,
    naming,
};
use domain::{Actor, ApiToken, Id, Page, Permission, Proof, Scope, Selection, Time, TokenName};
use policy::{
    Known,
    actions::{CreateToken, ListTokens, RevokeToken},
};
use serde_json::json;
use std::time::Duration;
use store::{Ending, Work, tables::tokens};
use vault::{Purpose, TokenSecret};

const DAY: Duration = Duration::from_hours(24);

/// A token that is to be made.
#[derive(Debug, Clone)]
pub struct NewToken {
    /// Whose it is to be, by id, e-mail address or handle; the actor's own when `None`.
    pub owner: Option<String>,
    /// What its owner calls it.
    pub name: TokenName,
    /// After how many days it stops; `None` for never.
    pub expires_in_days: Option<u32>,
    /// Apps by name or id, `*` for all that the owner may open.
    pub apps: Vec<String>,
    /// `resource:action`, `*` for all that the owner may do.
    pub permissions: Vec<String>,
}

/// Lists tokens, newest first: one's own, or for an administrator those of `of` (`*` for everyone's).
pub async fn list(
    house: &House,
    actor: &Actor,
    of: Option<String>,
    page: (Option<Id<ApiToken>>, u32),
) -> Result<Page<ApiToken>, Error> {
    let read = house.door.read(actor, (of, page), |look, (of, page)| -> Result<_, Error> {
        let visible = look.visible::<ListTokens>()?;
        let owner = match of.as_deref() {
            Some("*") => None,
            Some(text) => Some(naming::find_user(look, text)?.ok_or(Error::NotFound("account"))?.id),
            None => look.actor().user(),
        };
        if visible.owner().is_some() && visible.owner() != owner {
            return Err(Error::NotFound("account"));
        }
        Ok(tokens::list(look, &visible, owner, page)?)
    });
    read.await
}

/// Shows one token, never its secret, to its owner.
pub async fn show(house: &House, actor: &Actor, id: Id<ApiToken>) -> Result<ApiToken, Error> {
    let read = house.door.read(actor, id, |look, id| -> Result<_, Error> {
        let token = tokens::find(look, id)?.ok_or(Error::NotFound("token"))?;
        look.permit::<RevokeToken>(&token).map_err(unseen("token"))?;
        Ok(token)
    });
    read.await
}

/// Makes a token for the actor, or for whom the policy lets them make one. It carries no more than the credential that
/// makes it, and lives no longer (`security.md` 8). The secret is answered once and kept nowhere.
pub async fn create(house: &House, actor: &Actor, new: NewToken) -> Result<(ApiToken, TokenSecret), Error> {
    let own = if new.owner.is_none() { Some(own_id(actor)?) } else { None };
    let secret = TokenSecret::generate(house.door.entropy());
    let (digest, prefix) = (house.digest(Purpose::Token, secret.bytes()), secret.prefix());
    let known = house.door.policy().known().to_vec();
    let write = house.door.write(actor, (own, new), move |work, (own, new)| -> Result<_, Error> {
        let user = match own {
            Some(own) => own_row(work, *own)?,
            None => naming::find_user(work, new.owner.as_deref().unwrap_or_default())?
                .ok_or(Error::NotFound("account"))?,
        };
        let permit = work.permit::<CreateToken>(&user).map_err(unseen("account"))?;
        let scope = scope_of(work, &known, new)?;
        let expires_at = new.expires_in_days.map(|days| work.now().plus(DAY * days));
        within_credential(work, &scope, expires_at)?;
        let token = ApiToken {
            id: work.new_id(),
            owner: user.id,
            name: new.name.clone(),
            prefix: prefix.clone(),
            scope,
            created_at: work.now(),
            used_at: None,
            expires_at,
            revoked_at: None,
        };
        tokens::insert(work, &permit, &token, &digest)?;
        let after = json!({ "name": token.name, "prefix": token.prefix, "apps": new.apps,
                            "permissions": new.permissions, "expires_at": token.expires_at });
        let deed = work.deed(permit).about(token.id).change(json!({}), after);
        Ok(Ending::Done(token, deed))
    });
    let token = write.await?;
    Ok((token, secret))
}

/// Ends a token: the very next request with it is refused.
pub async fn revoke(house: &House, actor: &Actor, id: Id<ApiToken>) -> Result<ApiToken, Error> {
    let write = house.door.write(actor, id, |work, id| -> Result<_, Error> {
        let token = tokens::find(work, *id)?.ok_or(Error::NotFound("token"))?;
        let permit = work.permit::<RevokeToken>(&token).map_err(unseen("token"))?;
        if token.revoked_at.is_some() {
            return Err(Error::NotFound("token"));
        }
        tokens::revoke(work, &permit, &token)?;
        let deed = work.deed(permit).change(json!({}), json!({ "name": token.name, "prefix": token.prefix }));
        Ok(Ending::Done(ApiToken { revoked_at: Some(work.now()), ..token }, deed))
    });
    write.await
}

fn scope_of(work: &mut Work<'_, '_>, known: &[Known], new: &NewToken) -> Result<Scope, Error> {
    if new.apps.is_empty() && new.permissions.is_empty() {
        return Err(Error::ScopeRequired);
    }
    let apps = if new.apps.iter().any(|app| app == "*") {
        Selection::All
    } else {
        let found = naming::find_each(work, &new.apps, "app", naming::find_app)?;
        Selection::Only(found.into_iter().map(|app| app.id).collect())
    };
    let permissions = if new.permissions.iter().any(|name| name == "*") {
        Selection::All
    } else {
        Selection::Only(new.permissions.iter().map(|name| permission(known, name)).collect::<Result<_, _>>()?)
    };
    Ok(Scope { apps, permissions })
}

fn permission(known: &[Known], name: &str) -> Result<Permission, Error> {
    let known = known.iter().find(|known| known.name == name);
    known.map(|known| Permission::known(known.name)).ok_or_else(|| {
        let shown: String = name.chars().filter(|c| !c.is_control()).take(80).collect();
        Error::Refused(format!("there is no permission `{shown}`"))
    })
}

fn within_credential(work: &mut Work<'_, '_>, scope: &Scope, expires_at: Option<Time>) -> Result<(), Error> {
    if !work.principal()?.scope.covers(scope) {
        return Err(Error::Refused("a token cannot carry more than the token that makes it".to_owned()));
    }
    let Proof::Token(maker) = work.actor().proof else { return Ok(()) };
    let last = tokens::find(work, maker)?.and_then(|maker| maker.expires_at);
    let outlives = |last: Time| expires_at.is_none_or(|end| end > last);
    if last.is_some_and(outlives) {
        return Err(Error::Refused("a token cannot live longer than the token that makes it".to_owned()));
    }
    Ok(())
}

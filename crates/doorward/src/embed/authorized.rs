//! The thing that a path names, once the policy has let who asks have it.

use super::{Error, visit::Visit};
use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use policy::{Action, Resource};
use std::str::FromStr;
use store::Load;

/// The thing that the path's `{id}` (or its only parameter) names: loaded, and decided on as it is there, in one
/// transaction. Whoever may not do `R` to it is answered as if it were not there.
///
/// It is for handlers that show it. One that changes it asks again where it changes it, by
/// [`authorize`](crate::db::Writing::authorize) in [`Db::write`](crate::Db::write).
pub struct Authorized<R: Action>(pub R::On);

impl<R, S> FromRequestParts<S> for Authorized<R>
where
    R: Action<On: Load + Send + 'static>,
    <R::On as Resource>::Id: FromStr,
    S: Send + Sync,
{
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let unseen = || Error::NotFound(R::thing());
        let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| unseen())?;
        let named = params.iter().find(|(name, _)| *name == "id").or_else(|| params.iter().next());
        let id = named.and_then(|(_, text)| text.parse().ok()).ok_or_else(unseen)?;
        let visit = Visit::of(parts)?;
        let actor = visit.actor();
        let read = visit.doorward().door().read(&actor, id, |look, id| -> Result<_, Error> {
            let (thing, _) = look.authorize::<R>(id)?;
            Ok(Self(thing))
        });
        read.await
    }
}

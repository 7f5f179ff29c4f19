//! A permission that a handler asks for by its type.

use super::{Error, Requirement, visit::Visit};
use axum::extract::FromRequestParts;
use http::request::Parts;
use policy::Action;
use std::{fmt, marker::PhantomData};

/// That who asks may do `P` to something: to anything, or to what is their own. It answers 401 or 403 where they may
/// not. For a certain thing, take [`Authorized`](super::Authorized) or ask in the transaction.
pub struct Require<P>(PhantomData<fn() -> P>);

impl<P: Action, S: Sync> FromRequestParts<S> for Require<P> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Requirement::permission::<P>().check(Visit::of(parts)?).await?;
        Ok(Self(PhantomData))
    }
}

impl<P: Action> fmt::Debug for Require<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Require({})", P::NAME)
    }
}

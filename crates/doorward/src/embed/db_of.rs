//! The database as an extractor.

use super::{Error, visit::Visit};
use crate::Db;
use axum::extract::FromRequestParts;
use http::request::Parts;

impl<S: Sync> FromRequestParts<S> for Db {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let visit = Visit::of(parts)?;
        Ok(Self::new(visit.doorward().clone(), visit.actor()))
    }
}

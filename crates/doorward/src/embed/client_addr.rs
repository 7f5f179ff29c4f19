//! Where a request comes from.

use super::{Error, visit::Visit};
use axum::extract::FromRequestParts;
use http::request::Parts;
use std::net::IpAddr;

/// The client's address: that of the connection, or the right-most one that a trusted proxy did not write itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddr(pub IpAddr);

impl<S: Sync> FromRequestParts<S> for ClientAddr {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Visit::of(parts)?.client().address.map(Self).ok_or_else(Error::outside)
    }
}

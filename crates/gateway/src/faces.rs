//! What the gateway leaves to others: pages, and the paths that are Doorward's own.

use crate::{Asked, Body, Client, Refusal};
use access::AppRoute;
use futures_util::future::BoxFuture;
use http::{Request, Response, request::Parts};
use std::sync::Arc;

/// The pages and problems that the gateway shows; the binary hands them in.
pub trait Faces: Send + Sync {
    /// The answer to a request that does not reach its app. The gateway itself adds `WWW-Authenticate` to a
    /// 401, and `Retry-After` where the refusal says when.
    fn refuse<'a>(&'a self, refusal: &'a Refusal, asked: &'a Asked) -> BoxFuture<'a, Response<Body>>;

    /// The answer to a request below `/.doorward/` on an app's host. Nothing of it has been checked but its host.
    fn own_path(
        &self,
        route: Arc<AppRoute>,
        client: Client,
        request: Request<Body>,
    ) -> BoxFuture<'_, Response<Body>>;

    /// The built-in sample app. It gets what any other app would get.
    fn sample(&self, request: Parts) -> BoxFuture<'_, Response<Body>>;
}

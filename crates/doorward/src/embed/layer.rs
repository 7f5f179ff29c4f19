//! The tower layer in front of every handler: who asks, from where, may they, and what the answer carries.

use super::{
    Doorward, Error, Requirement,
    carried::Carried,
    settings::check_origin,
    timely::Late,
    visit::{Visit, Who},
};
use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use futures_util::future::BoxFuture;
use http::request::Parts;
use std::{
    convert::Infallible,
    task::{Context, Poll},
};
use tower::{Layer, Service, ServiceExt as _};
use web::{Client, Noted, embed};

/// A [`tower::Layer`] that lets a request through when it fulfils a requirement. [`Doorward::layer`] makes it.
#[derive(Debug, Clone)]
pub struct Guard {
    pub(super) doorward: Doorward,
    pub(super) requirement: Requirement,
}

/// A service behind a [`Guard`].
#[derive(Debug, Clone)]
pub struct Guarded<S> {
    guard: Guard,
    inner: S,
}

impl<S> Layer<S> for Guard {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { guard: self.clone(), inner }
    }
}

impl<S> Service<Request> for Guarded<S>
where
    S: Service<Request, Response: IntoResponse, Error = Infallible, Future: Send> + Clone + Send + 'static,
{
    type Response = Response;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        // The clone that is called is waited for where it is called.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let Self { guard, inner } = self.clone();
        Box::pin(async move { Ok(guard.pass(request, inner).await) })
    }
}

impl Guard {
    async fn pass<S>(&self, request: Request, inner: S) -> Response
    where
        S: Service<Request, Response: IntoResponse, Error = Infallible>,
    {
        let (mut parts, body) = request.into_parts();
        let asked = parts.clone();
        let (mut known, late) = (false, Late::default());
        let response = match self.admit(&mut parts).await {
            Ok(visit) => {
                known = visit.known().is_ok() || visit.is_operator();
                parts.extensions.insert(visit);
                let body = late.watch(body, self.doorward.policies().body_time.0);
                let answered = inner.oneshot(Request::from_parts(parts, body)).await;
                let answer = answered.unwrap_or_else(|never| match never {}).into_response();
                late.refusal().map_or(answer, IntoResponse::into_response)
            }
            Err(error) => error.into_response(),
        };
        let mut response = self.told(&asked, response);
        embed::cover(response.headers_mut(), known);
        response
    }

    /// Who asks, once the request may have come from who sent it and fulfils the requirement.
    async fn admit(&self, parts: &mut Parts) -> Result<Visit, Error> {
        let client = self.doorward.client(parts)?;
        parts.extensions.insert(client.clone());
        let who = self.doorward.authenticate(&client, parts).await?;
        let carrier = match &who {
            Who::Presented(Ok(Some(who))) => {
                Noted::note(parts, who);
                Some(who.carrier)
            }
            Who::Presented(_) | Who::Operator => None,
        };
        check_origin(self.doorward.policies(), parts, (self.doorward.home(), carrier))?;
        let visit = Visit::new(self.doorward.clone(), client, who);
        self.requirement.check(&visit).await?;
        Ok(visit)
    }

    /// The answer, where a handler or the guard refused: a page leads to the sign-in, a program is told a problem.
    fn told(&self, asked: &Parts, mut response: Response) -> Response {
        let Some(Carried(problem)) = response.extensions_mut().remove::<Carried>() else { return response };
        if let Some(sign_in) = self.doorward.sign_in_page(&problem, asked) {
            return sign_in;
        }
        let id = asked.extensions.get::<Client>().map(|client| client.request.to_string());
        self.doorward.policies().errors.write(problem.with_request(&id.unwrap_or_default()))
    }
}

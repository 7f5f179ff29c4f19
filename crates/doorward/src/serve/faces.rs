//! What the gateway shows, as `web` draws it: refusals, the paths of Doorward's own, the sample app.

use access::AppRoute;
use axum::response::Response as PageResponse;
use domain::Entropy;
use futures_util::future::BoxFuture;
use gateway::{Asked, Body, Client, Faces, Refusal, RequestId};
use http::{Method, Request, Response, request::Parts};
use policy::{Decision, Reason};
use std::sync::Arc;
use web::{Desk, Door, Problem, app_host};

/// The pages that an app's host shows of Doorward.
pub(super) struct AppFaces {
    desk: Desk,
    entropy: Arc<dyn Entropy>,
}

impl AppFaces {
    pub(super) const fn of(desk: Desk, entropy: Arc<dyn Entropy>) -> Self {
        Self { desk, entropy }
    }

    async fn refused(&self, refusal: &Refusal, asked: &Asked) -> Response<Body> {
        if let (Refusal::SignIn, Some(route), true) = (refusal, &asked.route, asked.is_navigation()) {
            return page(app_host::start_sign_in(&self.desk, route, &asked.head));
        }
        self.record(refusal, asked);
        let mut problem = Problem::new(refusal.status(), refusal.code(), detail(refusal, asked));
        problem.retry_after = refusal.retry_after();
        let may_pass =
            problem.retry_after.is_some() || matches!(refusal, Refusal::BadGateway | Refusal::GatewayTimeout);
        let refused = app_host::Refused {
            problem: problem.with_request(&asked.id.text()),
            route: asked.route.as_deref(),
            who: asked.snapshot.as_deref(),
            reasons: reasons(refusal),
            is_navigation: asked.is_navigation(),
            retry: (may_pass && asked.head.method == Method::GET).then(|| asked.target()),
        };
        page(app_host::refused(&self.desk, refused).await)
    }
}

impl AppFaces {
    /// A denial is in the audit log, wherever it was decided.
    fn record(&self, refusal: &Refusal, asked: &Asked) {
        let (Refusal::Denied(decision), Some(who), Some(route)) = (refusal, &asked.snapshot, &asked.route)
        else {
            return;
        };
        let actor = who.actor(Some(asked.client.address), &asked.id.text());
        identity::apps::record_refusal(&self.desk.house, &actor, route.app.id, decision);
    }
}

impl Faces for AppFaces {
    fn refuse<'a>(&'a self, refusal: &'a Refusal, asked: &'a Asked) -> BoxFuture<'a, Response<Body>> {
        Box::pin(self.refused(refusal, asked))
    }

    fn own_path(
        &self,
        route: Arc<AppRoute>,
        client: Client,
        request: Request<Body>,
    ) -> BoxFuture<'_, Response<Body>> {
        Box::pin(async move {
            let parts = request.into_parts().0;
            let known = parts.extensions.get::<RequestId>().map(RequestId::text);
            let id = known.unwrap_or_else(|| RequestId::new(&*self.entropy).text());
            let client = web::Client { address: Some(client.address), request: id, door: Door::Network };
            page(app_host::own_path(&self.desk, &route, client, parts).await)
        })
    }

    fn sample(&self, request: Parts) -> BoxFuture<'_, Response<Body>> {
        Box::pin(async move { page(app_host::sample(&self.desk, &request)) })
    }
}

fn page(response: PageResponse) -> Response<Body> {
    response.map(Body::new)
}

/// A sentence that says what to do.
fn detail(refusal: &Refusal, asked: &Asked) -> String {
    match refusal {
        Refusal::Misdirected => {
            "no app answers to this host name: check its spelling, or add the host to an app"
        }
        Refusal::BadRequest(reason) => reason,
        Refusal::UntrustedProxy => {
            "only trusted proxies are answered here: name this one by `--trusted-proxy`, if it is yours"
        }
        Refusal::Forwarded(name) => {
            return format!("`{name}` is missing, repeated or unreadable: the proxy sets it once");
        }
        Refusal::Method => "this method is not passed on",
        Refusal::NotFound => "nothing is here",
        Refusal::SignIn => "sign in with a browser, or send a token as `Authorization: Bearer dwt_…`",
        Refusal::InvalidCredential(error) => return error.to_string(),
        Refusal::TwoCredentials => "the request carries credentials of two people: send one",
        Refusal::CrossSite => "this request was sent by another site's page",
        Refusal::Denied(decision) => return sentence(decision.reasons()),
        Refusal::Ended => "what let this request in ended while its body was on the way",
        Refusal::TooLarge => "the body is longer than this app takes",
        Refusal::TooMany(wait) => {
            return format!(
                "these are too many requests for this app: the next is welcome in {} s",
                wait.seconds()
            );
        }
        Refusal::Crowded => "as many requests are under way as this app takes at once: try again in a moment",
        Refusal::Maintenance => maintenance(asked),
        Refusal::Unavailable => "who asks cannot be found out now: try again in a moment",
        Refusal::BadGateway => "the app cannot be reached: is it running?",
        Refusal::Loop => "the app's address is Doorward's own: point it at the app",
        Refusal::GatewayTimeout => "the app did not answer in time",
    }
    .to_owned()
}

/// What the app's settings say about it.
fn maintenance(asked: &Asked) -> &str {
    let text = asked.route.as_ref().and_then(|route| route.app.gate.maintenance.as_deref());
    text.filter(|text| !text.trim().is_empty()).unwrap_or("this app is shut for a while: come back later")
}

fn reasons(refusal: &Refusal) -> Vec<String> {
    match refusal {
        Refusal::Denied(decision) => texts(decision),
        _ => Vec::new(),
    }
}

fn texts(decision: &Decision) -> Vec<String> {
    decision.reasons().iter().map(|reason: &Reason| reason.text.clone()).collect()
}

fn sentence(reasons: &[Reason]) -> String {
    reasons.iter().map(|reason| reason.text.as_str()).collect::<Vec<_>>().join("; ")
}

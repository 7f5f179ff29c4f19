//! What happens to a request for an app, from top to bottom.

use crate::{
    Asked, Body, Faces, Limits, Peer, Refusal, RequestIds, TrustedProxies, Watch, Witness, answer, changes,
    framing, host, outgoing,
    own_path::{self, Owner},
    quota::Quotas,
    streams::Streams,
    upstream::Upstreams,
};
use access::{Access, AppRoute, Unavailable};
use domain::{Entropy, Upstream};
use http::{Request, Response, request::Parts};
use http_body::Body as _;
use hyper::body::Incoming;
use limits::VisitLimits;
use std::{net::SocketAddr, sync::Arc};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The proxy before all apps.
pub struct Gateway {
    pub(crate) access: Arc<Access>,
    pub(crate) faces: Arc<dyn Faces>,
    ids: RequestIds,
    witness: Arc<dyn Witness>,
    pub(crate) trusted: TrustedProxies,
    pub(crate) limits: Limits,
    pub(crate) upstreams: Upstreams,
    pub(crate) streams: Arc<Streams>,
    quotas: Quotas,
    pub(crate) tasks: TaskTracker,
    pub(crate) shutdown: CancellationToken,
}

/// Where a gateway stands: its neighbours, its limits, and who owns its tasks.
pub struct Place {
    /// The proxies in front of it.
    pub trusted: TrustedProxies,
    /// Its own listeners, where no app may be.
    pub own: Vec<SocketAddr>,
    /// How much of everything a client or an app may take.
    pub limits: Limits,
    /// Owns every task that the gateway starts.
    pub tasks: TaskTracker,
    /// Ends tunnels and idle connections when it fires.
    pub shutdown: CancellationToken,
    /// Is told what became of each request.
    pub witness: Arc<dyn Witness>,
    /// Counts the requests of the visitors of apps that limit them.
    pub visits: VisitLimits,
}

impl Gateway {
    /// A gateway that asks `access` who may pass and leaves its pages to `faces`. Call it on a runtime.
    pub fn new(access: Arc<Access>, faces: Arc<dyn Faces>, entropy: Arc<dyn Entropy>, place: Place) -> Self {
        let Place { trusted, own, limits, tasks, shutdown, witness, visits } = place;
        let streams = Streams::new(&access, tasks.clone(), shutdown.clone());
        let upstreams = Upstreams::new(limits, own, (Arc::clone(&access), tasks.clone(), shutdown.clone()));
        let (quotas, ids) = (Quotas::new(visits), RequestIds::of(entropy));
        Self { access, faces, ids, witness, trusted, limits, upstreams, streams, quotas, tasks, shutdown }
    }

    /// Answers a request for any host but the home host's.
    pub async fn handle(&self, peer: Peer, request: Request<Incoming>) -> Response<Body> {
        if self.is_asked_by_proxy(&peer, &request) {
            return Box::pin(self.forward_auth(&peer, request.into_parts().0)).await;
        }
        let (head, body) = request.into_parts();
        let mut asked = self.asked(&peer, head);
        asked.has_body = !body.is_end_stream();
        let mut response = match self.pass(&mut asked, peer, body).await {
            Ok(response) => response,
            Err(refusal) => {
                tracing::debug!(request = %asked.id, code = refusal.code(), "refused");
                asked.watch.refused(&refusal);
                let mut response = self.faces.refuse(&refusal, &asked).await;
                answer::complete(&mut response, &refusal, &asked);
                response
            }
        };
        answer::name(&mut response, &asked);
        answer::close_if_last(&mut response, &asked);
        asked.watch.answered(response)
    }

    /// The pipeline: each step needs what the one before it has found out.
    async fn pass(&self, asked: &mut Asked, peer: Peer, body: Incoming) -> Result<Response<Body>, Refusal> {
        let route = self.find_route(asked).await?;
        match own_path::owner(asked.head.uri.path()) {
            Owner::App => {}
            Owner::Unclear => return Err(Refusal::NotFound),
            Owner::Doorward => {
                asked.watch.own();
                let mut request = Request::from_parts(asked.head.clone(), body.into());
                request.extensions_mut().insert(asked.id.clone());
                return Ok(self.faces.own_path(route, asked.client, request).await);
            }
        }

        let identity = self.admit(asked, &route).await?;
        let seat = self.quotas.admit(asked, &route, || self.access.now()).await?;
        let peer = Peer { seat: seat.clone(), ..peer };
        let mut response = match route.app.upstreams.first() {
            None | Some(Upstream::Sample) => {
                self.faces.sample(outgoing::head(asked, &identity, &route)).await
            }
            Some(Upstream::Http { .. }) => self.forward(asked, (&route, &identity), peer, body).await?,
        };
        changes::to_answer(response.headers_mut(), &route);
        Ok(match seat {
            Some(seat) => response.map(|body| body.seated(seat)),
            None => response,
        })
    }

    /// The app that the request is for, if it is one that an app is sent.
    pub(crate) async fn find_route(&self, asked: &mut Asked) -> Result<Arc<AppRoute>, Refusal> {
        asked.check_method()?;
        framing::check(&asked.head)?;
        let host = host::named(asked.head.version, &asked.head.uri, &asked.head.headers)?;
        let found = self.access.find_current_app(&host).await;
        let route = found.map_err(|Unavailable| Refusal::Unavailable)?.ok_or(Refusal::Misdirected)?;
        asked.watch.at(&route);
        asked.route = Some(Arc::clone(&route));
        Ok(route)
    }

    pub(crate) fn asked(&self, peer: &Peer, mut head: Parts) -> Asked {
        let id = head.extensions.remove().unwrap_or_else(|| self.ids.next());
        let client = self.trusted.client(peer.address, &head.headers);
        let watch = Watch::begin(&self.witness, &id, client.address, &head);
        Asked { head, client, id, has_body: false, route: None, snapshot: None, watch }
    }
}

//! A running Doorward, as an app holds it.

use super::{Accounts, Error, Guard, Mounted, Requirement, Routes, StartError, settings::Policies};
use crate::{data::DataDir, serve};
use access::Access;
use axum::{
    Router,
    extract::{ConnectInfo, Request, State},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
};
use domain::{Actor, Origin};
use gateway::{RequestIds, TrustedProxies};
use http::request::Parts;
use policy::Policy;
use std::{
    fmt,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};
use store::Door;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use web::{Client, Desk, Door as Way, Problem, embed};

/// A running Doorward. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Doorward(pub(super) Arc<Inner>);

pub(super) struct Inner {
    pub(super) desk: Desk,
    pub(super) ids: RequestIds,
    pub(super) trusted: TrustedProxies,
    pub(super) mounted: Mounted,
    pub(super) policies: Policies,
    pub(super) tasks: TaskTracker,
    pub(super) shutdown: CancellationToken,
    /// Holds the lock on the data directory, where nobody else does.
    pub(super) data: Mutex<Option<DataDir>>,
}

impl Doorward {
    /// The app's router: its routes, each behind its requirement, with Doorward's pages and REST where they are
    /// mounted. Serve it with [`into_make_service_with_connect_info`](Router::into_make_service_with_connect_info), so
    /// that it is known where requests come from.
    pub fn router(&self, routes: Routes) -> Result<Router, StartError> {
        Ok(routes.guarded(self)?.merge(self.mounted()))
    }

    /// A tower layer that lets a request through when it fulfils the requirement, for services that are not in
    /// [`Routes`].
    pub fn layer(&self, requirement: Requirement) -> Guard {
        Guard { doorward: self.clone(), requirement }
    }

    /// The database, for what no person asks for: the policy decides on it as Doorward itself (`Reach::System`).
    /// `task` names it in the audit log.
    pub fn db(&self, task: &str) -> crate::Db {
        crate::Db::new(self.clone(), Actor::system(task))
    }

    /// The names of all settings that weaken the app, as they are logged at the start.
    pub fn dangers(&self) -> Vec<&'static str> {
        self.policies().dangers.iter().map(|danger| danger.name()).collect()
    }

    pub(super) fn policies(&self) -> &Policies {
        &self.0.policies
    }

    /// Where browsers reach the app.
    pub fn home(&self) -> &Origin {
        self.0.desk.home()
    }

    /// Starts a task that [`stop`](Self::stop) waits for; the token fires when it begins to.
    pub fn spawn<F, T>(&self, task: T)
    where
        T: FnOnce(CancellationToken) -> F,
        F: Future<Output = ()> + Send + 'static,
    {
        self.0.tasks.spawn(task(self.0.shutdown.clone()));
    }

    /// Resolves when [`stop`](Self::stop) was called: what `with_graceful_shutdown` of axum waits for.
    pub async fn stopping(&self) {
        self.0.shutdown.cancelled().await;
    }

    /// Ends all background work, writes what still waits, and lets the data directory go.
    pub async fn stop(&self) {
        self.0.shutdown.cancel();
        self.0.tasks.close();
        self.0.tasks.wait().await;
        serve::last_words(&self.0.desk).await;
        self.0.data.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// The link for the first account; nothing once there is one.
    pub async fn setup_link(&self) -> Result<Option<String>, StartError> {
        Ok(serve::setup_link(&self.0.desk).await?)
    }

    pub(crate) fn desk(&self) -> &Desk {
        &self.0.desk
    }

    pub(crate) fn door(&self) -> &Door {
        self.0.desk.house.door()
    }

    pub(super) fn policy(&self) -> &Policy {
        self.door().policy()
    }

    pub(super) fn access(&self) -> &Access {
        &self.0.desk.access
    }

    /// Where a request comes from: as Doorward's own server says, or the connection under axum's.
    pub(super) fn client(&self, parts: &Parts) -> Result<Client, Error> {
        if let Some(client) = parts.extensions.get::<Client>() {
            return Ok(client.clone());
        }
        let Some(ConnectInfo(peer)) = parts.extensions.get::<ConnectInfo<SocketAddr>>() else {
            tracing::error!("serve the app by `into_make_service_with_connect_info::<SocketAddr>()`");
            return Err(Error::outside());
        };
        let address = self.0.trusted.client(*peer, &parts.headers).address;
        Ok(Client { address: Some(address), request: self.0.ids.next().text(), door: Way::Network })
    }

    /// Doorward's own pages and REST, where they are mounted. They ask for credentials themselves; the client is named
    /// to them by a guard that lets everyone through.
    fn mounted(&self) -> Router {
        // Both sign people in by address, which a single administrator has none of.
        let Mounted { pages, rest } = match self.policies().accounts {
            Accounts::People => self.0.mounted,
            Accounts::SingleAdministrator => Mounted { pages: false, rest: false },
        };
        let mut router = Router::new();
        if pages {
            router = router.merge(embed::pages(self.desk()));
        }
        if rest {
            router = router.merge(embed::rest(self.desk()));
        }
        if pages || rest { router.layer(from_fn_with_state(self.clone(), introduce)) } else { router }
    }

    /// The way to the sign-in page, for a browser that asks for a page and is not signed in.
    pub(super) fn sign_in_page(&self, problem: &Problem, asked: &Parts) -> Option<Response> {
        let signed_out = matches!(problem.code, "sign_in_required" | "session_ended");
        let leads = signed_out && self.0.mounted.pages && asked.method.is_safe() && embed::wants_page(asked);
        leads.then(|| embed::to_sign_in(self.desk(), asked))
    }
}

/// Names the client to Doorward's own routes, which look at credentials themselves.
async fn introduce(State(doorward): State<Doorward>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    match doorward.client(&parts) {
        Ok(client) => {
            parts.extensions.insert(client);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(error) => Problem::from(error).into_response(),
    }
}

impl fmt::Debug for Doorward {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Doorward(at {})", self.home())
    }
}

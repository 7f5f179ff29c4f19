//! An app with Doorward inside, on a temporary database.

use super::{BEGINNING, PASSWORD, parts};
use crate::{Builder, Doorward, Routes, serve::Database};
use axum::{Router, body::Body};
use domain::{FixedClock, FixedEntropy, Role};
use gateway::TrustedProxies;
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    sync::Arc,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::ServiceExt as _;

/// An app with Doorward inside, running in the test's own process.
pub struct Embedded {
    /// Doorward, as the app holds it.
    pub doorward: Doorward,
    /// The clock, to be moved on.
    pub clock: Arc<FixedClock>,
    router: Router,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answered {
    /// Its status.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// Its body.
    pub text: String,
}

impl Answered {
    /// The body as JSON; null where it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// The `name=value` of the cookie that it sets.
    pub fn cookie(&self) -> String {
        let line = self.headers.get(header::SET_COOKIE).and_then(|line| line.to_str().ok());
        line.and_then(|line| line.split(';').next()).expect("a cookie is set").to_owned()
    }
}

impl Embedded {
    /// Starts an app on the database in `folder`, or on that which the app names.
    pub async fn open(app: Builder, folder: &Path, routes: impl FnOnce(&Doorward) -> Routes) -> Self {
        let clock = Arc::new(FixedClock::at(BEGINNING));
        let mut parts = parts(folder, &clock, app.policy().expect("the app's policies are valid"));
        parts.entropy = Arc::new(FixedEntropy::new(seed(folder)));
        if let Some(server) = app.server().expect("the database has an address") {
            parts.database = Database::Server(server);
        }
        parts.settings = app.apply(parts.settings);
        parts.scheme = app.scheme_for_tests(parts.scheme);
        let wired = parts.assemble().await.expect("the product starts");
        let running = (TaskTracker::new(), CancellationToken::new());
        let doorward = app.open(&wired, TrustedProxies::default(), running).await.expect("the app starts");
        let served = doorward.router(routes(&doorward)).expect("the routes are declared");
        Self { doorward, clock, router: served }
    }

    /// Makes an account, the first of which is an administrator by setup.
    pub async fn account(&self, email: &str, role: Role) {
        let house = &self.doorward.desk().house;
        let password = super::password();
        let operator = domain::Actor::local_operator("req-account");
        if !identity::setup::is_done(house, &operator).await.expect("the database answers") {
            let made =
                identity::setup::set_up_unattended(house, email.parse().expect("an address"), password);
            made.await.expect("the first account is made");
            return;
        }
        let name = email.split('@').next().unwrap_or_default().parse().expect("a name");
        let email = email.parse().expect("an address");
        let new = identity::users::NewUser { email, name, handle: None, role };
        identity::users::create(house, &operator, new, password).await.expect("the account is made");
    }

    /// Signs in over REST; answers the value of the `Cookie` header.
    pub async fn sign_in(&self, email: &str) -> String {
        let body = json!({ "identifier": email, "password": PASSWORD });
        let made = self.ask("POST", "/auth/api/v1/sessions", &[], body.to_string()).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        made.cookie()
    }

    /// Every event of the log, oldest first, with what still waited to be written.
    pub async fn events(&self) -> Vec<domain::Event> {
        super::events(&self.doorward.desk().house).await
    }

    /// Asks the app as a page of its own would, with these headers beside.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: String) -> Answered {
        let request = Request::builder().method(method).uri(path).header(header::HOST, "localhost:8080");
        let mut request = request.header(header::ORIGIN, "http://localhost:8080");
        if body.starts_with('{') {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body)).expect("a request")).await
    }

    /// Sends a request as it is, from loopback.
    pub async fn send(&self, request: Request<Body>) -> Answered {
        self.send_from(SocketAddr::from((Ipv4Addr::LOCALHOST, 50_000)), request).await
    }

    /// Sends a request as it is, from elsewhere.
    pub async fn send_from(&self, peer: SocketAddr, mut request: Request<Body>) -> Answered {
        request.extensions_mut().insert(axum::extract::ConnectInfo(peer));
        let answered = self.router.clone().oneshot(request).await.unwrap_or_else(|never| match never {});
        let (head, body) = answered.into_parts();
        let bytes = body.collect().await.expect("the body comes").to_bytes();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Answered { status: head.status, headers: head.headers, text }
    }
}

/// Another seed for each folder, so that no two installations have the same secrets, and for each start in one.
fn seed(folder: &Path) -> u64 {
    let name = folder.as_os_str().as_encoded_bytes();
    name.iter()
        .fold(super::entropy_seed(folder), |sum, byte| sum.wrapping_mul(31).wrapping_add((*byte).into()))
}

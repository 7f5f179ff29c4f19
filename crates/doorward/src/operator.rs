//! What whoever holds the data directory may ask for: REST as the local operator, and the setup link
//! (`security.md` 20).
//!
//! SECURITY: no credential is looked at here. Only this process and the control socket may reach these routes.

use axum::{
    Json, Router,
    extract::{Request, State},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
    routing::post,
};
use domain::{Actor, SystemEntropy};
use gateway::RequestId;
use identity::setup;
use serde_json::json;
use web::{Client, Desk, Door, Problem};

/// The path of the setup link, which is no operation: nobody may ask for it over the network.
pub(crate) const SETUP_LINK: &str = "/setup-link";

/// The routes, each request with the local operator as its client.
pub(crate) fn router(desk: Desk) -> Router {
    let link = Router::new().route(SETUP_LINK, post(setup_link)).with_state(desk.clone());
    web::home::local_router(desk).merge(link).layer(from_fn(introduce))
}

async fn introduce(mut request: Request, next: Next) -> Response {
    let id = RequestId::new(&SystemEntropy).text();
    request.extensions_mut().insert(Client { address: None, request: id, door: Door::DataDirectory });
    next.run(request).await
}

async fn setup_link(State(desk): State<Desk>, request: Request) -> Response {
    let id =
        request.extensions().get::<Client>().map(|client| client.request.to_string()).unwrap_or_default();
    match setup::create_link(&desk.house, &Actor::local_operator(&id)).await {
        Ok(code) => {
            Json(json!({ "link": format!("{}/setup?code={}", desk.home(), code.reveal()) })).into_response()
        }
        Err(error) => Problem::from(error).with_request(&id).into_response(),
    }
}

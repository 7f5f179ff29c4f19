//! The home host's route table on one screen, and what it answers where there is no route.

use crate::{
    Client, Desk, Problem, metrics,
    pages::{self, Trouble, wants_page},
    rest, shield,
};
use axum::{
    Json, Router,
    extract::{Path, Request, State},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{StatusCode, header, request::Parts};
use identity::setup;
use serde_json::{Map, json};
use std::sync::atomic::Ordering;

/// What apps may keep the public keys for.
const KEYS_LIFE: &str = "public, max-age=300";

/// Everything that the home host answers to the network.
pub fn router(desk: Desk) -> Router {
    pages::router(&desk)
        .route("/assets/{name}", get(asset))
        .route("/healthz", get(|| async { "ok" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics::show))
        .route("/.well-known/jwks.json", get(jwks))
        .fallback(nothing_here)
        .method_not_allowed_fallback(not_this_way)
        .with_state(desk.clone())
        .merge(rest::router(&desk, ""))
        .layer(from_fn_with_state(desk, shield::layer))
}

/// What the data directory's socket answers: REST alone. Whoever serves it says who asks, in the request's
/// extensions.
pub fn local_router(desk: Desk) -> Router {
    rest::router(&desk, "")
}

pub(crate) async fn asset(Path(name): Path<String>) -> Response {
    pages::asset(&name).unwrap_or_else(|| Problem::not_found("asset").into_response())
}

/// Whether everything answers that requests need.
async fn readyz(State(desk): State<Desk>, parts: Parts) -> Response {
    let Some(client) = parts.extensions.get::<Client>() else { return Problem::internal().into_response() };
    let database = setup::is_done(&desk.house, &client.anonymous()).await.is_ok();
    let (status, word) = match (desk.leaving.load(Ordering::Relaxed), database) {
        (true, _) => (StatusCode::SERVICE_UNAVAILABLE, "leaving"),
        (false, false) => (StatusCode::SERVICE_UNAVAILABLE, "not_ready"),
        (false, true) => (StatusCode::OK, "ready"),
    };
    let mut dependencies = Map::from_iter([("database".to_owned(), database.into())]);
    // While it does not hear of others' changes it goes on, and reads again what it knows for more than a second. Were it
    // taken out of service for that, a disturbance of all feeds would take all replicas.
    let door = desk.house.door();
    if door.is_shared() {
        dependencies.insert("feed".to_owned(), door.is_fed().into());
    }
    // Without its Valkey it goes on, more strictly.
    if let Some(there) = desk.house.has_valkey().await {
        dependencies.insert("valkey".to_owned(), there.into());
    }
    (status, Json(json!({ "status": word, "dependencies": dependencies }))).into_response()
}

async fn jwks(State(desk): State<Desk>) -> Response {
    let keys = Json(json!({ "keys": desk.access.public_jwks() }));
    ([(header::CACHE_CONTROL, KEYS_LIFE)], keys).into_response()
}

async fn nothing_here(State(desk): State<Desk>, request: Request) -> Response {
    refuse(&desk, request, Problem::not_found("page")).await
}

async fn not_this_way(State(desk): State<Desk>, request: Request) -> Response {
    let detail = "this method is not known here; `Allow` names those that are";
    refuse(&desk, request, Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)).await
}

/// A page for whoever waits for one, a problem for programs.
async fn refuse(desk: &Desk, request: Request, problem: Problem) -> Response {
    let parts = request.into_parts().0;
    if wants_page(&parts) {
        return Trouble::from(problem).answer(desk, &parts).await;
    }
    let id = parts.extensions.get::<Client>().map(|client| client.request.to_string());
    problem.with_request(&id.unwrap_or_default()).into_response()
}

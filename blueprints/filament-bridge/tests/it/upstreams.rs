//! Two small inventories that speak as Spoolman and Filament DB do.

use axum::{
    Json, Router,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    routing::{get, patch, post, put},
};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::{net::TcpListener, task::JoinSet};

/// What the inventories have.
#[derive(Default)]
pub(crate) struct Shelf {
    pub(crate) filaments: Vec<Value>,
    pub(crate) spoolman_filaments: Vec<Value>,
    pub(crate) spoolman_spools: Vec<Value>,
    pub(crate) changes: Vec<(String, Value)>,
    pub(crate) keys: Vec<String>,
    pub(crate) looks: usize,
}

type Shared = Arc<Mutex<Shelf>>;

pub(crate) struct Fakes {
    pub(crate) shelf: Shared,
    address: std::net::SocketAddr,
    _server: JoinSet<()>,
}

impl Fakes {
    pub(crate) async fn start() -> Self {
        let shelf = Shared::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router =
            Router::new().nest("/spoolman/api/v1", spoolman()).nest("/filamentdb/api", filament_db());
        let router = router.with_state(Arc::clone(&shelf));
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { shelf, address, _server: server }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

fn spoolman() -> Router<Shared> {
    let add = |rows: &mut Vec<Value>, mut new: Value| {
        new["id"] = json!(rows.len() + 100);
        rows.push(new.clone());
        Json(new)
    };
    Router::new()
        .route(
            "/info",
            get(|State(shelf): State<Shared>| async move {
                shelf.lock().unwrap().looks += 1;
                Json(json!({ "version": "0.22" }))
            }),
        )
        .route("/backup", post(|| async { Json(json!({ "path": "/backups/one.db" })) }))
        .route(
            "/filament",
            get(|State(shelf): State<Shared>| async move {
                Json(Value::from(shelf.lock().unwrap().spoolman_filaments.clone()))
            })
            .post(move |State(shelf): State<Shared>, Json(new): Json<Value>| async move {
                add(&mut shelf.lock().unwrap().spoolman_filaments, new)
            }),
        )
        .route(
            "/spool",
            get(|State(shelf): State<Shared>| async move {
                Json(Value::from(shelf.lock().unwrap().spoolman_spools.clone()))
            })
            .post(move |State(shelf): State<Shared>, Json(new): Json<Value>| async move {
                add(&mut shelf.lock().unwrap().spoolman_spools, new)
            }),
        )
        .route("/{kind}/{id}", patch(changed))
}

fn filament_db() -> Router<Shared> {
    Router::new()
        .route("/locations", get(|| async { Json(json!([])) }))
        .route("/snapshot", get(|| async { Json(json!({ "version": 1 })) }))
        .route(
            "/filaments",
            get(|State(shelf): State<Shared>, headers: HeaderMap| async move {
                let mut shelf = shelf.lock().unwrap();
                shelf.keys.extend(headers.get("authorization").map(|key| key.to_str().unwrap().to_owned()));
                Json(Value::from(shelf.filaments.clone()))
            }),
        )
        .route("/{kind}/{id}", put(changed))
}

async fn changed(
    State(shelf): State<Shared>,
    Path((kind, id)): Path<(String, String)>,
    Json(change): Json<Value>,
) -> (StatusCode, Json<Value>) {
    shelf.lock().unwrap().changes.push((format!("{kind}/{id}"), change));
    (StatusCode::OK, Json(json!({})))
}

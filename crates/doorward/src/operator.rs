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
            Json(json!({ "link": format!("{}{}?code={}", desk.home(), desk.at("/setup"), code.reveal()) }))
                .into_response()
        }
        Err(error) => Problem::from(error).with_request(&id).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestApp;
    use axum::body::Body;
    use http::StatusCode;
    use http_body_util::BodyExt;
    use serde_json::Value;
    use tower::ServiceExt;

    async fn ask(router: &Router, method: &str, path: &str) -> (StatusCode, Value) {
        let request = Request::builder().method(method).uri(path).body(Body::empty()).unwrap();
        let (head, body) = router.clone().oneshot(request).await.unwrap().into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        (head.status, serde_json::from_slice(&bytes).unwrap())
    }

    #[tokio::test]
    async fn rule_20_whoever_holds_the_data_directory_is_the_local_operator() {
        let folder = tempfile::tempdir().unwrap();
        let app = TestApp::open(folder.path()).await;
        let (status, me) = ask(&router(app.desk.clone()), "GET", "/api/v1/me").await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(me.pointer("/principal/kind"), Some(&json!("local operator")));
    }

    #[tokio::test]
    async fn a_setup_link_is_made_until_there_is_an_account() {
        let folder = tempfile::tempdir().unwrap();
        let app = TestApp::open(folder.path()).await;
        let router = router(app.desk.clone());
        let (status, made) = ask(&router, "POST", SETUP_LINK).await;
        assert_eq!(status, StatusCode::OK);
        let link = made.get("link").and_then(Value::as_str).unwrap();
        assert!(link.starts_with("http://localhost:8080/setup?code="), "{link}");

        app.set_up("ada@example.org").await;
        let (status, problem) = ask(&router, "POST", SETUP_LINK).await;
        assert_eq!((status, problem.get("code")), (StatusCode::GONE, Some(&json!("setup_done"))));
    }
}

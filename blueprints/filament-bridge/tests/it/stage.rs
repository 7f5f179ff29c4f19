//! A bridge on a temporary database, and a client as those of the original are: no browser, so it says nothing of where
//! it comes from.

use crate::upstreams::Fakes;
use axum::body::Body;
use doorward::testing::{Answered, Embedded};
use filament_bridge::{Bridge, Settings, app, routes};
use http::{Request, header};
use serde_json::{Value, json};
use std::{collections::HashMap, path::Path};

pub(crate) const PASSWORD: &str = "hunter2";

pub(crate) struct Stage {
    pub(crate) app: Embedded,
    pub(crate) fakes: Fakes,
}

impl Stage {
    /// The bridge, as it starts on the data in `folder`.
    pub(crate) async fn start(folder: &Path, auth_enabled: bool) -> Self {
        Self::start_on(folder, auth_enabled, None).await
    }

    /// The same at the database that is named.
    pub(crate) async fn start_on(folder: &Path, auth_enabled: bool, database: Option<&str>) -> Self {
        let fakes = Fakes::start().await;
        let variables = HashMap::from([
            ("SPOOLMAN_URL".to_owned(), fakes.url("/spoolman")),
            ("FILAMENTDB_URL".to_owned(), fakes.url("/filamentdb/")),
            ("FILAMENTDB_API_KEY".to_owned(), "the key of the database".to_owned()),
            ("SYNC_INTERVAL_SECONDS".to_owned(), "0".to_owned()),
            ("AUTH_ENABLED".to_owned(), auth_enabled.to_string()),
        ]);
        let settings = Settings::read(&variables).unwrap();
        let app = app(settings.auth_enabled);
        let app = if let Some(url) = database { app.database(url) } else { app };
        let app =
            Embedded::open(app, folder, |doorward| routes(&Bridge::new(doorward.clone(), settings.clone())));
        Self { app: app.await, fakes }
    }

    /// The same with a password set; answers the cookie, too.
    pub(crate) async fn set_up(folder: &Path) -> (Self, String) {
        let stage = Self::start(folder, true).await;
        let made = stage.ask("POST", "/api/auth/setup", "", json!({ "password": PASSWORD })).await;
        assert_eq!(made.status, 200, "{}", made.text);
        (stage, made.cookie())
    }

    /// Asks with a cookie, or with none.
    pub(crate) async fn ask(&self, method: &str, path: &str, cookie: &str, body: Value) -> Answered {
        self.ask_with(method, path, &[("cookie", cookie)], body).await
    }

    /// Asks with headers.
    pub(crate) async fn ask_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Answered {
        let mut request = Request::builder().method(method).uri(path).header(header::HOST, "localhost:8080");
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() {
            Body::empty()
        } else {
            request = request.header(header::CONTENT_TYPE, "application/json");
            Body::from(body.to_string())
        };
        self.app.send(request.body(body).unwrap()).await
    }

    /// Tries to sign in from another machine, with a cookie or with none.
    pub(crate) async fn sign_in_from(&self, peer: [u8; 4], cookie: &str, password: &str) -> Answered {
        let mut request = Request::post("/api/auth/login").header(header::HOST, "localhost:8080");
        if !cookie.is_empty() {
            request = request.header(header::COOKIE, cookie);
        }
        let request = request.header(header::CONTENT_TYPE, "application/json");
        let body = Body::from(json!({ "password": password }).to_string());
        self.app.send_from((peer, 50_000).into(), request.body(body).unwrap()).await
    }

    /// Whether a cookie lets its holder in.
    pub(crate) async fn opens(&self, cookie: &str) -> bool {
        self.ask("GET", "/api/config", cookie, Value::Null).await.status == 200
    }

    /// A fresh token that is taken.
    pub(crate) async fn token(&self, cookie: &str) -> String {
        let made = self.ask("POST", "/api/auth/api-token/regenerate", cookie, Value::Null).await;
        self.ask("PUT", "/api/config", cookie, json!({ "api_token_enabled": true })).await;
        made.json()["api_token"].as_str().unwrap().to_owned()
    }

    /// Whether a token lets its holder in.
    pub(crate) async fn takes(&self, token: &str) -> bool {
        let bearer = format!("Bearer {token}");
        let headers = [("authorization", bearer.as_str())];
        let asked = self.ask_with("GET", "/api/config", &headers, Value::Null);
        asked.await.status == 200
    }
}

/// The code of a refusal.
pub(crate) fn code(answer: &Answered) -> (u16, String) {
    let code = answer.json()["detail"]["code"].as_str().unwrap_or_default().to_owned();
    (answer.status.as_u16(), code)
}

//! A small installation that every route can be tried on, and the kinds of callers that try them.

use axum::body::{Body, to_bytes};
use doorward::testing::{TestApp, json_request};
use http::{Request, StatusCode, header};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Anonymous,
    Member,
    MemberToken,
    Admin,
    AdminToken,
    AppToken,
    ReadToken,
    Operator,
}

impl Kind {
    pub(crate) const ALL: [Self; 8] = [
        Self::Anonymous,
        Self::Member,
        Self::MemberToken,
        Self::Admin,
        Self::AdminToken,
        Self::AppToken,
        Self::ReadToken,
        Self::Operator,
    ];

    pub(crate) const fn is_browser(self) -> bool {
        matches!(self, Self::Member | Self::Admin)
    }
}

/// Ada, who administers; Grace, who does not; a group, two apps, tokens of every scope.
pub(crate) struct World {
    pub(crate) app: TestApp,
    pub(crate) folder: TempDir,
    pub(crate) ada: String,
    pub(crate) grace: String,
    pub(crate) ids: Ids,
    tokens: Tokens,
}

/// The ids that paths name.
#[derive(Clone, Default)]
pub(crate) struct Ids {
    pub(crate) user: String,
    pub(crate) session: String,
    pub(crate) token: String,
    pub(crate) event: String,
}

#[derive(Clone, Default)]
struct Tokens {
    member: String,
    admin: String,
    app: String,
    read: String,
}

impl World {
    pub(crate) async fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let app = TestApp::open(folder.path()).await;
        app.set_up("ada@example.org").await;
        let ada = app.sign_in("ada@example.org").await;
        let mut world =
            Self { app, folder, ada, grace: String::new(), ids: Ids::default(), tokens: Tokens::default() };
        world.fill().await;
        world
    }

    /// The same installation under another policy.
    pub(crate) async fn under(self, policy: policy::Policy) -> Self {
        let Self { app, folder, ada, grace, ids, tokens } = self;
        drop(app);
        let app = TestApp::open_with(folder.path(), policy).await;
        Self { app, folder, ada, grace, ids, tokens }
    }

    async fn fill(&mut self) {
        let password = doorward::testing::PASSWORD;
        let grace = json!({ "email": "grace@example.org", "name": "Grace Hopper", "password": password });
        self.ids.user = text(&self.made("/api/v1/users", grace).await, "/id");
        self.made("/api/v1/groups", json!({ "name": "family" })).await;
        let sample = |name: &str| json!({ "name": name, "upstreams": ["builtin:sample"], "access": { "everyone": true } });
        self.made("/api/v1/apps", sample("notes")).await;
        let all = json!({ "name": "all", "apps": ["*"], "permissions": ["*"] });
        self.tokens.admin = text(&self.made("/api/v1/tokens", all.clone()).await, "/secret");
        let app = json!({ "name": "app", "apps": ["notes"] });
        self.tokens.app = text(&self.made("/api/v1/tokens", app).await, "/secret");
        let read = json!({ "name": "read", "permissions": ["user:list", "token:list"] });
        self.tokens.read = text(&self.made("/api/v1/tokens", read).await, "/secret");
        self.grace = self.app.sign_in("grace").await;
        let made = self.send(Kind::Member, json_request("POST", "/api/v1/tokens", &all)).await;
        self.tokens.member = text(&made.1, "/secret");
        self.ids.token = text(&made.1, "/token/id");
        let sessions = self.send(Kind::Member, json_request("GET", "/api/v1/sessions", &Value::Null)).await;
        self.ids.session = text(&sessions.1, "/items/0/id");
        let events = self.send(Kind::Admin, json_request("GET", "/api/v1/audit/events", &Value::Null)).await;
        self.ids.event = text(&events.1, "/items/0/id");
    }

    /// The header line of a kind that comes with a token.
    pub(crate) fn authorization(&self, kind: Kind) -> String {
        let token = match kind {
            Kind::MemberToken => &self.tokens.member,
            Kind::AdminToken => &self.tokens.admin,
            Kind::AppToken => &self.tokens.app,
            Kind::ReadToken => &self.tokens.read,
            Kind::Anonymous | Kind::Member | Kind::Admin | Kind::Operator => panic!("{kind:?} has no token"),
        };
        format!("Authorization: Bearer {token}")
    }

    async fn made(&self, path: &str, body: Value) -> Value {
        let (status, answer) = self.send(Kind::Admin, json_request("POST", path, &body)).await;
        assert_eq!(status, StatusCode::CREATED, "{path}: {answer}");
        answer
    }

    /// Asks as one of the kinds; answers the status and the body.
    pub(crate) async fn send(&self, kind: Kind, request: Request<Body>) -> (StatusCode, Value) {
        let response = self.ask(kind, request).await;
        let status = response.status();
        let bytes = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    pub(crate) async fn ask(&self, kind: Kind, mut request: Request<Body>) -> http::Response<Body> {
        let mut put = |name, value: String| request.headers_mut().insert(name, value.parse().unwrap());
        match kind {
            Kind::Anonymous => {}
            Kind::Member => drop(put(header::COOKIE, self.grace.clone())),
            Kind::Admin => drop(put(header::COOKIE, self.ada.clone())),
            Kind::MemberToken => drop(put(header::AUTHORIZATION, format!("Bearer {}", self.tokens.member))),
            Kind::AdminToken => drop(put(header::AUTHORIZATION, format!("Bearer {}", self.tokens.admin))),
            Kind::AppToken => drop(put(header::AUTHORIZATION, format!("Bearer {}", self.tokens.app))),
            Kind::ReadToken => drop(put(header::AUTHORIZATION, format!("Bearer {}", self.tokens.read))),
            Kind::Operator => return self.app.ask_locally(request).await,
        }
        self.app.ask(request).await
    }
}

pub(crate) fn text(value: &Value, pointer: &str) -> String {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no text at {pointer} in {value}")).to_owned()
}

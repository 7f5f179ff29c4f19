//! The two inventories, as HTTP clients see them.

use crate::Settings;
use bytes::Bytes;
use doorward::{Error, Outbound};
use http::{HeaderValue, Method, Request, Uri, header};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::timeout;

/// How long an inventory may take over an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long, where nothing rests on it but whether it answers.
const SOON: Duration = Duration::from_secs(5);
/// The largest answer that is read.
const LARGEST: usize = 16 * 1024 * 1024;

/// Both inventories.
pub(crate) struct Upstreams {
    outbound: Outbound,
    spoolman: String,
    filament_db: String,
    key: Option<HeaderValue>,
}

/// A filament as Spoolman has it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SpoolmanFilament {
    pub(crate) id: i64,
    #[serde(default)]
    pub(crate) name: String,
}

/// A spool as Spoolman has it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct SpoolmanSpool {
    pub(crate) id: i64,
    #[serde(default)]
    pub(crate) remaining_weight: f64,
}

/// A filament as Filament DB has it, with its spools.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Filament {
    #[serde(rename = "_id")]
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(rename = "type", default)]
    pub(crate) material: String,
    #[serde(default)]
    pub(crate) spools: Vec<Spool>,
}

/// A spool as Filament DB has it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Spool {
    #[serde(rename = "_id")]
    pub(crate) id: String,
    #[serde(rename = "totalWeight", default)]
    pub(crate) weight: f64,
}

/// What both inventories have, read one after the other.
#[derive(Debug, Clone)]
pub(crate) struct Inventories {
    pub(crate) filaments: Vec<Filament>,
    pub(crate) spoolman_filaments: Vec<SpoolmanFilament>,
    pub(crate) spoolman_spools: Vec<SpoolmanSpool>,
}

#[derive(Deserialize)]
struct Made {
    id: i64,
}

impl Upstreams {
    pub(crate) fn of(settings: &Settings) -> Self {
        let key = settings.filament_db_key.as_deref().and_then(|key| format!("Bearer {key}").parse().ok());
        let (spoolman, filament_db) = (settings.spoolman.clone(), settings.filament_db.clone());
        Self { outbound: settings.outbound.clone(), spoolman, filament_db, key }
    }

    /// What both have.
    pub(crate) async fn inventories(&self) -> Result<Inventories, Error> {
        Ok(Inventories {
            filaments: self.filament_db(Method::GET, "/api/filaments", &Value::Null).await?,
            spoolman_filaments: self.spoolman(Method::GET, "/api/v1/filament", &Value::Null).await?,
            spoolman_spools: self.spoolman(Method::GET, "/api/v1/spool", &Value::Null).await?,
        })
    }

    /// Whether each answers, and soon.
    pub(crate) async fn systems(&self) -> Value {
        let spoolman = timeout(SOON, self.spoolman::<Value>(Method::GET, "/api/v1/info", &Value::Null));
        let filament_db =
            timeout(SOON, self.filament_db::<Value>(Method::GET, "/api/locations", &Value::Null));
        let (spoolman, filament_db) = tokio::join!(spoolman, filament_db);
        json!({ "spoolman": matches!(spoolman, Ok(Ok(_))), "filamentdb": matches!(filament_db, Ok(Ok(_))) })
    }

    /// Makes a filament in Spoolman; answers its id there.
    pub(crate) async fn make_filament(&self, filament: &Filament) -> Result<i64, Error> {
        let new = json!({ "name": filament.name, "material": filament.material, "density": 1.24, "diameter": 1.75 });
        self.spoolman::<Made>(Method::POST, "/api/v1/filament", &new).await.map(|made| made.id)
    }

    /// Makes a spool in Spoolman; answers its id there.
    pub(crate) async fn make_spool(&self, filament: i64, weight: f64) -> Result<i64, Error> {
        let new = json!({ "filament_id": filament, "remaining_weight": weight });
        self.spoolman::<Made>(Method::POST, "/api/v1/spool", &new).await.map(|made| made.id)
    }

    /// Changes something in Spoolman.
    pub(crate) async fn change_spoolman(&self, path: &str, change: &Value) -> Result<(), Error> {
        self.spoolman::<Value>(Method::PATCH, path, change).await.map(drop)
    }

    /// Changes something in Filament DB.
    pub(crate) async fn change_filament_db(&self, path: &str, change: &Value) -> Result<(), Error> {
        self.filament_db::<Value>(Method::PUT, path, change).await.map(drop)
    }

    /// Has an inventory make a backup of its own.
    pub(crate) async fn back_up(&self, system: System) -> Result<Value, Error> {
        match system {
            System::Spoolman => self.spoolman(Method::POST, "/api/v1/backup", &json!({})).await,
            System::FilamentDb => self.filament_db(Method::GET, "/api/snapshot", &Value::Null).await,
        }
    }

    async fn spoolman<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<T, Error> {
        self.ask("Spoolman", (method, format!("{}{path}", self.spoolman)), body, None).await
    }

    async fn filament_db<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &Value,
    ) -> Result<T, Error> {
        let place = (method, format!("{}{path}", self.filament_db));
        self.ask("Filament DB", place, body, self.key.clone()).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        name: &str,
        (method, url): (Method, String),
        body: &Value,
        key: Option<HeaderValue>,
    ) -> Result<T, Error> {
        let trouble = |what: String| Error::Conflict(format!("{name} {what}"));
        let url: Uri = url.parse().map_err(|_| trouble("has no address".to_owned()))?;
        let mut request = Request::builder().method(method).uri(url);
        if let Some(key) = key {
            request = request.header(header::AUTHORIZATION, key);
        }
        let bytes = if body.is_null() { Bytes::new() } else { body.to_string().into() };
        let request = request.header(header::CONTENT_TYPE, "application/json").body(bytes);
        let request = request.map_err(|_| trouble("cannot be asked that".to_owned()))?;
        let answer = timeout(PATIENCE, self.outbound.send(request, LARGEST)).await;
        let answer = answer.map_err(|_| trouble("is too slow".to_owned()))?;
        let answer = answer.map_err(|error| trouble(format!("does not answer: {error}")))?;
        if !answer.status().is_success() {
            return Err(trouble(format!("answers {}", answer.status())));
        }
        let bytes = answer.into_body();
        serde_json::from_slice(&bytes).map_err(|_| trouble("answers what nobody asked for".to_owned()))
    }
}

/// One of the inventories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum System {
    Spoolman,
    FilamentDb,
}

//! An app as answers show it.

use super::access::{Access, Allowed};
use crate::Desk;
use domain::{AppLimits, FieldChanges, HealthCheck, Id, Time};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// An app.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(in super::super) struct App {
    id: Id<domain::App>,
    name: String,
    /// Where browsers open it: one origin for each host that is no wildcard.
    urls: Vec<String>,
    hosts: Vec<String>,
    upstreams: Vec<String>,
    access: Access,
    /// Whether clients may sign in by Basic, with a token as the password.
    basic: bool,
    /// Who may use some of its paths; the first that matches decides.
    rules: Vec<Rule>,
    /// What is changed of requests and of answers.
    headers: Headers,
    /// Origins, beside its own, whose pages may send it unsafe requests.
    origins: Vec<String>,
    limits: Limits,
    /// How its upstreams are asked whether they are well.
    health: Option<Health>,
    /// It is shut, and this is what visitors are told.
    maintenance: Option<String>,
    /// The most hours since a visitor last proved who they are.
    sign_in_hours: Option<u32>,
    created_at: Time,
}

/// Who may use some paths.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Rule {
    path: String,
    /// None means all.
    methods: Vec<String>,
    allow: Allowed,
}

/// What is changed of headers.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Headers {
    request: Fields,
    answer: Fields,
}

/// What is changed of a message's headers.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Fields {
    set: BTreeMap<String, String>,
    remove: Vec<String>,
}

/// How much of it visitors may take.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Limits {
    requests_per_minute: Option<u32>,
    requests_at_once: Option<u32>,
    body_bytes: Option<u64>,
    answer_seconds: Option<u32>,
}

/// How its upstreams are asked whether they are well.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct Health {
    path: String,
    every_seconds: u32,
}

impl App {
    pub(super) fn of(desk: &Desk, app: domain::App) -> Self {
        let plain = app.hosts.iter().filter(|host| !host.is_wildcard());
        let gate = app.gate;
        Self {
            id: app.id,
            name: app.name.to_string(),
            urls: plain.map(|host| desk.home().at(host.as_str()).to_string()).collect(),
            hosts: app.hosts.iter().map(ToString::to_string).collect(),
            upstreams: app.upstreams.iter().map(ToString::to_string).collect(),
            access: app.access.into(),
            basic: app.basic,
            rules: gate.rules.into_iter().map(Into::into).collect(),
            headers: Headers { request: gate.request_headers.into(), answer: gate.answer_headers.into() },
            origins: gate.origins.iter().map(ToString::to_string).collect(),
            limits: gate.limits.into(),
            health: gate.health.map(Into::into),
            maintenance: gate.maintenance,
            sign_in_hours: gate.sign_in_hours,
            created_at: app.created_at,
        }
    }
}

impl From<domain::Rule> for Rule {
    fn from(domain::Rule { path, methods, allow }: domain::Rule) -> Self {
        Self { path, methods, allow: allow.into() }
    }
}

impl From<FieldChanges> for Fields {
    fn from(FieldChanges { set, remove }: FieldChanges) -> Self {
        Self { set: set.into_iter().collect(), remove }
    }
}

impl From<AppLimits> for Limits {
    fn from(limits: AppLimits) -> Self {
        let AppLimits { requests_per_minute, requests_at_once, body_bytes, answer_seconds } = limits;
        Self { requests_per_minute, requests_at_once, body_bytes, answer_seconds }
    }
}

impl From<HealthCheck> for Health {
    fn from(HealthCheck { path, every_seconds }: HealthCheck) -> Self {
        Self { path, every_seconds }
    }
}

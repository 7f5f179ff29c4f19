//! The `OpenAPI` 3.1 document, made from the list of operations.

use crate::{
    operations::{Entry, Needs, OPERATIONS},
    rest::takes_body,
};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// What every operation may answer beside its success, with the codes that tell the cases apart.
const PROBLEMS: &[(&str, &str)] = &[
    (
        "400",
        "the input is not what the operation takes (`invalid_input`, `scope_required`, `two_credentials`, `forwarded_field`)",
    ),
    (
        "401",
        "no valid credential (`sign_in_required`, `invalid_credentials`, `session_ended`, `malformed_token`, `invalid_token`)",
    ),
    (
        "403",
        "not allowed (`forbidden`, `insufficient_scope`, `recent_proof_required`, `cross_site_request`, `wrong_password`, `setup_code_invalid`, `untrusted_proxy`)",
    ),
    ("404", "no such thing, or none that the caller may know of (`not_found`)"),
    ("405", "the path knows other methods (`method_not_allowed`)"),
    ("408", "the body did not come in time (`slow_body`)"),
    ("409", "something else stands in the way (`conflict`)"),
    ("410", "it was done once and for all (`setup_done`)"),
    ("413", "the body is too large (`body_too_large`)"),
    ("415", "the body is no JSON (`unsupported_media_type`)"),
    ("422", "well formed, but it cannot be so (`refused`, `weak_password`, `long_password`)"),
    ("429", "too many tries; `Retry-After` says when again (`too_many_requests`)"),
    ("500", "something went wrong inside (`internal`)"),
    (
        "503",
        "too busy, or the database does not answer; `Retry-After` says when again (`busy`, `unavailable`)",
    ),
];

/// What one operation may answer beside that.
const MORE: &[(&str, &str, &str)] =
    &[("forward_auth.check", "302", "nobody is signed in: the browser is to go to `Location` and sign in")];

static DOCUMENT: LazyLock<Value> = LazyLock::new(make);

/// The document; made once.
pub(crate) fn document() -> &'static Value {
    &DOCUMENT
}

fn make() -> Value {
    let mut paths = Map::new();
    for entry in OPERATIONS {
        let methods = paths.entry(entry.path).or_insert_with(|| json!({}));
        if let Value::Object(methods) = methods {
            methods.insert(entry.method.to_ascii_lowercase(), operation(entry));
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Doorward",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Everything that programs can ask of Doorward. Errors are `application/problem+json` with a stable `code`.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "description": "an API token, `dwt_…`" },
                "session": { "type": "apiKey", "in": "cookie", "name": "doorward" },
            },
            "schemas": { "Problem": problem_schema() },
            "responses": problem_responses(),
        },
    })
}

fn operation(entry: &Entry) -> Value {
    let input = (entry.input)();
    let properties = input.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
    let required: Vec<&str> = strings(input.get("required"));
    let in_path = |name: &str| entry.path.contains(&format!("{{{name}}}"));
    let parameters: Vec<Value> = properties
        .iter()
        .filter(|(name, _)| in_path(name) || !takes_body(entry))
        .map(|(name, schema)| parameter(name, schema, in_path(name), required.contains(&name.as_str())))
        .collect();
    let mut operation = json!({
        "operationId": entry.id,
        "summary": entry.summary,
        "tags": [entry.id.split('.').next()],
        "parameters": parameters,
        "responses": responses(entry),
        "security": if entry.door == Needs::Nothing { json!([]) } else { json!([{ "token": [] }, { "session": [] }]) },
    });
    if takes_body(entry) {
        let body: Map<_, _> = properties.into_iter().filter(|(name, _)| !in_path(name)).collect();
        let required: Vec<_> = required.into_iter().filter(|name| !in_path(name)).collect();
        let mut schema = json!({
            "type": "object", "properties": body, "required": required, "additionalProperties": false,
        });
        if let Some(choice) = input.get("anyOf") {
            put(&mut schema, "anyOf", choice.clone());
        }
        let body = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
        put(&mut operation, "requestBody", body);
    }
    operation
}

fn put(object: &mut Value, name: &str, value: Value) {
    if let Value::Object(members) = object {
        members.insert(name.to_owned(), value);
    }
}

fn parameter(name: &str, schema: &Value, in_path: bool, required: bool) -> Value {
    let mut schema = schema.clone();
    let description = schema.as_object_mut().and_then(|schema| schema.remove("description"));
    not_null(&mut schema);
    let mut parameter = json!({
        "name": name,
        "in": if in_path { "path" } else { "query" },
        "required": in_path || required,
        "schema": schema,
    });
    if let Some(description) = description {
        put(&mut parameter, "description", description);
    }
    parameter
}

/// A query cannot say `null`: what may be absent is absent.
fn not_null(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else { return };
    if let Some(Value::Array(kinds)) = schema.get_mut("type") {
        kinds.retain(|kind| kind != "null");
        if let [only] = kinds.as_slice() {
            let only = only.clone();
            schema.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(choices)) = schema.get_mut("enum") {
        choices.retain(|choice| !choice.is_null());
    }
    if let Some(Value::Array(choices)) = schema.get_mut("anyOf") {
        choices.retain(|choice| choice.get("type") != Some(&json!("null")));
    }
    schema
        .remove("default")
        .filter(|default| !default.is_null())
        .map(|default| schema.insert("default".to_owned(), default));
}

fn responses(entry: &Entry) -> Value {
    let mut responses = Map::new();
    let output = (entry.output)();
    let is_nothing = output.get("type") == Some(&json!("null"));
    let done = if is_nothing {
        json!({ "description": "done" })
    } else {
        json!({ "description": "done", "content": { "application/json": { "schema": output } } })
    };
    for (_, status, meaning) in MORE.iter().filter(|(id, ..)| *id == entry.id) {
        responses.insert((*status).to_owned(), json!({ "description": meaning }));
    }
    responses.insert(entry.status.to_string(), done);
    for (status, _) in PROBLEMS {
        responses.insert((*status).to_owned(), json!({ "$ref": format!("#/components/responses/{status}") }));
    }
    Value::Object(responses)
}

fn problem_responses() -> Value {
    let schema = json!({ "$ref": "#/components/schemas/Problem" });
    let response = |(status, meaning): &(&str, &str)| {
        let body = json!({ "description": meaning, "content": { "application/problem+json": { "schema": schema } } });
        ((*status).to_owned(), body)
    };
    Value::Object(PROBLEMS.iter().map(response).collect())
}

fn problem_schema() -> Value {
    json!({
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "required": ["type", "title", "status", "detail", "code", "request_id"],
        "properties": {
            "type": { "type": "string" },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string", "description": "A sentence that says what to do." },
            "code": { "type": "string", "description": "The stable name of the case." },
            "request_id": { "type": "string" },
        },
    })
}

fn strings(value: Option<&Value>) -> Vec<&str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

use super::*;
use clap::Command;
use serde_json::json;

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "id": { "type": "string", "description": "Which one." },
            "name": { "type": "string" },
            "expires_in_days": { "type": ["integer", "null"] },
            "permissions": { "type": "array", "items": { "type": "string" } },
            "basic": { "type": ["boolean", "null"] },
            "role": { "type": ["string", "null"], "enum": ["member", "admin", null] },
            "outcome": { "anyOf": [{ "oneOf": [{ "const": "done" }, { "const": "denied" }] }, { "type": "null" }] },
            "password": { "type": "string", "format": "password" },
            "access": { "anyOf": [
                { "type": "object", "properties": {
                    "everyone": { "type": "boolean" },
                    "groups": { "type": "array", "items": { "type": "string" } },
                } },
                { "type": "null" },
            ] },
            "rules": { "type": "array", "items": { "type": "object" } },
            "ways": { "type": ["array", "null"], "items": { "type": "object", "x-words": "rule" }, "x-clears": true },
            "kinds": { "type": "array", "items": { "oneOf": [{ "const": "member" }, { "const": "admin" }] } },
            "headers": { "type": ["object", "null"], "x-clears": true, "properties": {
                "request": { "type": "object", "properties": {
                    "set": { "type": "object", "additionalProperties": { "type": "string" } },
                    "remove": { "type": "array", "items": { "type": "string" } },
                } },
            } },
            "health": { "type": ["object", "null"], "x-prefix": "health", "x-clears": true, "properties": {
                "path": { "type": "string" },
                "every_seconds": { "type": "integer" },
            } },
            "notice": { "type": ["string", "null"], "x-clears": true },
        },
        "required": ["id", "name"],
    })
}

fn read_line(line: &[&str]) -> Result<Value, String> {
    let arguments = all("/api/v1/things/{id}", &schema());
    let command = Command::new("thing").no_binary_name(true).args(arguments.iter().map(Argument::to_clap));
    let matches = command.try_get_matches_from(line).map_err(|error| error.kind().to_string())?;
    read(&arguments, &matches).map(Value::Object).map_err(|stop| stop.message)
}

#[test]
fn every_kind_of_property_becomes_an_argument() {
    let line = [
        "thing_1",
        "--name",
        "CI",
        "--expires-in-days",
        "30",
        "--permissions",
        "a:b,c:d",
        "--permissions",
        "e:f",
        "--basic",
        "--role",
        "admin",
        "--outcome",
        "done",
        "--everyone",
        "false",
        "--groups",
        "staff",
        "--rules",
        r#"[{"path":"/"}]"#,
    ];
    assert_eq!(
        read_line(&line).unwrap(),
        json!({
            "id": "thing_1", "name": "CI", "expires_in_days": 30, "permissions": ["a:b", "c:d", "e:f"],
            "basic": true, "role": "admin", "outcome": "done", "access": { "everyone": false, "groups": ["staff"] },
            "rules": [{ "path": "/" }],
        })
    );
}

#[test]
fn objects_in_objects_are_flags_lists_are_repeated_and_rules_are_words() {
    let line = [
        "x",
        "--name",
        "CI",
        "--way",
        "/share anyone",
        "--ways",
        r#"[{"path":"/a","allow":"signed_in"},{"path":"/b","allow":"anyone"}]"#,
        "--rule",
        r#"{"path":"/c"}"#,
        "--kind",
        "admin",
        "--request-set",
        "A: b",
        "--request-set",
        "C: d",
        "--request-remove",
        "E,F",
        "--health-path",
        "/healthz",
        "--health-every-seconds",
        "5",
    ];
    assert_eq!(
        read_line(&line).unwrap(),
        json!({
            "id": "x", "name": "CI", "kinds": ["admin"], "rules": [{ "path": "/c" }],
            "ways": [
                { "path": "/share", "allow": "anyone" }, { "path": "/a", "allow": "signed_in" },
                { "path": "/b", "allow": "anyone" },
            ],
            "headers": { "request": { "set": { "A": "b", "C": "d" }, "remove": ["E", "F"] } },
            "health": { "path": "/healthz", "every_seconds": 5 },
        })
    );
}

#[test]
fn what_null_clears_is_cleared_by_a_flag() {
    let cleared =
        read_line(&["x", "--name", "CI", "--no-notice", "--no-health", "--no-headers", "--no-ways"]);
    let wanted =
        json!({ "id": "x", "name": "CI", "notice": null, "health": null, "headers": null, "ways": null });
    assert_eq!(cleared.unwrap(), wanted);
    for line in [
        &["x", "--name", "CI", "--no-notice", "--notice", "Back at noon."][..],
        &["x", "--name", "CI", "--no-headers", "--request-remove", "a"],
        &["x", "--name", "CI", "--no-name"],
    ] {
        assert!(read_line(line).is_err(), "{line:?}");
    }
    let emptied = read_line(&["x", "--name", "CI", "--ways", "", "--request-set", ""]).unwrap();
    assert_eq!(
        emptied,
        json!({ "id": "x", "name": "CI", "ways": [], "headers": { "request": { "set": {} } } })
    );
}

#[test]
fn what_is_not_said_is_not_sent_and_an_empty_list_is() {
    assert_eq!(read_line(&["x", "--name", "CI"]).unwrap(), json!({ "id": "x", "name": "CI" }));
    let emptied = read_line(&["x", "--name", "CI", "--permissions", ""]).unwrap();
    assert_eq!(emptied.get("permissions"), Some(&json!([])));
}

#[test]
fn what_does_not_fit_is_wrong_usage() {
    for line in [
        &["x"][..],
        &["--name", "CI"],
        &["x", "--name", "CI", "--expires-in-days", "soon"],
        &["x", "--name", "CI", "--role", "king"],
        &["x", "--name", "CI", "--basic=maybe"],
        &["x", "--name", "CI", "--rules", "no json"],
        &["x", "--name", "CI", "--password", "typed"],
    ] {
        assert!(read_line(line).is_err(), "{line:?}");
    }
}

#[test]
fn a_secret_is_never_an_argument() {
    let secret = |name: &str, schema: Value| {
        let schema = json!({ "properties": { name: schema }, "required": [name] });
        let arguments = all("/", &schema);
        arguments
            .iter()
            .map(|argument| argument.to_clap().get_long().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(secret("password", json!({ "type": "string", "format": "password" })), ["password-stdin"]);
    assert_eq!(secret("client_secret", json!({ "type": "string" })), ["client-secret-stdin"]);
    assert_eq!(secret("new_password", json!({ "type": ["string", "null"] })), ["new-password-stdin"]);
}

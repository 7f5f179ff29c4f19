use super::*;
use insta::assert_snapshot;
use serde_json::json;

#[test]
fn a_list_shows_what_one_lists_it_for() {
    let rows = [
        json!({ "id": "app_1", "name": "notes", "urls": ["http://notes.localhost"], "hosts": ["notes.localhost"],
            "upstreams": ["http://127.0.0.1:1", "http://127.0.0.1:2"], "access": { "everyone": false, "groups": ["grp_1"] },
            "basic": true, "limits": { "body_bytes": 1 }, "maintenance": null }),
        json!({ "id": "app_22", "name": "ärger", "urls": [], "hosts": [], "upstreams": [], "access": { "everyone": true },
            "basic": false, "limits": {}, "maintenance": "Back at noon." }),
    ];
    assert_snapshot!(table(&rows, "app"), @r"
    name   urls                    upstreams                               access         maintenance    id
    notes  http://notes.localhost  http://127.0.0.1:1, http://127.0.0.1:2  groups: grp_1  -              app_1
    ärger  -                       -                                       everyone       Back at noon.  app_22
    ");
    let token =
        json!({ "id": "tok_1", "name": "phone", "apps": ["*"], "revoked_at": null, "prefix": "dwt_1" });
    assert_snapshot!(table(&[token], "token"), @r"
    name   apps  id
    phone  *     tok_1
    ");
}

#[test]
fn a_list_that_nobody_has_thought_of_shows_all() {
    let rows = [json!({ "id": 1, "nested": [[1]], "none": null, "set": { "a": 1 }, "last": "x" })];
    assert_snapshot!(table(&rows, "thing"), @r"
    id  set   last
    1   a: 1  x
    ");
}

#[test]
fn an_object_is_a_line_for_each_value() {
    let object = json!({ "token": { "id": "tok_1", "apps": ["*"], "revoked_at": null }, "secret": "dwt_x",
        "members": [{ "id": "usr_1", "name": "Ada" }] });
    assert_snapshot!(lines(object.as_object().unwrap()), @r#"
    token.id: tok_1
    token.apps: *
    token.revoked_at: -
    secret: dwt_x
    members:
      id     name
      usr_1  Ada
    "#);
}

#[test]
fn an_app_is_readable_with_all_its_settings() {
    let app = json!({
        "name": "notes",
        "access": { "everyone": false, "groups": ["grp_1"], "users": [], "roles": ["admin"] },
        "rules": [
            { "path": "/share", "methods": ["GET", "HEAD"], "allow": "anyone" },
            { "path": "/kin", "methods": [], "allow": { "everyone": false, "groups": ["grp_1"], "users": [], "roles": ["admin"] } },
            { "path": "/shut", "methods": [], "allow": { "everyone": false, "groups": [], "users": [], "roles": [] } },
        ],
        "headers": { "request": { "set": { "x-a": "b" }, "remove": [] }, "answer": { "set": {}, "remove": ["server"] } },
        "limits": { "requests_per_minute": 60, "body_bytes": null },
        "health": null,
    });
    assert_snapshot!(lines(app.as_object().unwrap()), @r#"
    name: notes
    access.everyone: false
    access.groups: grp_1
    access.users: -
    access.roles: admin
    rules:
      path    methods    allow
      /share  GET, HEAD  anyone
      /kin    -          groups: grp_1; roles: admin
      /shut   -          -
    headers.request.set.x-a: b
    headers.request.remove: -
    headers.answer.remove: server
    limits.requests_per_minute: 60
    limits.body_bytes: -
    health: -
    "#);
}

#[test]
fn a_name_commands_no_terminal() {
    let text = table(&[json!({ "name": "a\u{1b}[2Jb\nc\u{202e}d" })], "thing");
    assert_eq!(text, "name\na\u{fffd}[2Jb\u{fffd}c\u{fffd}d\n");
}

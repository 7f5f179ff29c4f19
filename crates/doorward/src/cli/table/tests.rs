use super::*;
use insta::assert_snapshot;
use serde_json::json;

#[test]
fn a_list_is_an_aligned_table_of_six_columns() {
    let rows = [
        json!({ "id": "app_1", "name": "notes", "hosts": ["notes.localhost", "n.localhost"], "access": {"everyone": true},
            "basic": true, "members": [{ "id": 1 }], "count": 12, "none": null, "sixth": "x", "seventh": 7 }),
        json!({ "id": "app_22", "name": "ärger", "hosts": [], "access": {}, "basic": false, "count": 1, "none": null, "sixth": "y" }),
    ];
    assert_snapshot!(table(&rows), @r#"
    id      name   hosts                         basic  count  sixth
    app_1   notes  notes.localhost, n.localhost  true   12     x
    app_22  ärger  -                             false  1      y
    "#);
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
    let text = table(&[json!({ "name": "a\u{1b}[2Jb\nc\u{202e}d" })]);
    assert_eq!(text, "name\na\u{fffd}[2Jb\u{fffd}c\u{fffd}d\n");
}

use super::*;
use insta::assert_snapshot;
use serde_json::json;

fn answer(status: u16, body: &Value) -> Answer {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    Answer { status: StatusCode::from_u16(status).unwrap(), body: body.into() }
}

fn shown(body: &Value) -> String {
    text(&answer(200, body), false, "thing").unwrap()
}

#[test]
fn a_page_says_how_to_see_more() {
    assert_snapshot!(shown(&json!({ "items": [{ "id": "usr_1", "name": "Ada" }], "next": "usr_1" })), @r#"
    id     name
    usr_1  Ada
    more: --after usr_1
    "#);
    assert_eq!(shown(&json!({ "items": [], "next": null })), "none\n");
}

#[test]
fn a_secret_is_said_to_be_shown_once() {
    let made = json!({ "token": { "id": "tok_1" }, "secret": "dwt_x" });
    assert_eq!(shown(&made), "token.id: tok_1\nsecret: dwt_x\nshown once: keep it now\n");
    assert_eq!(
        serde_json::from_str::<Value>(&text(&answer(201, &made), true, "thing").unwrap()).unwrap(),
        made
    );
}

#[test]
fn a_text_alone_is_printed_alone() {
    assert_eq!(shown(&json!({ "link": "http://localhost/setup?code=x" })), "http://localhost/setup?code=x\n");
    assert_eq!(shown(&json!({ "ended": 3 })), "ended: 3\n");
}

#[test]
fn nothing_and_what_is_no_json_are_printed_as_they_are() {
    assert_eq!(text(&answer(204, &Value::Null), false, "thing").unwrap(), "");
    let csv = Answer { status: StatusCode::OK, body: "id,at\n1,2\n".into() };
    assert_eq!(text(&csv, true, "thing").unwrap(), "id,at\n1,2\n");
}

#[test]
fn a_problem_is_a_sentence_and_an_exit_code() {
    let told = |status: u16, body: Value| {
        let stop = text(&answer(status, &body), false, "thing").unwrap_err();
        (stop.exit, stop.message)
    };
    assert_eq!(told(404, json!({ "detail": "no such user" })), (Exit::Failed, "no such user".to_owned()));
    assert_eq!(told(400, json!({ "detail": "name a scope" })).0, Exit::Usage);
    assert_eq!(told(503, json!({ "detail": "busy" })).0, Exit::Unavailable);
    assert_eq!(told(500, Value::Null).1, "the server answered 500 Internal Server Error");
}

//! The HTTP request of an operation: what the path does not carry goes into the body, or into the query.

use super::argument::placeholder;
use crate::exit::{Exit, Stop};
use bytes::Bytes;
use http::{Request, header::CONTENT_TYPE};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

/// All but the unreserved characters of RFC 3986 §2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request without a host, which belongs to the way it is sent.
pub(super) fn request(
    method: &str,
    path: &str,
    mut input: Map<String, Value>,
) -> Result<Request<Bytes>, Stop> {
    let segments: Result<Vec<String>, Stop> =
        path.split('/').map(|segment| filled(segment, &mut input)).collect();
    let mut target = segments?.join("/");
    let mut request = Request::builder().method(method);
    let mut body = Bytes::new();
    if matches!(method, "POST" | "PATCH") {
        body = Value::Object(input).to_string().into();
        request = request.header(CONTENT_TYPE, "application/json");
    } else if !input.is_empty() {
        target = format!("{target}?{}", query(&input));
    }
    request.uri(target).body(body).map_err(|error| Stop::new(Exit::Usage, error.to_string()))
}

/// SECURITY: an empty segment or `..` would make it another operation's path, such as that of all sessions.
fn filled(segment: &str, input: &mut Map<String, Value>) -> Result<String, Stop> {
    let Some(name) = placeholder(segment) else { return Ok(segment.to_owned()) };
    match input.shift_remove(name).as_ref().and_then(Value::as_str) {
        None | Some("" | "." | "..") => Err(Stop::new(Exit::Usage, format!("`{name}` names nothing"))),
        Some(value) => Ok(encoded(value)),
    }
}

fn query(input: &Map<String, Value>) -> String {
    let pair = |(name, value): (&String, &Value)| match value {
        Value::String(text) => format!("{}={}", encoded(name), encoded(text)),
        value => format!("{}={}", encoded(name), encoded(&value.to_string())),
    };
    input.iter().map(pair).collect::<Vec<_>>().join("&")
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn made(method: &str, path: &str, input: Value) -> Result<(String, String), Stop> {
        let Value::Object(input) = input else { panic!("an object") };
        let request = request(method, path, input)?;
        Ok((request.uri().to_string(), String::from_utf8_lossy(request.body()).into_owned()))
    }

    #[test]
    fn what_the_path_does_not_carry_goes_into_the_body_or_the_query() {
        let input = json!({ "id": "ada@example.org", "name": "Ada & Co", "limit": 5 });
        let (uri, body) = made("PATCH", "/api/v1/users/{id}", input.clone()).unwrap();
        assert_eq!(uri, "/api/v1/users/ada%40example.org");
        assert_eq!(body, r#"{"name":"Ada & Co","limit":5}"#);
        let (uri, body) = made("GET", "/api/v1/users/{id}", input).unwrap();
        assert_eq!(uri, "/api/v1/users/ada%40example.org?name=Ada%20%26%20Co&limit=5");
        assert_eq!(body, "");
    }

    #[test]
    fn no_argument_makes_it_another_path() {
        for id in ["", ".", ".."] {
            let stop = made("DELETE", "/api/v1/sessions/{id}", json!({ "id": id })).unwrap_err();
            assert_eq!(stop.exit, Exit::Usage, "{id}");
        }
        let (uri, _) = made("DELETE", "/api/v1/sessions/{id}", json!({ "id": "../x?y#z%2e" })).unwrap();
        assert_eq!(uri, "/api/v1/sessions/..%2Fx%3Fy%23z%252e");
    }
}

//! The input of an operation, gathered from where HTTP carries it.

use crate::{Problem, operations::Entry};
use axum::extract::RawPathParams;
use http::request::Parts;
use serde_json::{Map, Value};

/// One flat object of what the path, the query and the body say. Nothing may be said twice.
pub(super) fn gather(
    entry: &Entry,
    path: &RawPathParams,
    parts: &Parts,
    body: Option<Value>,
) -> Result<Value, Problem> {
    let schema = (entry.input)();
    let mut input = match body {
        None => Map::new(),
        Some(Value::Object(_)) if !takes_body(entry) => {
            return Err(Problem::invalid("this operation takes no body"));
        }
        Some(Value::Object(object)) => object.into_iter().map(|(name, value)| (name, whole(value))).collect(),
        Some(_) => return Err(Problem::invalid("the body is a JSON object")),
    };
    for (name, text) in path {
        put(&mut input, name, Value::String(text.to_owned()))?;
    }
    for (name, text) in form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes()) {
        if takes_body(entry) {
            return Err(Problem::invalid(format!(
                "`{}` belongs in the body, not in the query",
                shown(&name)
            )));
        }
        put(&mut input, &name, typed(&schema, &name, &text)?)?;
    }
    Ok(Value::Object(input))
}

/// Whether what the path does not carry comes in the body; else it comes in the query.
pub(crate) fn takes_body(entry: &Entry) -> bool {
    matches!(entry.method, "POST" | "PATCH")
}

fn put(input: &mut Map<String, Value>, name: &str, value: Value) -> Result<(), Problem> {
    match input.insert(name.to_owned(), value) {
        None => Ok(()),
        Some(_) => Err(Problem::invalid(format!("`{}` is said twice", shown(name)))),
    }
}

/// JSON Schema calls `480.0` an integer, and so it is one here, however deep (2020-12 validation §6.1.1).
fn whole(value: Value) -> Value {
    let value = match value {
        Value::Array(items) => Value::Array(items.into_iter().map(whole).collect()),
        Value::Object(fields) => {
            Value::Object(fields.into_iter().map(|(name, value)| (name, whole(value))).collect())
        }
        plain => plain,
    };
    let number = value.as_f64().filter(|number| value.is_f64() && number.fract() == 0.0);
    number.and_then(|number| format!("{number:.0}").parse::<i64>().ok()).map_or(value, Value::from)
}

/// A query's text as the type that the schema names.
fn typed(schema: &schemars::Schema, name: &str, text: &str) -> Result<Value, Problem> {
    let kind = schema.pointer(&format!("/properties/{name}/type")).cloned().unwrap_or_default();
    let is = |wanted: &str| match &kind {
        Value::String(kind) => kind == wanted,
        Value::Array(kinds) => kinds.iter().any(|kind| kind == wanted),
        _ => false,
    };
    if !is("integer") {
        return Ok(Value::String(text.to_owned()));
    }
    let number =
        text.parse::<i64>().map_err(|_| Problem::invalid(format!("`{}` is a whole number", shown(name))))?;
    Ok(Value::from(number))
}

/// As much of a name as an error may show again.
fn shown(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::whole;
    use serde_json::json;

    #[test]
    fn a_number_without_a_fraction_is_an_integer() {
        assert_eq!(whole(json!(480.0)), json!(480));
        assert_eq!(whole(json!({ "a": [1.0, { "b": 2.0 }] })), json!({ "a": [1, { "b": 2 }] }));
        for other in [json!(480.5), json!(1e300), json!("480.0"), json!(7), json!(null)] {
            assert_eq!(whole(other.clone()), other);
        }
    }
}

//! What is printed of an answer.

use super::table::{lines, plain, table};
use crate::{
    exit::{Exit, Stop},
    transport::Answer,
};
use http::StatusCode;
use serde_json::{Map, Value};

/// The text of a good answer to a command that begins with `noun`; a problem is a stop.
pub(super) fn text(answer: &Answer, json: bool, noun: &str) -> Result<String, Stop> {
    if !answer.status.is_success() {
        return Err(problem(answer));
    }
    if answer.body.is_empty() {
        return Ok(String::new());
    }
    let Ok(value) = serde_json::from_slice::<Value>(&answer.body) else {
        return Ok(String::from_utf8_lossy(&answer.body).into_owned());
    };
    Ok(if json { format!("{value:#}\n") } else { readable(&value, noun) })
}

fn readable(value: &Value, noun: &str) -> String {
    let Value::Object(object) = value else { return format!("{value:#}\n") };
    let mut values = object.values();
    match (object.get("items"), values.next(), values.next()) {
        (Some(Value::Array(rows)), _, _) => list(rows, object, noun),
        // A text alone, such as a link, is for `$(doorward setup-link)`, too.
        (_, Some(Value::String(only)), None) => plain(only) + "\n",
        _ if object.contains_key("secret") => lines(object) + "shown once: keep it now\n",
        _ => lines(object),
    }
}

fn list(rows: &[Value], page: &Map<String, Value>, noun: &str) -> String {
    let rows = if rows.is_empty() { "none\n".to_owned() } else { table(rows, noun) };
    let next = page.get("next").and_then(Value::as_str);
    rows + &next.map_or_else(String::new, |next| format!("more: --after {}\n", plain(next)))
}

fn problem(answer: &Answer) -> Stop {
    let exit = match answer.status {
        StatusCode::BAD_REQUEST => Exit::Usage,
        StatusCode::SERVICE_UNAVAILABLE => Exit::Unavailable,
        _ => Exit::Failed,
    };
    let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    match body.get("detail").and_then(Value::as_str) {
        Some(detail) => Stop::new(exit, plain(detail)),
        None => Stop::new(exit, format!("the server answered {}", answer.status)),
    }
}

#[cfg(test)]
mod tests;

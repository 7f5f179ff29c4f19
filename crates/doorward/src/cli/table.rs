//! JSON as people read it: lists as tables, objects as lines.
//!
//! SECURITY: names that strangers chose end up on an administrator's terminal, which obeys control characters;
//! none is printed.

use serde_json::{Map, Value};
use std::iter;

/// What lists show, by the noun of their command: what one lists them for.
const LISTS: [(&str, &[&str]); 6] = [
    ("app", &["name", "urls", "upstreams", "access", "maintenance", "id"]),
    ("audit", &["at", "outcome", "action", "actor", "resource", "address", "count", "number", "id"]),
    ("group", &["name", "created_at", "id"]),
    ("session", &["id", "user", "current", "apps", "address", "last_used_at", "expires_at", "agent"]),
    ("token", &["name", "apps", "permissions", "owner", "last_used_at", "expires_at", "revoked_at", "id"]),
    ("user", &["handle", "name", "email", "role", "disabled_at", "id"]),
];
const GAP: &str = "  ";

/// A list as an aligned table.
pub(super) fn table(rows: &[Value], noun: &str) -> String {
    let rows: Vec<Value> = rows.iter().map(folded).collect();
    let wanted = LISTS.iter().find(|(name, _)| *name == noun).map(|(_, columns)| *columns);
    let columns = match wanted {
        Some(wanted) => wanted.iter().copied().filter(|name| says_something(&rows, name)).collect(),
        None => columns(&rows),
    };
    aligned_lines(&rows, &columns).join("\n") + "\n"
}

/// An object as `key: value` lines, nested objects with dots, nested lists of objects as tables.
pub(super) fn lines(object: &Map<String, Value>) -> String {
    let entries = object.iter().flat_map(|(name, value)| entry(&plain(name), value));
    entries.collect::<Vec<_>>().join("\n") + "\n"
}

fn entry(name: &str, value: &Value) -> Vec<String> {
    match value {
        Value::Object(inner) => inner
            .iter()
            .flat_map(|(inner, value)| entry(&format!("{name}.{}", plain(inner)), value))
            .collect(),
        Value::Array(rows) if rows.iter().any(Value::is_object) => {
            let rows: Vec<Value> = rows.iter().map(folded).collect();
            let lines = aligned_lines(&rows, &columns(&rows)).into_iter();
            iter::once(format!("{name}:")).chain(lines.map(|line| format!("{GAP}{line}"))).collect()
        }
        value => vec![format!("{name}: {}", cell(value))],
    }
}

/// A row of a table, where an object takes one cell: `groups: family; role: admin`.
fn folded(row: &Value) -> Value {
    let Value::Object(fields) = row else { return row.clone() };
    let fold = |value: &Value| match value {
        Value::Object(inner) => {
            let said = inner.iter().filter(|(_, value)| !says_nothing(value));
            let said: Vec<_> = said
                .map(|(name, value)| match value {
                    Value::Bool(true) => name.clone(),
                    value => format!("{name}: {}", cell(value)),
                })
                .collect();
            Value::String(if said.is_empty() { "-".to_owned() } else { said.join("; ") })
        }
        value => value.clone(),
    };
    Value::Object(fields.iter().map(|(name, value)| (name.clone(), fold(value))).collect())
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        _ => false,
    }
}

fn aligned_lines(rows: &[Value], columns: &[&str]) -> Vec<String> {
    let head: Vec<String> = columns.iter().map(|name| plain(name)).collect();
    let body = rows.iter().map(|row| columns.iter().map(|name| cell(row.get(*name).unwrap_or(&Value::Null))));
    let lines: Vec<Vec<String>> = iter::once(head).chain(body.map(Iterator::collect)).collect();
    let width =
        |column| lines.iter().filter_map(|line| line.get::<usize>(column)).map(|cell| width(cell)).max();
    let widths: Vec<usize> = (0..columns.len()).map(|column| width(column).unwrap_or(0)).collect();
    lines.iter().map(|line| aligned(line, &widths)).collect()
}

/// What is no list of lists, and not empty in every row.
fn columns(rows: &[Value]) -> Vec<&str> {
    let names = rows.first().and_then(Value::as_object).into_iter().flat_map(|row| row.keys());
    names.map(String::as_str).filter(|name| says_something(rows, name)).collect()
}

fn says_something(rows: &[Value], name: &str) -> bool {
    let mut values = rows.iter().filter_map(|row| row.get(name));
    values.clone().all(is_flat) && values.any(|value| !value.is_null())
}

fn is_flat(value: &Value) -> bool {
    match value {
        Value::Object(_) => false,
        Value::Array(items) => !items.iter().any(|item| item.is_object() || item.is_array()),
        _ => true,
    }
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::String(text) => plain(text),
        Value::Array(items) if items.is_empty() => "-".to_owned(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(", "),
        value => plain(&value.to_string()),
    }
}

/// The text without what a terminal would obey, or show in another order.
pub(super) fn plain(text: &str) -> String {
    let obeyed = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if obeyed(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

fn aligned(line: &[String], widths: &[usize]) -> String {
    let cells = line.iter().zip(widths);
    let padded = cells.map(|(cell, width)| format!("{cell:<width$}", width = *width));
    padded.collect::<Vec<_>>().join(GAP).trim_end().to_owned()
}

fn width(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests;

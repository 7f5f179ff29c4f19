//! What a property of a JSON schema looks like on a command line.

use super::words;
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    Text,
    /// One of these.
    Choice(Vec<String>),
    Integer,
    Switch,
    /// Texts, with commas between them or the flag repeated.
    Texts,
    /// Names and values, `Name: value` each, the flag repeated.
    Pairs,
    /// Objects, as JSON, the flag repeated.
    Objects,
    /// Rules, in words or as JSON, the flag repeated.
    Rules,
    Secret,
    /// Takes back what the arguments of these names would set.
    Clear(Vec<String>),
    /// Whatever else: as JSON.
    Json,
}

impl Shape {
    pub(super) fn of(name: &str, property: &Value) -> Self {
        let is = |wanted: &str| is(property, wanted);
        let hidden = property.get("format").is_some_and(|format| format == "password");
        if is("string") && (hidden || name.contains("password") || name.contains("secret")) {
            return Self::Secret;
        }
        let choices = choices(property);
        match () {
            () if !choices.is_empty() => Self::Choice(choices),
            () if is("string") => Self::Text,
            () if is("integer") => Self::Integer,
            () if is("boolean") => Self::Switch,
            () if is("array") => Self::of_items(property.get("items").unwrap_or(&Value::Null)),
            () if property.pointer("/additionalProperties/type").is_some_and(|kind| kind == "string") => {
                Self::Pairs
            }
            () => Self::Json,
        }
    }

    fn of_items(items: &Value) -> Self {
        match () {
            () if is(items, "string") || !choices(items).is_empty() => Self::Texts,
            () if items.get("x-words").is_some_and(|words| words == "rule") => Self::Rules,
            () if is(items, "object") => Self::Objects,
            () => Self::Json,
        }
    }

    /// What stands for the value in the help.
    pub(super) const fn value_name(&self) -> &'static str {
        match self {
            Self::Text | Self::Choice(_) | Self::Secret => "TEXT",
            Self::Integer => "NUMBER",
            Self::Switch | Self::Clear(_) => "BOOL",
            Self::Texts => "TEXT,TEXT",
            Self::Pairs => "NAME: VALUE",
            Self::Rules => "RULE",
            Self::Json | Self::Objects => "JSON",
        }
    }

    /// How the value is written, where its name does not say.
    pub(super) const fn explained(&self) -> Option<&'static str> {
        match self {
            Self::Rules => Some(words::RULE_HELP),
            Self::Pairs => Some("`-` reads lines of standard input, which no other process sees"),
            _ => None,
        }
    }

    /// Whether the flag may be repeated.
    pub(super) const fn is_list(&self) -> bool {
        matches!(self, Self::Texts | Self::Pairs | Self::Objects | Self::Rules)
    }
}

fn is(property: &Value, wanted: &str) -> bool {
    match property.get("type") {
        Some(Value::String(kind)) => kind == wanted,
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == wanted),
        _ => false,
    }
}

/// The texts of an enumeration, which schemas write as `enum`, or as `oneOf` where each has a description.
fn choices(property: &Value) -> Vec<String> {
    let listed = property.get("enum").and_then(Value::as_array).into_iter().flatten();
    let described = property.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    let described = described.filter_map(|choice| choice.get("const"));
    listed.chain(described).filter_map(|choice| choice.as_str().map(str::to_owned)).collect()
}

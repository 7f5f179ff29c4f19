//! Arguments of a command, made from the JSON schema of an operation's input.
//!
//! What the path carries stands first and without a name; every other property is `--a-name VALUE`, and those of
//! a nested object stand beside it. SECURITY: a password is never an argument, where every process sees it.

use super::secret;
use crate::exit::Stop;
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use serde_json::{Map, Value};

/// One argument, and where its value belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Argument {
    /// The property, or the nested object and its property.
    path: Vec<String>,
    shape: Shape,
    required: bool,
    /// Whether it stands without a name.
    positional: bool,
    help: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Shape {
    Text,
    /// One of these.
    Choice(Vec<String>),
    Integer,
    Switch,
    /// Texts, with commas between them or the flag repeated.
    Texts,
    Secret,
    /// Whatever else: as JSON.
    Json,
}

impl Shape {
    /// What stands for the value in the help.
    const fn value_name(&self) -> &'static str {
        match self {
            Self::Text | Self::Choice(_) | Self::Secret => "TEXT",
            Self::Integer => "NUMBER",
            Self::Switch => "BOOL",
            Self::Texts => "TEXT,TEXT",
            Self::Json => "JSON",
        }
    }
}

/// The arguments of an operation at `path`.
pub(super) fn all(path: &str, schema: &Value) -> Vec<Argument> {
    let carried: Vec<&str> = path.split('/').filter_map(placeholder).collect();
    let positional = carried.iter().map(|name| Argument {
        path: vec![(*name).to_owned()],
        shape: Shape::Text,
        required: true,
        positional: true,
        help: property(schema, name).map(description).unwrap_or_default(),
    });
    let named = properties(schema).filter(|(name, _, _)| !carried.contains(&name.as_str()));
    positional.chain(named.flat_map(|(name, property, required)| flatten(name, property, required))).collect()
}

/// The name in a segment such as `{id}`.
pub(super) fn placeholder(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// The input that the arguments say.
pub(super) fn read(arguments: &[Argument], matches: &ArgMatches) -> Result<Map<String, Value>, Stop> {
    let mut input = Map::new();
    for argument in arguments {
        if let Some(value) = argument.find_value(matches)? {
            put(&mut input, &argument.path, value);
        }
    }
    Ok(input)
}

impl Argument {
    /// The argument as the parser knows it.
    pub(super) fn to_clap(&self) -> Arg {
        let name = self.path.last().map(|name| name.replace('_', "-")).unwrap_or_default();
        let arg = Arg::new(self.id()).required(self.required).help(self.help.clone());
        if self.positional {
            return arg.value_name(name.to_uppercase());
        }
        let arg = arg.long(name.clone()).value_name(self.shape.value_name());
        match &self.shape {
            Shape::Text => arg,
            Shape::Choice(names) => arg.value_parser(names.clone()),
            Shape::Integer => arg.value_parser(value_parser!(i64)),
            Shape::Switch => {
                arg.value_parser(value_parser!(bool)).num_args(0..=1).default_missing_value("true")
            }
            Shape::Texts => arg.action(ArgAction::Append).value_delimiter(','),
            Shape::Secret => {
                let help =
                    format!("{}: a line of standard input, instead of a question at the terminal", self.help);
                arg.long(format!("{name}-stdin")).help(help).action(ArgAction::SetTrue).required(false)
            }
            Shape::Json => arg.value_parser(json),
        }
    }

    fn id(&self) -> String {
        self.path.join(".")
    }

    fn find_value(&self, matches: &ArgMatches) -> Result<Option<Value>, Stop> {
        let id = self.id();
        Ok(match &self.shape {
            Shape::Text | Shape::Choice(_) => matches.get_one::<String>(&id).cloned().map(Value::from),
            Shape::Integer => matches.get_one::<i64>(&id).copied().map(Value::from),
            Shape::Switch => matches.get_one::<bool>(&id).copied().map(Value::from),
            Shape::Texts => matches.get_many::<String>(&id).map(|texts| {
                // `--groups ""` is the empty list.
                texts.filter(|text| !text.is_empty()).cloned().map(Value::from).collect()
            }),
            Shape::Json => matches.get_one::<Value>(&id).cloned(),
            Shape::Secret => {
                let name = self.path.last().map_or("secret", String::as_str);
                secret::read(name, matches.get_flag(&id), self.required)?.map(Value::from)
            }
        })
    }
}

/// A property as one argument, or those of a nested object as one each.
fn flatten(name: &str, property: &Value, required: bool) -> Vec<Argument> {
    if unwrapped(property).get("properties").is_none() {
        return vec![argument(vec![name.to_owned()], property, required)];
    }
    let inner = properties(unwrapped(property));
    let of_all = description(property);
    let arguments = inner.map(|(inner, property, needed)| {
        let argument = argument(vec![name.to_owned(), inner.clone()], property, required && needed);
        Argument { help: format!("{} ({of_all})", argument.help), ..argument }
    });
    arguments.collect()
}

fn argument(path: Vec<String>, property: &Value, required: bool) -> Argument {
    let shape = shape(path.last().map_or("", String::as_str), unwrapped(property));
    Argument { path, shape, required, positional: false, help: description(property) }
}

fn shape(name: &str, property: &Value) -> Shape {
    let is = |wanted: &str| match property.get("type") {
        Some(Value::String(kind)) => kind == wanted,
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == wanted),
        _ => false,
    };
    let hidden = property.get("format").is_some_and(|format| format == "password");
    let of_texts = || property.pointer("/items/type").is_some_and(|kind| kind == "string");
    if is("string") && (hidden || name.contains("password") || name.contains("secret")) {
        return Shape::Secret;
    }
    let choices = choices(property);
    match () {
        () if !choices.is_empty() => Shape::Choice(choices),
        () if is("string") => Shape::Text,
        () if is("integer") => Shape::Integer,
        () if is("boolean") => Shape::Switch,
        () if is("array") && of_texts() => Shape::Texts,
        () => Shape::Json,
    }
}

/// The texts of an enumeration, which schemas write as `enum`, or as `oneOf` where each has a description.
fn choices(property: &Value) -> Vec<String> {
    let listed = property.get("enum").and_then(Value::as_array).into_iter().flatten();
    let described = property.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    let described = described.filter_map(|choice| choice.get("const"));
    listed.chain(described).filter_map(|choice| choice.as_str().map(str::to_owned)).collect()
}

/// What an optional property holds when it is there.
fn unwrapped(property: &Value) -> &Value {
    let several = property.get("anyOf").and_then(Value::as_array);
    let mut real =
        several.into_iter().flatten().filter(|one| one.get("type").is_none_or(|kind| kind != "null"));
    match (real.next(), real.next()) {
        (Some(only), None) => only,
        _ => property,
    }
}

/// Name, schema, and whether it must be there.
fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value, bool)> {
    let required = schema.get("required").and_then(Value::as_array);
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flatten().map(move |(name, property)| {
        let needed = required.is_some_and(|names| names.iter().any(|needed| needed == name));
        (name, property, needed)
    })
}

fn property<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    schema.get("properties")?.get(name)
}

/// The description as help writes it: one line, no full stop, and `*` for a list that holds nothing else.
fn description(property: &Value) -> String {
    let text = property.get("description").and_then(Value::as_str).unwrap_or_default();
    text.trim_end_matches('.').replace('\n', " ").replace(r#"["*"]"#, "*")
}

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("it is written as JSON: {error}"))
}

fn put(input: &mut Map<String, Value>, path: &[String], value: Value) {
    match path {
        [outer, inner] => {
            let nested = input.entry(outer).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(nested) = nested {
                nested.insert(inner.clone(), value);
            }
        }
        path => drop(input.insert(path.concat(), value)),
    }
}

/// Something for each argument that must be there: a command line that parses.
#[cfg(test)]
pub(super) fn needed(arguments: &[Argument]) -> Vec<String> {
    let needed = arguments.iter().filter(|argument| argument.required && argument.shape != Shape::Secret);
    let words = needed.flat_map(|argument| {
        let flag = argument.to_clap().get_long().map(|long| format!("--{long}"));
        flag.into_iter().chain(["1".to_owned()])
    });
    words.collect()
}

#[cfg(test)]
mod tests;

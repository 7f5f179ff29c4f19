//! Arguments of a command, made from the JSON schema of an operation's input.
//!
//! What the path carries stands first and without a name; every other property is `--a-name VALUE`, and those of
//! nested objects stand beside it. Where `null` clears a property, `--no-a-name` does. SECURITY: a password is never an
//! argument, where every process sees it.

mod shape;
mod words;

use super::secret;
use crate::exit::Stop;
use clap::{Arg, ArgAction, ArgMatches, value_parser};
use serde_json::{Map, Value};
use shape::Shape;

/// One argument, and where its value belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Argument {
    /// The property, or the nested objects and their property.
    path: Vec<String>,
    /// Its name behind `--`, or in the help where it stands without one.
    name: String,
    shape: Shape,
    required: bool,
    /// Whether it stands without a name.
    positional: bool,
    help: String,
}

/// The arguments of an operation at `path`.
pub(super) fn all(path: &str, schema: &Value) -> Vec<Argument> {
    let carried: Vec<&str> = path.split('/').filter_map(placeholder).collect();
    let positional = carried.iter().map(|name| Argument {
        path: vec![(*name).to_owned()],
        name: (*name).to_owned(),
        shape: Shape::Text,
        required: true,
        positional: true,
        help: property(schema, name).map(description).unwrap_or_default(),
    });
    let named = properties(schema).filter(|(name, _, _)| !carried.contains(&name.as_str()));
    let named = named.flat_map(|(name, property, required)| {
        let mut arguments = flatten(name, property, required);
        arguments.extend(clearing(name, property, &arguments));
        arguments
    });
    positional.chain(named).collect()
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
        let help = self.shape.explained().map_or(self.help.clone(), |how| format!("{}; {how}", self.help));
        let arg = Arg::new(self.id()).required(self.required).help(help);
        if self.positional {
            return arg.value_name(self.name.to_uppercase());
        }
        let arg = arg.long(self.name.clone()).value_name(self.shape.value_name());
        let arg = match self.singular() {
            Some(one) => arg.visible_alias(one),
            None => arg,
        };
        match &self.shape {
            Shape::Text => arg,
            Shape::Choice(names) => arg.value_parser(names.clone()),
            Shape::Integer => arg.value_parser(value_parser!(i64)),
            Shape::Switch => {
                arg.value_parser(value_parser!(bool)).num_args(0..=1).default_missing_value("true")
            }
            Shape::Texts => arg.action(ArgAction::Append).value_delimiter(','),
            Shape::Pairs => arg.action(ArgAction::Append).value_parser(words::pair),
            Shape::Objects => arg.action(ArgAction::Append).value_parser(words::items),
            Shape::Rules => arg.action(ArgAction::Append).value_parser(words::rule),
            Shape::Clear(others) => arg.action(ArgAction::SetTrue).conflicts_with_all(others),
            Shape::Secret => {
                let help =
                    format!("{}: a line of standard input, instead of a question at the terminal", self.help);
                arg.long(format!("{}-stdin", self.name)).help(help).action(ArgAction::SetTrue).required(false)
            }
            Shape::Json => arg.value_parser(words::json),
        }
    }

    /// `--rule` for one of `--rules`.
    fn singular(&self) -> Option<String> {
        let one = self.name.strip_suffix('s').filter(|_| self.shape.is_list())?;
        Some(one.to_owned())
    }

    fn id(&self) -> String {
        match self.shape {
            Shape::Clear(_) => self.name.clone(),
            _ => self.path.join("."),
        }
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
            Shape::Pairs => match matches.get_many::<(String, String)>(&id) {
                Some(pairs) => Some(words::pairs(pairs.cloned())?),
                None => None,
            },
            Shape::Objects | Shape::Rules => matches.get_many::<Value>(&id).map(|values| {
                // An array stands for all that is in it.
                let items = |value: &Value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
                values.flat_map(items).collect()
            }),
            Shape::Clear(_) => matches.get_flag(&id).then_some(Value::Null),
            Shape::Json => matches.get_one::<Value>(&id).cloned(),
            Shape::Secret => {
                let name = self.path.last().map_or("secret", String::as_str);
                secret::read(name, matches.get_flag(&id), self.required)?.map(Value::from)
            }
        })
    }
}

/// A property as one argument, or those of nested objects as one each. The flags of these have no name of the object
/// before them, unless the schema wants it there.
fn flatten(name: &str, property: &Value, required: bool) -> Vec<Argument> {
    let prefix = property.get("x-prefix").and_then(Value::as_str).map(str::to_owned);
    inner(Place { path: vec![name.to_owned()], flag: prefix.into_iter().collect() }, property, required)
}

/// Where a property stands, and what its flag is made of.
struct Place {
    path: Vec<String>,
    flag: Vec<String>,
}

impl Place {
    fn within(&self, name: &str) -> Self {
        let longer = |parts: &[String]| parts.iter().cloned().chain([name.to_owned()]).collect();
        Self { path: longer(&self.path), flag: longer(&self.flag) }
    }
}

fn inner(place: Place, property: &Value, required: bool) -> Vec<Argument> {
    let real = unwrapped(property);
    if real.get("properties").is_none() {
        let name = place.path.last().map_or("", String::as_str);
        let shape = Shape::of(name, real);
        let flag = if place.path.len() == 1 { name.to_owned() } else { place.flag.join("-") };
        let (name, help) = (flag.replace('_', "-"), description(property));
        return vec![Argument { path: place.path, name, shape, required, positional: false, help }];
    }
    let of_all = description(property);
    let arguments = properties(real).flat_map(|(name, property, needed)| {
        let is_leaf = unwrapped(property).get("properties").is_none();
        let arguments = inner(place.within(name), property, required && needed).into_iter();
        let about = |help: String| if is_leaf { format!("{help} ({of_all})") } else { help };
        arguments
            .map(|argument| Argument { help: about(argument.help.clone()), ..argument })
            .collect::<Vec<_>>()
    });
    arguments.collect()
}

/// What clears a property, where `null` does.
fn clearing(name: &str, property: &Value, others: &[Argument]) -> Option<Argument> {
    property.get("x-clears").filter(|clears| **clears == Value::Bool(true))?;
    let shape = Shape::Clear(others.iter().map(Argument::id).collect());
    let flag = format!("no-{}", name.replace('_', "-"));
    let help = format!("Takes this back: {}", description(property));
    Some(Argument {
        path: vec![name.to_owned()],
        name: flag,
        shape,
        required: false,
        positional: false,
        help,
    })
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

fn put(input: &mut Map<String, Value>, path: &[String], value: Value) {
    match path {
        [outer, inner @ ..] if !inner.is_empty() => {
            let nested = input.entry(outer).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(nested) = nested {
                put(nested, inner, value);
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

//! Flags over variables over the file: which value counts, and where it stands, for the sentence when it is
//! wrong.

use super::{
    environment::Environment,
    flags::Flags,
    key::{self, Form, Key},
};
use crate::exit::{Exit, Stop};
use std::{collections::BTreeMap, fmt::Display, fs};
use toml::{Table, Value};

/// What was given for a key, and where.
#[derive(Clone)]
pub(super) struct Given {
    /// The flag, the variable, or the key and the file: as a sentence names it.
    place: String,
    exit: Exit,
    values: Vec<String>,
}

impl Given {
    /// The sentence for a value that does not fit.
    pub(super) fn refuse(&self, why: impl Display) -> Stop {
        Stop::new(self.exit, format!("{}: {why}", self.place))
    }

    /// All values, each checked.
    pub(super) fn all<T, E: Display>(&self, read: impl Fn(&str) -> Result<T, E>) -> Result<Vec<T>, Stop> {
        self.values.iter().map(|value| read(value.trim()).map_err(|error| self.refuse(error))).collect()
    }

    /// The only value, checked.
    pub(super) fn one<T, E: Display>(&self, read: impl FnOnce(&str) -> Result<T, E>) -> Result<T, Stop> {
        read(self.text()).map_err(|error| self.refuse(error))
    }

    /// The only value.
    pub(super) fn text(&self) -> &str {
        self.values.first().map_or("", String::as_str)
    }
}

/// What counts for each key that was given at all.
pub(super) struct Layers(BTreeMap<&'static str, Given>);

impl Layers {
    /// Reads all three; the file is the one that a flag or a variable names.
    pub(super) fn read(flags: &Flags, environment: &Environment) -> Result<Self, Stop> {
        let mut layers = Self(BTreeMap::new());
        for (key, flag, values) in flags.given() {
            layers.0.insert(key, Given { place: format!("`{flag}`"), exit: Exit::Usage, values });
        }
        for (name, value) in environment.variables() {
            let key = key::find_in_environment(&name)
                .ok_or_else(|| unknown("variable", &name, key::nearest_in_environment(&name)))?;
            layers.add(key, format!("`{name}`"), split(key, value));
        }
        if let Some(file) = layers.find("config").cloned() {
            layers.read_file(&file)?;
        }
        Ok(layers)
    }

    /// What counts for a key.
    pub(super) fn find(&self, key: &str) -> Option<&Given> {
        self.0.get(key)
    }

    /// What counts for a key, read; nothing when it was not given.
    pub(super) fn read_one<T, E: Display>(
        &self,
        key: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, Stop> {
        self.find(key).map(|given| given.one(read)).transpose()
    }

    fn read_file(&mut self, file: &Given) -> Result<(), Stop> {
        let path = file.text();
        let text = fs::read_to_string(path).map_err(|error| file.refuse(format!("`{path}`: {error}")))?;
        let table: Table = text.parse().map_err(|error| unreadable(path, &text, &error))?;
        for (name, value) in &table {
            let key = key::find_in_file(name)
                .ok_or_else(|| unknown(&format!("setting in `{path}`:"), name, key::nearest_in_file(name)))?;
            let place = format!("`{name}` in `{path}`");
            let wrong = || Stop::new(Exit::Setting, format!("{place} must be {}", wanted(key.form)));
            let values = texts(key.form, value).ok_or_else(wrong)?;
            self.add(key, place, values);
        }
        Ok(())
    }

    /// Keeps what a layer above has given.
    fn add(&mut self, key: &'static Key, place: String, values: Vec<String>) {
        self.0.entry(key.name).or_insert(Given { place, exit: Exit::Setting, values });
    }
}

fn split(key: &Key, value: &str) -> Vec<String> {
    match key.form {
        Form::Texts => value.split(',').map(str::to_owned).collect(),
        Form::Text | Form::Number | Form::Fraction => vec![value.to_owned()],
    }
}

fn texts(form: Form, value: &Value) -> Option<Vec<String>> {
    match (form, value) {
        (Form::Text | Form::Texts, Value::String(text)) => Some(vec![text.clone()]),
        (Form::Texts, Value::Array(items)) => {
            items.iter().map(|item| item.as_str().map(str::to_owned)).collect()
        }
        (Form::Number | Form::Fraction, Value::Integer(number)) => Some(vec![number.to_string()]),
        (Form::Fraction, Value::Float(number)) => Some(vec![number.to_string()]),
        _ => None,
    }
}

const fn wanted(form: Form) -> &'static str {
    match form {
        Form::Text => "a text in quotes",
        Form::Texts => "a text in quotes, or a list of them",
        Form::Number => "a whole number",
        Form::Fraction => "a number",
    }
}

fn unknown(what: &str, name: &str, nearest: Option<String>) -> Stop {
    let hint = nearest.map_or_else(String::new, |nearest| format!("; did you mean `{nearest}`?"));
    Stop::new(Exit::Setting, format!("unknown {what} `{name}`{hint}"))
}

fn unreadable(path: &str, text: &str, error: &toml::de::Error) -> Stop {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    Stop::new(Exit::Setting, format!("`{path}`, line {line}: {}", error.message()))
}

//! Everything that programs can call, in one list: REST routes, the `OpenAPI` document and the command line are
//! loops over it.

mod account;
mod apps;
mod audit;
mod bounded;
mod forward_auth;
mod groups;
mod list;
mod people;
mod sessions;
mod shape;
mod tokens;

pub use list::OPERATIONS;
pub(crate) use shape::{Reply, SessionChange};

use crate::{Caller, Desk, Problem};
use schemars::Schema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value as Json;
use std::{future::Future, pin::Pin};

/// One operation.
pub struct Entry {
    /// Its name, `resource.verb`.
    pub id: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The path at the home host, with `{name}` for what the path carries.
    pub path: &'static str,
    /// The words on the command line, where it makes sense there.
    pub command: Option<&'static str>,
    /// One line that says what it does.
    pub summary: &'static str,
    /// Who may call it at all; the policy decides the rest.
    pub door: Needs,
    /// The status of success.
    pub status: u16,
    /// The schema of its input: one flat object of path, query and body.
    pub input: fn() -> Schema,
    /// The schema of its output.
    pub output: fn() -> Schema,
    /// Runs it.
    pub(crate) run: Run,
}

/// Who may call an operation at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Anyone: a code or a password is in the input.
    Nothing,
    /// Whoever has a credential.
    Credential,
}

/// An answer that is on its way: its JSON, and what becomes of the session.
pub(crate) type Answer<'a> =
    Pin<Box<dyn Future<Output = Result<(Json, SessionChange), Problem>> + Send + 'a>>;
pub(crate) type Run = for<'a> fn(&'a Desk, &'a Caller, Json) -> Answer<'a>;

/// The schema of a type, as the document and the command line read it.
fn schema<T: schemars::JsonSchema>() -> Schema {
    let settings = schemars::generate::SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    settings.into_generator().into_root_schema_for::<T>()
}

/// Reads the input, runs the operation, writes the output.
fn run<'a, I, O, F, R>(input: Json, operation: F) -> Answer<'a>
where
    I: DeserializeOwned + Send + 'a,
    O: Serialize,
    F: FnOnce(I) -> R + Send + 'a,
    R: Future<Output = Result<Reply<O>, Problem>> + Send + 'a,
{
    Box::pin(async move {
        let input = serde_json::from_value(input).map_err(|error| Problem::invalid(error.to_string()))?;
        let Reply { output, session } = operation(input).await?;
        let output = serde_json::to_value(output).map_err(|_| Problem::internal())?;
        Ok((output, session))
    })
}

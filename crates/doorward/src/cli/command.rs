//! The tree of commands: two that serve, and those that the list of operations names.

use super::{argument, db};
use crate::{
    config::Flags,
    exit::{Exit, Stop},
    serve::Protect,
};
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, value_parser};
use domain::{AppName, HostName, Upstream};
use std::{collections::BTreeMap, path::PathBuf};
use web::operations::{Entry, OPERATIONS};

/// The setup link is no operation: only whoever holds the data directory may ask for it.
pub(super) const SETUP_LINK: &str = "setup-link";

/// A root-key file is made by no operation: it belongs to no installation yet.
pub(super) const ROOT_KEY: &str = "root-key";

/// What `protect` takes.
#[derive(Debug, Args)]
pub(super) struct ProtectArgs {
    /// Where the app is, such as `http://127.0.0.1:3000`; a built-in sample if none is named
    upstream: Option<Upstream>,
    /// What to call it
    #[arg(long)]
    name: Option<AppName>,
    /// The host that leads to it [default: NAME.localhost]
    #[arg(long)]
    host: Option<HostName>,
}

impl ProtectArgs {
    pub(super) fn read(matches: &ArgMatches) -> Result<Protect, Stop> {
        let Self { upstream, name, host } =
            Self::from_arg_matches(matches).map_err(|error| Stop::new(Exit::Usage, error.to_string()))?;
        Ok(Protect { upstream, name, host })
    }
}

/// The whole command line.
pub(super) fn tree() -> Command {
    // What `augment_args` says of itself comes before what is said here.
    let protect = ProtectArgs::augment_args(Command::new("protect"));
    // The rest stands behind `protect`, so that help begins with what people begin with.
    let first = root("doorward").about("The door: sign-in in front of self-hosted apps");
    let first = first.subcommand(protect.about("Put sign-in in front of an app and serve"));
    with_common(first.version(env!("CARGO_PKG_VERSION")))
}

/// The command line of an app with Doorward inside: all but what puts apps behind the gateway.
pub(super) fn app_tree(name: &'static str) -> Command {
    with_common(root(name)).mut_subcommand("app", |app| app.hide(true))
}

fn root(name: &'static str) -> Command {
    Flags::augment_args(Command::new(name)).subcommand_required(true).arg_required_else_help(true)
}

fn with_common(tree: Command) -> Command {
    tree.subcommand(Command::new("serve").about("Serve what is configured"))
        .subcommand(Command::new(SETUP_LINK).about("Print a fresh one-time link for the first administrator"))
        .subcommand(root_key())
        .subcommand(db::command())
        .subcommands(operations())
}

fn root_key() -> Command {
    let file = Arg::new("file").value_name("FILE").required(true).help("Where to put it");
    let about = "Make a root-key file, which all replicas on one PostgreSQL database share";
    Command::new(ROOT_KEY).about(about).arg(file.value_parser(value_parser!(PathBuf)))
}

/// The operation that a command line names.
pub(super) fn find_entry(matches: &ArgMatches) -> Option<(&'static Entry, &ArgMatches)> {
    let (noun, inner) = matches.subcommand()?;
    let (verb, inner) = inner.subcommand()?;
    let words = format!("{noun} {verb}");
    let entry = OPERATIONS.iter().find(|entry| entry.command == Some(words.as_str()))?;
    Some((entry, inner))
}

/// `token`, with `list`, `create` and `revoke` below it, and so on.
fn operations() -> impl Iterator<Item = Command> {
    let mut nouns: BTreeMap<&str, Vec<Command>> = BTreeMap::new();
    for entry in OPERATIONS {
        if let Some((noun, verb)) = entry.command.and_then(|words| words.split_once(' ')) {
            nouns.entry(noun).or_default().push(operation(verb, entry));
        }
    }
    nouns.into_iter().map(|(noun, verbs)| {
        let names: Vec<&str> = verbs.iter().map(Command::get_name).collect();
        Command::new(noun).about(names.join(", ")).subcommand_required(true).subcommands(verbs)
    })
}

fn operation(verb: &'static str, entry: &Entry) -> Command {
    let schema = (entry.input)();
    let arguments = argument::all(entry.path, schema.as_value());
    Command::new(verb).about(entry.summary).args(arguments.iter().map(argument::Argument::to_clap))
}

#[cfg(test)]
mod tests;

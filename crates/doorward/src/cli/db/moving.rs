//! `doorward db move`: to a PostgreSQL server, or back to a file, with all that is there.

use super::{existing, place};
use crate::{
    clock::SystemClock,
    config::{Config, Destination},
    data::{DataDir, named_key_ring, root_key_in},
    exit::{Exit, Stop, print},
    serve::Product,
};
use clap::{Arg, ArgAction, ArgMatches, Command};
use domain::SystemEntropy;
use policy::Policy;
use serde_json::json;
use std::{
    io::{self, Write as _},
    path::{Path, PathBuf, absolute},
};
use store::moving::{Cancel, Move, Outcome, Place, Summary};

/// The command's name.
pub(super) const MOVE: &str = "move";

pub(super) fn command() -> Command {
    let to = Arg::new("to").long("to").value_name("TARGET").help(
        "`postgresql://…`, or the data directory of a database in a file; DOORWARD_MOVE_TO says it unseen by others",
    );
    let cancel = Arg::new("cancel").long("cancel").action(ArgAction::SetTrue);
    let cancel = cancel
        .help("Give up a move that broke off, and stay here; after the last step but one, TARGET is asked");
    let lost =
        Arg::new("target-is-lost").long("target-is-lost").action(ArgAction::SetTrue).requires("cancel");
    let lost = lost.help("With --cancel: TARGET is lost, is served nowhere, and never will be");
    Command::new(MOVE)
        .about("Move the installation from a file to PostgreSQL, or back")
        .args([to, cancel, lost])
}

pub(super) fn run(matches: &ArgMatches, config: &Config, product: &impl Product) -> Result<(), Stop> {
    // Nobody else has the folder meanwhile; on a server, the database itself keeps others from writing.
    let _data = match &config.database {
        Some(_) => None,
        None => Some(existing(config)?),
    };
    let from = source(config)?;
    if matches.get_flag("cancel") {
        let (to, _target) = named(matches, config)?.map(asked).transpose()?.unzip();
        let lost = matches.get_flag("target-is-lost");
        let (policy, clock, entropy) = (&policy()?, &SystemClock, &SystemEntropy);
        let mark = Cancel { from: from.clone(), to, lost, policy, clock, entropy }.run()?;
        let object = json!({ "database": from.to_string(), "cancelled": mark.place });
        let text = format!("the move to `{}` is given up; `{from}` is served as before\n", mark.place);
        return print(&if config.json { format!("{object:#}\n") } else { text });
    }
    let (to, _target) = target(matches, config)?;
    let key = absolute_of(&config.root_key_file.clone().unwrap_or_else(|| root_key_in(&config.data)))?;
    let fingerprint = named_key_ring(&key)?.fingerprint();
    let (own, policy, clock, entropy) = (product.tables(), &policy()?, &SystemClock, &SystemEntropy);
    let journey = Move { from, to, own, fingerprint, policy, clock, entropy };
    warn(&journey.from);
    let outcome = journey.run(&mut tell)?;
    print(&text(&journey, &outcome, &key, config.json))
}

fn policy() -> Result<Policy, Stop> {
    Policy::builtin().map_err(|error| Stop::new(Exit::Failed, error.to_string()))
}

fn source(config: &Config) -> Result<Place, Stop> {
    match place(config) {
        Place::File(path) if !path.exists() => {
            Err(Stop::new(Exit::Failed, format!("there is no database at `{}`", path.display())))
        }
        Place::File(path) => Ok(Place::File(absolute_of(&path)?)),
        server @ Place::Server(_) => Ok(server),
    }
}

/// Where it is to go, as far as that is said.
fn named(matches: &ArgMatches, config: &Config) -> Result<Option<Destination>, Stop> {
    let refused = |error| Stop::new(Exit::Usage, format!("`--to`: {error}"));
    let flag = matches.get_one::<String>("to").map(|text| text.parse().map_err(refused)).transpose()?;
    Ok(flag.or_else(|| config.move_to.clone()))
}

/// A target whose move is given up, with the lock of its folder: nobody may be filling it meanwhile. Nothing is made
/// there.
fn asked(to: Destination) -> Result<(Place, Option<DataDir>), Stop> {
    let folder = match to {
        Destination::Server(address) => return Ok((Place::Server(address), None)),
        Destination::Folder(folder) => absolute_of(&folder)?,
    };
    let database = folder.join(DataDir::DATABASE);
    let data = database.exists().then(|| DataDir::open(&folder)).transpose()?;
    Ok((Place::File(database), data))
}

/// Where it goes, and the lock of its folder.
fn target(matches: &ArgMatches, config: &Config) -> Result<(Place, Option<DataDir>), Stop> {
    let unsaid = "say by `--to` where to move: `postgresql://…`, or a data directory";
    let to = named(matches, config)?.ok_or_else(|| Stop::new(Exit::Usage, unsaid))?;
    match (to, &config.database) {
        (Destination::Server(address), None) => Ok((Place::Server(address), None)),
        (Destination::Folder(folder), Some(_)) => {
            let data = DataDir::open(&absolute_of(&folder)?)?;
            Ok((Place::File(data.database()), Some(data)))
        }
        (Destination::Server(_), Some(_)) => Err(Stop::new(
            Exit::Usage,
            "from one PostgreSQL to another, `pg_dump` and `psql` move a database",
        )),
        (Destination::Folder(_), None) => {
            let message = "the database is in a file already: to have it in another folder, stop the server and move the folder";
            Err(Stop::new(Exit::Usage, message))
        }
    }
}

fn absolute_of(path: &Path) -> Result<PathBuf, Stop> {
    let unusable =
        |error| Stop::new(Exit::DataDirectory, format!("`{}` cannot be used: {error}", path.display()));
    absolute(path).map_err(unusable)
}

/// What whoever stops it in the middle should know before.
fn warn(from: &Place) {
    let text = format!(
        "nothing is changed at `{from}` from here on: if this is stopped, run it again, or stay there by \
         `doorward db move --cancel`"
    );
    drop(writeln!(io::stderr(), "{text}"));
}

/// A line for each table, when it has been copied and verified.
fn tell(summary: &Summary, number: usize, all: usize) {
    let Summary { table, rows, digest } = summary;
    // Nobody is left to be told when standard error is closed.
    drop(writeln!(io::stderr(), "{number:>3}/{all}  {table:<20} {rows:>10} rows  sha256 {digest}"));
}

fn text(journey: &Move<'_>, outcome: &Outcome, key: &Path, json: bool) -> String {
    let Move { from, to, fingerprint, .. } = journey;
    let (from, to, key) = (from.to_string(), to.to_string(), key.display().to_string());
    let tables: &[Summary] = if let Outcome::Moved(tables) = outcome { tables } else { &[] };
    if json {
        let tables: Vec<_> = tables
            .iter()
            .map(|Summary { table, rows, digest }| json!({ "name": table, "rows": rows, "sha256": digest }))
            .collect();
        let already = *outcome == Outcome::AlreadyThere;
        let object = json!({ "from": from, "to": to, "already_there": already, "tables": tables,
            "root_key_file": key, "fingerprint": fingerprint });
        return format!("{object:#}\n");
    }
    let rows: u64 = tables.iter().map(|summary| summary.rows).sum();
    let done = match outcome {
        Outcome::Moved(tables) => {
            format!("{rows} rows of {} tables, each the same at both sides", tables.len())
        }
        Outcome::AlreadyThere => "before; nothing is left to do".to_owned(),
    };
    format!(
        "moved     {done}\nfrom      {from}\nto        {to}\nroot key  {key}, fingerprint {fingerprint}\n\
         {}\nThe root keys were not copied: have `DOORWARD_ROOT_KEY_FILE` name that file. `{from}` refuses to be served.\n",
        next(&journey.to)
    )
}

/// How it is served from now on.
fn next(to: &Place) -> String {
    match to {
        Place::Server(_) => {
            format!("Serve it with `DOORWARD_DATABASE`, or `database` in the file, naming `{to}`.")
        }
        Place::File(path) => {
            let folder = path.parent().unwrap_or(path);
            format!("Serve it with `--data {}`, and without `DOORWARD_DATABASE`.", folder.display())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Environment, Flags};

    #[test]
    fn a_target_is_an_address_or_a_folder_of_the_other_engine_and_never_quoted() {
        let said = |to: Option<&str>, variable: (&'static str, &str)| {
            let config = Config::read(&Flags::default(), &Environment::of([variable]))?;
            let words = ["move", "--to"].into_iter().take(if to.is_some() { 2 } else { 1 }).chain(to);
            target(&command().try_get_matches_from(words).unwrap(), &config).map(|(to, _)| to.to_string())
        };
        let on_server = ("DOORWARD_DATABASE", "postgresql://ada:s3cret@localhost/doorward");
        let server = "postgresql://ada:s3cret@db.example.org/d";
        assert_eq!(said(Some(server), ("DOORWARD_JSON", "")).unwrap(), "postgresql://ada@db.example.org/d");
        assert_eq!(said(None, ("DOORWARD_MOVE_TO", server)).unwrap(), "postgresql://ada@db.example.org/d");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data");
        assert_eq!(said(path.to_str(), on_server).unwrap(), path.join("doorward.db").display().to_string());
        let wrong = [(Some(server), on_server), (Some("here"), ("DOORWARD_JSON", "")), (None, on_server)];
        let strange = [(Some("mysql://ada:s3cret@db"), on_server), (Some(""), on_server)];
        for (to, variable) in wrong.into_iter().chain(strange) {
            let stop = said(to, variable).unwrap_err();
            assert!(stop.exit == Exit::Usage && !stop.message.contains("s3cret"), "{stop}");
        }
        let stop = said(None, ("DOORWARD_MOVE_TO", "mysql://ada:s3cret@db")).unwrap_err();
        assert!(stop.exit == Exit::Setting && !stop.message.contains("s3cret"), "{stop}");
    }
}

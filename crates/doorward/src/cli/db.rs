//! `doorward db`: what the schema of the database is, bringing it up to date without serving, and moving to another one.

mod moving;

use crate::{
    clock::SystemClock,
    config::Config,
    data::DataDir,
    exit::{Exit, Stop, print},
    serve::Product,
};
use clap::{ArgMatches, Command};
use domain::Clock as _;
use serde_json::json;
use store::{
    Schema,
    moving::{Mark, Place, find_mark},
};

/// The command's name.
pub(super) const DB: &str = "db";

/// `db`, with `status`, `migrate` and `move` below it.
pub(super) fn command() -> Command {
    let status = Command::new("status").about("Show the schema of the database, and the one that is known");
    let migrate = Command::new("migrate").about("Bring the schema of the database up to date");
    let all = [status, migrate, moving::command()];
    Command::new(DB).about("status, migrate, move").subcommand_required(true).subcommands(all)
}

/// Runs one of them, on the database itself and never over a server.
pub(super) fn run(matches: &ArgMatches, config: &Config, product: &impl Product) -> Result<(), Stop> {
    if config.remote.is_some() {
        return Err(Stop::new(Exit::Usage, "`db` works on the database itself: run it without `--url`"));
    }
    match matches.subcommand() {
        Some(("migrate", _)) => migrate(config),
        Some((moving::MOVE, matches)) => moving::run(matches, config, product),
        _ => status(config),
    }
}

fn status(config: &Config) -> Result<(), Stop> {
    let found = match &config.database {
        Some(server) => Schema::of_server(&server.address)?,
        None => Schema::of_file(&config.data.join(DataDir::DATABASE))?,
    };
    print(&text(config, found, find_mark(&place(config))?.as_ref()))
}

fn migrate(config: &Config) -> Result<(), Stop> {
    let now = SystemClock.now();
    if let Some(server) = &config.database {
        return print(&text(config, Schema::migrate_server(&server.address, now)?, None));
    }
    let data = existing(config)?;
    print(&text(config, Schema::migrate_file(&data.database(), now)?, None))
}

/// The data directory. One that is mistyped must not get an empty database.
fn existing(config: &Config) -> Result<DataDir, Stop> {
    if config.data.symlink_metadata().is_err() {
        let message = format!("there is no data at `{}`: name its folder by `--data`", config.data.display());
        return Err(Stop::new(Exit::Failed, message));
    }
    DataDir::open(&config.data)
}

/// The database that the configuration names.
fn place(config: &Config) -> Place {
    match &config.database {
        Some(server) => Place::Server(server.address.clone()),
        None => Place::File(config.data.join(DataDir::DATABASE)),
    }
}

fn text(config: &Config, schema: Schema, mark: Option<&Mark>) -> String {
    let Schema { found, known, .. } = schema;
    let database = place(config).to_string();
    if config.json {
        let moved = mark.map(|mark| json!({ "state": mark.state.as_str(), "place": mark.place }));
        let object = json!({ "database": database, "schema": found, "known": known, "move": moved });
        return format!("{object:#}\n");
    }
    // What is served nowhere from here needs no advice on its schema.
    let advised = mark.is_none_or(Mark::is_served);
    let schema = if advised { format!("{}\n", advice(schema)) } else { String::new() };
    let moved = mark.map(|mark| format!("{mark}\n")).unwrap_or_default();
    format!("database  {database}\nschema    {found}\nknown     {known}\n{schema}{moved}")
}

const fn advice(Schema { found, known, serves }: Schema) -> &'static str {
    if found == known {
        "up to date"
    } else if found < known {
        "the next start brings it up to date, and so does `doorward db migrate`"
    } else if serves {
        "a newer program brought it further; this one may go on serving, and should be replaced soon"
    } else {
        "a newer program wrote it: start that one"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Environment, Flags};

    fn told(folder: &std::path::Path, schema: Schema) -> String {
        let data = Some(folder.display().to_string());
        let flags = Flags { data, ..Flags::default() };
        text(&Config::read(&flags, &Environment::default()).unwrap(), schema, None)
    }

    #[test]
    fn the_schema_of_a_file_is_shown_with_what_to_do() {
        let folder = std::path::Path::new("here");
        insta::assert_snapshot!(told(folder, Schema { found: 1, known: 3, serves: true }), @r"
        database  here/doorward.db
        schema    1
        known     3
        the next start brings it up to date, and so does `doorward db migrate`
        ");
        assert!(told(folder, Schema { found: 3, known: 3, serves: true }).ends_with("\nup to date\n"));
        assert!(told(folder, Schema { found: 4, known: 3, serves: true }).contains("may go on serving"));
        assert!(told(folder, Schema { found: 4, known: 3, serves: false }).contains("start that one"));
    }

    #[test]
    fn a_file_is_looked_at_without_being_made_and_made_where_its_folder_is() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(DataDir::DATABASE);
        let before = Schema::of_file(&file).unwrap();
        assert_eq!((before.found, file.exists()), (0, false));
        let after = Schema::migrate_file(&file, SystemClock.now()).unwrap();
        assert_eq!((after.found, Schema::of_file(&file).unwrap()), (before.known, after));
    }
}

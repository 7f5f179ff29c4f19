//! The command line: parse, run, end with an exit code.
//!
//! `protect` and `serve` serve; every other command is one of the operations that programs can call, and so is
//! sent as a request and printed as an answer.

mod answer;
mod argument;
mod call;
mod command;
mod db;
mod operate;
mod secret;
mod table;

use crate::{
    clock::SystemClock,
    config::{Config, Environment, Flags},
    data,
    exit::{Exit, Stop},
    logging,
    serve::{self, Gate, Product},
};
use clap::{ArgMatches, Command, FromArgMatches};
use command::ProtectArgs;
use domain::SystemEntropy;
use rustix::{fs::Mode, process::umask};
use std::{env, ffi::OsString, path::PathBuf, process::ExitCode};
use tokio::runtime::Builder;

/// Runs the program as it was called.
pub fn run() -> ExitCode {
    begin(command::tree(), |matches| match matches.subcommand() {
        Some(("protect", matches)) => Ok(Gate::before(ProtectArgs::read(matches)?)),
        _ => Ok(Gate::default()),
    })
}

/// Runs an app with Doorward inside as it was called.
pub(crate) fn run_app(name: &'static str, app: impl Product) -> ExitCode {
    begin(command::app_tree(name), |_| Ok(app))
}

fn begin<P: Product>(tree: Command, product: impl FnOnce(&ArgMatches) -> Result<P, Stop>) -> ExitCode {
    let arguments: Vec<OsString> = env::args_os().collect();
    let parsed = tree.try_get_matches_from(&arguments);
    let parsed = parsed.and_then(|matches| Ok((Flags::from_arg_matches(&matches)?, matches)));
    match parsed {
        Ok((flags, matches)) => perform(&flags, &matches, product),
        Err(error) if error.use_stderr() => misused(&error, &arguments),
        Err(help) => {
            // A reader that has seen enough and went away is no failure.
            drop(help.print());
            ExitCode::SUCCESS
        }
    }
}

fn perform<P: Product>(
    flags: &Flags,
    matches: &ArgMatches,
    product: impl FnOnce(&ArgMatches) -> Result<P, Stop>,
) -> ExitCode {
    match Environment::of_process().and_then(|environment| Config::read(flags, &environment)) {
        Ok(config) => {
            let json = config.json;
            ended(product(matches).and_then(|product| obey(matches, config, product)), json)
        }
        Err(stop) => ended(Err(stop), flags.json),
    }
}

fn obey(matches: &ArgMatches, config: Config, product: impl Product) -> Result<(), Stop> {
    let config = product.defaults(config)?;
    // SECURITY: whatever this process writes, such as the database's files, only its owner may read.
    umask(Mode::RWXG | Mode::RWXO);
    let serving = matches!(matches.subcommand_name(), Some("serve" | "protect"));
    logging::start(&config.log, if serving { "info" } else { "warn" })?;
    if serving && config.remote.is_some() {
        return Err(Stop::new(Exit::Usage, "`--url` is for commands that act on a running server"));
    }
    match matches.subcommand() {
        Some((command::ROOT_KEY, matches)) => return make_root_key(matches),
        Some((db::DB, matches)) => return db::run(matches, &config, &product),
        _ => {}
    }
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime =
        runtime.map_err(|error| Stop::new(Exit::Failed, format!("no threads can be started: {error}")))?;
    runtime.block_on(async {
        if serving {
            Box::pin(serve::run(config, product)).await
        } else {
            Box::pin(operate::run(matches, &config, &product)).await
        }
    })
}

fn make_root_key(matches: &ArgMatches) -> Result<(), Stop> {
    let file = matches.get_one::<PathBuf>("file").ok_or_else(|| Stop::new(Exit::Usage, "name a file"))?;
    data::make_root_key(file, &SystemEntropy, &SystemClock)
}

fn ended(result: Result<(), Stop>, json: bool) -> ExitCode {
    result.map_or_else(|stop| stop.report(json).into(), |()| ExitCode::SUCCESS)
}

/// What clap says of a command line that is wrong: with its hints for people, in one object for programs.
fn misused(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    if arguments.iter().any(|argument| argument == "--json") {
        let text = error.to_string();
        let said = text.trim_start_matches("error: ").split("\n\n").next().unwrap_or_default();
        let sentence = said.split_whitespace().collect::<Vec<_>>().join(" ");
        return Stop::new(Exit::Usage, sentence).report(true).into();
    }
    // Nobody is left to be told when standard error is closed.
    drop(error.print());
    (Exit::Usage as u8).into()
}

//! A command that is an operation: its input read, its request sent, its answer printed.

use super::{answer, argument, call, command};
use crate::{
    config::Config,
    exit::{Exit, Stop, print},
    operator,
    serve::Product,
    transport::Transport,
};
use bytes::Bytes;
use clap::ArgMatches;
use http::Request;
use serde_json::Map;

/// Runs the command.
pub(super) async fn run(matches: &ArgMatches, config: &Config, product: &impl Product) -> Result<(), Stop> {
    // A secret is asked for before the data directory is taken, so that nobody waits for a typist.
    let request = request(matches, config, product)?;
    let answer = Box::pin(Transport::to(config, product)).await?.send(request).await?;
    print(&answer::text(&answer, config.json, matches.subcommand_name().unwrap_or_default())?)
}

fn request(matches: &ArgMatches, config: &Config, product: &impl Product) -> Result<Request<Bytes>, Stop> {
    if matches.subcommand_matches(command::SETUP_LINK).is_some() {
        if config.remote.is_some() {
            let message =
                "the setup link is for whoever holds the data directory: run this there, without `--url`";
            return Err(Stop::new(Exit::Usage, message));
        }
        return call::request("POST", operator::SETUP_LINK, Map::new());
    }
    let (entry, matches) =
        command::find_entry(matches).ok_or_else(|| Stop::new(Exit::Usage, "there is no such command"))?;
    let schema = (entry.input)();
    let input = argument::read(&argument::all(entry.path, schema.as_value()), matches)?;
    // The control socket and the data directory know no mount: there is nothing else of an app to be asked for.
    let mount = if config.remote.is_some() { product.mount() } else { String::new() };
    call::request(entry.method, &format!("{mount}{}", entry.path), input)
}

//! The log: lines on standard error, as text or as JSON.

use crate::{
    config::{LogFormat, LogSettings},
    exit::{Exit, Stop},
};
use std::io::{self, IsTerminal};
use tracing_subscriber::{EnvFilter, filter::LevelFilter, fmt};

/// Starts the log; `usual` is what is logged when nobody says otherwise.
pub(crate) fn start(settings: &LogSettings, usual: &str) -> Result<(), Stop> {
    let wanted = settings.filter.as_deref().unwrap_or(usual);
    let filter = filter(wanted).ok_or_else(|| refused(wanted))?;
    let lines = fmt().with_env_filter(filter).with_writer(io::stderr);
    let lines = lines.with_ansi(io::stderr().is_terminal());
    let started = match settings.format {
        LogFormat::Text => lines.compact().try_init(),
        LogFormat::Json => lines.json().try_init(),
    };
    // Tests run the command line more than once in a process: the first log stays.
    drop(started);
    Ok(())
}

/// The filter would take a mistyped level for the name of a part, and log nothing.
fn filter(wanted: &str) -> Option<EnvFilter> {
    let known = |part: &str| part.contains('=') || part.parse::<LevelFilter>().is_ok();
    wanted.split(',').all(known).then(|| EnvFilter::try_new(wanted).ok()).flatten()
}

fn refused(wanted: &str) -> Stop {
    let levels = "`error`, `warn`, `info`, `debug` or `trace`";
    let message =
        format!("`{wanted}` is no log level: {levels}, or also one for a part, as in `info,hyper=debug`");
    Stop::new(Exit::Usage, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_level_is_told_from_the_name_of_a_part() {
        for wanted in ["info", "WARN", "off", "info,hyper=debug"] {
            assert!(filter(wanted).is_some(), "{wanted}");
        }
        for wanted in ["inof", "info,debugg", "hyper=inof"] {
            assert!(filter(wanted).is_none(), "{wanted}");
        }
    }
}

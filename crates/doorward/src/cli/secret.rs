//! A password for a command: a line of standard input, or typed at the terminal, where it is not shown.

use crate::exit::{Exit, Stop};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::io::{self, BufRead, IsTerminal, Stdin, Write};

/// Reads a secret: when it was asked for by `--NAME-stdin`, or when it is required and a terminal can ask for it.
pub(super) fn read(name: &str, from_stdin: bool, required: bool) -> Result<Option<String>, Stop> {
    let stdin = io::stdin();
    match (stdin.is_terminal(), from_stdin, required) {
        (_, false, false) => Ok(None),
        (false, false, true) => {
            let flag = name.replace('_', "-");
            let message = format!(
                "a secret is no argument, where every process sees it: give `--{flag}-stdin` and a line of standard input"
            );
            Err(Stop::new(Exit::Usage, message))
        }
        (false, true, _) => line(&mut stdin.lock()).map(Some),
        (true, _, _) => ask(name, &stdin).map(Some),
    }
}

/// The next line, without its end. An empty one is no secret.
fn line(input: &mut dyn BufRead) -> Result<String, Stop> {
    let unread = |error| Stop::new(Exit::Failed, format!("standard input cannot be read: {error}"));
    let mut text = String::new();
    input.read_line(&mut text).map_err(unread)?;
    match text.trim_end_matches(['\n', '\r']) {
        "" => Err(Stop::new(Exit::Usage, "standard input holds no secret")),
        line => Ok(line.to_owned()),
    }
}

fn ask(name: &str, stdin: &Stdin) -> Result<String, Stop> {
    let broken = |error: io::Error| Stop::new(Exit::Failed, format!("the terminal cannot be asked: {error}"));
    let mut stderr = io::stderr();
    write!(stderr, "{}: ", name.replace('_', " ")).and_then(|()| stderr.flush()).map_err(broken)?;
    let silence = Silence::over(stdin).map_err(broken)?;
    let answer = line(&mut stdin.lock());
    drop(silence);
    writeln!(stderr).map_err(broken)?;
    answer
}

/// While it lasts, what is typed is not shown.
struct Silence<'a> {
    terminal: &'a Stdin,
    before: Termios,
}

impl<'a> Silence<'a> {
    fn over(terminal: &'a Stdin) -> io::Result<Self> {
        let before = tcgetattr(terminal)?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(terminal, OptionalActions::Flush, &silent)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Silence<'_> {
    fn drop(&mut self) {
        if let Err(error) = tcsetattr(self.terminal, OptionalActions::Now, &self.before) {
            tracing::warn!(%error, "the terminal still hides what is typed; `stty echo` mends it");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_as_it_is_but_for_its_end() {
        assert_eq!(line(&mut &b" two words \r\nmore"[..]).unwrap(), " two words ");
        assert_eq!(line(&mut &b"without an end"[..]).unwrap(), "without an end");
        assert_eq!(line(&mut &b"\n"[..]).unwrap_err().exit, Exit::Usage);
    }
}

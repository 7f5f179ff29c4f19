//! Running other programs: each must end well, or the chore ends with the command and how it ended.

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use std::{
    ffi::OsStr,
    io::Read as _,
    process::{Command, Stdio},
};

/// The command that `words` say: a program, then its arguments.
pub(crate) fn command(words: &[impl AsRef<OsStr>]) -> Result<Command> {
    let [program, arguments @ ..] = words else { bail!("a command needs at least a program") };
    let mut command = Command::new(program);
    command.args(arguments);
    Ok(command)
}

/// Runs `command` with its output on the terminal.
pub(crate) fn show(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {}", in_words(command)))?;
    ensure!(status.success(), "{} ended with {status}", in_words(command));
    Ok(())
}

/// Runs `command` to its end; answers all that it writes, and how it ended.
pub(crate) fn overhear(command: &mut Command) -> (String, Result<()>) {
    let run = |command: &mut Command| -> Result<(String, Result<()>)> {
        let (mut reader, writer) = std::io::pipe()?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer)
            .spawn()
            .with_context(|| format!("cannot start {}", in_words(command)))?;
        // The ends that are written to go with the command, or reading would not end.
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let mut written = Vec::new();
        reader.read_to_end(&mut written)?;
        let status = child.wait()?;
        let ended =
            if status.success() { Ok(()) } else { Err(anyhow!("{} ended with {status}", in_words(command))) };
        Ok((String::from_utf8_lossy(&written).into_owned(), ended))
    };
    run(command).unwrap_or_else(|error| (String::new(), Err(error)))
}

/// What `command` writes to its standard output.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", in_words(command)))?;
    ensure!(output.status.success(), "{} ended with {}", in_words(command), output.status);
    String::from_utf8(output.stdout).with_context(|| format!("{} did not write text", in_words(command)))
}

/// Whether `command` can be started and ends well; what it writes is dropped.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Whether a shell would find the program `name`.
pub(crate) fn finds(name: &str) -> bool {
    succeeds(Command::new("sh").args(["-c", "command -v \"$1\"", "sh", name]))
}

fn in_words(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy()];
    words.extend(command.get_args().map(|word| word.to_string_lossy()));
    format!("`{}`", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_a_program_writes_is_overheard_however_it_ends() {
        let mut command = command(&["sh", "-c", "echo one; echo two >&2; exit 3"]).unwrap();
        let (written, ended) = overhear(&mut command);
        assert_eq!(written, "one\ntwo\n");
        assert!(ended.unwrap_err().to_string().ends_with("exit status: 3"));
    }

    #[test]
    fn what_a_program_writes_is_read() {
        assert_eq!(read(Command::new("echo").arg("hello")).unwrap(), "hello\n");
    }

    #[test]
    fn a_program_that_fails_is_named_with_its_arguments() {
        let error = show(Command::new("sh").args(["-c", "exit 3"])).unwrap_err();
        assert_eq!(error.to_string(), "`sh -c exit 3` ended with exit status: 3");
    }

    #[test]
    fn only_programs_that_exist_are_found() {
        assert!(finds("sh"));
        assert!(!finds("no-such-program"));
    }
}

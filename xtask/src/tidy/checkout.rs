//! The text files that belong to the project: all that git tracks or would track.

use crate::run;
use anyhow::{Context as _, Result};
use std::{fs, path::Path, process::Command};

pub(super) struct Checkout {
    pub(super) files: Vec<TextFile>,
}

pub(super) struct TextFile {
    /// Relative to the root, with slashes.
    pub(super) path: String,
    pub(super) text: String,
}

impl Checkout {
    pub(super) fn read() -> Result<Self> {
        let list = ["-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"];
        let paths = run::read(Command::new("git").args(list))?;
        let mut files = Vec::new();
        for path in paths.split_terminator('\0').filter(|path| Path::new(path).is_file()) {
            let bytes = fs::read(path).with_context(|| format!("cannot read `{path}`"))?;
            if let Ok(text) = String::from_utf8(bytes) {
                files.push(TextFile { path: path.into(), text });
            }
        }
        Ok(Self { files })
    }

    #[cfg(test)]
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let file = |(path, text): &(&str, &str)| TextFile { path: (*path).into(), text: (*text).into() };
        Self { files: files.iter().map(file).collect() }
    }

    pub(super) fn text(&self, path: &str) -> Result<&str> {
        let file = self.files.iter().find(|file| file.path == path);
        file.map(|file| file.text.as_str()).with_context(|| format!("`{path}` is missing"))
    }

    pub(super) fn contains(&self, path: &str) -> bool {
        self.files.iter().any(|file| file.path == path)
    }

    /// The first line of the file at `path` that starts with `start`, or line 1.
    pub(super) fn line_of(&self, path: &str, start: &str) -> usize {
        let text = self.text(path).unwrap_or_default();
        text.lines().position(|line| line.starts_with(start)).map_or(1, |before| before + 1)
    }
}

impl TextFile {
    /// Whether the name ends with a dot and `ending`.
    pub(super) fn has_ending(&self, ending: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|found| found == ending)
    }

    /// The lines with their numbers, from 1.
    pub(super) fn numbered_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.text.lines())
    }
}

//! Words that do not belong in a file: marks of unfinished work, tests switched off, hosts of package registries, and
//! paths of one machine.
//!
//! The words are put together from halves, so that this file does not find itself.

use super::{
    checkout::{Checkout, TextFile},
    finding::Finding,
};

const MARKS: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];
const MACROS: &[&str] = &[concat!("to", "do!"), concat!("un", "implemented!"), concat!("db", "g!")];
const SWITCHES: &[&str] = &[concat!("#[", "ignore")];
const HOSTS: &[&str] = &[
    concat!("crates", ".io"),
    concat!("npm", "js."),
    concat!("yarn", "pkg."),
    concat!("pypi", ".org"),
    concat!("python", "hosted."),
    concat!("ruby", "gems."),
    concat!("proxy.", "golang."),
];
const FOLDERS: &[&str] =
    &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/Us", "ers/")];

struct Ban {
    rule: &'static str,
    advice: &'static str,
    words: &'static [&'static str],
    /// Which files it is for.
    covers: fn(&TextFile) -> bool,
    /// Whether a line, its first argument, has the word in the banned sense.
    hits: fn(&str, &str) -> bool,
}

const BANS: [Ban; 5] = [
    Ban { rule: "unfinished", advice: "finish it", words: MARKS, covers: is_code, hits: has_word },
    Ban { rule: "unfinished", advice: "finish it", words: MACROS, covers: is_rust, hits: has_word },
    Ban { rule: "ignored-test", advice: "let it run", words: SWITCHES, covers: is_rust, hits: contains },
    Ban { rule: "registry-host", advice: "leave it out", words: HOSTS, covers: |_| true, hits: contains },
    Ban { rule: "machine-path", advice: "leave it out", words: FOLDERS, covers: |_| true, hits: starts_path },
];

pub(super) fn check(checkout: &Checkout) -> Vec<Finding> {
    let pairs = checkout.files.iter().flat_map(|file| BANS.iter().map(move |ban| (file, ban)));
    pairs.filter(|(file, ban)| (ban.covers)(file)).flat_map(|(file, ban)| ban.find_in(file)).collect()
}

impl Ban {
    fn find_in(&self, file: &TextFile) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (number, line) in file.numbered_lines().filter(|(_, line)| !is_from_cargo(file, line)) {
            for word in self.words.iter().filter(|word| (self.hits)(line, word)) {
                let advice = format!("{}: `{word}`", self.advice);
                findings.push(Finding::new(&file.path, number, self.rule, advice));
            }
        }
        findings
    }
}

/// Whether cargo wrote `line` to say where a package comes from.
fn is_from_cargo(file: &TextFile, line: &str) -> bool {
    file.path == "Cargo.lock" && line.starts_with("source = \"registry+")
}

/// Whether `file` is no prose, in which a mark of unfinished work may be spoken about.
fn is_code(file: &TextFile) -> bool {
    !file.has_ending("md") && !file.has_ending("txt")
}

fn is_rust(file: &TextFile) -> bool {
    file.has_ending("rs")
}

fn contains(line: &str, word: &str) -> bool {
    line.contains(word)
}

/// Whether `word` stands in `line` with no letter, digit or `_` at either side.
fn has_word(line: &str, word: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.split(word)
        .zip(line.split(word).skip(1))
        .any(|(before, after)| !before.ends_with(is_part) && !after.starts_with(is_part))
}

/// Whether an absolute path in `line` starts with `folder`: as a part of a longer path or an address it is harmless.
fn starts_path(line: &str, folder: &str) -> bool {
    let is_part = |letter: char| letter.is_alphanumeric() || "._-~/*}$>)".contains(letter);
    line.match_indices(folder)
        .any(|(place, _)| !line.get(..place).is_some_and(|before| before.ends_with(is_part)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, line: &str) -> Vec<&'static str> {
        check(&Checkout::of(&[(path, line)])).iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn unfinished_work_is_found_in_code() {
        for mark in MARKS {
            assert_eq!(rules("a.rs", &format!("// {mark}: later")), ["unfinished"]);
            assert_eq!(rules("a.rs", &format!("// ME{mark}, {mark}_LIST")), [""; 0]);
            assert_eq!(rules("a.md", &format!("no {mark} is left")), [""; 0]);
        }
        for name in MACROS {
            assert_eq!(rules("a.rs", &format!("    {name}();")), ["unfinished"]);
            assert_eq!(rules("a.mjs", &format!("    {name}();")), [""; 0]);
        }
    }

    #[test]
    fn a_test_that_is_switched_off_is_found() {
        assert_eq!(rules("a.rs", &format!("{} = \"slow\"]", SWITCHES[0])), ["ignored-test"]);
        assert_eq!(rules("a.rs", "let ignore = 1;"), [""; 0]);
    }

    #[test]
    fn a_registry_host_is_found_unless_cargo_wrote_it() {
        let source = format!("source = \"registry+https://example/{}\"", HOSTS[0]);
        assert_eq!(rules("README.md", &source), ["registry-host"]);
        assert_eq!(rules("Cargo.lock", &source), [""; 0]);
        assert_eq!(rules("Cargo.lock", &format!("# {}", HOSTS[0])), ["registry-host"]);
    }

    #[test]
    fn a_path_of_one_machine_is_found() {
        for folder in FOLDERS {
            assert_eq!(rules("a.md", &format!("see `{folder}file`")), ["machine-path"]);
            assert_eq!(rules("a.md", &format!("{folder}file")), ["machine-path"]);
            assert_eq!(rules("a.md", &format!("http://localhost{folder}file and ./a{folder}file")), [""; 0]);
        }
    }
}

//! What can be set before the start, and where. Everything else lives in the database.

use super::environment::variable;

/// What a key's value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Text,
    Texts,
    Number,
    Fraction,
}

/// Something that can be set.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) form: Form,
    /// Whether the file may hold it, too: no secret, and nothing about one call of the program alone.
    pub(super) in_file: bool,
}

const fn setting(name: &'static str, form: Form) -> Key {
    Key { name, form, in_file: true }
}

const fn of_one_run(name: &'static str) -> Key {
    Key { name, form: Form::Text, in_file: false }
}

pub(super) const KEYS: [Key; 25] = [
    setting("access_log", Form::Text),
    setting("access_log_sample", Form::Fraction),
    setting("data", Form::Text),
    setting("database", Form::Text),
    setting("database_connections", Form::Number),
    setting("listen", Form::Texts),
    setting("home_url", Form::Text),
    setting("log", Form::Text),
    setting("log_format", Form::Text),
    setting("password_min_length", Form::Number),
    setting("root_key_file", Form::Text),
    setting("sessions", Form::Text),
    setting("shutdown_delay", Form::Number),
    setting("tls_cert", Form::Text),
    setting("tls_key", Form::Text),
    setting("trusted_proxies", Form::Texts),
    setting("valkey", Form::Text),
    of_one_run("admin_email"),
    of_one_run("admin_password"),
    of_one_run("admin_password_file"),
    of_one_run("config"),
    of_one_run("json"),
    of_one_run("move_to"),
    of_one_run("token"),
    of_one_run("url"),
];

/// The key that the file calls `name`.
pub(super) fn find_in_file(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.in_file && key.name == name)
}

/// The key that a variable gives.
pub(super) fn find_in_environment(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| variable(key.name) == name)
}

/// The key of the file that `name` was probably meant to be.
pub(super) fn nearest_in_file(name: &str) -> Option<String> {
    nearest(name, KEYS.iter().filter(|key| key.in_file).map(|key| key.name.to_owned()))
}

/// The variable that `name` was probably meant to be.
pub(super) fn nearest_in_environment(name: &str) -> Option<String> {
    nearest(name, KEYS.iter().map(|key| variable(key.name)))
}

fn nearest(name: &str, known: impl Iterator<Item = String>) -> Option<String> {
    let distant = known.map(|known| (strsim::damerau_levenshtein(name, &known), known));
    distant.filter(|(distance, known)| *distance <= known.len() / 3).min().map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_finds_the_key_that_was_meant() {
        let cases = [("home_urll", "home_url"), ("lisetn", "listen"), ("trusted_proxy", "trusted_proxies")];
        for (name, meant) in cases {
            assert_eq!(nearest_in_file(name).as_deref(), Some(meant));
        }
        assert_eq!(nearest_in_environment("DOORWARD_TOKN").as_deref(), Some("DOORWARD_TOKEN"));
        assert_eq!(nearest_in_file("cluster_size"), None);
        assert_eq!(find_in_file("token").map(|key| key.name), None, "the file holds no secret");
    }
}

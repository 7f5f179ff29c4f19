use super::*;
use insta::assert_snapshot;
use std::{fs, path::Path};

fn flags(arguments: &[&str]) -> Flags {
    use clap::{Args, FromArgMatches};
    let command = Flags::augment_args(clap::Command::new("doorward").no_binary_name(true));
    Flags::from_arg_matches(&command.get_matches_from(arguments)).unwrap()
}

fn read(arguments: &[&str], variables: &[(&str, &str)]) -> Result<Config, Stop> {
    Config::read(&flags(arguments), &Environment::of(variables.iter().copied()))
}

/// The exit code and the sentence.
fn refused(arguments: &[&str], variables: &[(&str, &str)]) -> String {
    let stop = read(arguments, variables).unwrap_err();
    format!("{} {}", stop.exit as u8, stop.message)
}

fn file(text: &str) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("doorward.toml");
    fs::write(&path, text).unwrap();
    (folder, path.display().to_string())
}

/// What is said of a file that holds `text`.
fn refused_file(text: &str) -> String {
    let (_folder, path) = file(text);
    refused(&["--config", &path], &[]).replace(&path, "FILE")
}

fn at(port: u16) -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], port))
}

#[test]
fn nothing_needs_to_be_said() {
    let config = read(&[], &[]).unwrap();
    assert_eq!(config.data, Path::new("doorward-data"));
    assert_eq!(config.listen, [at(8080)]);
    assert_eq!(config.home(8080).to_string(), "http://localhost:8080");
    assert_eq!(config.home(80).to_string(), "http://localhost");
    assert_eq!(config.settings(80).passwords.min_length, 12);
    assert!(!config.json && config.remote.is_none() && config.first_account.is_none());
}

#[test]
fn a_flag_counts_before_a_variable_before_the_file_before_the_default() {
    let (_folder, path) =
        file("listen = [\"127.0.0.1:1\", \"127.0.0.1:2\"]\nlog = \"debug\"\ndata = \"there\"");
    let in_file = ["--config", path.as_str()];
    assert_eq!(read(&in_file, &[]).unwrap().listen, [at(1), at(2)]);
    let variable = [("DOORWARD_LISTEN", "127.0.0.1:3, 127.0.0.1:4")];
    assert_eq!(read(&in_file, &variable).unwrap().listen, [at(3), at(4)]);
    let all = ["--config", &path, "--listen", "127.0.0.1:5", "--listen", "127.0.0.1:6"];
    let config = read(&all, &variable).unwrap();
    assert_eq!(config.listen, [at(5), at(6)]);
    assert_eq!((config.data.as_path(), config.log.filter.as_deref()), (Path::new("there"), Some("debug")));
}

#[test]
fn an_empty_variable_counts_as_not_given() {
    assert_eq!(read(&[], &[("DOORWARD_LISTEN", "")]).unwrap().listen, [at(8080)]);
}

#[test]
fn every_setting_reaches_the_settings() {
    let (_folder, path) = file("home_url = \"https://home.example.org\"\npassword_min_length = 8");
    let variables =
        [("DOORWARD_CONFIG", path.as_str()), ("DOORWARD_TRUSTED_PROXIES", "127.0.0.1,10.0.0.0/8")];
    let config = read(&["--json", "--log-format", "json"], &variables).unwrap();
    assert_eq!(config.settings(1).home.to_string(), "https://home.example.org");
    assert_eq!(config.settings(1).passwords.min_length, 8);
    assert!(config.trusted_proxies.contains([10, 1, 2, 3].into()));
    assert!(config.json && config.log.format == LogFormat::Json);
}

#[test]
fn the_access_log_is_off_until_it_is_wanted() {
    use seeing::{LogSettings, Target};
    assert_eq!(read(&[], &[]).unwrap().access_log, LogSettings::default());
    assert_eq!(LogSettings::default().target, Target::Off);
    let (_folder, path) = file("access_log = \"/var/log/doorward.log\"\naccess_log_sample = 0.25");
    let wanted =
        LogSettings { target: Target::File("/var/log/doorward.log".into()), sample: "0.25".parse().unwrap() };
    assert_eq!(read(&["--config", &path], &[]).unwrap().access_log, wanted);
    let config = read(&["--config", &path, "--access-log", "stdout"], &[("DOORWARD_ACCESS_LOG_SAMPLE", "1")]);
    assert_eq!(config.unwrap().access_log, LogSettings { target: Target::Stdout, ..LogSettings::default() });
    assert_snapshot!(refused(&["--access-log-sample", "2"], &[]), @"2 `--access-log-sample`: `2` is no number from 0 to 1, such as `0.1`");
    assert_snapshot!(refused_file("access_log_sample = \"1\""), @"64 `access_log_sample` in `FILE` must be a number");
}

#[test]
fn the_server_stops_at_once_unless_it_is_to_leave_slowly() {
    assert_eq!(read(&[], &[]).unwrap().shutdown_delay, Duration::ZERO);
    let (_folder, path) = file("shutdown_delay = 15");
    assert_eq!(read(&["--config", &path], &[]).unwrap().shutdown_delay, Duration::from_secs(15));
    assert_snapshot!(refused(&[], &[("DOORWARD_SHUTDOWN_DELAY", "301")]), @"64 `DOORWARD_SHUTDOWN_DELAY`: `301` is no whole number of seconds up to 300");
    assert_snapshot!(refused_file("shutdown_delay = \"5s\""), @"64 `shutdown_delay` in `FILE` must be a whole number");
}

#[test]
fn sessions_in_a_valkey_need_one() {
    assert_eq!(read(&[], &[]).unwrap().sessions, SessionPlace::Database);
    let valkey = ("DOORWARD_VALKEY", "redis://127.0.0.1:6379/0");
    let config = read(&[], &[valkey, ("DOORWARD_SESSIONS", "valkey")]).unwrap();
    assert_eq!(config.sessions, SessionPlace::Valkey);
    let config = read(&[], &[valkey, ("DOORWARD_SESSIONS", "database")]).unwrap();
    assert_eq!(config.sessions, SessionPlace::Database);
    assert_snapshot!(refused(&[], &[("DOORWARD_SESSIONS", "valkey")]), @"64 `DOORWARD_SESSIONS`: sessions in a Valkey need `valkey`");
    assert_snapshot!(refused_file("sessions = \"memory\""), @"64 `sessions` in `FILE`: `memory` is neither `database` nor `valkey`");
}

#[test]
fn an_unknown_name_is_an_error_that_names_the_nearest() {
    assert_snapshot!(refused_file("home_urll = \"x\""), @"64 unknown setting in `FILE`: `home_urll`; did you mean `home_url`?");
    assert_snapshot!(refused_file("[cluster]\nurl = \"x\""), @"64 unknown setting in `FILE`: `cluster`");
    assert_snapshot!(refused_file("token = \"x\""), @"64 unknown setting in `FILE`: `token`");
    assert_snapshot!(refused(&[], &[("DOORWARD_HOME_URLL", "x")]), @"64 unknown variable `DOORWARD_HOME_URLL`; did you mean `DOORWARD_HOME_URL`?");
    assert_snapshot!(refused(&[], &[("DOORWARD_NONSENSE", "x")]), @"64 unknown variable `DOORWARD_NONSENSE`");
}

#[test]
fn a_value_that_does_not_fit_is_an_error_that_names_the_place() {
    assert_snapshot!(refused(&["--listen", "8080"], &[]), @"2 `--listen`: `8080` is no address with a port, such as `127.0.0.1:8080` or `[::]:80`");
    assert_snapshot!(refused(&[], &[("DOORWARD_HOME_URL", "home")]), @"64 `DOORWARD_HOME_URL`: an origin looks like `https://home.example.org` or `http://localhost:8080`, with no path");
    assert_snapshot!(refused(&[], &[("DOORWARD_JSON", "yes")]), @"64 `DOORWARD_JSON`: `yes` is neither `true` nor `false`");
    assert_snapshot!(refused(&["--trusted-proxy", "proxy"], &[]), @"2 `--trusted-proxy`: a network looks like `127.0.0.1`, `10.0.0.0/8` or `fd00::/8`");
    assert_snapshot!(refused(&["--log-format", "xml"], &[]), @"2 `--log-format`: `xml` is neither `text` nor `json`");
    assert_snapshot!(refused_file("listen = 8080"), @"64 `listen` in `FILE` must be a text in quotes, or a list of them");
    assert_snapshot!(refused_file("password_min_length = 7"), @"64 `password_min_length` in `FILE`: `7` is no whole number from 8 on");
    assert_snapshot!(refused_file("password_min_length = \"12\""), @"64 `password_min_length` in `FILE` must be a whole number");
    assert_snapshot!(refused_file("log = \"info\"\nlisten = [\n"), @"64 `FILE`, line 2: unclosed array, expected `]`");
    assert_snapshot!(refused(&["--config", "/nowhere/at.toml"], &[]), @"2 `--config`: `/nowhere/at.toml`: No such file or directory (os error 2)");
}

#[test]
fn a_certificate_and_its_key_are_named_together() {
    let both = [("DOORWARD_TLS_CERT", "cert.pem"), ("DOORWARD_TLS_KEY", "key.pem")];
    let tls = read(&[], &both).unwrap().tls.unwrap();
    assert_eq!((tls.certificate.as_path(), tls.key.as_path()), (Path::new("cert.pem"), Path::new("key.pem")));
    assert!(read(&["--tls-cert", "x"], &both[1..]).unwrap().tls.is_some());
    assert_snapshot!(refused(&["--tls-cert", "x"], &[]), @"2 `--tls-cert`: a certificate needs its key: name that, too, by `--tls-key`, `DOORWARD_TLS_KEY` or `tls_key`");
    assert_snapshot!(refused(&[], &both[1..]), @"64 `DOORWARD_TLS_KEY`: a key needs its certificate: name that, too, by `--tls-cert`, `DOORWARD_TLS_CERT` or `tls_cert`");
    assert_snapshot!(refused_file("tls_cert = \"x\""), @"64 `tls_cert` in `FILE`: a certificate needs its key: name that, too, by `--tls-key`, `DOORWARD_TLS_KEY` or `tls_key`");
}

#[test]
fn with_a_certificate_home_is_https() {
    let tls = ["--tls-cert", "x", "--tls-key", "y"];
    assert_eq!(read(&tls, &[]).unwrap().home(8443).to_string(), "https://localhost:8443");
    assert_eq!(read(&tls, &[]).unwrap().home(443).to_string(), "https://localhost");
    let said = [("DOORWARD_HOME_URL", "https://home.example.org")];
    assert_eq!(read(&tls, &said).unwrap().home(8443).to_string(), "https://home.example.org");
    let plain = [("DOORWARD_HOME_URL", "http://home.example.org")];
    assert_snapshot!(refused(&tls, &plain), @"64 `DOORWARD_HOME_URL`: with a certificate everything is served over https, and so is the home page");
}

#[test]
fn a_token_goes_to_this_machine_only() {
    let token = vault::TokenSecret::generate(&domain::FixedEntropy::new(1)).reveal();
    let to = |url: &str| read(&["--url", url], &[("DOORWARD_TOKEN", &token)]);
    let remote = to("http://home.localhost:8080").unwrap().remote.unwrap();
    assert_eq!(remote.addresses(), [at(8080), "[::1]:8080".parse().unwrap()]);
    assert!(!format!("{remote:?}").contains(&token), "a token is in no log");
    let refused_to = |url: &str| to(url).unwrap_err().message;
    assert_snapshot!(refused_to("http://example.org"), @"`--url`: a token is not sent over plain http to another machine; run the command on the server's machine");
    assert_snapshot!(refused_to("https://example.org"), @"`--url`: the command line does not speak https yet; run it on the server's machine");
    assert_snapshot!(refused(&["--url", "http://localhost"], &[]), @"64 `--url` needs a token: set `DOORWARD_TOKEN`, or give `--token`");
    assert_snapshot!(refused(&[], &[("DOORWARD_TOKEN", "dwt_")]), @"64 `DOORWARD_TOKEN`: a token needs `--url`");
    assert_snapshot!(refused(&["--url", "http://localhost", "--token", "dwt_secret"], &[]), @"2 `--token`: not a token: it is `dwt_` and 49 letters and digits, exactly as shown when it was made");
}

#[test]
fn the_first_account_needs_an_address_and_one_password() {
    let (_folder, path) = file("Correct horse\n");
    let email = ("DOORWARD_ADMIN_EMAIL", "ada@example.org");
    let (by_file, by_text) =
        (("DOORWARD_ADMIN_PASSWORD_FILE", path.as_str()), ("DOORWARD_ADMIN_PASSWORD", "x"));
    let first = read(&[], &[email, by_file]).unwrap().first_account.unwrap();
    assert!(first.password().is_ok() && first.email.as_str() == "ada@example.org");
    assert_snapshot!(refused(&[], &[email]), @"64 `DOORWARD_ADMIN_EMAIL` needs a password: set `DOORWARD_ADMIN_PASSWORD_FILE`");
    assert_snapshot!(refused(&[], &[by_text]), @"64 the first administrator's password needs `DOORWARD_ADMIN_EMAIL`");
    assert_snapshot!(refused(&[], &[email, by_text, by_file]), @"64 give `DOORWARD_ADMIN_PASSWORD_FILE` or `DOORWARD_ADMIN_PASSWORD`, not both");
    let gone =
        read(&[], &[email, ("DOORWARD_ADMIN_PASSWORD_FILE", "/nowhere")]).unwrap().first_account.unwrap();
    assert_snapshot!(gone.password().unwrap_err().message, @"`DOORWARD_ADMIN_PASSWORD_FILE`: `/nowhere`: No such file or directory (os error 2)");
}

#[test]
fn a_database_server_is_named_anywhere_and_its_password_shown_nowhere() {
    let url = "postgresql://ada:s3cret@db.example.org/doorward";
    let (_folder, path) = file(&format!("database = \"{url}\"\ndatabase_connections = 4"));
    for config in [
        read(&["--database", url], &[]),
        read(&[], &[("DOORWARD_DATABASE", url)]),
        read(&["--config", &path], &[]),
    ] {
        let config = config.unwrap();
        assert!(!format!("{config:?}").contains("s3cret"));
        assert_eq!(config.database.unwrap().to_string(), "postgresql://ada@db.example.org/doorward");
    }
    assert_eq!(read(&["--config", &path], &[]).unwrap().database.unwrap().connections.get(), 4);
    assert!(read(&[], &[]).unwrap().database.is_none());
    assert_snapshot!(refused(&["--database", "ada:s3cret@db"], &[]), @"2 `--database`: this is no PostgreSQL address: write `postgresql://USER:PASSWORD@HOST:PORT/DATABASE`");
    assert_snapshot!(refused(&[], &[("DOORWARD_DATABASE", &format!("{url}?sslmode=allow"))]), @"64 `DOORWARD_DATABASE`: `sslmode` is `verify-full` (which `require` means, too) or `disable`, nothing between");
    assert_snapshot!(refused(&[], &[("DOORWARD_DATABASE_CONNECTIONS", "4")]), @"64 `DOORWARD_DATABASE_CONNECTIONS`: the number of connections needs `database`");
    assert_snapshot!(refused(&["--database", url], &[("DOORWARD_DATABASE_CONNECTIONS", "1")]), @"64 `DOORWARD_DATABASE_CONNECTIONS`: `1` is no whole number from 2 to 500");
}

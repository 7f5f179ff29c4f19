//! The global flags, which every command takes.

use clap::Args;

#[expect(missing_docs, reason = "clap would show it as what a program is for")]
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Global options")]
pub struct Flags {
    /// Where the data lies [default: ./doorward-data]
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<String>,

    /// Keep the data in this PostgreSQL database instead of a file in the data directory; `DOORWARD_DATABASE` keeps a
    /// password out of the list of processes
    #[arg(long, global = true, value_name = "URL")]
    pub database: Option<String>,

    /// A TOML file with settings
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<String>,

    /// Serve at this address, such as 0.0.0.0:8080; may be repeated [default: 127.0.0.1:8080]
    #[arg(long, global = true, value_name = "ADDR")]
    pub listen: Vec<String>,

    /// Where browsers reach the home page [default: http://localhost:PORT, https with a certificate]
    #[arg(long, global = true, value_name = "URL")]
    pub home_url: Option<String>,

    /// Serve https with this certificate, in PEM, those that lead to its root behind it; read again when it changes
    #[arg(long, global = true, value_name = "FILE")]
    pub tls_cert: Option<String>,

    /// The certificate's private key, in PEM
    #[arg(long, global = true, value_name = "FILE")]
    pub tls_key: Option<String>,

    /// Believe the forwarding headers of this proxy, an address or a network; may be repeated
    #[arg(long = "trusted-proxy", global = true, value_name = "NETWORK")]
    pub trusted_proxies: Vec<String>,

    /// Print JSON
    #[arg(long, global = true)]
    pub json: bool,

    /// Act on the running server at this address, with a token, instead of on the data directory
    #[arg(long, global = true, value_name = "URL")]
    pub url: Option<String>,

    /// The token for --url; `DOORWARD_TOKEN` keeps it out of the list of processes
    #[arg(long, global = true, value_name = "TOKEN")]
    pub token: Option<String>,

    /// What to log: error, warn, info, debug or trace
    #[arg(long, global = true, value_name = "LEVEL")]
    pub log: Option<String>,

    /// How to log: text or json
    #[arg(long, global = true, value_name = "FORMAT")]
    pub log_format: Option<String>,

    /// Log each request as a line of JSON: off, stdout, or a file [default: off]
    #[arg(long, global = true, value_name = "TARGET")]
    pub access_log: Option<String>,

    /// Log only this part of the requests that went well, such as 0.1 [default: 1]
    #[arg(long, global = true, value_name = "PART")]
    pub access_log_sample: Option<String>,
}

impl Flags {
    /// The flags that were given: the key of each, the flag, and its values.
    pub(super) fn given(&self) -> impl Iterator<Item = (&'static str, &'static str, Vec<String>)> {
        let json = self.json.then(|| "true".to_owned());
        let single = [
            ("data", "--data", &self.data),
            ("config", "--config", &self.config),
            ("database", "--database", &self.database),
            ("home_url", "--home-url", &self.home_url),
            ("tls_cert", "--tls-cert", &self.tls_cert),
            ("tls_key", "--tls-key", &self.tls_key),
            ("json", "--json", &json),
            ("url", "--url", &self.url),
            ("token", "--token", &self.token),
            ("log", "--log", &self.log),
            ("log_format", "--log-format", &self.log_format),
            ("access_log", "--access-log", &self.access_log),
            ("access_log_sample", "--access-log-sample", &self.access_log_sample),
        ];
        let single = single.map(|(key, flag, value)| (key, flag, value.iter().cloned().collect()));
        let lists = [
            ("listen", "--listen", self.listen.clone()),
            ("trusted_proxies", "--trusted-proxy", self.trusted_proxies.clone()),
        ];
        single.into_iter().chain(lists).filter(|(_, _, values): &(_, _, Vec<String>)| !values.is_empty())
    }
}

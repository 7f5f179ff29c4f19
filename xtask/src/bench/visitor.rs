//! Somebody who asks a server over HTTP, with the least that signing in needs: fields, cookies by host, redirects.
//!
//! Every host is on this machine, and each request has a connection of its own.

use anyhow::{Context as _, Result, bail, ensure};
use std::{
    collections::BTreeMap,
    io::{Read as _, Write as _},
    net::TcpStream,
};

pub(super) struct Visitor {
    port: u16,
    cookies: BTreeMap<String, BTreeMap<String, String>>,
}

pub(super) struct Answer {
    pub(super) status: u16,
    fields: Vec<(String, String)>,
    pub(super) body: String,
}

impl Visitor {
    pub(super) fn new(port: u16) -> Self {
        Self { port, cookies: BTreeMap::new() }
    }

    /// Sends `METHOD PATH` to `host`, with `fields` as they stand in a request.
    pub(super) fn ask(&mut self, line: &str, host: &str, fields: &[String], body: &str) -> Result<Answer> {
        let mut head = format!("{line} HTTP/1.1\r\nHost: {host}:{}\r\nConnection: close\r\n", self.port);
        head.extend(fields.iter().map(|field| format!("{field}\r\n")));
        head.extend(self.cookies_for(host).map(|cookies| format!("Cookie: {cookies}\r\n")));
        head.extend((!body.is_empty()).then(|| format!("Content-Length: {}\r\n", body.len())));
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.write_all(format!("{head}\r\n{body}").as_bytes())?;
        let mut text = Vec::new();
        stream.read_to_end(&mut text)?;
        let answer = Answer::parse(&String::from_utf8_lossy(&text)).with_context(|| format!("`{line}`"))?;
        self.keep_cookies(host, &answer);
        Ok(answer)
    }

    /// Posts `body`, JSON, as a script of the home host does; the answer must be 201.
    pub(super) fn create(&mut self, path: &str, body: &str) -> Result<Answer> {
        let fields = ["Content-Type: application/json", "X-Requested-With: XMLHttpRequest"].map(String::from);
        let answer = self.ask(&format!("POST {path}"), "localhost", &fields, body)?;
        ensure!(answer.status == 201, "`{path}` answered {}: {}", answer.status, answer.body);
        Ok(answer)
    }

    /// Goes to the first page of `host` as a browser does, through every redirect.
    pub(super) fn browse(&mut self, host: &str) -> Result<Answer> {
        let fields =
            ["Accept: text/html", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"].map(String::from);
        let (mut host, mut path) = (host.to_owned(), "/".to_owned());
        for _ in 0..10 {
            let answer = self.ask(&format!("GET {path}"), &host, &fields, "")?;
            let Some(place) = answer.values("location").next() else { return Ok(answer) };
            path = match place.strip_prefix("http://") {
                None => place.to_owned(),
                Some(absolute) => {
                    let (authority, path) = absolute.split_once('/').unwrap_or((absolute, ""));
                    authority.split(':').next().unwrap_or_default().clone_into(&mut host);
                    format!("/{path}")
                }
            };
        }
        bail!("too many redirects, the last to `{path}` of {host}")
    }

    /// The cookies that `host` has set, as a request carries them.
    pub(super) fn cookies_for(&self, host: &str) -> Option<String> {
        let pairs: Vec<_> =
            self.cookies.get(host)?.iter().map(|(name, value)| format!("{name}={value}")).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }

    /// Throws away what `host` has set.
    pub(super) fn forget(&mut self, host: &str) {
        self.cookies.remove(host);
    }

    fn keep_cookies(&mut self, host: &str, answer: &Answer) {
        let jar = self.cookies.entry(host.to_owned()).or_default();
        for cookie in answer.values("set-cookie") {
            let Some((name, value)) = cookie.split(';').next().unwrap_or_default().split_once('=') else {
                continue;
            };
            if value.is_empty() || cookie.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

impl Answer {
    fn parse(text: &str) -> Result<Self> {
        let (head, body) = text.split_once("\r\n\r\n").context("the answer breaks off")?;
        let mut lines = head.lines();
        let status =
            lines.next().and_then(|line| line.split(' ').nth(1)).context("the answer has no status")?;
        let fields = lines.filter_map(|line| line.split_once(": "));
        let fields = fields.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        Ok(Self { status: status.parse()?, fields, body: body.to_owned() })
    }

    /// The values of the fields called `name`, in lower case.
    fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_kept_for_its_host_until_it_is_taken_back() {
        let mut visitor = Visitor::new(0);
        let set = Answer::parse("HTTP/1.1 302 Found\r\nSet-Cookie: a=b; Path=/\r\nSet-Cookie: c=d\r\n\r\n")
            .unwrap();
        visitor.keep_cookies("app.localhost", &set);
        assert_eq!(visitor.cookies_for("app.localhost").unwrap(), "a=b; c=d");
        assert_eq!(visitor.cookies_for("localhost"), None);
        let taken = Answer::parse("HTTP/1.1 200 OK\r\nSet-Cookie: a=x; Max-Age=0\r\n\r\n").unwrap();
        visitor.keep_cookies("app.localhost", &taken);
        assert_eq!(visitor.cookies_for("app.localhost").unwrap(), "c=d");
    }

    #[test]
    fn an_answer_that_breaks_off_is_none() {
        assert!(Answer::parse("HTTP/1.1 200 OK\r\nContent-Le").is_err());
    }
}

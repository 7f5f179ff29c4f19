//! What stands on a command line for an object: a rule in words, a header as HTTP writes it, or JSON.

use crate::exit::{Exit, Stop};
use serde_json::{Map, Value, json};
use std::io::{self, BufRead};

/// What stands for "the values are on standard input".
const STDIN: &str = "-";

/// How a rule is written, for the help.
pub(super) const RULE_HELP: &str = "written `[METHODS] PATH WHO`, such as `/share anyone`, `GET,PROPFIND /dav \
                                    signed_in` or `/admin group:staff user:ada role:admin`; or as JSON";

/// Any value.
pub(super) fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("it is written as JSON: {error}"))
}

/// One object or several; `""` is none.
pub(super) fn items(text: &str) -> Result<Value, String> {
    if text.is_empty() { Ok(json!([])) } else { json(text) }
}

/// A rule in words, or as JSON.
pub(super) fn rule(text: &str) -> Result<Value, String> {
    if text.is_empty() || text.starts_with(['{', '[']) {
        return items(text);
    }
    let mut words = text.split_ascii_whitespace().peekable();
    let methods =
        words.next_if(|word| !word.starts_with('/')).map(|word| word.split(',').collect::<Vec<_>>());
    let (path, who) = (words.next(), words.collect::<Vec<_>>());
    let Some(path) = path.filter(|path| path.starts_with('/') && !who.is_empty()) else {
        return Err(format!("a rule is {RULE_HELP}"));
    };
    let mut rule = json!({ "path": path, "allow": allow(&who)? });
    if let (Some(methods), Some(rule)) = (methods, rule.as_object_mut()) {
        rule.insert("methods".to_owned(), methods.into());
    }
    Ok(rule)
}

/// Who a rule lets in: one of its two words, or groups, people and roles.
fn allow(who: &[&str]) -> Result<Value, String> {
    if let [only @ ("anyone" | "signed_in")] = who {
        return Ok((*only).into());
    }
    let mut access = json!({ "groups": [], "users": [], "roles": [] });
    for word in who {
        let unknown = || {
            format!(
                "`{word}` is nobody: say `anyone` or `signed_in` alone, or `group:NAME`, `user:NAME` and `role:NAME`"
            )
        };
        let (kind, name) = word.split_once(':').filter(|(_, name)| !name.is_empty()).ok_or_else(unknown)?;
        let list = access.get_mut(format!("{kind}s")).and_then(Value::as_array_mut).ok_or_else(unknown)?;
        list.push(name.into());
    }
    Ok(access)
}

/// `Name: value`, as HTTP writes a header; `""` is none, and `-` stands for standard input.
pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    if text.is_empty() || text == STDIN {
        return Ok((text.to_owned(), String::new()));
    }
    let (name, value) =
        text.split_once(':').ok_or("a header is written `Name: value`, or `-` for standard input")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// The headers as an object. SECURITY: a value may be a secret, which other processes see in an argument; for such,
/// `-` has lines of standard input read.
pub(super) fn pairs(pairs: impl Iterator<Item = (String, String)>) -> Result<Value, Stop> {
    let mut all = Map::new();
    for (name, value) in pairs {
        let read = if name == STDIN { lines(&mut io::stdin().lock())? } else { vec![(name, value)] };
        for (name, value) in read {
            if name.is_empty() {
                continue;
            }
            if all.contains_key(&name) {
                return Err(Stop::new(Exit::Usage, format!("the header `{name}` is named twice")));
            }
            all.insert(name, value.into());
        }
    }
    Ok(Value::Object(all))
}

fn lines(input: &mut dyn BufRead) -> Result<Vec<(String, String)>, Stop> {
    let lines = input.lines().map(|line| {
        let unread = |error| Stop::new(Exit::Failed, format!("standard input cannot be read: {error}"));
        let line = line.map_err(unread)?;
        if line == STDIN {
            return Err(Stop::new(Exit::Usage, "standard input holds lines such as `Name: value`"));
        }
        pair(&line).map_err(|message| Stop::new(Exit::Usage, message))
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_written_in_words() {
        assert_eq!(rule("/share anyone").unwrap(), json!({ "path": "/share", "allow": "anyone" }));
        assert_eq!(
            rule(" GET,PROPFIND  /dav   signed_in ").unwrap(),
            json!({ "path": "/dav", "allow": "signed_in", "methods": ["GET", "PROPFIND"] })
        );
        assert_eq!(
            rule("/admin group:staff user:ada@example.org role:admin group:kin").unwrap(),
            json!({ "path": "/admin", "allow": {
                "groups": ["staff", "kin"], "users": ["ada@example.org"], "roles": ["admin"],
            } })
        );
        assert_eq!(
            rule(r#"{"path":"/","allow":"anyone"}"#).unwrap(),
            json!({ "path": "/", "allow": "anyone" })
        );
        assert_eq!(rule("").unwrap(), json!([]));
    }

    #[test]
    fn what_is_no_rule_says_how_one_is_written() {
        for text in [
            "/share",
            "GET",
            "anyone",
            "GET anyone",
            "share anyone",
            "/ anyone role:admin",
            "/ staff",
            "/ group:",
            "/ team:x",
            "{",
            " ",
        ] {
            assert!(rule(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_header_is_written_as_http_writes_it() {
        let read =
            |texts: &[&str]| pairs(texts.iter().map(|text| pair(text).unwrap())).map_err(|stop| stop.message);
        assert_eq!(read(&["A: b: c", "D:e"]).unwrap(), json!({ "A": "b: c", "D": "e" }));
        assert_eq!(read(&[""]).unwrap(), json!({}));
        assert!(read(&["A: b", "A: c"]).is_err());
        assert!(pair("no colon").is_err());
    }

    #[test]
    fn headers_with_secrets_come_on_standard_input() {
        let read = |text: &str| lines(&mut text.as_bytes());
        let secret = ("Authorization".to_owned(), "Basic eDp5".to_owned());
        assert_eq!(read("Authorization: Basic eDp5\n").unwrap(), [secret]);
        assert!(read("no colon\n").is_err() && read("-\n").is_err());
    }
}

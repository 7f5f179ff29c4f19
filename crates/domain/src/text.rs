//! Texts that people and programs give: each is checked once, where it comes in, and trusted after.
//!
//! INVARIANT: the pattern in a type's JSON schema and its check accept the same texts, so that the `OpenAPI`
//! document promises neither more nor less than the program does.

mod check;

use std::{borrow::Cow, fmt, str::FromStr};

/// The text does not fit; the message says what would.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {rule}")]
pub struct Refused {
    what: &'static str,
    rule: &'static str,
}

/// What tells the text types apart: how a text is tidied, what it must look like, and how to say so.
struct Form {
    what: &'static str,
    rule: &'static str,
    pattern: &'static str,
    longest: usize,
    tidy: fn(&str) -> String,
    fits: fn(&str) -> bool,
}

impl Form {
    fn read(&self, text: &str) -> Result<String, Refused> {
        let tidied = (self.tidy)(text);
        let fits = tidied.chars().count() <= self.longest && (self.fits)(&tidied);
        if fits { Ok(tidied) } else { Err(Refused { what: self.what, rule: self.rule }) }
    }

    fn schema(&self) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "minLength": 1,
            "maxLength": self.longest,
            "pattern": self.pattern,
        })
    }
}

macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $form:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            const FORM: Form = $form;

            /// The checked text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// A text that the store kept after it had been checked.
            pub const fn from_stored(text: String) -> Self {
                Self(text)
            }
        }

        impl FromStr for $name {
            type Err = Refused;

            fn from_str(text: &str) -> Result<Self, Refused> {
                Self::FORM.read(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Refused;

            fn try_from(text: String) -> Result<Self, Refused> {
                text.parse()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }

        impl schemars::JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                Self::FORM.schema()
            }
        }
    };
}

text_type! {
    /// An e-mail address as HTML's `<input type=email>` takes it, in lower case; unique among accounts.
    Email,
    Form {
        what: "an e-mail address",
        rule: "looks like `name@example.org`, in plain letters, at most 254 characters",
        pattern: "^[a-zA-Z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$",
        longest: 254,
        tidy: check::lower,
        fits: check::is_email,
    }
}

text_type! {
    /// The name that apps know a person by (`Remote-User`): never changed, never given to another.
    Handle,
    Form {
        what: "a handle",
        rule: "is 1 to 32 of a-z, 0-9, `.`, `-` and `_`, and begins with a letter or digit",
        pattern: "^[a-zA-Z0-9][a-zA-Z0-9._-]{0,31}$",
        longest: 32,
        tidy: check::lower,
        fits: check::is_handle,
    }
}

text_type! {
    /// What a person is called, in any script.
    DisplayName,
    Form {
        what: "a name",
        rule: "has 1 to 100 characters and no control characters",
        pattern: check::LABEL_PATTERN,
        longest: 100,
        tidy: check::label,
        fits: check::is_label,
    }
}

text_type! {
    /// What a token's owner calls it, so that they know it again.
    TokenName,
    Form {
        what: "a token's name",
        rule: "has 1 to 100 characters and no control characters",
        pattern: check::LABEL_PATTERN,
        longest: 100,
        tidy: check::label,
        fits: check::is_label,
    }
}

text_type! {
    /// A group's name; it travels in the comma-separated `Remote-Groups`, so it holds no separator.
    GroupName,
    Form {
        what: "a group's name",
        rule: "is 1 to 64 of a-z, 0-9, `.`, `-` and `_`, and begins with a letter or digit",
        pattern: "^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$",
        longest: 64,
        tidy: check::lower,
        fits: check::is_handle,
    }
}

text_type! {
    /// An app's short name, as in `NAME.localhost`.
    AppName,
    Form {
        what: "an app's name",
        rule: "is 1 to 40 of a-z, 0-9 and `-`, and begins and ends with a letter or digit",
        pattern: "^[a-zA-Z0-9]([a-zA-Z0-9-]{0,38}[a-zA-Z0-9])?$",
        longest: 40,
        tidy: check::lower,
        fits: check::is_dns_label,
    }
}

text_type! {
    /// A host name without its port, in lower case, or such a name below `*.`.
    HostName,
    Form {
        what: "a host name",
        rule: "looks like `notes.example.org`, or `*.notes.example.org` for every name one label below: labels of \
               a-z, 0-9 and `-`, at most 253 characters",
        pattern: "^(\\*\\.)?[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(\\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$",
        longest: 253,
        tidy: check::lower,
        fits: check::is_app_host,
    }
}

mod gate;
mod host;

pub use gate::{FieldName, FieldValue, MethodName, Notice, RulePath};

#[cfg(test)]
mod tests;

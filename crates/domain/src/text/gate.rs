//! Texts in the settings of an app: paths and methods of its rules, header fields, and what visitors are told.

use super::{Form, Refused, check};
use std::{borrow::Cow, fmt, str::FromStr};

text_type! {
    /// The path of a rule or a health check, which has one reading only (`security.md` 12).
    RulePath,
    Form {
        what: "a path",
        rule: "looks like `/share` or `/`: segments of letters, digits and `-._~@:+=,$&!'()`, none empty and none of \
               dots alone, no slash at the end and no `*` (a path stands for all below it), at most 200 characters",
        pattern: "^/(\\.*[A-Za-z0-9_~@:+=,$&!'()-][A-Za-z0-9._~@:+=,$&!'()-]*\
                  (/\\.*[A-Za-z0-9_~@:+=,$&!'()-][A-Za-z0-9._~@:+=,$&!'()-]*)*)?$",
        longest: 200,
        tidy: check::as_it_is,
        fits: check::is_rule_path,
    }
}

text_type! {
    /// A method as a rule names it; methods tell upper case from lower.
    MethodName,
    Form {
        what: "a method",
        rule: "is written in upper case, such as `GET` or `PROPFIND`, at most 32 characters",
        pattern: "^[A-Z][A-Z0-9_-]{0,31}$",
        longest: 32,
        tidy: check::as_it_is,
        fits: check::is_method,
    }
}

text_type! {
    /// The name of a header field (RFC 9110 §5.6.2), in lower case.
    FieldName,
    Form {
        what: "a header's name",
        rule: "is 1 to 100 letters, digits and signs such as `-` and `_`, no blank and no colon",
        pattern: "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$",
        longest: 100,
        tidy: check::lower,
        fits: check::is_token,
    }
}

text_type! {
    /// What visitors of an app are told while it is shut.
    Notice,
    Form {
        what: "what visitors are told",
        rule: "has 1 to 500 characters and no control characters",
        pattern: check::LABEL_PATTERN,
        longest: 500,
        tidy: check::label,
        fits: check::is_label,
    }
}

/// The value of a header field that an app's settings add.
///
/// SECURITY: it may be a credential for the app, so it is not shown by `Debug`, nor by the error about it.
#[derive(Clone, PartialEq, Eq)]
pub struct FieldValue(String);

impl FieldValue {
    const FORM: Form = Form {
        what: "a header's value",
        rule: "is 1 to 4096 printable ASCII characters without a blank at either end",
        pattern: "^[!-~]([ -~]*[!-~])?$",
        longest: 4096,
        tidy: check::as_it_is,
        fits: check::is_field_value,
    };

    /// The checked text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for FieldValue {
    type Err = Refused;

    fn from_str(text: &str) -> Result<Self, Refused> {
        Self::FORM.read(text).map(Self)
    }
}

impl fmt::Debug for FieldValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FieldValue(…)")
    }
}

impl<'de> serde::Deserialize<'de> for FieldValue {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for FieldValue {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "FieldValue".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Self::FORM.schema()
    }
}

//! How the gateway treats an app's requests, as bodies say it.

use super::{
    super::bounded::{Count, Several},
    access::Allow,
};
use crate::Problem;
use domain::{
    AppLimits, FieldChanges, FieldName, FieldValue, GateSettings, HealthCheck, MethodName, Notice, RulePath,
};
use identity::apps::{Change, GateChange, RuleWanted};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use std::{
    borrow::Cow,
    fmt::{self, Display},
    str::FromStr,
};

pub(super) type Rules = Several<Rule, 0, { GateSettings::MOST_RULES }>;
pub(super) type Origins = Several<Url, 0, { GateSettings::MOST_ORIGINS }>;
/// Hours since a visitor last proved who they are.
pub(super) type Hours = Count<{ GateSettings::MOST_SIGN_IN_HOURS as u64 }>;

/// What a body says of all of it.
pub(super) struct Gate {
    pub(super) rules: Change<Rules>,
    pub(super) headers: Change<Headers>,
    pub(super) origins: Change<Origins>,
    pub(super) limits: Change<Limits>,
    pub(super) health: Change<Health>,
    pub(super) maintenance: Change<Notice>,
    pub(super) sign_in_hours: Change<Hours>,
}

/// Where an app is, `http://HOST:PORT` or `builtin:sample`; or an origin, `https://HOST`.
#[derive(Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(inline)]
pub(super) struct Url(#[schemars(length(min = 1, max = 300), extend("format" = "uri"))] String);

/// Who may use some paths, instead of who may open the app.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline, extend("x-words" = "rule"))]
pub(super) struct Rule {
    /// Whole segments that the path begins with: `/share` matches `/share/x`, not `/shared`.
    path: RulePath,
    /// The methods that it speaks of; all when none is named.
    #[serde(default)]
    methods: Several<MethodName, 0, { domain::Rule::MOST_METHODS }>,
    /// Who may.
    allow: Allow,
}

/// What is changed of the headers of requests and of answers.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct Headers {
    /// On the way to the app.
    #[serde(default)]
    request: Fields,
    /// On the way to the client.
    #[serde(default)]
    answer: Fields,
}

/// What is changed of a message's headers.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
struct Fields {
    /// Names and values that replace what was there.
    #[serde(default)]
    set: Pairs,
    /// Names that are taken out.
    #[serde(default)]
    remove: Several<FieldName, 0, { FieldChanges::MOST }>,
}

/// Names and values, in their order; a name that is there in two cases is seen twice.
#[derive(Default)]
struct Pairs(Vec<(FieldName, FieldValue)>);

/// How much of an app visitors may take; what is absent is not limited.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct Limits {
    /// Requests a minute of one person, or of one network where nobody signs in.
    #[serde(default)]
    requests_per_minute: Option<Count<{ AppLimits::MOST_REQUESTS as u64 }>>,
    /// Requests under way at once, of all visitors together.
    #[serde(default)]
    requests_at_once: Option<Count<{ AppLimits::MOST_REQUESTS as u64 }>>,
    /// Bytes of one request's body.
    #[serde(default)]
    body_bytes: Option<Count<{ AppLimits::MOST_BODY_BYTES }>>,
    /// Seconds that the app may leave a request without an answer.
    #[serde(default)]
    answer_seconds: Option<Count<{ AppLimits::MOST_ANSWER_SECONDS as u64 }>>,
}

/// How an app's upstreams are asked whether they are well.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct Health {
    /// The path that is asked by `GET`; any answer below 500 means well.
    path: RulePath,
    /// How often, in seconds.
    every_seconds: Count<{ HealthCheck::MOST_SECONDS as u64 }>,
}

impl Gate {
    /// What is to change.
    pub(super) fn read(self) -> Result<GateChange, Problem> {
        let (request_headers, answer_headers) = self.headers.map(Headers::into_parts).unzip();
        Ok(GateChange {
            rules: self.rules.map(|rules| rules.each(Into::into)),
            origins: self.origins.map(Url::read_each).transpose()?,
            request_headers,
            answer_headers,
            limits: self.limits.map(Into::into),
            health: self.health.map(Into::into),
            maintenance: self.maintenance.map(|notice| notice.as_str().to_owned()),
            sign_in_hours: self.sign_in_hours.map(Count::small),
        })
    }
}

impl Url {
    /// What each of them names.
    pub(super) fn read_each<T: FromStr<Err: Display>, const LEAST: usize, const MOST: usize>(
        texts: Several<Self, LEAST, MOST>,
    ) -> Result<Vec<T>, Problem> {
        let read = texts.each(|text| text.0.parse::<T>()).into_iter().collect::<Result<_, _>>();
        read.map_err(|error| identity::Error::Refused(error.to_string()).into())
    }
}

impl From<Rule> for RuleWanted {
    fn from(rule: Rule) -> Self {
        let methods = rule.methods.each(|method| method.as_str().to_owned());
        Self { path: rule.path.as_str().to_owned(), methods, allow: rule.allow.into() }
    }
}

impl Headers {
    /// What is changed of requests, and what of answers.
    fn into_parts(self) -> (FieldChanges, FieldChanges) {
        (self.request.into(), self.answer.into())
    }
}

impl From<Fields> for FieldChanges {
    fn from(fields: Fields) -> Self {
        let pair =
            |(name, value): (FieldName, FieldValue)| (name.as_str().to_owned(), value.as_str().to_owned());
        let remove = fields.remove.each(|name| name.as_str().to_owned());
        Self { set: fields.set.0.into_iter().map(pair).collect(), remove }
    }
}

impl From<Limits> for AppLimits {
    fn from(limits: Limits) -> Self {
        Self {
            requests_per_minute: limits.requests_per_minute.map(Count::small),
            requests_at_once: limits.requests_at_once.map(Count::small),
            body_bytes: limits.body_bytes.map(Count::get),
            answer_seconds: limits.answer_seconds.map(Count::small),
        }
    }
}

impl From<Health> for HealthCheck {
    fn from(health: Health) -> Self {
        Self { path: health.path.as_str().to_owned(), every_seconds: health.every_seconds.small() }
    }
}

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor)
    }
}

struct PairsVisitor;

impl<'de> de::Visitor<'de> for PairsVisitor {
    type Value = Pairs;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of headers and their values")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
        let mut pairs = Vec::new();
        while let Some(pair) = map.next_entry()? {
            pairs.push(pair);
        }
        if pairs.len() > FieldChanges::MOST {
            return Err(de::Error::custom(format!("at most {} headers are set", FieldChanges::MOST)));
        }
        Ok(Pairs(pairs))
    }
}

impl JsonSchema for Pairs {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Pairs".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (name, value) = (generator.subschema_for::<FieldName>(), generator.subschema_for::<FieldValue>());
        json_schema!({
            "type": "object",
            "propertyNames": name,
            "additionalProperties": value,
            "maxProperties": FieldChanges::MOST,
        })
    }
}

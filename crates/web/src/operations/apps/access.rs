//! Who may open an app, or some of its paths, as bodies say it and as answers do.

use super::super::{bounded::Several, shape::Named};
use domain::{AppAccess, Group, Id, Role, User};
use identity::apps::{AccessWanted, AllowWanted};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};
use std::{borrow::Cow, fmt};

/// Who may open an app: any one of the four is enough.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Access {
    everyone: bool,
    groups: Vec<Id<Group>>,
    users: Vec<Id<User>>,
    roles: Vec<Role>,
}

/// Who may open an app, groups and users by name or id.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub(super) struct Wanted {
    /// Everyone who has an account.
    #[serde(default)]
    everyone: bool,
    /// Members of these groups.
    #[serde(default)]
    groups: Several<Named, 0, 100>,
    /// These people.
    #[serde(default)]
    users: Several<Named, 0, 100>,
    /// Whoever has one of these roles.
    #[serde(default)]
    roles: Several<Role, 0, 10>,
}

/// Who may use what a rule matches: one of two words, or who exactly.
pub(super) enum Allow {
    Anyone,
    SignedIn,
    Only(Wanted),
}

/// The words for whoever comes, and for everyone who has an account.
const WORDS: [&str; 2] = ["anyone", "signed_in"];

impl From<AppAccess> for Access {
    fn from(access: AppAccess) -> Self {
        let AppAccess { everyone, groups, users, roles } = access;
        Self { everyone, groups, users, roles }
    }
}

impl From<Wanted> for AccessWanted {
    fn from(wanted: Wanted) -> Self {
        Self {
            everyone: wanted.everyone,
            groups: wanted.groups.each(|name| name.0),
            users: wanted.users.each(|name| name.0),
            roles: wanted.roles.0,
        }
    }
}

impl From<Allow> for AllowWanted {
    fn from(allow: Allow) -> Self {
        match allow {
            Allow::Anyone => Self::Anyone,
            Allow::SignedIn => Self::SignedIn,
            Allow::Only(wanted) => Self::Only(wanted.into()),
        }
    }
}

impl<'de> Deserialize<'de> for Allow {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AllowVisitor)
    }
}

/// By hand, so that an unknown field is refused by its name.
struct AllowVisitor;

impl<'de> de::Visitor<'de> for AllowVisitor {
    type Value = Allow;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("`anyone`, `signed_in`, or an object that says who")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Allow, E> {
        match text {
            "anyone" => Ok(Allow::Anyone),
            "signed_in" => Ok(Allow::SignedIn),
            other => Err(E::unknown_variant(other, &WORDS)),
        }
    }

    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Allow, A::Error> {
        Wanted::deserialize(de::value::MapAccessDeserializer::new(map)).map(Allow::Only)
    }
}

impl JsonSchema for Allow {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Allow".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let wanted = generator.subschema_for::<Wanted>();
        json_schema!({ "anyOf": [{ "type": "string", "enum": WORDS }, wanted] })
    }
}

/// Who may use what a rule matches.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub(super) enum Allowed {
    /// Whoever comes, signed in or not.
    Anyone,
    /// Everyone who has an account.
    SignedIn,
    /// These alone.
    #[serde(untagged)]
    Only(Access),
}

impl From<domain::Allow> for Allowed {
    fn from(allow: domain::Allow) -> Self {
        match allow {
            domain::Allow::Anyone => Self::Anyone,
            domain::Allow::SignedIn => Self::SignedIn,
            domain::Allow::Only(access) => Self::Only(access.into()),
        }
    }
}

//! Shapes that operations share.

use domain::{Id, Page, page};
use identity::SignedIn;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What an operation answers.
pub(crate) struct Reply<T> {
    pub(crate) output: T,
    pub(crate) session: SessionChange,
}

/// What becomes of the caller's session.
pub(crate) enum SessionChange {
    /// It stays as it is.
    Keep,
    /// One has begun: its cookie is to be set.
    Begin(Box<SignedIn>),
    /// It has ended: its cookie is to be taken back.
    End,
}

impl<T> Reply<T> {
    pub(crate) const fn of(output: T) -> Self {
        Self { output, session: SessionChange::Keep }
    }
}

/// No input.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// One page of a list.
#[derive(Serialize, JsonSchema)]
pub(super) struct List<T> {
    /// The rows.
    pub items: Vec<T>,
    /// The cursor for `after`; `null` on the last page.
    pub next: Option<String>,
}

impl<T> List<T> {
    pub(crate) fn reply<U>(page: Page<U>, row: impl FnMut(U) -> T) -> Reply<Self> {
        let Page { items, next } = page.map(row);
        Reply::of(Self { items, next })
    }
}

const fn usual() -> u32 {
    page::USUAL
}

/// How many rows a page holds: 1 to 500.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "u32")]
pub(super) struct Limit(u32);

impl Limit {
    pub(crate) const fn rows(self) -> u32 {
        self.0
    }
}

impl Default for Limit {
    fn default() -> Self {
        Self(usual())
    }
}

impl TryFrom<u32> for Limit {
    type Error = &'static str;

    fn try_from(rows: u32) -> Result<Self, Self::Error> {
        if (1..=page::LARGEST).contains(&rows) { Ok(Self(rows)) } else { Err("`limit` is 1 to 500") }
    }
}

impl JsonSchema for Limit {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Limit".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 1, "maximum": page::LARGEST, "default": page::USUAL })
    }
}

/// What names one thing in a path: an id, or a name where things have one. 1 to 254 characters without controls,
/// blanks and slashes.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Named(pub(crate) String);

impl TryFrom<String> for Named {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let fits = |byte: u8| byte.is_ascii_graphic() && byte != b'/' && byte != b'\\';
        let good = (1..=254).contains(&text.len()) && text.bytes().all(fits);
        if good {
            Ok(Self(text))
        } else {
            Err("a name or an id is 1 to 254 visible ASCII characters, no slash")
        }
    }
}

impl JsonSchema for Named {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Named".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[!-.0-\\[\\]-~]{1,254}$" })
    }
}

macro_rules! pages {
    ($($(#[$doc:meta])* $name:ident of $kind:ty;)+) => {
        $(
            $(#[$doc])*
            #[derive(Deserialize, JsonSchema)]
            #[serde(deny_unknown_fields)]
            pub(crate) struct $name {
                /// The cursor that the page before answered as `next`.
                #[serde(default, skip_serializing_if = "Option::is_none")]
                pub(crate) after: Option<Id<$kind>>,
                /// How many rows at most.
                #[serde(default)]
                pub(crate) limit: Limit,
            }
        )+
    };
}

pages! {
    /// Which page of accounts.
    UserPage of domain::User;
    /// Which page of groups.
    GroupPage of domain::Group;
    /// Which page of apps.
    AppPage of domain::App;
}

macro_rules! owned_pages {
    ($($(#[$doc:meta])* $name:ident of $kind:ty;)+) => {
        $(
            $(#[$doc])*
            #[derive(Deserialize, JsonSchema)]
            #[serde(deny_unknown_fields)]
            pub(crate) struct $name {
                /// Whose, by id, e-mail address or handle, `*` for everyone's; one's own when absent.
                #[serde(default)]
                pub(crate) user: Option<Named>,
                /// The cursor that the page before answered as `next`.
                #[serde(default)]
                pub(crate) after: Option<Id<$kind>>,
                /// How many rows at most.
                #[serde(default)]
                pub(crate) limit: Limit,
            }
        )+
    };
}

owned_pages! {
    /// Which page of sessions.
    SessionPage of domain::Session;
    /// Which page of tokens.
    TokenPage of domain::ApiToken;
}

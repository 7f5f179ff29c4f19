//! Lists and numbers with bounds: what the schema publishes is what is taken.

use identity::apps::Change;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use std::borrow::Cow;

/// A list of `LEAST` to `MOST` items.
#[derive(Debug, Clone)]
pub(super) struct Several<T, const LEAST: usize, const MOST: usize>(pub(super) Vec<T>);

impl<T, const LEAST: usize, const MOST: usize> Several<T, LEAST, MOST> {
    /// Each item as something else.
    pub(super) fn each<U>(self, item: impl FnMut(T) -> U) -> Vec<U> {
        self.0.into_iter().map(item).collect()
    }
}

impl<T, const MOST: usize> Default for Several<T, 0, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>, const LEAST: usize, const MOST: usize> Deserialize<'de>
    for Several<T, LEAST, MOST>
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let items = Vec::deserialize(deserializer)?;
        if (LEAST..=MOST).contains(&items.len()) {
            Ok(Self(items))
        } else {
            Err(de::Error::custom(format!("a list holds {LEAST} to {MOST} items here, not {}", items.len())))
        }
    }
}

impl<T: JsonSchema, const LEAST: usize, const MOST: usize> JsonSchema for Several<T, LEAST, MOST> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Several_{}_{LEAST}_{MOST}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let items = generator.subschema_for::<T>();
        let mut schema = json_schema!({ "type": "array", "items": items, "maxItems": MOST });
        if LEAST > 0 {
            schema.insert("minItems".to_owned(), LEAST.into());
        }
        schema
    }
}

/// A whole number, published as one of 1 to `MOST`. The domain refuses any other, with the name of what it is.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(transparent)]
pub(super) struct Count<const MOST: u64>(u64);

impl<const MOST: u64> Count<MOST> {
    pub(super) const fn get(self) -> u64 {
        self.0
    }

    /// The number where the domain holds a smaller one; what is too large for that is too large for any bound.
    pub(super) fn small(self) -> u32 {
        u32::try_from(self.0).unwrap_or(u32::MAX)
    }
}

impl<const MOST: u64> JsonSchema for Count<MOST> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Count_{MOST}").into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "integer", "minimum": 1, "maximum": MOST })
    }
}

/// What a body says of a setting: absent keeps it, `null` clears it, all else is what it becomes.
pub(super) fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Change<T>, D::Error> {
    Ok(Option::deserialize(deserializer)?.map_or(Change::Clear, Change::To))
}

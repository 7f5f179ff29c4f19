//! The sealed policies, and the schema that they are checked against.
//!
//! What things look like stands in `builtin.cedarschema`; the actions and their groups come from the table in
//! `actions.rs`, so that a new row needs no second place.

use crate::{Known, Reach, actions::KNOWN};
use std::collections::BTreeSet;

/// The policies themselves.
pub(crate) const POLICIES: &str = include_str!("builtin.cedar");

const SHAPES: &str = include_str!("builtin.cedarschema");

/// The schema, in Cedar's own syntax.
pub(crate) fn schema() -> String {
    let groups: BTreeSet<_> = KNOWN.iter().flat_map(groups).collect();
    let groups = groups.iter().map(|group| format!("action {group};\n"));
    let actions = KNOWN.iter().map(action);
    std::iter::once(SHAPES.to_owned()).chain(groups).chain(actions).collect()
}

fn action(known: &Known) -> String {
    let Known { name, on, .. } = known;
    let groups = groups(known).collect::<Vec<_>>().join(", ");
    format!(
        "action \"{name}\" in [{groups}] \
         appliesTo {{ principal: [User, Builtin], resource: [{on}], context: Credential }};\n"
    )
}

fn groups(known: &Known) -> impl Iterator<Item = &'static str> {
    known.reach.iter().map(|reach| match reach {
        Reach::Administer => "administer",
        Reach::Own => "own",
        Reach::Open => "open",
        Reach::Anonymous => "anonymous",
        Reach::Operate => "operate",
        Reach::System => "system",
        Reach::Sensitive => "sensitive",
    })
}

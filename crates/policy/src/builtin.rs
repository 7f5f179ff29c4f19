//! The sealed policies, and the schema that they are checked against.
//!
//! What things look like stands in `builtin.cedarschema`; the actions and their groups come from the table in
//! `actions.rs`, so that a new row needs no second place.

use crate::{Additions, Known, PolicyError, Reach, actions::KNOWN};
use std::collections::BTreeSet;

/// The policies themselves.
pub(crate) const POLICIES: &str = include_str!("builtin.cedar");

const SHAPES: &str = include_str!("builtin.cedarschema");

/// The schema with what an embedding app adds to it, in Cedar's own syntax.
pub(crate) fn schema(additions: &Additions) -> Result<String, PolicyError> {
    let known = || KNOWN.iter().chain(&additions.actions);
    let groups: BTreeSet<_> = known().flat_map(groups).collect();
    let groups = groups.iter().map(|group| format!("action {group};\n"));
    let shapes = [SHAPES.to_owned(), additions.entities()?];
    Ok(shapes.into_iter().chain(groups).chain(known().map(action)).collect())
}

fn action(known: &Known) -> String {
    let Known { name, on, .. } = known;
    let groups = groups(known).collect::<Vec<_>>().join(", ");
    let groups = if groups.is_empty() { groups } else { format!(" in [{groups}]") };
    format!(
        "action \"{name}\"{groups} \
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

//! Named sets of people, which apps can be opened to.

use crate::{GroupName, Id, Kind, Time};

/// A named set of people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Never changes.
    pub id: Id<Group>,
    /// Unique; what `Remote-Groups` carries.
    pub name: GroupName,
    /// When the group was made.
    pub created_at: Time,
}

impl Kind for Group {
    const PREFIX: &'static str = "grp";
}

//! Where cookies lead to their sessions from: here, the database.

use doorward_identity::House;

/// The place, with what it needs.
pub(crate) struct Kept;

impl Kept {
    pub(crate) const fn open() -> Self {
        Self
    }

    /// The house with its sessions in this place.
    #[expect(clippy::unused_self, reason = "the other place has something to give")]
    pub(crate) const fn furnish(&self, house: House) -> House {
        house
    }
}

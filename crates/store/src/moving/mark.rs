//! The mark that a move leaves in both databases: whether one may be served, and where the installation is.

use crate::{StoreError, WriteTx, tables::events};
use domain::{Entropy, Event, Time};
use std::fmt;

/// How far a move has come, as one of its two databases sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MoveState {
    /// It is copied from here. Nothing is written here meanwhile.
    Leaving,
    /// It was moved from here for good.
    Gone,
    /// It is copied to here, and may not be whole.
    Arriving,
    /// It was moved to here, and is served from here.
    Arrived,
}

const STATES: [(MoveState, &str); 4] = [
    (MoveState::Leaving, "leaving"),
    (MoveState::Gone, "gone"),
    (MoveState::Arriving, "arriving"),
    (MoveState::Arrived, "arrived"),
];

impl MoveState {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        STATES.iter().find(|(state, _)| *state == self).map_or("", |(_, word)| word)
    }

    fn find(word: &str) -> Option<Self> {
        STATES.iter().find(|(_, known)| *known == word).map(|(state, _)| *state)
    }
}

/// What a move has left in a database. Its text says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Mark {
    /// How far the move has come.
    pub state: MoveState,
    /// The other database, without a password.
    pub place: String,
    /// Tells this move from every other.
    pub(super) id: String,
}

impl Mark {
    /// The mark of a new move.
    pub(super) fn fresh(state: MoveState, place: &impl ToString, entropy: &dyn Entropy) -> Self {
        let mut bytes = [0; 16];
        entropy.fill(&mut bytes);
        Self { state, place: place.to_string(), id: format!("{:032x}", u128::from_be_bytes(bytes)) }
    }

    /// The other database's mark of the same move.
    pub(super) fn beside(&self, state: MoveState, place: &impl ToString) -> Self {
        Self { state, place: place.to_string(), id: self.id.clone() }
    }

    /// What a target says from when its move is given up: whoever still has that in hand finds another.
    pub(super) fn given_up(&self) -> Self {
        Self { id: format!("{}, given up", self.id), ..self.clone() }
    }

    /// Whether both are of one move.
    pub(super) fn is_of(&self, other: &Self) -> bool {
        self.id == other.id
    }

    pub(super) fn stored(id: String, state: &str, place: String) -> Result<Self, StoreError> {
        let unreadable = || StoreError::Unreadable { column: "moves.state".to_owned() };
        Ok(Self { state: MoveState::find(state).ok_or_else(unreadable)?, place, id })
    }

    /// What a database says that refuses to be written to: that it is left, and not for where.
    pub(crate) const fn of_refusal() -> Self {
        Self { state: MoveState::Leaving, place: String::new(), id: String::new() }
    }

    /// What a replica says that was left: that the installation is elsewhere, and not where.
    pub(crate) const fn of_departure() -> Self {
        Self { state: MoveState::Gone, place: String::new(), id: String::new() }
    }

    /// Whether the installation is here.
    pub fn is_served(&self) -> bool {
        self.state == MoveState::Arrived
    }

    /// Refuses to open a database that an installation is leaving, has left or has not wholly reached.
    pub(crate) fn admit(mark: Option<Self>) -> Result<(), StoreError> {
        match mark {
            Some(mark) if !mark.is_served() => Err(StoreError::Moved(mark)),
            _ => Ok(()),
        }
    }
}

/// A mark that is to be set or taken away, and what is committed with it.
pub(super) struct Setting<'s> {
    /// What must be there still; `None` where whatever is there may go.
    pub(super) before: Option<&'s Mark>,
    pub(super) mark: Option<&'s Mark>,
    pub(super) event: Option<&'s Event>,
    pub(super) now: Time,
    pub(super) entropy: &'s dyn Entropy,
}

impl Setting<'_> {
    /// Whether others may write from then on.
    pub(super) fn frees(&self) -> bool {
        self.mark.is_none_or(Mark::is_served)
    }

    pub(super) fn write(&self, tx: &mut WriteTx<'_>) -> Result<(), StoreError> {
        match self.before {
            None => tx.execute("DELETE FROM moves", &[]).map(drop)?,
            Some(Mark { state, id, .. }) => {
                let values = [id.clone().into(), state.as_str().into()];
                if tx.execute("DELETE FROM moves WHERE id = $1 AND state = $2", &values)? != 1 {
                    return Err(StoreError::Overtaken);
                }
            }
        }
        if let Some(Mark { state, place, id }) = self.mark {
            let values = [id.clone().into(), state.as_str().into(), place.clone().into(), self.now.into()];
            tx.execute("INSERT INTO moves (id, state, place, at) VALUES ($1, $2, $3, $4)", &values)?;
        }
        self.event.map_or(Ok(()), |event| events::insert(tx, event))
    }
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match self.place.as_str() {
            "" => "another database",
            place => &format!("`{place}`"),
        };
        match self.state {
            MoveState::Leaving => write!(
                f,
                "the installation is on its way to {place}, and nothing is written here meanwhile: wait; if that \
                 broke off, run the same `doorward db move` again, or stay here by `doorward db move --cancel`"
            ),
            MoveState::Gone => write!(
                f,
                "the installation was moved to {place}: name that one, a server by `database` or \
                 `DOORWARD_DATABASE`, a folder by `--data`"
            ),
            MoveState::Arriving => write!(
                f,
                "the installation has not wholly arrived here from {place}: run `doorward db move` there again"
            ),
            MoveState::Arrived => write!(f, "the installation was moved here from {place}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_found_by_its_word_and_only_an_arrived_one_is_opened() {
        for (state, word) in STATES {
            assert_eq!((state.as_str(), MoveState::find(word)), (word, Some(state)));
            let mark = Mark { state, place: "there".to_owned(), id: "1".to_owned() };
            assert!(mark.to_string().contains("`there`"));
            assert_eq!(Mark::admit(Some(mark)).is_ok(), state == MoveState::Arrived);
        }
        assert!(Mark::admit(None).is_ok() && Mark::stored(String::new(), "lost", String::new()).is_err());
    }
}

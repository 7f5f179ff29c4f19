//! Giving a move up: the source is served as before.
//!
//! INVARIANT: a source that is gone is given back only after its target was marked as given up by whoever has that to
//! themselves, or whoever gives it up vouches for the target's loss. Nothing frees such a target any more.

use super::{Failed, Mark, MoveState, Place, Setting, Side, alone, claimed, deed, find_mark};
use crate::{Deed, StoreError};
use domain::{Clock, Entropy};
use policy::{Policy, actions::CancelMove};
use serde_json::json;

/// A move that is to be given up.
pub struct Cancel<'c> {
    /// Where the installation was.
    pub from: Place,
    /// Where it was to be, which is asked if the source is gone already.
    pub to: Option<Place>,
    /// Whoever gives it up vouches that the target is lost, if it cannot be asked or knows nothing of the move.
    pub lost: bool,
    /// Decides whether whoever holds the data directory may do that.
    pub policy: &'c Policy,
    /// Tells the time.
    pub clock: &'c dyn Clock,
    /// Gives randomness.
    pub entropy: &'c dyn Entropy,
}

impl Cancel<'_> {
    /// Gives the source free again; answers the mark of the move that is given up.
    pub fn run(&self) -> Result<Mark, Failed> {
        alone(|| {
            let permit = deed::permit::<CancelMove>(self.policy)?;
            let mut from = claimed(Side::source(&self.from)?, &self.from)?;
            let mark = from.mark()?.ok_or(Failed::NoMove)?;
            let target = match mark.state {
                MoveState::Leaving => "not whole",
                MoveState::Gone => self.give_up(&mark)?,
                MoveState::Arriving => return Err(StoreError::Moved(mark).into()),
                MoveState::Arrived => return Err(Failed::NoMove),
            };
            let tables = from.tables()?;
            let before = json!({ "moving_to": mark.place, "source": mark.state.as_str() });
            let deed = Deed::of(permit).change(before, json!({ "moving_to": null, "target": target }));
            let (now, entropy) = (self.clock.now(), self.entropy);
            let event = deed::event(deed, &mark, (now, entropy));
            let setting = Setting { before: Some(&mark), mark: None, event: Some(&event), now, entropy };
            from.set_mark(&setting, &tables)?;
            Ok(mark)
        })
    }

    /// Sees to it that the target of a source that is gone will not be served; answers how that is known.
    fn give_up(&self, left: &Mark) -> Result<&'static str, Failed> {
        let why = match self.to.as_ref().map(|to| self.give_up_at(to, left)) {
            Some(Ok(true)) => return Ok("given up"),
            Some(Ok(false)) => return Err(Failed::Unknown { place: left.place.clone() }),
            Some(Err(Failed::Store(error)))
                if !matches!(error, StoreError::Moved(_) | StoreError::Overtaken) =>
            {
                format!("it could not be asked ({error})")
            }
            Some(Err(failed)) => return Err(failed),
            None => "it was not asked".to_owned(),
        };
        if self.lost {
            Ok("said to be lost")
        } else {
            Err(Failed::Unasked { place: left.place.clone(), why })
        }
    }

    /// Marks the target, if it is this move's. SECURITY: under the same claim as a move, since that may be held up just
    /// before its last step, or its last commit be on its way; and before the source is given back.
    fn give_up_at(&self, to: &Place, left: &Mark) -> Result<bool, Failed> {
        let (given_up, now, entropy) = (left.given_up(), self.clock.now(), self.entropy);
        let is_ours = |mark: &Mark| mark.is_of(left) || mark.is_of(&given_up);
        // Nothing is made where nothing is.
        if !find_mark(to)?.as_ref().is_some_and(is_ours) {
            return Ok(false);
        }
        let mut side = claimed(Side::target(to)?, to)?;
        let Some(mark) = side.mark()?.filter(is_ours) else { return Ok(false) };
        if mark.state != MoveState::Arriving {
            return Err(StoreError::Moved(left.clone()).into());
        }
        if mark.is_of(left) {
            let (before, after) = (Some(&mark), mark.given_up());
            let tables = side.tables()?;
            side.set_mark(&Setting { before, mark: Some(&after), event: None, now, entropy }, &tables)?;
        }
        Ok(true)
    }
}

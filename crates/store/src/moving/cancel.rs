//! Giving a move up: the source is served as before.
//!
//! INVARIANT: a source that is gone is given back only if its target says that this very move has not arrived, or whoever
//! gives it up vouches for the target's loss. Once it is given back, nothing frees that target any more.

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
            match mark.state {
                MoveState::Leaving => {}
                MoveState::Gone => self.ask(&mark)?,
                MoveState::Arriving => return Err(StoreError::Moved(mark).into()),
                MoveState::Arrived => return Err(Failed::NoMove),
            }
            let tables = from.tables()?;
            let (now, entropy) = (self.clock.now(), self.entropy);
            let deed =
                Deed::of(permit).change(json!({ "moving_to": mark.place }), json!({ "moving_to": null }));
            let event = deed::event(deed, &mark, (now, entropy));
            from.set_mark(&Setting { mark: None, event: Some(&event), now, entropy }, &tables)?;
            Ok(mark)
        })
    }

    /// Refuses unless the target of a source that is gone will not be served.
    fn ask(&self, left: &Mark) -> Result<(), Failed> {
        let why = match self.to.as_ref().map(find_mark) {
            Some(Ok(Some(mark))) if mark.is_of(left) => {
                return match mark.state {
                    MoveState::Arriving => Ok(()),
                    _ => Err(StoreError::Moved(left.clone()).into()),
                };
            }
            Some(Ok(_)) => "the database that is named knows nothing of this move".to_owned(),
            Some(Err(error)) => format!("it could not be asked ({error})"),
            None => "it was not asked".to_owned(),
        };
        if self.lost { Ok(()) } else { Err(Failed::Unasked { place: left.place.clone(), why }) }
    }
}

//! The audit log, as those see it who may.

use crate::{Error, House, error::unseen};
use domain::{Actor, Event, Id, Page};
use policy::actions::{ListEvents, ShowEvent};
use store::tables::events;

pub use store::tables::events::EventFilter;

/// Lists events, newest first.
pub async fn list(
    house: &House,
    actor: &Actor,
    filter: EventFilter,
    page: (Option<Id<Event>>, u32),
) -> Result<Page<Event>, Error> {
    let read = house.door.read(actor, (filter, page), |look, (filter, page)| -> Result<_, Error> {
        let visible = look.visible::<ListEvents>()?;
        Ok(events::list(look, &visible, &filter, page)?)
    });
    read.await
}

/// Shows one event.
pub async fn show(house: &House, actor: &Actor, id: Id<Event>) -> Result<Event, Error> {
    let read = house.door.read(actor, id, |look, id| -> Result<_, Error> {
        let event = events::find(look, id)?.ok_or(Error::NotFound("event"))?;
        look.permit::<ShowEvent>(&event).map_err(unseen("event"))?;
        Ok(event)
    });
    read.await
}

//! The audit log, as those see it who may.

use crate::{Error, House, error::unseen, naming};
use domain::{Actor, Event, Id, Page};
use policy::actions::{ListEvents, ShowEvent};
use store::{ReadTx, tables::events};

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
        let filter = EventFilter {
            actor: filter.actor.map(|named| known_actor(look, named)).transpose()?,
            resource: filter.resource.map(|named| known_resource(look, named)).transpose()?,
            ..filter
        };
        Ok(events::list(look, &visible, &filter, page)?)
    });
    read.await
}

/// As the log calls who acts: an account by its id, others by what they are. SECURITY: a name that nobody has is
/// refused, for an empty list would say that its bearer did nothing.
fn known_actor(look: &mut ReadTx<'_>, named: String) -> Result<String, Error> {
    const NOBODY: [&str; 3] = ["anonymous", "local operator", "system"];
    if NOBODY.contains(&named.as_str()) || is_id(&named) {
        return Ok(named);
    }
    let user = naming::find_user(look, &named)?;
    user.map(|user| user.id.to_string()).ok_or_else(|| naming::nothing_called("account", &named))
}

/// As the log calls what something was done to: by its id.
fn known_resource(look: &mut ReadTx<'_>, named: String) -> Result<String, Error> {
    if is_id(&named) {
        return Ok(named);
    }
    if let Some(app) = naming::find_app(look, &named)? {
        return Ok(app.id.to_string());
    }
    if let Some(group) = naming::find_group(look, &named)? {
        return Ok(group.id.to_string());
    }
    let user = naming::find_user(look, &named)?;
    user.map(|user| user.id.to_string())
        .ok_or_else(|| naming::nothing_called("app, group or account", &named))
}

/// Whether a text looks like an id, which the log may hold although what had it is gone.
fn is_id(text: &str) -> bool {
    let (kind, rest) = text.split_once('_').unwrap_or_default();
    kind.len() == 3 && rest.len() == 26 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
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

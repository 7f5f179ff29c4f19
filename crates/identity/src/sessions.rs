//! Signed-in browsers, as their owners see them.

use crate::{
    Error, House,
    account::{own_id, own_row},
    error::unseen,
    naming,
    users::own_session,
};
use domain::{Actor, AppName, Id, Page, Session, SessionState};
use policy::actions::{EndOtherSessions, EndSession, ListSessions};
use serde_json::json;
use store::{Ending, tables::sessions};

/// A sign-in and the apps that were opened from it.
#[derive(Debug, Clone)]
pub struct SignInShown {
    /// The session at the home host.
    pub session: Session,
    /// The apps.
    pub apps: Vec<AppName>,
}

/// Lists live sign-ins, newest first: one's own, or for an administrator those of `of` (`*` for everyone's).
pub async fn list(
    house: &House,
    actor: &Actor,
    of: Option<String>,
    page: (Option<Id<Session>>, u32),
) -> Result<Page<SignInShown>, Error> {
    let read = house.door.read(actor, (of, page), |look, (of, page)| -> Result<_, Error> {
        let visible = look.visible::<ListSessions>()?;
        let user = match of.as_deref() {
            Some("*") => None,
            Some(text) => Some(naming::find_user(look, text)?.ok_or(Error::NotFound("account"))?.id),
            None => look.actor().user(),
        };
        if visible.owner().is_some() && visible.owner() != user {
            return Err(Error::NotFound("account"));
        }
        let found = sessions::list(look, &visible, user, page)?;
        let shown = |session: Session| -> Result<_, Error> {
            Ok(SignInShown { apps: sessions::apps_opened(look, session.id)?, session })
        };
        let items = found.items.into_iter().map(shown).collect::<Result<_, _>>()?;
        Ok(Page { items, next: found.next })
    });
    read.await
}

/// Ends a sign-in: the session and all that came from the same sign-in.
pub async fn end(house: &House, actor: &Actor, id: Id<Session>) -> Result<(), Error> {
    let write = house.door.write(actor, id, |work, id| -> Result<_, Error> {
        let session = sessions::find(work, *id)?.ok_or(Error::NotFound("session"))?;
        let permit = work.permit::<EndSession>(&session).map_err(unseen("session"))?;
        if let SessionState::Ended { .. } = session.state {
            return Err(Error::NotFound("session"));
        }
        let ended = sessions::end(work, &permit, &session)?;
        let deed = work.deed(permit).change(json!({}), json!({ "sessions_ended": ended }));
        Ok(Ending::Done((), deed))
    });
    write.await?;
    house.let_go(id).await;
    Ok(())
}

/// Ends the session that the actor came with, and all that came from the same sign-in.
pub async fn end_own(house: &House, actor: &Actor) -> Result<(), Error> {
    let own = own_session(actor).ok_or(Error::NotFound("session"))?;
    end(house, actor, own).await
}

/// Ends every sign-in of one's own but the one that the actor came with; answers how many sessions ended.
pub async fn end_others(house: &House, actor: &Actor) -> Result<u64, Error> {
    let (own, keep) = (own_id(actor)?, own_session(actor));
    let write = house.door.write(actor, own, move |work, own| -> Result<_, Error> {
        let user = own_row(work, *own)?;
        let permit = work.permit::<EndOtherSessions>(&user)?;
        let ended = sessions::end_others(work, &permit, keep)?;
        let deed = work.deed(permit).change(json!({}), json!({ "sessions_ended": ended }));
        Ok(Ending::Done(ended, deed))
    });
    write.await
}

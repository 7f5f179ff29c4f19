//! The house as the place where principals come from when they are not in a cache.

use crate::{House, house::stored};
use access::{Answer, Apps, Directory, Found, FoundCredential, Unavailable};
use domain::{Actor, Id, Session, TokenState};
use limits::Away;
use store::{
    StoreError,
    tables::{apps, credentials, credentials::SessionFacts},
};
use vault::Digest;

impl Directory for House {
    fn find_session(&self, digests: Vec<Digest>) -> Answer<'_> {
        Box::pin(async move {
            let facts = match &self.held {
                Some(held) => match self.find_held(held, &digests).await.map_err(|Away| Unavailable)? {
                    Some(id) => self.session_by_id(id).await,
                    None => Ok(None),
                },
                None => self.session_by_digest(digests).await,
            };
            let facts = facts.map_err(unavailable)?;
            Ok(facts.map(|facts| {
                let (user, groups) = (facts.holder.user, facts.holder.groups);
                Found { user, groups, credential: FoundCredential::Session(facts.session) }
            }))
        })
    }

    fn find_token(&self, digests: Vec<Digest>) -> Answer<'_> {
        Box::pin(async move {
            let digests: Vec<_> = digests.into_iter().map(stored).collect();
            let actor = Actor::system("access");
            let read =
                self.door.read(&actor, digests, |look, digests| credentials::find_token(look, &digests));
            let live = read.await.map_err(unavailable)?.filter(|(_, state)| *state == TokenState::Live);
            Ok(live.map(|(facts, _)| {
                let (user, groups) = (facts.holder.user, facts.holder.groups);
                Found { user, groups, credential: FoundCredential::Token(facts.token) }
            }))
        })
    }

    fn find_apps(&self) -> Apps<'_> {
        Box::pin(async move {
            let actor = Actor::system("access");
            self.door.read(&actor, (), |look, ()| apps::all(look)).await.map_err(unavailable)
        })
    }

    fn is_fed(&self) -> bool {
        self.door.is_fed()
    }

    fn are_sessions_fed(&self) -> bool {
        self.held.as_ref().is_none_or(|held| held.is_fresh(self.now()))
    }
}

impl House {
    async fn session_by_digest(&self, digests: Vec<Digest>) -> Result<Option<SessionFacts>, StoreError> {
        let digests: Vec<_> = digests.into_iter().map(stored).collect();
        let actor = Actor::system("access");
        self.door.read(&actor, digests, |look, digests| credentials::find_session(look, &digests)).await
    }

    async fn session_by_id(&self, id: Id<Session>) -> Result<Option<SessionFacts>, StoreError> {
        let actor = Actor::system("access");
        self.door.read(&actor, id, |look, id| credentials::find_session_by_id(look, id)).await
    }
}

fn unavailable(error: StoreError) -> Unavailable {
    if error.is_told() {
        tracing::debug!(%error, "a credential or the apps could not be looked up");
    } else {
        tracing::error!(%error, "a credential or the apps could not be looked up");
    }
    Unavailable
}

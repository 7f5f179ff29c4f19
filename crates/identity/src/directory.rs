//! The house as the place where principals come from when they are not in a cache.

use crate::{House, house::stored};
use access::{Answer, Directory, Found, FoundCredential, Unavailable};
use domain::{Actor, TokenState};
use store::{StoreError, tables::credentials};
use vault::Digest;

impl Directory for House {
    fn find_session(&self, digests: Vec<Digest>) -> Answer<'_> {
        Box::pin(async move {
            let digests: Vec<_> = digests.into_iter().map(stored).collect();
            let actor = Actor::system("access");
            let read =
                self.door.read(&actor, digests, |look, digests| credentials::find_session(look, &digests));
            let facts = read.await.map_err(unavailable)?;
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

    fn is_fed(&self) -> bool {
        self.door.is_fed()
    }
}

fn unavailable(error: StoreError) -> Unavailable {
    if error.is_away() {
        tracing::debug!(%error, "a credential could not be looked up");
    } else {
        tracing::error!(%error, "a credential could not be looked up");
    }
    Unavailable
}

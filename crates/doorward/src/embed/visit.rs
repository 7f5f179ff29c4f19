//! One request: where it comes from, who asks, and what the app is asked with. The layer finds it out once and leaves
//! it in the request's extensions, for extractors to read.

use super::{Doorward, Error};
use access::{CredentialError, Snapshot};
use domain::Actor;
use futures_util::future::BoxFuture;
use http::request::Parts;
use policy::Action;
use std::sync::Arc;
use web::{Client, Door};

/// A decision that is on its way.
pub(super) type Answer<'v> = BoxFuture<'v, Result<(), Error>>;

/// One request, as the layer saw it.
#[derive(Clone)]
pub(super) struct Visit {
    doorward: Doorward,
    client: Client,
    who: Result<Option<Arc<Snapshot>>, CredentialError>,
}

impl Visit {
    pub(super) const fn new(
        doorward: Doorward,
        client: Client,
        who: Result<Option<Arc<Snapshot>>, CredentialError>,
    ) -> Self {
        Self { doorward, client, who }
    }

    /// The visit of a request that came through the layer. One that did not is a mistake of the app's, and is refused.
    pub(super) fn of(parts: &Parts) -> Result<&Self, Error> {
        parts.extensions.get().ok_or_else(|| {
            tracing::error!(path = parts.uri.path(), "an extractor of Doorward's is used outside its layer");
            Error::outside()
        })
    }

    pub(super) const fn doorward(&self) -> &Doorward {
        &self.doorward
    }

    pub(super) const fn client(&self) -> &Client {
        &self.client
    }

    /// Who asks, by their credential.
    pub(super) fn known(&self) -> Result<&Arc<Snapshot>, Error> {
        match &self.who {
            Ok(Some(who)) => Ok(who),
            Ok(None) => Err(Error::sign_in_required()),
            Err(error) => Err((*error).into()),
        }
    }

    /// Who asks, where it is known; a session that has ended is no reason to refuse what anyone may ask for.
    pub(super) fn maybe_known(&self) -> Result<Option<&Arc<Snapshot>>, Error> {
        match &self.who {
            Ok(who) => Ok(who.as_ref()),
            Err(CredentialError::SessionEnded) => Ok(None),
            Err(error) => Err((*error).into()),
        }
    }

    /// Who asks, as use cases know them: nobody, where no good credential was presented.
    pub(super) fn actor(&self) -> Actor {
        match (&self.who, self.client.door) {
            (Ok(Some(who)), _) => who.actor(self.client.address, &self.client.request),
            (_, Door::DataDirectory) => self.client.local_operator(),
            (_, Door::Network) => self.client.anonymous(),
        }
    }

    /// Asks the policy for `A` on anything, or on what is the actor's own, in a transaction.
    pub(super) async fn decide_in_transaction<A: Action>(&self) -> Result<(), Error> {
        let actor = self.actor();
        let asked = self.doorward.door().read(&actor, (), |look, ()| -> Result<(), Error> {
            look.visible::<A>()?;
            Ok(())
        });
        asked.await
    }
}

//! One request: where it comes from, who asks, and what the app is asked with. The layer finds it out once and leaves
//! it in the request's extensions, for extractors to read.

use super::{Doorward, Error};
use access::{CredentialError, Snapshot};
use domain::{Actor, Proof};
use futures_util::future::BoxFuture;
use http::request::Parts;
use policy::Action;
use std::sync::Arc;
use web::Client;

/// A decision that is on its way.
pub(super) type Answer<'v> = BoxFuture<'v, Result<(), Error>>;

/// One request, as the layer saw it.
#[derive(Clone)]
pub(super) struct Visit {
    doorward: Doorward,
    client: Client,
    who: Who,
}

/// Who asks.
#[derive(Clone)]
pub(super) enum Who {
    /// By their credential.
    Presented(Result<Option<Arc<Snapshot>>, CredentialError>),
    /// The local operator, since nobody is asked: authentication is switched off.
    Operator,
}

impl Visit {
    pub(super) const fn new(doorward: Doorward, client: Client, who: Who) -> Self {
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
            Who::Presented(Ok(Some(who))) => Ok(who),
            Who::Presented(Ok(None)) | Who::Operator => Err(Error::sign_in_required()),
            Who::Presented(Err(error)) => Err((*error).into()),
        }
    }

    /// Who asks, where it is known; a session that has ended is no reason to refuse what anyone may ask for.
    pub(super) fn maybe_known(&self) -> Result<Option<&Arc<Snapshot>>, Error> {
        match &self.who {
            Who::Presented(Ok(who)) => Ok(who.as_ref()),
            Who::Presented(Err(CredentialError::SessionEnded)) | Who::Operator => Ok(None),
            Who::Presented(Err(error)) => Err((*error).into()),
        }
    }

    /// Who asks, as use cases know them: nobody, where no good credential was presented.
    pub(super) fn actor(&self) -> Actor {
        match &self.who {
            Who::Presented(Ok(Some(who))) => who.actor(self.client.address, &self.client.request),
            Who::Operator => Actor { proof: Proof::SwitchedOff, ..self.client.local_operator() },
            Who::Presented(_) => self.client.anonymous(),
        }
    }

    /// Whether nobody is asked who they are.
    pub(super) const fn is_operator(&self) -> bool {
        matches!(self.who, Who::Operator)
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

//! Who calls: a client and what their credential says of them.

use crate::{Client, Desk, Door, Noted, Problem, same_origin};
use access::{CredentialError, Snapshot};
use domain::Actor;
use http::request::Parts;
use identity::sign_in::Visitor;
use std::sync::Arc;

/// Who calls, once their credential was checked.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Where the request comes from.
    pub client: Client,
    /// The caller as use cases know them.
    pub actor: Actor,
    /// The caller's account; `None` for anonymous callers and the local operator.
    pub snapshot: Option<Arc<Snapshot>>,
    /// What the browser calls itself.
    pub agent: String,
    /// The cookie by which the browser proves that it signed in before.
    pub device: Option<String>,
}

impl Caller {
    /// The caller as nobody: for what needs no credential. A wrong one is no reason to refuse it.
    pub fn nobody(desk: &Desk, parts: &Parts) -> Result<Self, Problem> {
        let client = client(parts)?;
        same_origin::check(parts, desk.home(), None)?;
        let actor = match client.door {
            Door::Network => client.anonymous(),
            Door::DataDirectory => client.local_operator(),
        };
        Ok(Self::new(desk, parts, (client, actor, None)))
    }

    /// The caller by their credential; without one it is a problem.
    pub async fn known(desk: &Desk, parts: &Parts) -> Result<Self, Problem> {
        let client = client(parts)?;
        if client.door == Door::DataDirectory {
            let actor = client.local_operator();
            return Ok(Self::new(desk, parts, (client, actor, None)));
        }
        let found = desk.access.authenticate_at(&parts.headers, desk.access.home_site()).await;
        let snapshot = found.map_err(Problem::from)?.ok_or_else(Problem::sign_in_required)?;
        Noted::note(parts, &snapshot);
        same_origin::check(parts, desk.home(), Some(snapshot.carrier))?;
        let actor = snapshot.actor(client.address, &client.request);
        Ok(Self::new(desk, parts, (client, actor, Some(snapshot))))
    }

    /// The caller by their credential where there is a good one, nobody where there is none or it has ended.
    pub async fn maybe_known(desk: &Desk, parts: &Parts) -> Result<Self, Problem> {
        match desk.access.authenticate_at(&parts.headers, desk.access.home_site()).await {
            Ok(Some(_)) => Self::known(desk, parts).await,
            Ok(None) | Err(CredentialError::SessionEnded) => Self::nobody(desk, parts),
            Err(error) => Err(error.into()),
        }
    }

    /// Which browser it is.
    pub fn visitor(&self) -> Visitor {
        Visitor { agent: self.agent.clone(), address: self.client.address }
    }

    fn new(desk: &Desk, parts: &Parts, who: (Client, Actor, Option<Arc<Snapshot>>)) -> Self {
        let (client, actor, snapshot) = who;
        let agent = parts.headers.get(http::header::USER_AGENT).and_then(|value| value.to_str().ok());
        let device = crate::cookies::device(desk.home(), &parts.headers);
        Self { client, actor, snapshot, agent: agent.unwrap_or_default().to_owned(), device }
    }
}

/// INVARIANT: the front names the client of every request; one without is a mistake of ours, and is refused.
fn client(parts: &Parts) -> Result<Client, Problem> {
    parts.extensions.get::<Client>().cloned().ok_or_else(Problem::internal)
}

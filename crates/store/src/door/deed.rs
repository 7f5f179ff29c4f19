//! What becomes an audit event: a deed, which only a permit makes, or a failure.

use domain::{Actor, Entropy, Event, Id, Outcome, Time, Who};
use policy::{Action, Denied, Permit, Reason};
use serde_json::{Value as Json, json};

/// Something that was done, with the permit's word for why it was allowed.
#[derive(Debug)]
pub struct Deed(Draft);

/// Something that was tried and did not work.
#[derive(Debug)]
pub struct Failure(Draft);

#[derive(Debug)]
struct Draft {
    who: Option<Who>,
    action: &'static str,
    resource: Option<String>,
    outcome: Outcome,
    reasons: Vec<Reason>,
    detail: Option<Json>,
}

impl Deed {
    pub(crate) fn of<A: Action>(permit: Permit<'_, A>) -> Self {
        let resource = permit.key().map(str::to_owned);
        let reasons = permit.reasons().to_vec();
        Self(Draft { who: None, action: A::NAME, resource, outcome: Outcome::Done, reasons, detail: None })
    }

    /// Names what the deed brought forth, where the permit was for the whole installation.
    #[must_use]
    pub fn about(mut self, resource: impl ToString) -> Self {
        self.0.resource = Some(resource.to_string());
        self
    }

    /// Names who turned out to ask, where the transaction itself found out: signing in.
    #[must_use]
    pub fn by(mut self, who: Who) -> Self {
        self.0.who = Some(who);
        self
    }

    /// Adds what changed. Never a secret.
    #[must_use]
    pub fn change(mut self, before: Json, after: Json) -> Self {
        self.0.detail = Some(json!({ "before": before, "after": after }));
        self
    }

    pub(crate) fn into_event(self, actor: &Actor, now: Time, entropy: &dyn Entropy) -> Event {
        self.0.into_event(actor, now, entropy)
    }
}

impl Failure {
    /// A try at `A` that did not work, and why.
    pub fn of<A: Action>(reason: &str) -> Self {
        let reasons = vec![Reason { policy: String::new(), text: reason.to_owned() }];
        Self(Draft {
            who: None,
            action: A::NAME,
            resource: None,
            outcome: Outcome::Failed,
            reasons,
            detail: None,
        })
    }

    /// Names what it was tried on.
    #[must_use]
    pub fn about(mut self, resource: impl ToString) -> Self {
        self.0.resource = Some(resource.to_string());
        self
    }

    /// Names the account that it was tried in the name of.
    #[must_use]
    pub fn by(mut self, who: Who) -> Self {
        self.0.who = Some(who);
        self
    }

    pub(crate) fn denied(denied: &Denied) -> Self {
        let (resource, reasons) = (denied.resource.clone(), denied.reasons.clone());
        Self(Draft {
            who: None,
            action: denied.action,
            resource,
            outcome: Outcome::Denied,
            reasons,
            detail: None,
        })
    }

    pub(crate) fn into_event(self, actor: &Actor, now: Time, entropy: &dyn Entropy) -> Event {
        self.0.into_event(actor, now, entropy)
    }
}

impl Draft {
    fn into_event(self, actor: &Actor, now: Time, entropy: &dyn Entropy) -> Event {
        Event {
            id: Id::new(now, entropy),
            at: now,
            actor: self.who.unwrap_or(actor.who).label(),
            proof: actor.proof.label(),
            address: actor.address.map(|address| address.to_string()),
            action: self.action.to_owned(),
            resource: self.resource,
            outcome: self.outcome,
            reasons: self.reasons.iter().map(ToString::to_string).collect(),
            detail: self.detail,
            request: actor.request.to_string(),
            count: 1,
            number: None,
        }
    }
}

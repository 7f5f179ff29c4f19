//! The engine: puts a question to Cedar and reads the answer.
//!
//! INVARIANT: a policy that cannot be evaluated never helps to allow. Cedar skips such a policy, and a skipped
//! `forbid` would open what it guards; here any error denies.

mod answer;
mod load;
mod memo;
mod question;

pub use load::PolicyError;

use crate::{
    Action, Additions, Decision, Denied, Facts, Hint, Known, Permit, Principal, Reason, Resource, Visible,
    actions::KNOWN,
};
use answer::Answer;
use cedar_policy::{Authorizer, Entities, PolicySet};
use domain::{Scope, Who};
use memo::{Asking, Memo};
use question::{Names, Question};
use std::{collections::HashMap, error::Error, fmt, marker::PhantomData, sync::Arc};

/// The policies, ready to be asked: cheap to share behind an `Arc`, dear to load.
pub struct Policy {
    authorizer: Authorizer,
    names: Names,
    /// By the names of known actions.
    slices: HashMap<String, Slice>,
    /// What decides on an action that is not known.
    all: PolicySet,
    known: Vec<Known>,
    memo: Memo,
}

/// What decides on one action: evaluation takes time for each policy, so no other policy is asked.
struct Slice {
    /// The action with the groups that it is in.
    action: Entities,
    /// The policies that can match it.
    policies: PolicySet,
}

impl Policy {
    /// The sealed built-in policies.
    pub fn builtin() -> Result<Self, PolicyError> {
        Self::with(&Additions::default())
    }

    /// The sealed policies, with the actions and policies of an embedding app beside them.
    pub fn with(additions: &Additions) -> Result<Self, PolicyError> {
        load::only_about_its_own(additions)?;
        let policies = format!("{}\n{}", crate::builtin::POLICIES, additions.policies);
        let policy = Self::load(&policies, &crate::builtin::schema(additions)?)?;
        Ok(Self { known: KNOWN.iter().chain(&additions.actions).copied().collect(), ..policy })
    }

    /// Every action that there is a name for.
    pub fn known(&self) -> &[Known] {
        &self.known
    }

    /// No policies at all, so that nothing is allowed: for tests and `doctor`.
    pub fn danger_nothing_allowed() -> Self {
        Self {
            authorizer: Authorizer::new(),
            names: Names::default(),
            slices: HashMap::new(),
            all: PolicySet::new(),
            known: KNOWN.to_vec(),
            memo: Memo::new(),
        }
    }

    /// Decides without a transaction: what the gateway asks, on facts from its caches.
    pub fn decide(&self, principal: &Principal, action: &'static str, on: &Facts) -> Decision {
        match &*self.ask(principal, action, on) {
            Answer::Allowed(reasons) => Decision::Allow(reasons.clone()),
            Answer::Forbidden(reasons) => Decision::Deny(reasons.clone(), self.remedy(principal, action, on)),
            Answer::Silence => answer::silence(principal, action, on),
            Answer::Unanswered(reasons) => Decision::Deny(reasons.clone(), Hint::Nothing),
        }
    }

    /// Decides on a thing as it is in a transaction: for the store alone, which brands the permit with it.
    pub fn permit<'c, A: Action>(&self, principal: &Principal, on: &A::On) -> Result<Permit<'c, A>, Denied> {
        let reasons = self.require::<A>(principal, &on.facts(), on.key())?;
        Ok(Permit::new(on, reasons))
    }

    /// Which rows of a list may be shown: all of them, or only the principal's own.
    pub fn visible<A: Action>(&self, principal: &Principal) -> Result<Visible<A>, Denied> {
        match (self.require::<A>(principal, &A::On::any(), None), principal.who) {
            (Ok(_), _) => Ok(Visible::All(PhantomData)),
            (Err(_), Who::User(user)) => {
                self.require::<A>(principal, &A::On::any_of(user), None)?;
                Ok(Visible::OwnedBy(user))
            }
            (Err(denied), _) => Err(denied),
        }
    }

    fn require<A: Action>(
        &self,
        principal: &Principal,
        on: &Facts,
        resource: Option<String>,
    ) -> Result<Vec<Reason>, Denied> {
        match self.decide(principal, A::NAME, on) {
            Decision::Allow(reasons) => Ok(reasons),
            Decision::Deny(reasons, hint) => Err(Denied { action: A::NAME, resource, reasons, hint }),
        }
    }

    /// What would have allowed it: asks again as if who asks had done what the hint says.
    fn remedy(&self, principal: &Principal, action: &str, on: &Facts) -> Hint {
        let full = Scope::FULL;
        let allows = |other: Principal| matches!(*self.ask(&other, action, on), Answer::Allowed(_));
        if !principal.recent_proof && allows(Principal { recent_proof: true, ..principal.clone() }) {
            Hint::ProveAgain
        } else if principal.scope != full && allows(Principal { scope: full, ..principal.clone() }) {
            Hint::WiderScope
        } else {
            Hint::Nothing
        }
    }

    fn ask(&self, principal: &Principal, action: &str, on: &Facts) -> Arc<Answer> {
        let put = || self.put(principal, action, on).unwrap_or_else(|error| Answer::unaskable(&*error));
        self.memo.recall(&Asking { principal, action, on }, put)
    }

    fn put(&self, principal: &Principal, action: &str, on: &Facts) -> Result<Answer, Box<dyn Error>> {
        let (known, policies) = match self.slices.get(action) {
            Some(slice) => (slice.action.clone(), &slice.policies),
            None => (Entities::empty(), &self.all),
        };
        let Question { request, entities } = Question::new(&self.names, principal, action, on)?;
        let entities = known.add_entities(entities, None)?;
        Ok(Answer::read(&self.authorizer.is_authorized(&request, policies, &entities), policies))
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Policy({} policies)", self.all.num_of_policies())
    }
}

#[cfg(test)]
mod tests;

//! What Cedar says, with its reasons in words.

use crate::{Action, Decision, Fact, Facts, Hint, Principal, Reason, actions::OpenApp};
use cedar_policy::{AuthorizationError, PolicyId, PolicySet, Response};
use domain::Who;
use std::error::Error;

/// What came of a question.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// These policies permit it, and none forbids it.
    Allowed(Vec<Reason>),
    /// These policies forbid it.
    Forbidden(Vec<Reason>),
    /// No policy permits it or forbids it.
    Silence,
    /// It could not be decided.
    Unanswered(Vec<Reason>),
}

impl Answer {
    /// Reads Cedar's response; `policies` are those that were asked.
    pub(super) fn read(response: &Response, policies: &PolicySet) -> Self {
        let diagnostics = response.diagnostics();
        // SECURITY: Cedar skips what it cannot evaluate, so whoever can make a `forbid` fail would be let in.
        let errors = sorted(diagnostics.errors().map(unevaluated));
        if !errors.is_empty() {
            return Self::Unanswered(errors);
        }
        let reasons = sorted(diagnostics.reason().map(|id| reason(id, policies)));
        match response.decision() {
            cedar_policy::Decision::Allow => Self::Allowed(reasons),
            cedar_policy::Decision::Deny if reasons.is_empty() => Self::Silence,
            cedar_policy::Decision::Deny => Self::Forbidden(reasons),
        }
    }

    /// The facts make no question.
    pub(super) fn unaskable(error: &dyn Error) -> Self {
        let text = format!("the facts could not be read: {error}");
        Self::Unanswered(vec![Reason { policy: String::new(), text }])
    }
}

/// The refusal where no policy speaks, in words that help.
pub(super) fn silence(principal: &Principal, action: &str, on: &Facts) -> Decision {
    let (text, hint) = match principal.who {
        Who::Anonymous => ("signing in comes first", Hint::SignIn),
        Who::User(_) if action == OpenApp::NAME => (not_open(on), Hint::Nothing),
        Who::User(_) | Who::LocalOperator | Who::System => ("no policy allows it", Hint::Nothing),
    };
    Decision::Deny(vec![Reason { policy: String::new(), text: text.to_owned() }], hint)
}

fn not_open(app: &Facts) -> &'static str {
    let facts = || app.attributes.iter().map(|(_, fact)| fact);
    let groups = facts().any(|fact| matches!(fact, Fact::Groups(groups) if !groups.is_empty()));
    let users = facts().any(|fact| matches!(fact, Fact::Users(users) if !users.is_empty()));
    let roles = facts().any(|fact| matches!(fact, Fact::Roles(roles) if !roles.is_empty()));
    match (groups, users, roles) {
        (true, true, true) => {
            "the app is open to certain groups, people and roles, and this account is none of these"
        }
        (true, true, false) => "the app is open to certain groups and people, and this account is neither",
        (true, false, true) => "the app is open to certain groups and roles, and this account has neither",
        (true, false, false) => "the app is open to certain groups, and this account is in none of them",
        (false, true, true) => "the app is open to certain people and roles, and this account is neither",
        (false, true, false) => "the app is open to certain people, and this account is none of them",
        (false, false, true) => "the app is open to certain roles, and this account has none of them",
        (false, false, false) => "the app is open to nobody yet",
    }
}

fn reason(id: &PolicyId, policies: &PolicySet) -> Reason {
    // `annotation` would parse its key at each call.
    let annotations = policies.policy(id).into_iter().flat_map(cedar_policy::Policy::annotations);
    let text = annotations.filter(|(key, _)| *key == "reason").map(|(_, text)| text.to_owned()).collect();
    Reason { policy: id.to_string(), text }
}

fn unevaluated(error: &AuthorizationError) -> Reason {
    let AuthorizationError::PolicyEvaluationError(error) = error;
    let policy = error.policy_id().to_string();
    let text = format!("the policy `{policy}` could not be evaluated");
    Reason { policy, text }
}

/// By policy: Cedar gives them in no order, and the same decision shall always read the same.
fn sorted(reasons: impl Iterator<Item = Reason>) -> Vec<Reason> {
    let mut reasons: Vec<_> = reasons.collect();
    reasons.sort_by(|one, other| one.policy.cmp(&other.policy));
    reasons
}

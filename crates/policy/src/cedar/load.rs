//! From text to policies that are named, checked against the schema, and sorted by the actions they speak of.

use super::{Memo, Names, Policy, Slice};
use crate::{Additions, actions::KNOWN};
use cedar_policy::{
    ActionConstraint, Authorizer, Entities, EntityUid, PolicyId, PolicySet, Schema, ValidationMode, Validator,
};
use std::{collections::HashSet, error::Error, str::FromStr};

/// The policies cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// They are no Cedar.
    #[error("the policies could not be read")]
    Syntax(#[source] Box<dyn Error + Send + Sync>),
    /// A policy, counted from `policy0`, has no name of its own, or no sentence for people.
    #[error("the policy `{0}` needs an `@id` of its own and a `@reason`")]
    Unnamed(String),
    /// They speak of what there is not, or can never match.
    #[error("the policies do not fit the schema: {0}")]
    Unfit(String),
    /// The schema itself is wrong.
    #[error("the schema of the policies could not be read")]
    Schema(#[source] Box<dyn Error + Send + Sync>),
}

impl Policy {
    /// Reads policies and checks them against a schema.
    pub(super) fn load(policies: &str, schema: &str) -> Result<Self, PolicyError> {
        let (schema, _) = Schema::from_cedarschema_str(schema).map_err(|e| PolicyError::Schema(e.into()))?;
        let actions = schema.action_entities().map_err(|e| PolicyError::Schema(e.into()))?;
        let policies = PolicySet::from_str(policies).map_err(|e| PolicyError::Syntax(e.into()))?;
        let all = named(&policies)?;
        let slices = schema.actions().filter_map(|action| slice(action, &actions, &all)).collect();
        let names = Names::new(schema.entity_types().chain(schema.actions().map(EntityUid::type_name)));
        check(&all, schema)?;
        Ok(Self {
            authorizer: Authorizer::new(),
            names,
            slices,
            all,
            known: KNOWN.to_vec(),
            memo: Memo::new(),
        })
    }
}

/// SECURITY: a policy of an embedding app that named no action, or one of Doorward's, would open what is not the app's.
pub(super) fn only_about_its_own(additions: &Additions) -> Result<(), PolicyError> {
    let policies = PolicySet::from_str(&additions.policies).map_err(|e| PolicyError::Syntax(e.into()))?;
    let own = |action: &EntityUid| additions.names(action.id().unescaped());
    let foreign = policies.policies().find(|policy| match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::In(any) => !any.iter().all(own),
        ActionConstraint::Eq(one) => !own(&one),
    });
    let Some(policy) = foreign else { return Ok(()) };
    let name = policy.annotation("id").unwrap_or("?");
    Err(PolicyError::Unfit(format!("the policy `{name}` must name actions of the app, and no others")))
}

/// The same policies under the names that they give themselves.
pub(super) fn named(policies: &PolicySet) -> Result<PolicySet, PolicyError> {
    let mut named = PolicySet::new();
    for policy in policies.policies() {
        let unnamed = || PolicyError::Unnamed(policy.id().to_string());
        let (Some(id), Some(_)) = (policy.annotation("id"), policy.annotation("reason")) else {
            return Err(unnamed());
        };
        named.add(policy.new_id(PolicyId::new(id))).map_err(|_| unnamed())?;
    }
    Ok(named)
}

/// A policy that can never match is as wrong as one that speaks of what there is not.
fn check(policies: &PolicySet, schema: Schema) -> Result<(), PolicyError> {
    let result = Validator::new(schema).validate(policies, ValidationMode::Strict);
    let errors = result.validation_errors().map(ToString::to_string);
    let faults: Vec<_> = errors.chain(result.validation_warnings().map(ToString::to_string)).collect();
    if faults.is_empty() { Ok(()) } else { Err(PolicyError::Unfit(faults.join("; "))) }
}

/// INVARIANT: leaves out only policies whose action constraint cannot match, so that no decision changes.
fn slice(action: &EntityUid, actions: &Entities, all: &PolicySet) -> Option<(String, Slice)> {
    let groups: HashSet<_> = actions.ancestors(action)?.chain([action]).collect();
    let matching = all.policies().filter(|policy| match policy.action_constraint() {
        ActionConstraint::Any => true,
        ActionConstraint::In(any) => any.iter().any(|one| groups.contains(one)),
        ActionConstraint::Eq(one) => one == *action,
    });
    let policies = PolicySet::from_policies(matching.cloned()).ok()?;
    let action_alone = Entities::from_entities([actions.get(action)?.clone()], None).ok()?;
    Some((action.id().unescaped().to_owned(), Slice { action: action_alone, policies }))
}

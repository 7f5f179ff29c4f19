//! What Cedar is asked: who, what, on what, and only the entities that this takes.

use crate::{Account, Fact, Facts, Principal};
use cedar_policy::{
    Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, ParseErrors, Request,
    RestrictedExpression,
};
use domain::{Selection, Who};
use std::{
    collections::{HashMap, HashSet},
    error::Error,
};

/// One request and the entities that it speaks of.
pub(super) struct Question {
    pub(super) request: Request,
    pub(super) entities: Entities,
}

/// The entity types that are known, parsed once.
#[derive(Default)]
pub(super) struct Names(HashMap<String, EntityTypeName>);

impl Names {
    pub(super) fn new<'n>(names: impl Iterator<Item = &'n EntityTypeName>) -> Self {
        Self(names.map(|name| (name.to_string(), name.clone())).collect())
    }

    pub(super) fn uid(&self, kind: &str, id: &str) -> Result<EntityUid, ParseErrors> {
        let name = self.0.get(kind).cloned().map_or_else(|| kind.parse(), Ok)?;
        Ok(EntityUid::from_type_name_and_id(name, EntityId::new(id)))
    }

    fn set<T: ToString>(&self, kind: &str, ids: &[T]) -> Result<RestrictedExpression, ParseErrors> {
        let uids = ids.iter().map(|id| self.uid(kind, &id.to_string()));
        let uids: Vec<_> =
            uids.map(|uid| uid.map(RestrictedExpression::new_entity_uid)).collect::<Result<_, _>>()?;
        Ok(RestrictedExpression::new_set(uids))
    }
}

impl Question {
    pub(super) fn new(
        names: &Names,
        principal: &Principal,
        action: Entity,
        on: &Facts,
    ) -> Result<Self, Box<dyn Error>> {
        let (who, what) = (asker(names, principal)?, thing(names, on)?);
        let context = Context::from_pairs(credential(names, principal)?)?;
        let request = Request::new(who.uid.clone(), action.uid(), what.uid.clone(), context, None)?;
        let mut entities = vec![action];
        for thing in apart(who, what) {
            entities.push(Entity::new(thing.uid, thing.attributes, thing.parents)?);
        }
        Ok(Self { request, entities: Entities::from_entities(entities, None)? })
    }
}

/// An entity that is still being put together.
struct Thing {
    uid: EntityUid,
    attributes: HashMap<String, RestrictedExpression>,
    parents: HashSet<EntityUid>,
}

fn asker(names: &Names, principal: &Principal) -> Result<Thing, ParseErrors> {
    let kind = match principal.who {
        Who::User(_) => "User",
        Who::Anonymous | Who::LocalOperator | Who::System => "Builtin",
    };
    let mut asker = Thing {
        uid: names.uid(kind, &principal.who.label())?,
        attributes: HashMap::new(),
        parents: HashSet::new(),
    };
    // SECURITY: what is known of another account says nothing of who asks.
    if let Some(account) = principal.account.as_ref().filter(|account| Who::User(account.id) == principal.who)
    {
        let Account { role, groups, disabled, .. } = account;
        asker.attributes.insert("disabled".to_owned(), RestrictedExpression::new_bool(*disabled));
        asker.parents.insert(names.uid("Role", role.as_str())?);
        for group in groups {
            asker.parents.insert(names.uid("Group", &group.to_string())?);
        }
    }
    Ok(asker)
}

fn thing(names: &Names, facts: &Facts) -> Result<Thing, ParseErrors> {
    let uid = names.uid(facts.kind, &facts.id)?;
    let attributes =
        facts.attributes.iter().map(|(name, fact)| Ok(((*name).to_owned(), value(names, fact)?)));
    Ok(Thing { uid, attributes: attributes.collect::<Result<_, ParseErrors>>()?, parents: HashSet::new() })
}

fn value(names: &Names, fact: &Fact) -> Result<RestrictedExpression, ParseErrors> {
    Ok(match fact {
        Fact::Bool(yes) => RestrictedExpression::new_bool(*yes),
        Fact::Text(text) => RestrictedExpression::new_string(text.clone()),
        Fact::User(user) => RestrictedExpression::new_entity_uid(names.uid("User", &user.to_string())?),
        Fact::Users(users) => names.set("User", users)?,
        Fact::Groups(groups) => names.set("Group", groups)?,
    })
}

/// Who asks about themselves is one entity, not two.
fn apart(who: Thing, what: Thing) -> Vec<Thing> {
    if who.uid != what.uid {
        return vec![who, what];
    }
    // SECURITY: what is known of who asks wins over what is claimed of the thing.
    let mut attributes = what.attributes;
    attributes.extend(who.attributes);
    vec![Thing { attributes, ..who }]
}

fn credential(
    names: &Names,
    principal: &Principal,
) -> Result<HashMap<String, RestrictedExpression>, ParseErrors> {
    let proof = RestrictedExpression::new_bool(principal.recent_proof);
    let mut context = HashMap::from([("recent_proof".to_owned(), proof)]);
    if let Selection::Only(permissions) = &principal.scope.permissions {
        context.insert("permissions".to_owned(), names.set("Action", permissions)?);
    }
    if let Selection::Only(apps) = &principal.scope.apps {
        context.insert("apps".to_owned(), names.set("App", apps)?);
    }
    Ok(context)
}

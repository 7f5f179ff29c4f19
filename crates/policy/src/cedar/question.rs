//! What Cedar is asked: who, what, on what, and only the entities that this takes.

use crate::{Fact, Facts, Principal};
use cedar_policy::{Context, Entity, EntityId, EntityTypeName, EntityUid, Request, RestrictedExpression};
use domain::{Selection, Who};
use std::{
    collections::{HashMap, HashSet},
    error::Error,
    result,
};

type Result<T> = result::Result<T, Box<dyn Error>>;
type Attributes = HashMap<String, RestrictedExpression>;

/// One request, with who asks and what is asked about.
pub(super) struct Question {
    pub(super) request: Request,
    pub(super) entities: Vec<Entity>,
}

/// The entity types that are known, parsed once.
#[derive(Default)]
pub(super) struct Names(HashMap<String, EntityTypeName>);

impl Names {
    pub(super) fn new<'n>(names: impl Iterator<Item = &'n EntityTypeName>) -> Self {
        Self(names.map(|name| (name.to_string(), name.clone())).collect())
    }

    fn uid(&self, kind: &str, id: &str) -> Result<EntityUid> {
        let name = match self.0.get(kind) {
            Some(name) => name.clone(),
            None => kind.parse()?,
        };
        Ok(EntityUid::from_type_name_and_id(name, EntityId::new(id)))
    }

    fn reference(&self, kind: &str, id: &dyn ToString) -> Result<RestrictedExpression> {
        Ok(RestrictedExpression::new_entity_uid(self.uid(kind, &id.to_string())?))
    }

    fn set<T: ToString>(&self, kind: &str, ids: &[T]) -> Result<RestrictedExpression> {
        let references: Vec<_> = ids.iter().map(|id| self.reference(kind, id)).collect::<Result<_>>()?;
        Ok(RestrictedExpression::new_set(references))
    }
}

impl Question {
    pub(super) fn new(names: &Names, principal: &Principal, action: &str, on: &Facts) -> Result<Self> {
        let (who, what) = (asker(names, principal)?, thing(names, on)?);
        let context = Context::from_pairs(credential(names, principal)?)?;
        let action = names.uid("Action", action)?;
        let request = Request::new(who.uid.clone(), action, what.uid.clone(), context, None)?;
        let entities = distinct(who, what).into_iter().map(Thing::entity).collect::<Result<_>>()?;
        Ok(Self { request, entities })
    }
}

/// An entity that is still being put together.
struct Thing {
    uid: EntityUid,
    attributes: Attributes,
    parents: HashSet<EntityUid>,
}

impl Thing {
    fn entity(self) -> Result<Entity> {
        Ok(Entity::new(self.uid, self.attributes, self.parents)?)
    }
}

fn asker(names: &Names, principal: &Principal) -> Result<Thing> {
    let Who::User(user) = principal.who else {
        return thing(names, &Facts::new("Builtin", &principal.who.label()));
    };
    // SECURITY: what is known of another account says nothing of who asks, and an unknown account counts as shut.
    let account = principal.account.as_ref().filter(|account| account.id == user);
    let disabled = account.is_none_or(|account| account.disabled);
    let mut asker =
        thing(names, &Facts::new("User", &user.to_string()).with("disabled", Fact::Bool(disabled)))?;
    if let Some(account) = account {
        asker.parents.insert(names.uid("Role", account.role.as_str())?);
        for group in &account.groups {
            asker.parents.insert(names.uid("Group", &group.to_string())?);
        }
    }
    Ok(asker)
}

fn thing(names: &Names, facts: &Facts) -> Result<Thing> {
    let mut attributes = Attributes::new();
    for (name, fact) in &facts.attributes {
        attributes.insert((*name).to_owned(), value(names, fact)?);
    }
    Ok(Thing { uid: names.uid(facts.kind, &facts.id)?, attributes, parents: HashSet::new() })
}

fn value(names: &Names, fact: &Fact) -> Result<RestrictedExpression> {
    match fact {
        Fact::Bool(yes) => Ok(RestrictedExpression::new_bool(*yes)),
        Fact::Text(text) => Ok(RestrictedExpression::new_string(text.clone())),
        Fact::User(user) => names.reference("User", user),
        Fact::Users(users) => names.set("User", users),
        Fact::Groups(groups) => names.set("Group", groups),
        Fact::Roles(roles) => names.set("Role", &roles.iter().map(|role| role.as_str()).collect::<Vec<_>>()),
    }
}

/// Who asks about themselves is one entity, not two.
fn distinct(who: Thing, what: Thing) -> Vec<Thing> {
    if who.uid != what.uid {
        return vec![who, what];
    }
    // SECURITY: what is known of who asks wins over what is claimed of the thing.
    let mut attributes = what.attributes;
    attributes.extend(who.attributes);
    vec![Thing { attributes, ..who }]
}

/// What the credential adds; a selection that is not limited is left out.
fn credential(names: &Names, principal: &Principal) -> Result<Attributes> {
    let proof = RestrictedExpression::new_bool(principal.recent_proof);
    let mut context = Attributes::from([("recent_proof".to_owned(), proof)]);
    if let Selection::Only(permissions) = &principal.scope.permissions {
        context.insert("permissions".to_owned(), names.set("Action", permissions)?);
    }
    if let Selection::Only(apps) = &principal.scope.apps {
        context.insert("apps".to_owned(), names.set("App", apps)?);
    }
    Ok(context)
}

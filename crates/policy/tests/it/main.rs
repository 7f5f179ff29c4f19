//! The policies as the store and the gateway ask them.

#![expect(clippy::unwrap_used, reason = "a test whose stage cannot be set fails")]

mod additions;
mod apps;
mod lists;
mod matrix;
mod refusals;

use domain::{Id, Permission, Role, Scope, Selection, User, Who};
use doorward_policy::{Account, Policy, Principal};

fn builtin() -> Policy {
    Policy::builtin().unwrap()
}

fn id<K>(number: u8) -> Id<K> {
    Id::from_bytes([number; 16])
}

/// A signed-in person who proved a short while ago who they are.
fn person(user: Id<User>, role: Role) -> Principal {
    let account = Account { id: user, role, groups: Vec::new(), disabled: false };
    Principal { who: Who::User(user), account: Some(account), scope: Scope::FULL, recent_proof: true }
}

fn member() -> Principal {
    person(id(1), Role::Member)
}

fn admin() -> Principal {
    person(id(2), Role::Admin)
}

fn shut(mut principal: Principal) -> Principal {
    principal.account.as_mut().unwrap().disabled = true;
    principal
}

fn stale(principal: Principal) -> Principal {
    Principal { recent_proof: false, ..principal }
}

/// The same person by a token that carries only these permissions.
fn limited(principal: Principal, permissions: &[&'static str]) -> Principal {
    let permissions = permissions.iter().copied().map(Permission::known).collect();
    Principal {
        scope: Scope { apps: Selection::All, permissions: Selection::Only(permissions) },
        ..principal
    }
}

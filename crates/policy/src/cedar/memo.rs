//! What was answered before. Policies do not change while the program runs, and know neither the time nor anything else
//! that is not in the question: so the same question has the same answer.
//!
//! INVARIANT: an answer is found by all of its question, and by nothing less.

use super::answer::Answer;
use crate::{Fact, Facts, Principal};
use domain::Selection;
use quick_cache::{Equivalent, sync::Cache};
use std::sync::Arc;

/// How many answers are kept; those that are asked for least go first.
const CAPACITY: usize = 1024;
/// Questions that list more than this are put anew each time, so that what is kept is bounded.
const LONGEST: usize = 32;
/// What counts as one item of a text, in bytes: an id's size.
const ITEM: usize = 16;

/// The answers that are kept.
pub(super) struct Memo(Cache<Asked, Arc<Answer>>);

#[derive(Clone, PartialEq, Eq, Hash)]
struct Asked {
    principal: Principal,
    action: String,
    on: Facts,
}

/// The same question, borrowed: its parts are hashed as those of [`Asked`] are.
#[derive(Hash)]
pub(super) struct Asking<'a> {
    pub(super) principal: &'a Principal,
    pub(super) action: &'a str,
    pub(super) on: &'a Facts,
}

impl Equivalent<Asked> for Asking<'_> {
    fn equivalent(&self, asked: &Asked) -> bool {
        *self.principal == asked.principal && self.action == asked.action && *self.on == asked.on
    }
}

impl Memo {
    pub(super) fn new() -> Self {
        Self(Cache::new(CAPACITY))
    }

    /// The answer to a question, which `put` is asked for when nobody remembers it. What could not be asked, or not be
    /// answered, is not remembered.
    pub(super) fn recall(&self, asking: &Asking<'_>, put: impl FnOnce() -> Answer) -> Arc<Answer> {
        if !asking.is_short() {
            return Arc::new(put());
        }
        if let Some(known) = self.0.get(asking) {
            return known;
        }
        let answer = Arc::new(put());
        if !matches!(*answer, Answer::Unanswered(_)) {
            self.0.insert(asking.keep(), Arc::clone(&answer));
        }
        answer
    }
}

impl Asking<'_> {
    fn keep(&self) -> Asked {
        Asked { principal: self.principal.clone(), action: self.action.to_owned(), on: self.on.clone() }
    }

    fn is_short(&self) -> bool {
        let Self { principal, on, .. } = self;
        let groups = principal.account.as_ref().map_or(0, |account| account.groups.len());
        let scope = listed(&principal.scope.apps) + listed(&principal.scope.permissions);
        let facts: usize = on.attributes.iter().map(|(_, fact)| 1 + length(fact)).sum();
        groups + scope + facts + on.id.len().div_ceil(ITEM) <= LONGEST
    }
}

const fn listed<T>(selection: &Selection<T>) -> usize {
    match selection {
        Selection::All => 0,
        Selection::Only(items) => items.len(),
    }
}

/// How much there is to keep of a fact beside its name, in items.
fn length(fact: &Fact) -> usize {
    match fact {
        Fact::Bool(_) | Fact::User(_) => 0,
        Fact::Text(text) => text.len().div_ceil(ITEM),
        Fact::Users(users) => users.len(),
        Fact::Groups(groups) => groups.len(),
        Fact::Roles(roles) => roles.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Account;
    use domain::{App, Id, Permission, Role, Scope, Who};
    use std::cell::Cell;

    fn id<K>(number: u8) -> Id<K> {
        Id::from_bytes([number; 16])
    }

    fn someone() -> Principal {
        let account = Account { id: id(1), role: Role::Member, groups: vec![id(2)], disabled: false };
        Principal { account: Some(account), ..Principal::without_account(Who::User(id(1))) }
    }

    /// Principals that differ from each other in one thing each.
    fn principals() -> Vec<Principal> {
        let account = someone().account.unwrap();
        let with = |account: Account| Principal { account: Some(account), ..someone() };
        let scope = |apps: Selection<Id<App>>, permissions: Selection<Permission>| Principal {
            scope: Scope { apps, permissions },
            ..someone()
        };
        vec![
            someone(),
            Principal { who: Who::User(id(9)), ..someone() },
            Principal { account: None, ..someone() },
            Principal { recent_proof: false, ..someone() },
            with(Account { id: id(9), ..account.clone() }),
            with(Account { role: Role::Admin, ..account.clone() }),
            with(Account { groups: vec![id(9)], ..account.clone() }),
            with(Account { disabled: true, ..account }),
            scope(Selection::Only(vec![id(5)]), Selection::All),
            scope(Selection::All, Selection::Only(vec![Permission::known("app:open")])),
        ]
    }

    fn things() -> Vec<Facts> {
        let app = |number: &str| Facts::new("App", number);
        vec![
            app("1"),
            app("2"),
            Facts::new("User", "1"),
            app("1").with("everyone", Fact::Bool(true)),
            app("1").with("everyone", Fact::Bool(false)),
            app("1").with("open", Fact::Bool(true)),
            app("1").with("users", Fact::Users(vec![id(1)])),
            app("1").with("groups", Fact::Groups(vec![id(1)])),
            app("1").with("groups", Fact::Groups(vec![id(2)])),
        ]
    }

    /// SECURITY: whatever a policy may look at tells two questions apart.
    #[test]
    fn the_same_question_is_put_once_and_any_other_anew() {
        let (memo, put) = (Memo::new(), Cell::new(0));
        for round in 0..2 {
            for (principal, on, action) in questions() {
                let before = put.get();
                memo.recall(&Asking { principal: &principal, action, on: &on }, || {
                    put.set(put.get() + 1);
                    Answer::Silence
                });
                assert_eq!(put.get() - before, 1 - round, "{principal:?} {action} {on:?}");
            }
        }
    }

    fn questions() -> Vec<(Principal, Facts, &'static str)> {
        let everyone =
            principals().into_iter().map(|principal| (principal, Facts::new("App", "1"), "app:open"));
        let everything = things().into_iter().skip(1).map(|on| (someone(), on, "app:open"));
        everyone.chain(everything).chain([(someone(), Facts::new("App", "1"), "app:list")]).collect()
    }

    #[test]
    fn a_long_question_is_put_each_time() {
        let memo = Memo::new();
        let long = [
            Facts::new("App", &"-".repeat(1000)),
            Facts::new("App", "1").with("word", Fact::Text("-".repeat(1000))),
            (0..LONGEST).fold(Facts::new("App", "1"), |facts, _| facts.with("none", Fact::Users(Vec::new()))),
        ];
        for on in &long {
            let put = Cell::new(0);
            for _ in 0..2 {
                memo.recall(&Asking { principal: &someone(), action: "app:open", on }, || {
                    put.set(put.get() + 1);
                    Answer::Silence
                });
            }
            assert_eq!(put.get(), 2);
        }
    }

    #[test]
    fn what_could_not_be_answered_is_asked_again() {
        let (memo, put) = (Memo::new(), Cell::new(0));
        let (principal, on) = (&Principal::without_account(Who::System), &Facts::new("App", "1"));
        for _ in 0..2 {
            memo.recall(&Asking { principal, action: "app:open", on }, || {
                put.set(put.get() + 1);
                Answer::Unanswered(Vec::new())
            });
        }
        assert_eq!(put.get(), 2);
    }
}

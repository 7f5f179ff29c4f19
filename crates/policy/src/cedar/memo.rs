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
        groups + scope + on.attributes.iter().map(|(_, fact)| length(fact)).sum::<usize>() <= LONGEST
    }
}

const fn listed<T>(selection: &Selection<T>) -> usize {
    match selection {
        Selection::All => 0,
        Selection::Only(items) => items.len(),
    }
}

/// How much there is to keep of a fact, in items of an id's size.
fn length(fact: &Fact) -> usize {
    match fact {
        Fact::Bool(_) | Fact::User(_) => 1,
        Fact::Text(text) => text.len().div_ceil(16),
        Fact::Users(users) => users.len(),
        Fact::Groups(groups) => groups.len(),
        Fact::Roles(roles) => roles.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::Who;
    use std::cell::Cell;

    #[test]
    fn the_same_question_is_put_once_and_any_other_anew() {
        let (memo, put) = (Memo::new(), Cell::new(0));
        let ask = |who: Who, action: &str, on: &Facts| {
            let principal = &Principal::without_account(who);
            memo.recall(&Asking { principal, action, on }, || {
                put.set(put.get() + 1);
                Answer::Silence
            });
            put.get()
        };
        let (one, other) =
            (Facts::new("App", "1"), Facts::new("App", "1").with("everyone", Fact::Bool(true)));
        assert_eq!((ask(Who::System, "app:open", &one), ask(Who::System, "app:open", &one)), (1, 1));
        assert_eq!(ask(Who::Anonymous, "app:open", &one), 2);
        assert_eq!(ask(Who::System, "app:list", &one), 3);
        assert_eq!(ask(Who::System, "app:open", &other), 4);
        assert_eq!(ask(Who::System, "app:open", &Facts::new("User", "1")), 5);
        assert_eq!(ask(Who::System, "app:open", &one), 5);
        let long = Facts::new("App", "1").with("word", Fact::Text("-".repeat(1000)));
        assert_eq!((ask(Who::System, "app:open", &long), ask(Who::System, "app:open", &long)), (6, 7));
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

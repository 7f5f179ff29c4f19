//! An app's rules, made ready: which of them a request meets, and what it must fulfil then.
//!
//! INVARIANT: a request whose path can be read in two ways fulfils the app's own access and every rule that
//! names people, so that no reading of it lets anyone in whom another would not (`security.md` 12).

use crate::{
    path,
    requirement::{Demand, Requirement},
};
use domain::{Allow, App, AppAccess, Rule};
use http::Method;
use std::{slice, sync::Arc};

/// Who may open an app, and which paths others may use.
#[derive(Debug)]
pub(crate) struct Rules {
    own: Arc<Requirement>,
    /// The app's own access and that of every rule together: whom anything of the app is open to.
    any: Arc<Requirement>,
    ready: Vec<Ready>,
    /// The app's own access, and every rule's that names people.
    strict: Vec<Arc<Requirement>>,
}

#[derive(Debug)]
struct Ready {
    /// As the settings have it.
    path: String,
    /// As it is compared; nothing where it cannot be read, so that the rule never matches.
    prefix: Option<String>,
    methods: Option<Vec<Method>>,
    allow: Allowed,
}

#[derive(Debug)]
enum Allowed {
    Anyone,
    /// The app's own requirement and the rule's.
    These([Arc<Requirement>; 2]),
}

impl Rules {
    pub(crate) fn of(app: &App) -> Self {
        let own = Requirement::new(app.id, app.access.clone());
        let any = Requirement::new(app.id, app.widest_access());
        let ready: Vec<_> = app.gate.rules.iter().map(|rule| Ready::of(app, rule, &own)).collect();
        let named = app.gate.rules.iter().zip(&ready).filter_map(|(rule, ready)| match &ready.allow {
            Allowed::These([_, named]) if rule.allow != Allow::SignedIn => Some(Arc::clone(named)),
            _ => None,
        });
        let strict = std::iter::once(Arc::clone(&own)).chain(named).collect();
        Self { own, any, ready, strict }
    }

    pub(crate) const fn own(&self) -> &Arc<Requirement> {
        &self.own
    }

    pub(crate) const fn any(&self) -> &Arc<Requirement> {
        &self.any
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.ready.is_empty()
    }

    pub(crate) fn names_methods(&self) -> bool {
        self.ready.iter().any(|rule| rule.methods.is_some())
    }

    /// The paths that rules open to some who are signed in, as the settings have them.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &str> {
        let named = self.ready.iter().filter(|rule| matches!(rule.allow, Allowed::These(_)));
        named.map(|rule| rule.path.as_str())
    }

    /// What a request must fulfil: what the first rule says that it meets, else the app's own access.
    pub(crate) fn demand(&self, method: &Method, path: &str) -> Demand<'_> {
        if self.ready.is_empty() {
            return Demand::All(slice::from_ref(&self.own));
        }
        let Some(path) = path::read(path) else { return Demand::All(&self.strict) };
        let met = self.ready.iter().find_map(|rule| rule.demand(method, &path));
        met.unwrap_or_else(|| Demand::All(slice::from_ref(&self.own)))
    }
}

impl Ready {
    fn of(app: &App, rule: &Rule, own: &Arc<Requirement>) -> Self {
        let these = |access| Allowed::These([Arc::clone(own), Requirement::new(app.id, access)]);
        let allow = match &rule.allow {
            Allow::Anyone => Allowed::Anyone,
            Allow::SignedIn => these(AppAccess { everyone: true, ..AppAccess::default() }),
            Allow::Only(access) => these(access.clone()),
        };
        let prefix = path::read(&rule.path).map(|read| read.trim_end_matches('/').to_owned());
        let method = |name: &String| Method::from_bytes(name.to_ascii_uppercase().as_bytes()).ok();
        let methods = (!rule.methods.is_empty()).then(|| rule.methods.iter().filter_map(method).collect());
        Self { path: rule.path.clone(), prefix, methods, allow }
    }

    fn demand(&self, method: &Method, path: &str) -> Option<Demand<'_>> {
        let prefix = self.prefix.as_deref()?;
        let is_met = path::is_below(path, prefix) && self.speaks_of(method);
        match &self.allow {
            Allowed::Anyone => is_met.then_some(Demand::Nothing),
            Allowed::These([_, named]) if is_met => Some(Demand::All(slice::from_ref(named))),
            // SECURITY: an app that takes `/ADMIN` for `/admin` or `delete` for `DELETE` must not be open there
            // to whom this rule keeps out.
            Allowed::These(both) => {
                let may_be_met = path::may_be_below(path, prefix) && self.may_speak_of(method);
                may_be_met.then_some(Demand::All(both))
            }
        }
    }

    /// `HEAD` asks what `GET` would answer, so whoever may the one may the other.
    fn speaks_of(&self, method: &Method) -> bool {
        self.methods.as_ref().is_none_or(|methods| {
            methods.contains(method) || (*method == Method::HEAD && methods.contains(&Method::GET))
        })
    }

    fn may_speak_of(&self, method: &Method) -> bool {
        let is_spelling = |known: &Method| known.as_str().eq_ignore_ascii_case(method.as_str());
        self.speaks_of(method) || self.methods.iter().flatten().any(is_spelling)
    }
}

#[cfg(test)]
mod tests;

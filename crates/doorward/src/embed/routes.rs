//! The routes of an app, each with what a request must fulfil.

use super::{Doorward, Requirement, StartError};
use axum::{Router, routing::MethodRouter};
use policy::Action;

/// The routes of an app. Each is added by what it takes to be let through, so that none can be without a requirement
/// (`security.md` 24): a route that anyone may ask for says so by [`public`](Self::public).
///
/// Handlers are axum's, and so are paths. Where methods of one path take different things, the path is added once for
/// each.
#[derive(Default)]
pub struct Routes {
    routes: Vec<Route>,
}

struct Route {
    path: String,
    requirement: Requirement,
    target: Target,
}

enum Target {
    Handlers(MethodRouter),
    Nested(Router),
    Fallback(MethodRouter),
}

impl Routes {
    /// No routes.
    pub fn new() -> Self {
        Self::default()
    }

    /// A route that anyone may ask for, signed in or not.
    #[must_use]
    pub fn public(self, path: &str, handlers: MethodRouter) -> Self {
        self.add(path, Requirement::public(), Target::Handlers(handlers))
    }

    /// A route for whoever has a credential, of whatever scope.
    #[must_use]
    pub fn signed_in(self, path: &str, handlers: MethodRouter) -> Self {
        self.add(path, Requirement::signed_in(), Target::Handlers(handlers))
    }

    /// A route for whoever may do `A` to something. To which, the handler asks: it takes
    /// [`Authorized`](super::Authorized), or asks in its transaction.
    #[must_use]
    pub fn requires<A: Action>(self, path: &str, handlers: MethodRouter) -> Self {
        self.add(path, Requirement::permission::<A>(), Target::Handlers(handlers))
    }

    /// A whole router of axum's under `path`, with one requirement for all of it.
    #[must_use]
    pub fn nest(self, path: &str, requirement: Requirement, router: Router) -> Self {
        self.add(path, requirement, Target::Nested(router))
    }

    /// What answers where there is no route.
    #[must_use]
    pub fn fallback(self, requirement: Requirement, handlers: MethodRouter) -> Self {
        self.add("", requirement, Target::Fallback(handlers))
    }

    /// These routes and others.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        self.routes.extend(others.routes);
        self
    }

    fn add(mut self, path: &str, requirement: Requirement, target: Target) -> Self {
        self.routes.push(Route { path: path.to_owned(), requirement, target });
        self
    }

    /// The router, each route behind a guard of its own.
    pub(super) fn guarded(self, doorward: &Doorward) -> Result<Router, StartError> {
        let known = doorward.policy().known();
        let mut router = Router::new();
        for Route { path, requirement, target } in self.routes {
            if let Some(permission) = requirement.permission_name()
                && !known.iter().any(|known| known.name == permission)
            {
                return Err(StartError::UnknownPermission { path, permission });
            }
            let guard = doorward.layer(requirement);
            router = match target {
                Target::Handlers(handlers) => router.route(&path, handlers.layer(guard)),
                Target::Nested(nested) => router.nest(&path, nested.layer(guard)),
                Target::Fallback(handlers) => router.fallback_service(handlers.layer(guard)),
            };
        }
        Ok(router)
    }
}

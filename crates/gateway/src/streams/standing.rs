//! What a stream rests on: who was let in, and where.

use crate::Asked;
use access::{Access, AppRoute, Demand, Snapshot};
use domain::{Id, Time, User};
use http::{Method, Uri};
use std::sync::Arc;

/// What a stream rests on.
#[derive(Clone)]
pub(crate) struct Standing {
    /// The host that it goes through.
    pub(crate) route: Arc<AppRoute>,
    /// Who was let in; `None` where anyone may come.
    pub(crate) who: Option<Arc<Snapshot>>,
    /// What was asked for, which an app's rules may look at.
    pub(crate) method: Method,
    pub(crate) target: Uri,
}

impl Standing {
    /// What a request rests on that was let in.
    pub(crate) fn of(asked: &Asked, route: &Arc<AppRoute>) -> Self {
        let (method, target) = (asked.head.method.clone(), asked.head.uri.clone());
        Self { route: Arc::clone(route), who: asked.snapshot.clone(), method, target }
    }

    /// Whose stream it is.
    pub(super) fn user(&self) -> Option<Id<User>> {
        self.who.as_ref().map(|who| who.user)
    }

    /// Whether nothing of it was touched since it was read; if so, it need not be looked up.
    pub(crate) fn is_current(&self, access: &Access) -> bool {
        access.is_current(self.who.as_ref(), &self.route)
    }

    /// Whether it is still good.
    pub(crate) async fn is_good(&self, access: &Access) -> bool {
        self.is_current(access) || Box::pin(self.look(access)).await.is_some()
    }

    /// Until when it is good; `None` when it is no longer, or nobody can say.
    ///
    /// SECURITY: everything is asked anew, by the same way as for a request: the host, the credential, the policy.
    pub(crate) async fn look(&self, access: &Access) -> Option<Time> {
        access.find_current_app(self.route.origin.host()).await.ok()?;
        let route = access.find_route(self.route.app.id, &self.route.origin)?;
        let demand = route.demand(&self.method, self.target.path());
        let Some(who) = &self.who else {
            return matches!(demand, Demand::Nothing).then_some(Time::from_micros(i64::MAX));
        };
        let who = access.authenticate_again(who, &route).await.ok()?;
        match demand {
            Demand::Nothing => Some(who.expires_at),
            Demand::All(all) => access.find_denial(&who, all).is_none().then_some(who.expires_at),
        }
    }
}

//! What a stream rests on: who was let in, and where.

use access::{Access, AppRoute, Snapshot};
use domain::{Id, Time, User};
use std::sync::Arc;

/// What a stream rests on.
#[derive(Clone)]
pub(crate) struct Standing {
    /// The host that it goes through.
    pub(crate) route: Arc<AppRoute>,
    /// Who was let in; `None` where anyone may come.
    pub(crate) who: Option<Arc<Snapshot>>,
}

impl Standing {
    /// Whose stream it is.
    pub(super) fn user(&self) -> Option<Id<User>> {
        self.who.as_ref().map(|who| who.user)
    }

    /// Whether nothing of it was touched since it was read; if so, it need not be looked up.
    pub(super) fn is_current(&self, access: &Access) -> bool {
        access.is_current(self.who.as_ref(), &self.route)
    }

    /// Until when it is good; `None` when it is no longer, or nobody can say.
    ///
    /// SECURITY: everything is asked anew, by the same way as for a request: the host, the credential, the policy.
    pub(super) async fn look(&self, access: &Access) -> Option<Time> {
        let route = access.find_route(self.route.app.id, &self.route.origin)?;
        let who = access.authenticate_again(self.who.as_ref()?, &route).await.ok()?;
        access.decide(&who, &route).is_allow().then_some(who.expires_at)
    }
}

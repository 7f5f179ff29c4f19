//! Looking again at who was let in before, for what outlives its request (`security.md` 4).

use crate::{Access, AppRoute, Carrier, CredentialError, Onlooker, Snapshot};
use domain::Time;
use std::sync::{Arc, Weak};

impl Access {
    /// Tells `onlooker` of every change from now on, for as long as it lives.
    pub fn add_onlooker(&self, onlooker: Weak<dyn Onlooker>) {
        self.onlookers.add(onlooker);
    }

    /// The present moment, by the clock that credentials expire by.
    pub fn now(&self) -> Time {
        self.parts.clock.now()
    }

    /// Whether nothing has been touched that `who` and `route` were read from, and `who` has not ended by the clock.
    ///
    /// INVARIANT: whoever was told of a touch before this is asked finds here that it happened, since the caches
    /// are emptied before onlookers are told. What fell out of a full cache is not known to be current either.
    pub fn is_current(&self, who: Option<&Arc<Snapshot>>, route: &Arc<AppRoute>) -> bool {
        let here = self.find_app(route.origin.host());
        let is_live = |who: &Arc<Snapshot>| self.now() < who.expires_at && self.is_known(who);
        here.is_some_and(|here| here.is_same(route)) && who.is_none_or(is_live)
    }

    /// Who is behind the credential that was once let in as `who`, if it is still good at `route`.
    pub async fn authenticate_again(
        &self,
        who: &Snapshot,
        route: &AppRoute,
    ) -> Result<Arc<Snapshot>, CredentialError> {
        if who.carrier == Carrier::Basic && !route.app.basic {
            return Err(CredentialError::BasicRefused);
        }
        let found = self.resolve(who.digests.clone(), who.carrier).await?;
        let here = found.filter(|found| found.origin.is_none() || found.is_at(route.site()));
        here.ok_or(CredentialError::SessionEnded)
    }

    fn is_known(&self, who: &Arc<Snapshot>) -> bool {
        let key = who.digests.first().map(|digest| (digest.bytes, who.carrier));
        key.and_then(|key| self.snapshots.find(&key)).is_some_and(|known| Arc::ptr_eq(&known, who))
    }
}

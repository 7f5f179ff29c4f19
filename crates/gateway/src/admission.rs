//! Who asks, whether they may, and what the app is told of them: the part of the pipeline that needs no body.

use crate::{Asked, Gateway, Refusal, cross_site, destination};
use access::{AppRoute, CredentialError, Demand, IdentityHeaders, Snapshot};
use http::Method;
use std::sync::Arc;

impl Gateway {
    /// Lets a request in, and gives what the app is told of who sent it.
    pub(crate) async fn admit(
        &self,
        asked: &mut Asked,
        route: &AppRoute,
    ) -> Result<Arc<IdentityHeaders>, Refusal> {
        if route.app.gate.maintenance.is_some() {
            return Err(Refusal::Maintenance);
        }
        let demand = route.demand(&asked.head.method, asked.head.uri.path());
        let second = destination::path(&asked.head.headers, route)?;
        let known = match self.access.authenticate(&asked.head.headers, route).await {
            // A browser brings the cookie of a session that has ended until somebody signs in again.
            Err(CredentialError::SessionEnded) => None,
            known => known?,
        };
        let Some(who) = known else {
            second.map_or(Ok(()), |path| self.check_written(None, route, path))?;
            return self.admit_nobody(asked, route, demand);
        };
        asked.watch.by(&who);
        asked.snapshot = Some(Arc::clone(&who));
        if who.carrier.is_ambient() {
            let origins = (&route.origin, route.app.gate.origins.as_slice());
            cross_site::check(&asked.head.method, &asked.head.headers, asked.is_web_socket(), origins)?;
        }
        second.map_or(Ok(()), |path| self.check_written(Some(&who), route, path))?;
        self.admit_somebody(&who, route, demand)
    }

    /// Whether a request may write to a second path: as one that asks to put something there.
    fn check_written(&self, who: Option<&Snapshot>, route: &AppRoute, path: &str) -> Result<(), Refusal> {
        match (route.demand(&Method::PUT, path), who) {
            (Demand::Nothing, _) => Ok(()),
            (Demand::All(_), None) => Err(Refusal::SignIn),
            (Demand::All(all), Some(who)) => {
                self.access.find_denial(who, all).map_or(Ok(()), |denial| Err(Refusal::Denied(denial)))
            }
        }
    }

    /// Whoever comes may use what is open to anyone, and a browser may ask what a listed origin may send.
    fn admit_nobody(
        &self,
        asked: &Asked,
        route: &AppRoute,
        demand: Demand<'_>,
    ) -> Result<Arc<IdentityHeaders>, Refusal> {
        match demand {
            Demand::Nothing => Ok(self.access.no_identity()),
            Demand::All(_) if asked.is_preflight(route) => Ok(self.access.no_identity()),
            Demand::All(_) => Err(Refusal::SignIn),
        }
    }

    fn admit_somebody(
        &self,
        who: &Snapshot,
        route: &AppRoute,
        demand: Demand<'_>,
    ) -> Result<Arc<IdentityHeaders>, Refusal> {
        match demand {
            Demand::All(all) => {
                self.access.find_denial(who, all).map_or(Ok(()), |denial| Err(Refusal::Denied(denial)))?;
            }
            // SECURITY: a token for certain apps tells no other app whose it is.
            Demand::Nothing if !who.scope.apps.contains(&route.app.id) => {
                return Ok(self.access.no_identity());
            }
            Demand::Nothing => {}
        }
        Ok(self.access.identity_headers(who, route))
    }
}

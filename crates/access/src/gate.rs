//! What every request asks: which app, who, may they, and what is the app told.

use crate::{
    AppRoute, Carrier, CredentialError, Demand, Directory, Found, IdentityHeaders, Requirement, SigningKeys,
    Site, Snapshot, Unavailable, Use, Uses,
    cache::{Key, Snapshots},
    headers,
    onlookers::Onlookers,
    presented::Presented,
    route::Routes,
};
use arc_swap::ArcSwap;
use domain::{App, Clock, Id, Origin, Proof, Time, User};
use http::{HeaderMap, Method};
use policy::{Action as _, Decision, Policy, actions::OpenApp};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::Mutex;
use vault::{Digest, KeyRing, Purpose};

/// A session's use is written down at most this often, a token's a little more: people look at it.
const SESSION_NOTED_EVERY: Duration = Duration::from_hours(1);
const TOKEN_NOTED_EVERY: Duration = Duration::from_mins(1);

/// What the gate is made of.
pub struct AccessParts {
    /// Where the home host is.
    pub home: Origin,
    /// Makes digests of secrets.
    pub ring: Arc<KeyRing>,
    /// Decides.
    pub policy: Arc<Policy>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Knows what is not in the cache.
    pub directory: Arc<dyn Directory>,
    /// Sign assertions.
    pub signing_keys: SigningKeys,
}

/// Credentials, decisions and routes, from caches.
pub struct Access {
    pub(crate) parts: AccessParts,
    pub(crate) snapshots: Snapshots,
    pub(crate) routes: ArcSwap<Routes>,
    /// When the apps could not be read; held by whoever reads them.
    pub(crate) reading_failed: Mutex<Option<Time>>,
    uses: Uses,
    pub(crate) onlookers: Onlookers,
    nobody: Arc<IdentityHeaders>,
    hits: AtomicU64,
    misses: AtomicU64,
    session_cookie: Option<String>,
}

impl Access {
    /// A gate that knows no app yet.
    pub fn new(parts: AccessParts) -> Self {
        let (snapshots, routes) = (Snapshots::new(), ArcSwap::from_pointee(Routes::default()));
        let (uses, onlookers, nobody) = (Uses::default(), Onlookers::default(), Arc::default());
        let (hits, misses) = (AtomicU64::new(0), AtomicU64::new(0));
        Self {
            parts,
            snapshots,
            routes,
            reading_failed: Mutex::default(),
            uses,
            onlookers,
            nobody,
            hits,
            misses,
            session_cookie: None,
        }
    }

    /// The same, where sessions at the home host have a cookie of another name.
    #[must_use]
    pub fn with_session_cookie(self, name: &str) -> Self {
        let guard = if self.parts.home.is_secure() { "__Host-" } else { "" };
        Self { session_cookie: Some(format!("{guard}{name}")), ..self }
    }

    /// The name of the cookie of a session at the home host.
    pub fn session_cookie(&self) -> &str {
        self.session_cookie.as_deref().unwrap_or_else(|| headers::session_cookie(&self.parts.home))
    }

    /// Where the home host is.
    pub const fn home(&self) -> &Origin {
        &self.parts.home
    }

    /// The home host as a place for credentials.
    pub fn home_site(&self) -> Site<'_> {
        let cookie = self.session_cookie.as_deref();
        Site { origin: &self.parts.home, app: None, basic: true, cookie }
    }

    /// The public halves of the keys that sign assertions, as JWKs: the one that signs, the one before it for as long as
    /// what it signed is good, and the next one ahead of its time.
    pub fn public_jwks(&self) -> Vec<serde_json::Value> {
        self.parts.signing_keys.public_jwks()
    }

    /// Signs with other keys from here on.
    pub fn replace_signing_keys(&self, keys: SigningKeys) {
        self.parts.signing_keys.replace(keys);
    }

    /// The app that a host leads to; `host` is in lower case and without its port.
    pub fn find_app(&self, host: &str) -> Option<Arc<AppRoute>> {
        self.routes.load().find(host)
    }

    /// The routes of all hosts, as they are now.
    pub fn routes(&self) -> Vec<Arc<AppRoute>> {
        self.routes.load().all().cloned().collect()
    }

    /// The route of an app at one of its origins.
    pub fn find_route(&self, app: Id<App>, origin: &Origin) -> Option<Arc<AppRoute>> {
        self.find_app(origin.host()).filter(|route| route.app.id == app && route.origin == *origin)
    }

    /// The routes of all apps of which something is open to a principal, one an app, by name. A wildcard's is among
    /// them where the app has no other host.
    pub fn open_routes(&self, who: &Snapshot) -> Vec<Arc<AppRoute>> {
        let routes = self.routes.load();
        let mut open: Vec<_> = routes.all().filter(|route| self.is_open(who, route)).cloned().collect();
        open.sort_by(|a, b| place(a).cmp(&place(b)));
        open.dedup_by(|a, b| a.app.id == b.app.id);
        open
    }

    /// The path at which an app opens to a principal: its front page, unless only a rule lets them in.
    pub fn entry<'r>(&self, who: &Snapshot, route: &'r AppRoute) -> &'r str {
        let opens = |path: &&str| match route.demand(&Method::GET, path) {
            Demand::Nothing => true,
            Demand::All(_) if !who.scope.apps.contains(&route.app.id) => false,
            Demand::All(all) => self.find_denial(who, all).is_none(),
        };
        std::iter::once("/").chain(route.paths()).find(opens).unwrap_or("/")
    }

    fn is_open(&self, who: &Snapshot, route: &AppRoute) -> bool {
        let is_public = || matches!(route.demand(&Method::GET, "/"), Demand::Nothing);
        self.decide(who, route.any()).is_allow() || (who.scope.apps.contains(&route.app.id) && is_public())
    }

    /// Who asks at an app's host; `None` when no credential of ours is presented.
    pub async fn authenticate(
        &self,
        headers: &HeaderMap,
        route: &AppRoute,
    ) -> Result<Option<Arc<Snapshot>>, CredentialError> {
        self.authenticate_at(headers, route.site()).await
    }

    /// Who asks at `site`; `None` when no credential of ours is presented. Where a session and a token come
    /// together and belong to one person, the token counts, since it may do less.
    pub async fn authenticate_at(
        &self,
        headers: &HeaderMap,
        site: Site<'_>,
    ) -> Result<Option<Arc<Snapshot>>, CredentialError> {
        let Presented { session, token } = Presented::read(headers, site)?;
        let token = match token {
            Some((secret, carrier)) => {
                let digests = self.digests(Purpose::Token, secret.bytes());
                Some(self.resolve(digests, carrier).await?.ok_or(CredentialError::InvalidToken)?)
            }
            None => None,
        };
        let session = match session {
            Some(secret) => {
                let digests = self.digests(Purpose::Session, secret.bytes());
                let found = self.resolve(digests, Carrier::Cookie).await?;
                let here = found.filter(|session| session.is_at(site));
                Some(here.ok_or(CredentialError::SessionEnded)?)
            }
            None => None,
        };
        match (session, token) {
            (Some(session), Some(token)) if session.user != token.user => Err(CredentialError::Ambiguous),
            (session, token) => Ok(token.or(session).inspect(|who| self.note_use(who))),
        }
    }

    /// The snapshot of a credential that was checked elsewhere, and is looked up with each request.
    pub fn recognise(found: Found, carrier: Carrier, now: Time) -> Arc<Snapshot> {
        Arc::new(Snapshot::new(found, carrier, Vec::new(), now))
    }

    /// Whether a principal fulfils a requirement; worked out once for each snapshot.
    pub fn decide(&self, who: &Snapshot, requirement: &Arc<Requirement>) -> Arc<Decision> {
        let decide = || self.parts.policy.decide(who.principal(), OpenApp::NAME, &requirement.facts);
        who.decision(requirement, decide)
    }

    /// The first requirement's decision that keeps a principal out, if one does.
    pub fn find_denial(&self, who: &Snapshot, all: &[Arc<Requirement>]) -> Option<Arc<Decision>> {
        all.iter().map(|one| self.decide(who, one)).find(|decision| !decision.is_allow())
    }

    /// What an app is told of a principal.
    pub fn identity_headers(&self, who: &Snapshot, route: &AppRoute) -> Arc<IdentityHeaders> {
        let now = self.now();
        let signer = (&self.parts.home, &self.parts.signing_keys);
        who.headers(route, now, || IdentityHeaders::make(who, route, signer, now))
    }

    /// What an app is told where nobody is signed in: nothing.
    pub fn no_identity(&self) -> Arc<IdentityHeaders> {
        Arc::clone(&self.nobody)
    }

    /// Whether there is such an app.
    pub fn has_app(&self, app: Id<App>) -> bool {
        self.routes.load().all().any(|route| route.app.id == app)
    }

    /// How often a credential's principal was found in the cache, and how often it had to be looked up.
    pub fn lookups(&self) -> (u64, u64) {
        (self.hits.load(Ordering::Relaxed), self.misses.load(Ordering::Relaxed))
    }

    /// Uses that wait to be written.
    pub const fn uses(&self) -> &Uses {
        &self.uses
    }

    /// Forgets what is known of an account. To be called after the commit and before the answer.
    pub fn touch_user(&self, user: Id<User>) {
        self.snapshots.touch_user(user);
        self.onlookers.tell(Some(user));
    }

    /// Forgets what is known of every account.
    pub fn touch_everyone(&self) {
        self.snapshots.touch_all();
        self.onlookers.tell(None);
    }

    /// Replaces the apps by what they are now, and forgets every decision on the old ones.
    pub fn replace_apps(&self, apps: &[App]) {
        self.replace_apps_read_at(apps, self.now());
    }

    /// Replaces the apps by what they were at `read_at`, and forgets every decision on the old ones.
    pub fn replace_apps_read_at(&self, apps: &[App], read_at: Time) {
        self.routes.store(Arc::new(Routes::new(apps, &self.parts.home, read_at)));
        self.touch_everyone();
    }

    /// SECURITY: closes every app, because nobody knows any more which there are and to whom they are open. The next request
    /// asks, and is told that it cannot be answered now where there is no answer.
    pub fn doubt_apps(&self) {
        self.routes.store(Arc::new(Routes::unknown()));
        self.touch_everyone();
    }

    fn digests(&self, purpose: Purpose, secret: &[u8]) -> Vec<Digest> {
        self.parts.ring.digests(purpose, secret).collect()
    }

    /// The snapshot behind one of these digests, from the cache or the directory; never an expired one.
    pub(crate) async fn resolve(
        &self,
        digests: Vec<Digest>,
        carrier: Carrier,
    ) -> Result<Option<Arc<Snapshot>>, CredentialError> {
        let Some(key) = digests.first().map(|digest| (digest.bytes, carrier)) else { return Ok(None) };
        let now = self.parts.clock.now();
        if let Some(known) = self.snapshots.find(&key).filter(|known| self.is_good(known, now)) {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(Some(known));
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        let loaded =
            Box::pin(self.load(key, digests)).await.map_err(|Unavailable| CredentialError::Unavailable)?;
        Ok(loaded.filter(|snapshot| now < snapshot.expires_at))
    }

    /// Whether a snapshot counts without being looked up. SECURITY: a revocation on another replica may not have come
    /// through while the way to it is broken (`security.md` 17); nor may the loss of what a session rests on.
    fn is_good(&self, known: &Snapshot, now: Time) -> bool {
        now < known.expires_at && (known.is_young(now) || self.is_fed(known.carrier))
    }

    fn is_fed(&self, carrier: Carrier) -> bool {
        let directory = &self.parts.directory;
        directory.is_fed() && (carrier != Carrier::Cookie || directory.are_sessions_fed())
    }

    async fn load(&self, key: Key, digests: Vec<Digest>) -> Result<Option<Arc<Snapshot>>, Unavailable> {
        let (read_at, kept, now) = (self.snapshots.position(), digests.clone(), self.parts.clock.now());
        let found: Option<Found> = match key.1 {
            Carrier::Cookie => self.parts.directory.find_session(digests).await?,
            Carrier::Bearer | Carrier::ApiKey | Carrier::Basic => {
                self.parts.directory.find_token(digests).await?
            }
        };
        let snapshot = found.map(|found| Arc::new(Snapshot::new(found, key.1, kept, now)));
        if let Some(snapshot) = &snapshot {
            self.snapshots.insert(key, Arc::clone(snapshot), read_at);
        }
        Ok(snapshot)
    }

    /// Takes note that a credential is in use, where that is worth writing down.
    pub fn note_use(&self, who: &Snapshot) {
        let now = self.parts.clock.now();
        match who.proof {
            Proof::Session(id) if who.is_worth_noting(now, SESSION_NOTED_EVERY) => {
                self.uses.add(Use::Session(id, now));
            }
            Proof::Token(id) if who.is_worth_noting(now, TOKEN_NOTED_EVERY) => {
                self.uses.add(Use::Token(id, now));
            }
            _ => {}
        }
    }
}

/// Where a route stands in a list: by the app's name, and a wildcard behind the app's other hosts.
fn place(route: &AppRoute) -> (&str, bool, &str) {
    (route.app.name.as_str(), route.is_wildcard(), route.origin.host())
}

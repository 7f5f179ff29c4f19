//! What is known of who asks, once their credential was checked.

use crate::{AppRoute, Found, FoundCredential, IdentityHeaders, Requirement, Site};
use domain::{
    Actor, App, DisplayName, Email, Group, GroupName, Handle, Id, Origin, Proof, Role, Scope, SessionState,
    Time, User, Who,
};
use policy::{Account, Action, Decision, Denied, Policy, Principal, Visible};
use std::{
    net::IpAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use vault::Digest;

/// As many decisions as a snapshot keeps: enough for whoever uses many apps, and a bound where there are many rules.
const MOST_DECISIONS: usize = 64;
/// As many origins' headers as it keeps: a token may be used at every host that a wildcard stands for.
const MOST_HEADERS: usize = 16;

/// For how long a snapshot counts while others' changes are not heard of.
const YOUNG: Duration = Duration::from_secs(1);

/// How a credential came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Carrier {
    /// A session's cookie.
    Cookie,
    /// `Authorization: Bearer`.
    Bearer,
    /// `X-API-Key`.
    ApiKey,
    /// `Authorization: Basic`, the token as the password.
    Basic,
}

impl Carrier {
    /// Whether browsers send it by themselves, so that another site could borrow it (`security.md` 6).
    pub const fn is_ambient(self) -> bool {
        matches!(self, Self::Cookie | Self::Basic)
    }
}

/// A principal as their credential shows them: cached, shared, never changed.
#[derive(Debug)]
pub struct Snapshot {
    /// The account.
    pub user: Id<User>,
    /// The name that apps know the person by.
    pub handle: Handle,
    /// What the person is called.
    pub name: DisplayName,
    /// Their address.
    pub email: Email,
    /// Whether somebody vouched for the address.
    pub email_verified: bool,
    /// What they may do in Doorward itself.
    pub role: Role,
    /// Their groups, by name.
    pub groups: Vec<(Id<Group>, GroupName)>,
    /// The session or token.
    pub proof: Proof,
    /// How it came.
    pub carrier: Carrier,
    /// What the credential may be used for.
    pub scope: Scope,
    /// The origin of a session; `None` for a token, which is good everywhere that its scope names.
    pub origin: Option<Origin>,
    /// The app of a session; `None` at the home host, and for a token.
    pub app: Option<Id<App>>,
    /// The home session that a session belongs to: itself, or the one that it came from.
    pub sign_in: Option<Id<domain::Session>>,
    /// When the session began; `None` for a token.
    pub signed_in_at: Option<Time>,
    /// When this must be looked up again, or has ended.
    pub expires_at: Time,
    /// What the credential is found by.
    pub(crate) digests: Vec<Digest>,
    /// When it began to be looked up.
    read_at: Time,
    principal: Principal,
    known: Mutex<Known>,
    noted_at: AtomicI64,
}

/// What was worked out already.
///
/// SECURITY: a request may still hold a route that was replaced while its credential was looked up; what it works
/// out from the old access must not be kept for the new one. So a decision belongs to one requirement, which is
/// known by its place in memory, and keeping it here keeps that place from being used again.
#[derive(Debug, Default)]
struct Known {
    decisions: Vec<(Arc<Requirement>, Arc<Decision>)>,
    headers: Vec<Made>,
}

/// Identity headers for one origin: an assertion is good at no other.
#[derive(Debug)]
struct Made {
    origin: Origin,
    headers: Arc<IdentityHeaders>,
    fresh_until: Time,
}

impl Snapshot {
    pub(crate) fn new(found: Found, carrier: Carrier, digests: Vec<Digest>, read_at: Time) -> Self {
        let Found { user, groups, credential } = found;
        let account = Account {
            id: user.id,
            role: user.role,
            groups: groups.iter().map(|(id, _)| *id).collect(),
            disabled: user.disabled_at.is_some(),
        };
        let known = Credential::of(credential);
        let principal = Principal {
            who: Who::User(user.id),
            account: Some(account),
            scope: known.scope.clone(),
            recent_proof: false,
        };
        Self {
            user: user.id,
            handle: user.handle,
            name: user.name,
            email: user.email,
            email_verified: user.email_verified,
            role: user.role,
            groups,
            proof: known.proof,
            carrier,
            scope: known.scope,
            origin: known.origin,
            app: known.app,
            sign_in: known.sign_in,
            signed_in_at: known.signed_in_at,
            expires_at: known.expires_at,
            digests,
            read_at,
            principal,
            known: Mutex::default(),
            noted_at: AtomicI64::new(known.used_at.micros()),
        }
    }

    /// Whether this is a session of that place.
    ///
    /// SECURITY: a host may go from one app to another, which asks for a younger proof of who one is.
    pub(crate) fn is_at(&self, site: Site<'_>) -> bool {
        self.origin.as_ref() == Some(site.origin) && self.app == site.app
    }

    /// Whether it was looked up so lately that it counts even where nobody tells of changes.
    pub(crate) fn is_young(&self, now: Time) -> bool {
        self.read_at <= now && now.since(self.read_at) <= YOUNG
    }

    /// The principal as an actor of use cases.
    pub fn actor(&self, address: Option<IpAddr>, request: &str) -> Actor {
        Actor { who: Who::User(self.user), proof: self.proof, address, request: request.into() }
    }

    /// Whether the principal may do `A` to something: to anything, or to what is their own. Nothing here knows of a
    /// recent proof.
    pub fn visible<A: Action>(&self, policy: &Policy) -> Result<Visible<A>, Denied> {
        policy.visible(&self.principal)
    }

    pub(crate) const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Whether this use is the first for `span`, so that it is worth writing down.
    pub(crate) fn is_worth_noting(&self, now: Time, span: Duration) -> bool {
        let before = self.noted_at.load(Ordering::Relaxed);
        now.since(Time::from_micros(before)) >= span
            && self
                .noted_at
                .compare_exchange(before, now.micros(), Ordering::Relaxed, Ordering::Relaxed)
                .is_ok()
    }

    /// The decision on a requirement, worked out once.
    pub(crate) fn decision(
        &self,
        requirement: &Arc<Requirement>,
        decide: impl FnOnce() -> Decision,
    ) -> Arc<Decision> {
        let mut known = self.known();
        let found = known.decisions.iter().find(|(on, _)| Arc::ptr_eq(on, requirement));
        if let Some((_, decision)) = found {
            return Arc::clone(decision);
        }
        let decision = Arc::new(decide());
        add(&mut known.decisions, (Arc::clone(requirement), Arc::clone(&decision)), MOST_DECISIONS);
        decision
    }

    /// The identity headers for `route`, made anew when they are no longer fresh at `now`.
    pub(crate) fn headers(
        &self,
        route: &AppRoute,
        now: Time,
        make: impl FnOnce() -> (IdentityHeaders, Time),
    ) -> Arc<IdentityHeaders> {
        let mut known = self.known();
        let place = known.headers.iter().position(|made| made.origin == route.origin);
        if let Some(made) = place.and_then(|place| known.headers.get(place))
            && now < made.fresh_until
        {
            return Arc::clone(&made.headers);
        }
        if let Some(stale) = place {
            known.headers.swap_remove(stale);
        }
        let (headers, fresh_until) = make();
        let headers = Arc::new(headers);
        let fresh = Made { origin: route.origin.clone(), headers: Arc::clone(&headers), fresh_until };
        add(&mut known.headers, fresh, MOST_HEADERS);
        headers
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds to a list that never grows beyond `most`: the oldest makes room.
fn add<T>(list: &mut Vec<T>, new: T, most: usize) {
    if list.len() >= most {
        list.remove(0);
    }
    list.push(new);
}

/// What a snapshot takes from a credential.
struct Credential {
    proof: Proof,
    scope: Scope,
    origin: Option<Origin>,
    app: Option<Id<App>>,
    sign_in: Option<Id<domain::Session>>,
    signed_in_at: Option<Time>,
    used_at: Time,
    expires_at: Time,
}

impl Credential {
    const fn kept_nowhere(proof: Proof, expires_at: Time) -> Self {
        let used_at = Time::from_micros(0);
        let (origin, app, sign_in, signed_in_at) = (None, None, None, None);
        Self { proof, scope: Scope::FULL, origin, app, sign_in, signed_in_at, used_at, expires_at }
    }

    fn of(credential: FoundCredential) -> Self {
        match credential {
            FoundCredential::Session(session) => Self {
                proof: Proof::Session(session.id),
                scope: Scope::FULL,
                sign_in: Some(session.root.unwrap_or(session.id)),
                signed_in_at: Some(session.created_at),
                used_at: session.used_at,
                expires_at: match session.state {
                    SessionState::Live { expires_at, ends_at } => expires_at.min(ends_at),
                    SessionState::Ended { at } => at,
                },
                origin: Some(session.origin),
                app: session.app,
            },
            FoundCredential::Signed { at, version, ends_at } => {
                let proof = Proof::Signed { at, version };
                Self { signed_in_at: Some(at), ..Self::kept_nowhere(proof, ends_at) }
            }
            FoundCredential::Shared(version) => {
                Self::kept_nowhere(Proof::SharedToken(version), Time::from_micros(i64::MAX))
            }
            FoundCredential::Token(token) => Self {
                proof: Proof::Token(token.id),
                scope: token.scope,
                origin: None,
                app: None,
                sign_in: None,
                signed_in_at: None,
                used_at: token.used_at.unwrap_or(Time::from_micros(0)),
                expires_at: token.expires_at.unwrap_or(Time::from_micros(i64::MAX)),
            },
        }
    }
}

//! A gate, the people that its directory knows, and what their requests carry.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    ApiToken, App, AppAccess, Clock, FixedClock, FixedEntropy, Id, Origin, Role, Scope, Session,
    SessionState, Time, User,
};
use doorward_access::{
    Access, AccessParts, Answer, AppRoute, Apps, CredentialError, Directory, Found, FoundCredential,
    ListedKey, SigningKeys, Snapshot, Unavailable,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use policy::Policy;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::Semaphore;
use vault::{Digest, KeyRing, Purpose, SessionSecret, SigningKey, TokenSecret};

/// When every stage opens.
pub(crate) const START: Time = Time::from_micros(1_800_000_000_000_000);

/// A directory that counts, and can be made slow or unavailable.
pub(crate) struct Register {
    known: Mutex<Vec<([u8; 32], Found)>>,
    pub(crate) loads: AtomicUsize,
    pub(crate) unavailable: AtomicBool,
    pub(crate) unfed: AtomicBool,
    pub(crate) sessions_unfed: AtomicBool,
    pub(crate) apps: Mutex<Vec<App>>,
    pub(crate) app_reads: AtomicUsize,
    /// A load looks up what it is asked, and then answers only when this lets it.
    pub(crate) answers: Semaphore,
}

impl Register {
    fn answer(&self, digests: Vec<Digest>) -> Answer<'_> {
        Box::pin(async move {
            self.loads.fetch_add(1, Ordering::SeqCst);
            if self.unavailable.load(Ordering::SeqCst) {
                return Err(Unavailable);
            }
            let is_asked = |known: &[u8; 32]| digests.iter().any(|digest| digest.bytes == *known);
            let found = self.known.lock().unwrap().iter().find(|(known, _)| is_asked(known)).cloned();
            self.answers.acquire().await.unwrap().forget();
            Ok(found.map(|(_, found)| found))
        })
    }
}

impl Directory for Register {
    fn find_session(&self, digests: Vec<Digest>) -> Answer<'_> {
        self.answer(digests)
    }

    fn find_token(&self, digests: Vec<Digest>) -> Answer<'_> {
        self.answer(digests)
    }
}

/// Hands the register on, so that a test keeps it, too.
struct Shared(Arc<Register>);

impl Directory for Shared {
    fn find_session(&self, digests: Vec<Digest>) -> Answer<'_> {
        self.0.find_session(digests)
    }

    fn find_token(&self, digests: Vec<Digest>) -> Answer<'_> {
        self.0.find_token(digests)
    }

    fn find_apps(&self) -> Apps<'_> {
        Box::pin(async move {
            self.0.app_reads.fetch_add(1, Ordering::SeqCst);
            if self.0.unavailable.load(Ordering::SeqCst) {
                return Err(Unavailable);
            }
            let apps = self.0.apps.lock().unwrap().clone();
            self.0.answers.acquire().await.unwrap().forget();
            Ok(apps)
        })
    }

    fn is_fed(&self) -> bool {
        !self.0.unfed.load(Ordering::SeqCst)
    }

    fn are_sessions_fed(&self) -> bool {
        !self.0.sessions_unfed.load(Ordering::SeqCst)
    }
}

/// A gate with the apps `notes` and `dav`, which takes Basic credentials; both are open to everyone.
pub(crate) struct Stage {
    pub(crate) access: Access,
    pub(crate) clock: Arc<FixedClock>,
    pub(crate) register: Arc<Register>,
    ring: Arc<KeyRing>,
    entropy: FixedEntropy,
}

impl Stage {
    pub(crate) fn open() -> Self {
        Self::at("http://localhost:8080")
    }

    pub(crate) fn at(home: &str) -> Self {
        let (clock, entropy) = (Arc::new(FixedClock::at(START)), FixedEntropy::new(3));
        let ring = Arc::new(KeyRing::create(&entropy, START));
        let register = Arc::new(Register {
            known: Mutex::default(),
            loads: AtomicUsize::new(0),
            unavailable: AtomicBool::new(false),
            unfed: AtomicBool::new(false),
            sessions_unfed: AtomicBool::new(false),
            apps: Mutex::default(),
            app_reads: AtomicUsize::new(0),
            answers: Semaphore::new(1_000),
        });
        let access = Access::new(AccessParts {
            home: home.parse().unwrap(),
            ring: Arc::clone(&ring),
            policy: Arc::new(Policy::builtin().unwrap()),
            clock: Arc::clone(&clock) as Arc<dyn Clock>,
            directory: Arc::new(Shared(Arc::clone(&register))),
            signing_keys: SigningKeys::new(
                ListedKey { key: SigningKey::generate(), since: START },
                Vec::new(),
            ),
        });
        let apps = vec![app(1, &["notes"]), App { basic: true, ..app(2, &["dav"]) }];
        access.replace_apps(&apps);
        *register.apps.lock().unwrap() = apps;
        Self { access, clock, register, ring, entropy }
    }

    /// How often the directory has been asked.
    pub(crate) fn loads(&self) -> usize {
        self.register.loads.load(Ordering::SeqCst)
    }

    pub(crate) fn route(&self, name: &str) -> Arc<AppRoute> {
        self.access.find_app(&format!("{name}.localhost")).unwrap()
    }

    /// A session of `user` at `origin`, known to the directory; answers its secret.
    pub(crate) fn session(&self, user: &User, origin: &Origin) -> String {
        let end = self.clock.now().plus(Duration::from_hours(24));
        let secret = SessionSecret::generate(&self.entropy);
        let session = Session {
            id: Id::new(START, &self.entropy),
            user: user.id,
            root: None,
            app: self.access.find_app(origin.host()).map(|route| route.app.id),
            origin: origin.clone(),
            created_at: START,
            used_at: START,
            address: None,
            agent: String::new(),
            state: SessionState::Live { expires_at: end, ends_at: end },
        };
        self.know(Purpose::Session, secret.bytes(), user, FoundCredential::Session(session));
        secret.reveal()
    }

    /// A token of `user`, known to the directory; answers its secret.
    pub(crate) fn token(&self, user: &User, scope: Scope) -> String {
        let secret = TokenSecret::generate(&self.entropy);
        let token = ApiToken {
            id: Id::new(START, &self.entropy),
            owner: user.id,
            name: "script".parse().unwrap(),
            prefix: secret.prefix(),
            scope,
            created_at: START,
            used_at: None,
            expires_at: Some(START.plus(Duration::from_hours(2))),
            revoked_at: None,
        };
        self.know(Purpose::Token, secret.bytes(), user, FoundCredential::Token(token));
        secret.reveal()
    }

    fn know(&self, purpose: Purpose, secret: &[u8], user: &User, credential: FoundCredential) {
        let digest = self.ring.digest(purpose, secret).bytes;
        let groups = vec![
            (Id::from_bytes([1; 16]), "admins".parse().unwrap()),
            (Id::from_bytes([2; 16]), "family".parse().unwrap()),
        ];
        let found = Found { user: user.clone(), groups, credential };
        self.register.known.lock().unwrap().push((digest, found));
    }

    /// The directory knows nobody any more.
    pub(crate) fn forget_everyone(&self) {
        self.register.known.lock().unwrap().clear();
    }

    /// Who asks at the app of this name.
    pub(crate) async fn who(
        &self,
        name: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Option<Arc<Snapshot>>, CredentialError> {
        self.access.authenticate(&map(headers), &self.route(name)).await
    }

    /// Ada's browser at `notes`: the value of its `Cookie` header.
    pub(crate) fn ada_at_notes(&self) -> String {
        cookie(&self.session(&ada(), &self.route("notes").origin))
    }
}

pub(crate) fn app(number: u8, names: &[&str]) -> App {
    App {
        id: Id::from_bytes([number; 16]),
        name: names.first().unwrap().parse().unwrap(),
        hosts: names.iter().map(|name| format!("{name}.localhost").parse().unwrap()).collect(),
        upstreams: vec!["builtin:sample".parse().unwrap()],
        gate: domain::GateSettings::default(),
        access: AppAccess { everyone: true, ..AppAccess::default() },
        basic: false,
        created_at: START,
    }
}

pub(crate) fn person(number: u8, name: &str) -> User {
    let handle = name.split(' ').next().unwrap().to_lowercase();
    User {
        id: Id::from_bytes([number; 16]),
        name: name.parse().unwrap(),
        email: format!("{handle}@example.org").parse().unwrap(),
        handle: handle.parse().unwrap(),
        email_verified: true,
        role: Role::Member,
        created_at: START,
        disabled_at: None,
    }
}

pub(crate) fn ada() -> User {
    person(7, "Ada Lovelace")
}

pub(crate) fn ben() -> User {
    person(8, "Ben")
}

pub(crate) fn cookie(secret: &str) -> String {
    format!("theme=dark; doorward={secret}")
}

pub(crate) fn bearer(secret: &str) -> String {
    format!("Bearer {secret}")
}

pub(crate) fn basic(secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("anyone:{secret}")))
}

pub(crate) fn map(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
    };
    pairs.iter().map(pair).collect()
}

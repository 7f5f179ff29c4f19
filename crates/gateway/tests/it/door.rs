//! One person, Ada, with a session at the app `notes` and a token; what the gateway asks about her.

use access::{Access, AccessParts, Directory, Found, FoundCredential, Unavailable};
use domain::{
    ApiToken, App, AppAccess, FixedClock, FixedEntropy, Id, Origin, Role, Scope, Session, SessionState, Time,
    User,
};
use policy::Policy;
use std::{future::Future, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};
use vault::{Digest, KeyRing, Purpose, SessionSecret, SigningKey, TokenSecret};

const NOW: Time = Time::from_micros(1_800_000_000_000_000);

fn session_secret() -> SessionSecret {
    SessionSecret::generate(&FixedEntropy::new(1))
}

fn grace_secret() -> SessionSecret {
    SessionSecret::generate(&FixedEntropy::new(5))
}

fn token_secret() -> TokenSecret {
    TokenSecret::generate(&FixedEntropy::new(2))
}

/// The `Cookie` field of Ada's browser at `notes`.
pub(crate) fn cookie() -> String {
    format!("Cookie: theirs=1; doorward={}", session_secret().reveal())
}

/// The same of Grace's.
pub(crate) fn grace_cookie() -> String {
    format!("Cookie: doorward={}", grace_secret().reveal())
}

/// The `Authorization` field of Ada's script.
pub(crate) fn bearer() -> String {
    format!("Authorization: Bearer {}", token_secret().reveal())
}

/// The same with a token that nobody has.
pub(crate) fn unknown_bearer() -> String {
    format!("Authorization: Bearer {}", TokenSecret::generate(&FixedEntropy::new(3)).reveal())
}

/// Access for Ada to these apps and some more, through a gateway at `address`.
pub(crate) fn access(apps: [(&str, SocketAddr); 3], address: SocketAddr) -> Arc<Access> {
    let home = Origin::new(domain::Scheme::Http, "localhost", address.port());
    let ring = Arc::new(KeyRing::create(&FixedEntropy::new(4), NOW));
    let ada = Ada { ring: Arc::clone(&ring), origin: home.at("notes.localhost") };
    let access = Access::new(AccessParts {
        home,
        ring,
        policy: Arc::new(Policy::builtin().unwrap()),
        clock: Arc::new(FixedClock::at(NOW)),
        directory: Arc::new(ada),
        signing_key: SigningKey::generate(),
    });
    let here = apps.map(|(name, at)| app(name, &format!("http://{at}")));
    let others = [
        App { basic: true, ..app("dav", "builtin:sample") },
        App { access: AppAccess::default(), ..app("closed", "builtin:sample") },
        app("gone", "http://127.0.0.1:1"),
        app("sample", "builtin:sample"),
    ];
    access.replace_apps(&[&here[..], &others].concat());
    Arc::new(access)
}

fn app(name: &str, upstream: &str) -> App {
    App {
        id: Id::new(NOW, &FixedEntropy::new(name.bytes().map(u64::from).sum())),
        name: name.parse().unwrap(),
        hosts: vec![format!("{name}.localhost").parse().unwrap()],
        upstreams: vec![upstream.parse().unwrap()],
        gate: domain::GateSettings::default(),
        access: AppAccess { everyone: true, ..AppAccess::default() },
        basic: false,
        created_at: NOW,
    }
}

/// A directory that knows Ada's session and token.
struct Ada {
    ring: Arc<KeyRing>,
    origin: Origin,
}

type Answer<'a> = Pin<Box<dyn Future<Output = Result<Option<Found>, Unavailable>> + Send + 'a>>;

impl Ada {
    fn session(&self) -> Session {
        session(self.origin.clone())
    }

    fn answer(&self, purpose: Purpose, secret: &[u8], asked: &[Digest], what: FoundCredential) -> Answer<'_> {
        let own = self.ring.digest(purpose, secret);
        let is_own = asked.iter().any(|digest| digest.bytes == own.bytes);
        let found = is_own.then(|| Found { user: user(), groups: Vec::new(), credential: what });
        Box::pin(std::future::ready(Ok(found)))
    }
}

impl Directory for Ada {
    fn find_session(&self, digests: Vec<Digest>) -> Answer<'_> {
        let grace = self.ring.digest(Purpose::Session, grace_secret().bytes());
        if digests.iter().any(|digest| digest.bytes == grace.bytes) {
            let (user, credential) = (grace_user(), Session { user: grace_user().id, ..self.session() });
            let credential = FoundCredential::Session(credential);
            return Box::pin(std::future::ready(Ok(Some(Found { user, groups: Vec::new(), credential }))));
        }
        let session = FoundCredential::Session(self.session());
        self.answer(Purpose::Session, session_secret().bytes(), &digests, session)
    }

    fn find_token(&self, digests: Vec<Digest>) -> Answer<'_> {
        self.answer(Purpose::Token, token_secret().bytes(), &digests, FoundCredential::Token(token()))
    }
}

fn user() -> User {
    User {
        id: Id::from_bytes([7; 16]),
        handle: "ada".parse().unwrap(),
        name: "Ada Lovelace".parse().unwrap(),
        email: "ada@example.org".parse().unwrap(),
        email_verified: true,
        role: Role::Member,
        created_at: NOW,
        disabled_at: None,
    }
}

fn grace_user() -> User {
    User { id: Id::from_bytes([6; 16]), handle: "grace".parse().unwrap(), ..user() }
}

fn session(origin: Origin) -> Session {
    let end = NOW.plus(Duration::from_hours(1));
    Session {
        id: Id::from_bytes([8; 16]),
        user: user().id,
        root: None,
        app: None,
        origin,
        created_at: NOW,
        used_at: NOW,
        address: None,
        agent: String::new(),
        state: SessionState::Live { expires_at: end, ends_at: end },
    }
}

fn token() -> ApiToken {
    ApiToken {
        id: Id::from_bytes([9; 16]),
        owner: user().id,
        name: "script".parse().unwrap(),
        prefix: "dwt_0000".to_owned(),
        scope: Scope::FULL,
        created_at: NOW,
        used_at: None,
        expires_at: None,
        revoked_at: None,
    }
}

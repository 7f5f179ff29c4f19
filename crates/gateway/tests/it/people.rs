//! Ada, with sessions at the apps `notes` and `bare` and a token; Ben, with a token; Grace, with a session at `notes`; and
//! who knows them.

use crate::door;
use access::{Answer, Directory, Found, FoundCredential};
use domain::{ApiToken, FixedEntropy, Id, Origin, Role, Scheme, Scope, Session, SessionState, Time, User};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::RwLock;
use vault::{Digest, KeyRing, Purpose, SessionSecret, TokenSecret};

/// When every gateway opens.
pub(crate) const NOW: Time = Time::from_micros(1_800_000_000_000_000);
/// How long a session lasts from then on, unless it is extended.
pub(crate) const SESSION: Duration = Duration::from_hours(1);

/// A credential of somebody's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Secret {
    AdaAtNotes,
    AdaAtBare,
    AdasToken,
    BensToken,
    GraceAtNotes,
}

impl Secret {
    const ALL: [Self; 5] =
        [Self::AdaAtNotes, Self::AdaAtBare, Self::AdasToken, Self::BensToken, Self::GraceAtNotes];

    pub(crate) fn holder(self) -> User {
        match self {
            Self::AdaAtNotes | Self::AdaAtBare | Self::AdasToken => person(7, "ada", "Ada Lovelace"),
            Self::BensToken => person(6, "ben", "Ben"),
            Self::GraceAtNotes => person(5, "grace", "Grace Hopper"),
        }
    }

    /// The header field that carries it.
    pub(crate) fn field(self) -> String {
        match self {
            Self::AdaAtNotes | Self::AdaAtBare | Self::GraceAtNotes => {
                format!("Cookie: theirs=1; {}", self.pair(Scheme::Http))
            }
            Self::AdasToken | Self::BensToken => format!("Authorization: Bearer {}", self.token().reveal()),
        }
    }

    /// A session as a cookie, by the name that it has where `scheme` is spoken.
    fn pair(self, scheme: Scheme) -> String {
        let name = access::headers::session_cookie(&Origin::new(scheme, "localhost", 1));
        format!("{name}={}", self.session().reveal())
    }

    fn session(self) -> SessionSecret {
        SessionSecret::generate(&FixedEntropy::new(10 + u64::from(self as u8)))
    }

    fn token(self) -> TokenSecret {
        TokenSecret::generate(&FixedEntropy::new(10 + u64::from(self as u8)))
    }

    fn digest(self, ring: &KeyRing) -> [u8; 32] {
        match self {
            Self::AdaAtNotes | Self::AdaAtBare | Self::GraceAtNotes => {
                ring.digest(Purpose::Session, self.session().bytes()).bytes
            }
            Self::AdasToken | Self::BensToken => ring.digest(Purpose::Token, self.token().bytes()).bytes,
        }
    }

    fn found(self, home: &Origin) -> Found {
        let credential = match self {
            Self::AdaAtNotes | Self::GraceAtNotes => {
                FoundCredential::Session(self.session_at(home.at("notes.localhost")))
            }
            Self::AdaAtBare => FoundCredential::Session(self.session_at(home.at("bare.localhost"))),
            Self::AdasToken | Self::BensToken => FoundCredential::Token(self.api_token()),
        };
        Found { user: self.holder(), groups: Vec::new(), credential }
    }

    fn session_at(self, origin: Origin) -> Session {
        let end = NOW.plus(SESSION);
        Session {
            id: Id::from_bytes([10 + self as u8; 16]),
            user: self.holder().id,
            root: None,
            app: Some(door::app_id(origin.host().trim_end_matches(".localhost"))),
            origin,
            created_at: NOW,
            used_at: NOW,
            address: None,
            agent: String::new(),
            state: SessionState::Live { expires_at: end, ends_at: end },
        }
    }

    fn api_token(self) -> ApiToken {
        ApiToken {
            id: Id::from_bytes([10 + self as u8; 16]),
            owner: self.holder().id,
            name: "script".parse().unwrap(),
            prefix: "dwt_0000".to_owned(),
            scope: Scope::FULL,
            created_at: NOW,
            used_at: None,
            expires_at: None,
            revoked_at: None,
        }
    }
}

/// The `Cookie` field of Ada's browser at `notes`.
pub(crate) fn cookie() -> String {
    Secret::AdaAtNotes.field()
}

/// Ada's session at `notes` as a cookie, by the name that it has where `scheme` is spoken.
pub(crate) fn session_pair(scheme: Scheme) -> String {
    Secret::AdaAtNotes.pair(scheme)
}

/// The `Cookie` field of a browser whose session has ended.
pub(crate) fn ended_cookie() -> String {
    format!("Cookie: doorward={}", SessionSecret::generate(&FixedEntropy::new(5)).reveal())
}

/// The same of Grace's.
pub(crate) fn grace_cookie() -> String {
    Secret::GraceAtNotes.field()
}

/// The `Authorization` field of Ada's script.
pub(crate) fn bearer() -> String {
    Secret::AdasToken.field()
}

/// The same with a token that nobody has.
pub(crate) fn unknown_bearer() -> String {
    format!("Authorization: Bearer {}", TokenSecret::generate(&FixedEntropy::new(3)).reveal())
}

/// A directory that counts, and can be made slow.
pub(crate) struct People {
    known: Mutex<Vec<(Secret, [u8; 32], Found)>>,
    asked: Mutex<Vec<Secret>>,
    /// A credential is looked up at once, and the answer comes when nobody holds this to write.
    pub(crate) hold: RwLock<()>,
    /// Nobody tells of changes any more, and the database is gone.
    pub(crate) cut_off: AtomicBool,
}

impl People {
    pub(crate) fn of(ring: &KeyRing, home: &Origin) -> Self {
        let known = Secret::ALL.map(|secret| (secret, secret.digest(ring), secret.found(home)));
        Self {
            known: Mutex::new(known.into()),
            asked: Mutex::default(),
            hold: RwLock::default(),
            cut_off: AtomicBool::new(false),
        }
    }

    /// How often a live credential has been looked up.
    pub(crate) fn looks(&self, secret: Secret) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| **asked == secret).count()
    }

    /// Forgets a credential.
    pub(crate) fn forget(&self, secret: Secret) {
        self.known.lock().unwrap().retain(|(known, _, _)| *known != secret);
    }

    /// Lets every session go on until `until`.
    pub(crate) fn extend_sessions(&self, until: Time) {
        for (_, _, found) in self.known.lock().unwrap().iter_mut() {
            if let FoundCredential::Session(session) = &mut found.credential {
                session.state = SessionState::Live { expires_at: until, ends_at: until };
            }
        }
    }

    fn answer(&self, digests: Vec<Digest>) -> Answer<'_> {
        Box::pin(async move {
            let is_asked = |known: &[u8; 32]| digests.iter().any(|digest| digest.bytes == *known);
            let known = self.known.lock().unwrap().iter().find(|(_, known, _)| is_asked(known)).cloned();
            self.asked.lock().unwrap().extend(known.as_ref().map(|(secret, _, _)| *secret));
            drop(self.hold.read().await);
            Ok(known.map(|(_, _, found)| found))
        })
    }
}

/// Hands the directory on, so that a test keeps it, too.
pub(crate) struct Shared(pub(crate) Arc<People>);

impl Directory for Shared {
    fn find_session(&self, digests: Vec<Digest>) -> Answer<'_> {
        self.0.answer(digests)
    }

    fn find_token(&self, digests: Vec<Digest>) -> Answer<'_> {
        self.0.answer(digests)
    }

    fn is_fed(&self) -> bool {
        !self.0.cut_off.load(Ordering::SeqCst)
    }
}

fn person(number: u8, handle: &str, name: &str) -> User {
    User {
        id: Id::from_bytes([number; 16]),
        handle: handle.parse().unwrap(),
        name: name.parse().unwrap(),
        email: format!("{handle}@example.org").parse().unwrap(),
        email_verified: true,
        role: Role::Member,
        created_at: NOW,
        disabled_at: None,
    }
}

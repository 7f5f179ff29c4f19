//! Which part is handed to which.

use super::{Product, inside};
use crate::{
    clock::SystemClock,
    config::{self, Config, SessionPlace},
    data::{DataDir, named_key_ring},
    exit::{Exit, Stop},
    operator,
    seeing::Figures,
};
use access::{Access, AccessParts, Directory};
use axum::Router;
use domain::{Clock, Entropy, Settings, SystemEntropy};
use identity::{Caches, House, HouseParts};
use limits::{Shelf, SignInLimits, Valkey, VisitLimits};
use policy::Policy;
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    thread::available_parallelism,
};
use store::{Door, DoorParts, StoreError};
use vault::{Cost, Hashers, KeyRing, Scheme};
use web::Desk;

/// Passwords that may wait for a hashing thread, for each lane; more are told to come back.
const WAITING_PASSWORDS: usize = 64;

/// Where the data is kept.
#[derive(Debug, Clone)]
pub enum Database {
    /// In a file of its own.
    File(PathBuf),
    /// At a PostgreSQL server.
    Server(config::Server),
}

impl Database {
    fn open(&self, readers: usize, parts: DoorParts) -> Result<Door, StoreError> {
        match self {
            Self::File(path) => Door::open_sqlite(path, readers, parts),
            Self::Server(server) => Door::open_postgres(&server.address, server.connections, parts),
        }
    }
}

/// What the parts are put together of.
pub struct Parts {
    /// Where the data is kept.
    pub database: Database,
    /// The keys.
    pub ring: KeyRing,
    /// Decides.
    pub policy: Policy,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives randomness.
    pub entropy: Arc<dyn Entropy>,
    /// How passwords are hashed.
    pub scheme: Scheme,
    /// Where tries to sign in and requests to apps are counted, if not by this process.
    pub valkey: Option<Arc<Valkey>>,
    /// Where cookies lead to their sessions from: a Valkey must be there for it.
    pub sessions: SessionPlace,
    /// What the installation has set.
    pub settings: Settings,
}

/// The parts, put together.
pub struct Wired {
    /// What handlers need.
    pub desk: Desk,
    /// Gives randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    pub(crate) figures: Arc<Figures>,
    valkey: Option<Arc<Valkey>>,
}

impl Wired {
    /// How requests to apps are counted that limit their visitors.
    pub(crate) fn visits(&self) -> VisitLimits {
        self.valkey.as_deref().map(VisitLimits::shared).unwrap_or_default()
    }
}

impl Parts {
    /// The parts of an installation, as it was configured.
    pub(crate) fn of(config: &Config, data: &DataDir, settings: Settings) -> Result<Self, Stop> {
        let place = (config.database.as_ref(), config.root_key_file.as_deref());
        Self::at(place, data, settings)?.sharing(config)
    }

    /// The parts of an installation in its data directory, but for the database and the root keys that are elsewhere.
    pub(crate) fn at(
        (server, root_key): (Option<&config::Server>, Option<&Path>),
        data: &DataDir,
        settings: Settings,
    ) -> Result<Self, Stop> {
        let ring = match (server, root_key) {
            (_, Some(file)) => named_key_ring(file)?,
            (Some(_), None) => data.shared_key_ring()?,
            (None, None) => data.key_ring(&SystemEntropy, &SystemClock)?,
        };
        let file = || Database::File(data.database());
        Self::with(server.cloned().map_or_else(file, Database::Server), ring, settings)
    }

    /// The same with what replicas share besides the database.
    fn sharing(self, config: &Config) -> Result<Self, Stop> {
        Ok(Self { valkey: valkey(config)?, sessions: config.sessions, ..self })
    }

    fn with(database: Database, ring: KeyRing, settings: Settings) -> Result<Self, Stop> {
        let policy = Policy::builtin().map_err(|error| Stop::new(Exit::Failed, error.to_string()))?;
        Ok(Self {
            database,
            ring,
            policy,
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            scheme: Cost::STANDARD.into(),
            valkey: None,
            sessions: SessionPlace::Database,
            settings,
        })
    }

    /// Puts the parts together.
    pub async fn assemble(self) -> Result<Wired, Stop> {
        let Self { database, ring, policy, clock, entropy, scheme, valkey, sessions, settings } = self;
        let (policy, ring) = (Arc::new(policy), Arc::new(ring));
        let threads = available_parallelism().map_or(2, usize::from);
        let door = DoorParts {
            policy: Arc::clone(&policy),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
        };
        let door = Arc::new(database.open(threads.min(4), door)?);
        let hashers = Hashers::start(threads, WAITING_PASSWORDS, scheme);
        let (home, cookie) = (settings.home.clone(), settings.session_cookie.name.clone());
        let parts = HouseParts { door: Arc::clone(&door), ring: Arc::clone(&ring), hashers, settings };
        let sign_ins = valkey.clone().map(SignInLimits::shared).unwrap_or_default();
        let house = House::new(parts).counting(sign_ins);
        let house = Arc::new(match (sessions, &valkey) {
            (SessionPlace::Database, _) => house,
            (SessionPlace::Valkey, Some(valkey)) => house.holding_sessions(Shelf::in_valkey(valkey)),
            (SessionPlace::Valkey, None) => {
                return Err(Stop::new(Exit::Setting, "sessions in a Valkey need `valkey`"));
            }
        });
        house.compare_root_keys().await.map_err(unfit)?;
        let signing_keys = house.signing_keys().await.map_err(unfit)?;
        let directory = Arc::clone(&house) as Arc<dyn Directory>;
        let figures = Arc::new(Figures::new(clock.now()));
        let parts = AccessParts { home, ring, policy, clock: Arc::clone(&clock), directory, signing_keys };
        let access = Arc::new(Access::new(parts).with_session_cookie(&cookie));
        door.listen(Box::new(Caches::of(Arc::downgrade(&access))));
        access.replace_apps(&identity::apps::all(&house).await.map_err(inside)?);
        let desk = Desk { house, access, figures: Arc::clone(&figures) as _, leaving: Arc::default() };
        Ok(Wired { desk, entropy, clock, figures, valkey })
    }
}

/// The way to the Valkey that all replicas share, if there is one.
fn valkey(config: &Config) -> Result<Option<Arc<Valkey>>, Stop> {
    let Some(address) = &config.valkey else { return Ok(None) };
    let refused = |error| Stop::new(Exit::Usage, format!("the Valkey at {address} cannot be used: {error}"));
    Valkey::at(address).map(|valkey| Some(Arc::new(valkey))).map_err(refused)
}

/// The key file and the database do not belong together.
fn unfit(error: identity::Error) -> Stop {
    match error {
        identity::Error::Refused(message) => Stop::new(Exit::Damaged, message),
        other => inside(other),
    }
}

/// The REST routes over a data directory that no server holds, as the local operator sees them.
pub(crate) async fn offline(config: &Config, data: &DataDir, product: &impl Product) -> Result<Router, Stop> {
    let port = config.listen.first().map_or(8080, SocketAddr::port);
    let wired = product.parts(config, data, config.settings(port))?.assemble().await?;
    Ok(operator::router(wired.desk))
}

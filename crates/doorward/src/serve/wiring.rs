//! Which part is handed to which.

use super::{Product, inside};
use crate::{
    clock::SystemClock,
    config::Config,
    data::DataDir,
    exit::{Exit, Stop},
    operator,
    seeing::Figures,
};
use access::{Access, AccessParts, Directory};
use axum::Router;
use domain::{Clock, Entropy, Settings, SystemEntropy};
use identity::{Caches, House, HouseParts};
use policy::Policy;
use std::{net::SocketAddr, path::PathBuf, sync::Arc, thread::available_parallelism};
use store::{Door, DoorParts};
use vault::{Cost, Hashers, KeyRing, Scheme};
use web::Desk;

/// Passwords that may wait for a hashing thread, for each lane; more are told to come back.
const WAITING_PASSWORDS: usize = 64;

/// What the parts are put together of.
pub struct Parts {
    /// The database's file.
    pub database: PathBuf,
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
}

impl Parts {
    /// The parts of an installation in its data directory.
    pub(crate) fn of(data: &DataDir, settings: Settings) -> Result<Self, Stop> {
        let (clock, entropy) = (SystemClock, SystemEntropy);
        let policy = Policy::builtin().map_err(|error| Stop::new(Exit::Failed, error.to_string()))?;
        let ring = data.key_ring(&entropy, &clock)?;
        let (clock, entropy) = (Arc::new(clock), Arc::new(entropy));
        Ok(Self {
            database: data.database(),
            ring,
            policy,
            clock,
            entropy,
            scheme: Cost::STANDARD.into(),
            settings,
        })
    }

    /// Puts the parts together.
    pub async fn assemble(self) -> Result<Wired, Stop> {
        let Self { database, ring, policy, clock, entropy, scheme, settings } = self;
        let (policy, ring) = (Arc::new(policy), Arc::new(ring));
        let threads = available_parallelism().map_or(2, usize::from);
        let door = DoorParts {
            policy: Arc::clone(&policy),
            clock: Arc::clone(&clock),
            entropy: Arc::clone(&entropy),
        };
        let door = Arc::new(Door::open_sqlite(&database, threads.min(4), door)?);
        let hashers = Hashers::start(threads, WAITING_PASSWORDS, scheme);
        let (home, cookie) = (settings.home.clone(), settings.session_cookie.name.clone());
        let parts = HouseParts { door: Arc::clone(&door), ring: Arc::clone(&ring), hashers, settings };
        let house = Arc::new(House::new(parts));
        let signing_key = house.signing_key().await.map_err(|error| match error {
            identity::Error::Refused(message) => Stop::new(Exit::Damaged, message),
            other => inside(other),
        })?;
        let directory = Arc::clone(&house) as Arc<dyn Directory>;
        let figures = Arc::new(Figures::new(clock.now()));
        let parts = AccessParts { home, ring, policy, clock: Arc::clone(&clock), directory, signing_key };
        let access = Arc::new(Access::new(parts).with_session_cookie(&cookie));
        door.listen(Box::new(Caches::of(Arc::downgrade(&access))));
        access.replace_apps(&identity::apps::all(&house).await.map_err(inside)?);
        let desk = Desk { house, access, figures: Arc::clone(&figures) as _ };
        Ok(Wired { desk, entropy, clock, figures })
    }
}

/// The REST routes over a data directory that no server holds, as the local operator sees them.
pub(crate) async fn offline(config: &Config, data: &DataDir, product: &impl Product) -> Result<Router, Stop> {
    let port = config.listen.first().map_or(8080, SocketAddr::port);
    let wired = product.parts(data, config.settings(port))?.assemble().await?;
    Ok(operator::router(wired.desk))
}

//! Serving: the parts put together, what is printed before the first answer, and the way to stop.

mod background;
mod certificate;
mod descriptors;
mod faces;
mod front;
mod protect;
mod shutdown;
mod wiring;

pub(crate) use background::{begin, last_words};
pub use protect::Protect;
pub(crate) use wiring::offline;
pub use wiring::{Database, Parts, Wired};

use crate::{
    config::Config,
    data::DataDir,
    exit::{Exit, Stop, print},
    operator,
    seeing::Seeing,
    socket,
};
use certificate::Certificate;
use domain::{Actor, Scheme, Settings};
use faces::AppFaces;
use front::HostFront;
use gateway::{Front, Gateway, Place, Server, Workers};
use shutdown::{Entrance, Wish};
use std::{net::SocketAddr, num::NonZeroUsize, path::Path, sync::Arc, thread::available_parallelism};
use store::Migrations;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use web::Desk;

/// What is served: the gateway and the home host, or an app with Doorward inside.
pub(crate) trait Product {
    /// What it is put together of.
    fn parts(&self, config: &Config, data: &DataDir, settings: Settings) -> Result<Parts, Stop>;

    /// What it says itself where nobody configured anything else.
    fn defaults(&self, config: Config) -> Result<Config, Stop> {
        Ok(config)
    }

    /// The path that its REST lies under on the network; empty for the root.
    fn mount(&self) -> String {
        String::new()
    }

    /// The tables that it has beside Doorward's.
    fn tables(&self) -> &[Migrations] {
        &[]
    }

    /// Whether the first account may be made at an unattended start.
    fn takes_first_account(&self) -> bool {
        true
    }

    /// What answers its requests, once all is in place that it needs before it does.
    async fn front(self, wired: &Wired, place: Place) -> Result<Arc<dyn Front>, Stop>;
}

/// The program `doorward`: an app is put behind the door first, where one is named.
#[derive(Default)]
pub(crate) struct Gate(Option<Protect>);

impl Gate {
    /// The program, once this app is behind the door.
    pub(crate) const fn before(protect: Protect) -> Self {
        Self(Some(protect))
    }
}

impl Product for Gate {
    fn parts(&self, config: &Config, data: &DataDir, settings: Settings) -> Result<Parts, Stop> {
        Parts::of(config, data, settings)
    }

    async fn front(self, wired: &Wired, place: Place) -> Result<Arc<dyn Front>, Stop> {
        if let Some(protect) = self.0 {
            protect.apply(&wired.desk.house).await?;
        }
        Ok(front(wired, place))
    }
}

/// Serves until it is told to stop.
pub(crate) async fn run(config: Config, product: impl Product) -> Result<(), Stop> {
    if config.first_account.is_some() && !product.takes_first_account() {
        let message = "this app has no accounts by e-mail address: leave `DOORWARD_ADMIN_EMAIL` away";
        return Err(Stop::new(Exit::Setting, message));
    }
    let mut wish = Wish::heard()?;
    let certificate = config.tls.clone().map(Certificate::open).transpose()?;
    let (data, listeners, addresses) = open(&config).await?;
    let port = addresses.first().map_or(8080, SocketAddr::port);
    let wired = product.parts(&config, &data, config.settings(port))?.assemble().await?;
    // So that the log says at once if it is away, and nobody's request has to connect.
    let _there = wired.desk.house.has_valkey().await;
    make_first_account(&config, &wired).await?;
    let (tasks, shutdown) = (TaskTracker::new(), CancellationToken::new());
    let socket = socket::bind(&data)?;
    socket::serve(socket, operator::router(wired.desk.clone()), &tasks, shutdown.clone());
    let limits = descriptors::limits();
    let seeing = Seeing::begin(&config.access_log, &wired)?;
    let place = Place {
        trusted: config.trusted_proxies.clone(),
        own: addresses.clone(),
        limits,
        tasks: tasks.clone(),
        shutdown: shutdown.clone(),
        witness: Arc::clone(&seeing) as _,
        visits: wired.visits(),
    };
    let front = product.front(&wired, place).await?;
    print(&announcement(&wired, config.scheme(), &addresses).await?)?;
    let workers = workers(&tasks, &shutdown)?;
    let entrance = Entrance::new(Arc::clone(&wired.desk.leaving));
    for listener in listeners {
        let server = Server {
            front: Arc::clone(&front),
            tls: certificate.as_ref().map(Certificate::tls),
            trusted: config.trusted_proxies.clone(),
            limits,
            workers: Arc::clone(&workers),
            tasks: tasks.clone(),
            leaving: Arc::clone(&entrance.leaving),
            closing: entrance.closing.clone(),
            shutdown: shutdown.clone(),
        };
        entrance.listeners.spawn(tasks.track_future(server.serve(listener)));
    }
    if let Some(certificate) = certificate {
        tasks.spawn(certificate.keep_fresh(shutdown.clone()));
    }
    background::begin(&wired.desk, &tasks, &shutdown);
    tasks.spawn(Arc::clone(&seeing).reopen_when_told(shutdown.clone()));
    wish.come().await;
    entrance.leave(config.shutdown_delay, wish).await;
    tracing::info!("stopping: requests under way are finished first");
    shutdown.cancel();
    tasks.close();
    tasks.wait().await;
    background::last_words(&wired.desk).await;
    seeing.end();
    Ok(())
}

/// A thread for each core, on which connections are served.
fn workers(tasks: &TaskTracker, shutdown: &CancellationToken) -> Result<Arc<Workers>, Stop> {
    let number = available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let started = Workers::start(number, tasks, shutdown);
    let failed = |error| Stop::new(Exit::Failed, format!("no threads can be started: {error}"));
    started.map(Arc::new).map_err(failed)
}

/// Takes the data directory and the addresses. A directory that exists is taken first, so that a second server on
/// it says so; a new one is made last, so that nothing is touched when an address is taken.
async fn open(config: &Config) -> Result<(DataDir, Vec<TcpListener>, Vec<SocketAddr>), Stop> {
    let existing = if exists(&config.data) { Some(DataDir::open(&config.data)?) } else { None };
    let mut listeners = Vec::new();
    let mut addresses = Vec::new();
    for address in &config.listen {
        let taken = |error| {
            let message = format!(
                "cannot listen on {address}: {error}; stop what uses it, or name another by `--listen`"
            );
            Stop::new(Exit::Unavailable, message)
        };
        let listener = TcpListener::bind(address).await.map_err(taken)?;
        addresses.push(listener.local_addr().map_err(taken)?);
        listeners.push(listener);
    }
    let data = match existing {
        Some(data) => data,
        None => DataDir::open(&config.data)?,
    };
    Ok((data, listeners, addresses))
}

fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// The first account of an unattended start.
async fn make_first_account(config: &Config, wired: &Wired) -> Result<(), Stop> {
    let house = &wired.desk.house;
    if let Some(first) = &config.first_account
        && !identity::setup::is_done(house, &Actor::system("start")).await.map_err(inside)?
    {
        let made = identity::setup::set_up_unattended(house, first.email.clone(), first.password()?).await;
        made.map_err(|error| Stop::new(Exit::Setting, format!("the first account cannot be made: {error}")))?;
    }
    Ok(())
}

/// Answers requests for every host, at `place`.
pub(crate) fn front(wired: &Wired, place: Place) -> Arc<dyn Front> {
    let (trusted, witness) = (place.trusted.clone(), Arc::clone(&place.witness));
    let faces = Arc::new(AppFaces::of(wired.desk.clone(), Arc::clone(&wired.entropy)));
    let access = Arc::clone(&wired.desk.access);
    let gateway = Gateway::new(access, faces, Arc::clone(&wired.entropy), place);
    Arc::new(HostFront::new(wired, gateway, (trusted, witness)))
}

/// One line for each address, the home host, each app, and the setup link while there is no account.
async fn announcement(wired: &Wired, scheme: Scheme, addresses: &[SocketAddr]) -> Result<String, Stop> {
    let (house, home) = (&wired.desk.house, wired.desk.home());
    let mut lines: Vec<String> =
        addresses.iter().map(|address| format!("listening  {}://{address}", scheme.as_str())).collect();
    lines.push(format!("home       {home}"));
    for app in identity::apps::all(house).await.map_err(inside)? {
        let places: Vec<_> = app.upstreams.iter().map(place).collect();
        let upstream = places.join(", ");
        lines.extend(
            app.hosts.iter().map(|host| format!("app        {} -> {upstream}", home.at(host.as_str()))),
        );
    }
    if let Some(link) = setup_link(&wired.desk).await? {
        lines.push(format!("setup      {link}"));
    }
    Ok(lines.join("\n") + "\n")
}

/// Where an app is, as people read it.
fn place(upstream: &domain::Upstream) -> String {
    match upstream {
        domain::Upstream::Sample => "(built-in sample)".to_owned(),
        domain::Upstream::Http { .. } => upstream.to_string(),
    }
}

/// A fresh link for the first account; nothing once there is one.
pub(crate) async fn setup_link(desk: &Desk) -> Result<Option<String>, Stop> {
    if !desk.house.settings().setup_by_link {
        return Ok(None);
    }
    let actor = Actor::system("start");
    match identity::setup::create_link(&desk.house, &actor).await {
        Ok(code) => Ok(Some(format!("{}{}?code={}", desk.home(), desk.at("/setup"), code.reveal()))),
        Err(identity::Error::SetupDone) => Ok(None),
        Err(error) => Err(inside(error)),
    }
}

/// An error of a use case at the start, for whoever started the program.
fn inside(error: identity::Error) -> Stop {
    match error {
        identity::Error::Internal(error) => error.into(),
        other => Stop::new(Exit::Failed, other.to_string()),
    }
}

//! Serving: the parts put together, what is printed before the first answer, and the way to stop.

mod background;
mod certificate;
mod descriptors;
mod faces;
mod front;
mod protect;
mod shutdown;
mod wiring;

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
use domain::{Actor, Scheme};
use faces::AppFaces;
use front::HostFront;
use gateway::{Front, Gateway, Place, Server, Workers};
use shutdown::Wish;
use std::{net::SocketAddr, num::NonZeroUsize, path::Path, sync::Arc, thread::available_parallelism};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Serves until it is told to stop; `protect` puts an app behind the door first.
pub async fn run(config: Config, protect: Option<Protect>) -> Result<(), Stop> {
    let wish = Wish::heard()?;
    let certificate = config.tls.clone().map(Certificate::open).transpose()?;
    let (data, listeners, addresses) = open(&config).await?;
    let port = addresses.first().map_or(8080, SocketAddr::port);
    let wired = Parts::of(&config, &data, config.settings(port))?.assemble().await?;
    prepare(&config, &wired, protect).await?;
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
    };
    let front = front(&wired, place);
    print(&announcement(&wired, config.scheme(), &addresses).await?)?;
    let workers = workers(&tasks, &shutdown)?;
    for listener in listeners {
        let server = Server {
            front: Arc::clone(&front),
            tls: certificate.as_ref().map(Certificate::tls),
            trusted: config.trusted_proxies.clone(),
            limits,
            workers: Arc::clone(&workers),
            tasks: tasks.clone(),
            shutdown: shutdown.clone(),
        };
        tasks.spawn(server.serve(listener));
    }
    if let Some(certificate) = certificate {
        tasks.spawn(certificate.keep_fresh(shutdown.clone()));
    }
    tasks.spawn(background::work(wired.desk.clone(), shutdown.clone()));
    tasks.spawn(Arc::clone(&seeing).reopen_when_told(shutdown.clone()));
    wish.come().await;
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

/// The first account of an unattended start, and the app that is to be protected.
async fn prepare(config: &Config, wired: &Wired, protect: Option<Protect>) -> Result<(), Stop> {
    let house = &wired.desk.house;
    if let Some(first) = &config.first_account
        && !identity::setup::is_done(house, &Actor::system("start")).await.map_err(inside)?
    {
        let made = identity::setup::set_up_unattended(house, first.email.clone(), first.password()?).await;
        made.map_err(|error| Stop::new(Exit::Setting, format!("the first account cannot be made: {error}")))?;
    }
    if let Some(protect) = protect {
        protect.apply(house).await?;
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
    if let Some(link) = setup_link(wired).await? {
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
async fn setup_link(wired: &Wired) -> Result<Option<String>, Stop> {
    let actor = Actor::system("start");
    match identity::setup::create_link(&wired.desk.house, &actor).await {
        Ok(code) => Ok(Some(format!("{}/setup?code={}", wired.desk.home(), code.reveal()))),
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

//! The socket at which a server answers the command line of whoever owns its data directory
//! (`security.md` 20).
//!
//! SECURITY: it lies in a folder that nobody else can open, and is 0600 itself; every peer's user is checked as
//! well, since a connected socket can be handed on.

use crate::{
    data::DataDir,
    exit::{Exit, Stop},
};
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use rustix::process::geteuid;
use std::{
    fs::{self, Permissions},
    io::{self, ErrorKind},
    os::unix::fs::PermissionsExt,
    path::Path,
    pin::pin,
    time::Duration,
};
use tokio::{
    net::{UnixListener, UnixStream},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long a command may take over a request's head.
const HEADER_TIME: Duration = Duration::from_secs(10);
/// How long a request under way may go on after the shutdown began.
const DRAIN_TIME: Duration = Duration::from_secs(10);
/// How long to wait when the system has no room for another connection.
const PAUSE: Duration = Duration::from_millis(50);

/// Opens the socket. One that a killed server left behind is in nobody's use: the data directory is ours.
pub(crate) fn bind(data: &DataDir) -> Result<UnixListener, Stop> {
    let path = data.socket();
    let told = |error: io::Error| {
        let message = format!("the socket `{}` cannot be opened: {error}", path.display());
        Stop::new(Exit::DataDirectory, message)
    };
    remove(&path).map_err(told)?;
    let listener = UnixListener::bind(&path).map_err(told)?;
    fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(told)?;
    Ok(listener)
}

/// Answers commands until the shutdown, and takes the socket away then.
pub(crate) fn serve(
    listener: UnixListener,
    router: Router,
    tasks: &TaskTracker,
    shutdown: CancellationToken,
) {
    let connections = tasks.clone();
    tasks.spawn(async move {
        let accepting = async {
            loop {
                let Some(stream) = accept(&listener).await else { continue };
                connections.spawn(connection(stream, router.clone(), shutdown.clone()));
            }
        };
        shutdown.run_until_cancelled(accepting).await;
        let path = listener.local_addr().ok().and_then(|address| address.as_pathname().map(Path::to_owned));
        if let Some(Err(error)) = path.map(|path| remove(&path)) {
            tracing::warn!(%error, "the socket stays behind; the next server takes it away");
        }
    });
}

/// The next command of ours.
async fn accept(listener: &UnixListener) -> Option<UnixStream> {
    match listener.accept().await {
        Ok((stream, _)) => is_ours(&stream).then_some(stream),
        Err(error) => {
            tracing::warn!(%error, "no command could be accepted");
            sleep(PAUSE).await;
            None
        }
    }
}

/// Whether the peer runs as our user, or as root, who reads our files anyway.
fn is_ours(stream: &UnixStream) -> bool {
    let peer = stream.peer_cred().map(|peer| peer.uid());
    peer.is_ok_and(|uid| is_trusted(uid, geteuid().as_raw()))
}

const fn is_trusted(peer: u32, own: u32) -> bool {
    peer == own || peer == 0
}

async fn connection(stream: UnixStream, router: Router, shutdown: CancellationToken) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADER_TIME);
    let service = TowerToHyperService::new(router);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    let served = shutdown.run_until_cancelled(connection.as_mut()).await;
    let ended = if let Some(ended) = served {
        ended
    } else {
        connection.as_mut().graceful_shutdown();
        timeout(DRAIN_TIME, connection).await.unwrap_or(Ok(()))
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a command's connection broke");
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;

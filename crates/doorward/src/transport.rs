//! The three ways in which a command reaches the use cases: in this process when nobody serves the data
//! directory, over its socket when somebody does, over TCP with a token when another address was named.

mod wire;

use crate::{
    config::{Config, Remote},
    data::{Claim, DataDir},
    exit::{Exit, Stop},
    serve::{self, Product},
};
use axum::Router;
use bytes::Bytes;
use http::{
    HeaderValue, Request, StatusCode,
    header::{AUTHORIZATION, HOST},
};
use http_body_util::BodyExt;
use std::path::PathBuf;
use store::Schema;
use tokio::net::{TcpStream, UnixStream};
use tower::ServiceExt;

/// A way to the use cases.
pub(crate) enum Transport<'a> {
    /// In this process, which holds the data directory meanwhile.
    Local(Router, DataDir),
    /// Over the socket of the server that holds it.
    Socket(PathBuf),
    /// Over TCP.
    Remote(&'a Remote),
}

/// An answer, read to its end.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Bytes,
}

impl<'a> Transport<'a> {
    /// The way that the configuration and the data directory leave open.
    pub(crate) async fn to(config: &'a Config, product: &impl Product) -> Result<Self, Stop> {
        if let Some(remote) = &config.remote {
            return Ok(Self::Remote(remote));
        }
        // A command on a mistyped folder must not make an empty installation there and answer for it. What is in a server's
        // database is in no folder.
        if config.database.is_none() && config.data.symlink_metadata().is_err() {
            let folder = config.data.display();
            let message = format!(
                "there is no data at `{folder}`: name its folder by `--data`, or begin with `doorward protect`"
            );
            return Err(Stop::new(Exit::Failed, message));
        }
        if let Some(server) = &config.database
            && Schema::of_server(&server.address)?.found == 0
        {
            let message = format!(
                "there is no installation in `{server}`: name another database, or begin with `doorward serve`"
            );
            return Err(Stop::new(Exit::Failed, message));
        }
        match Claim::of(&config.data)? {
            Claim::Ours(data) => Ok(Self::Local(serve::offline(config, &data, product).await?, data)),
            Claim::Served(socket) => Ok(Self::Socket(socket)),
        }
    }

    /// Sends a request and reads the answer.
    pub(crate) async fn send(self, mut request: Request<Bytes>) -> Result<Answer, Stop> {
        request.headers_mut().insert(HOST, HeaderValue::from_static("localhost"));
        match self {
            Self::Local(router, _data) => local(router, request).await,
            Self::Socket(path) => {
                let stream =
                    UnixStream::connect(&path).await.map_err(|error| unreachable(path.display(), &error))?;
                wire::exchange(stream, request).await
            }
            Self::Remote(remote) => {
                let addresses = remote.addresses();
                let stream = TcpStream::connect(addresses.as_slice()).await;
                let stream = stream.map_err(|error| unreachable(&remote.origin, &error))?;
                wire::exchange(stream, introduced(request, remote)?).await
            }
        }
    }
}

async fn local(router: Router, request: Request<Bytes>) -> Result<Answer, Stop> {
    let answered = router.oneshot(request.map(axum::body::Body::from)).await;
    let (head, body) = answered.unwrap_or_else(|never| match never {}).into_parts();
    let body = body.collect().await.map_err(|error| broken(&error))?.to_bytes();
    Ok(Answer { status: head.status, body })
}

/// The request with the server's name and the token.
fn introduced(mut request: Request<Bytes>, remote: &Remote) -> Result<Request<Bytes>, Stop> {
    let name = remote.origin.to_string();
    let host = HeaderValue::from_str(name.split("//").nth(1).unwrap_or_default());
    let token = HeaderValue::from_str(&format!("Bearer {}", remote.token.reveal()));
    let (Ok(host), Ok(mut token)) = (host, token) else {
        return Err(Stop::new(Exit::Usage, "`--url` is no address that a request can name"));
    };
    token.set_sensitive(true);
    request.headers_mut().insert(HOST, host);
    request.headers_mut().insert(AUTHORIZATION, token);
    Ok(request)
}

fn unreachable(place: impl std::fmt::Display, error: &std::io::Error) -> Stop {
    Stop::new(Exit::Unavailable, format!("the server at `{place}` cannot be reached: {error}"))
}

fn broken(error: &dyn std::error::Error) -> Stop {
    Stop::new(Exit::Unavailable, format!("the answer broke off: {error}"))
}

#[cfg(test)]
mod tests;

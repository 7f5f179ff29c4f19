//! One request over one connection, HTTP/1.1.

use super::{Answer, broken};
use crate::exit::Stop;
use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

/// Sends a request over a fresh connection and reads the answer to its end.
pub(super) async fn exchange<S>(stream: S, request: Request<Bytes>) -> Result<Answer, Stop>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let opened = http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = opened.map_err(|error| broken(&error))?;
    // Owns the sender, so that the connection ends with it.
    let asking = async move {
        let (head, body) = sender.send_request(request.map(Full::new)).await?.into_parts();
        Ok(Answer { status: head.status, body: body.collect().await?.to_bytes() })
    };
    let (answered, ended) = tokio::join!(asking, connection);
    if let Err(error) = ended {
        tracing::debug!(%error, "the connection broke");
    }
    answered.map_err(|error: hyper::Error| broken(&error))
}

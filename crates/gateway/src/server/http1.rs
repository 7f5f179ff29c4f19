//! HTTP/1.1 on a connection, in the clear or within TLS.

use super::{Server, connection::Ended};
use crate::{Body, Peer, client_stream::ClientStream};
use http::{HeaderValue, Request, Response, StatusCode, header::CONNECTION};
use http_body::Body as _;
use hyper::{body::Incoming, server::conn::http1::Builder, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use std::{
    convert::Infallible,
    pin::pin,
    sync::{Arc, atomic::Ordering},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    task::yield_now,
    time::timeout,
};

impl Server {
    /// Answers one request after the other, until the connection closes or becomes a tunnel.
    pub(super) async fn http1<S>(&self, stream: S, peer: Peer) -> Ended
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let front = &self.front;
        let service = service_fn(move |request: Request<Incoming>| {
            let (front, peer) = (Arc::clone(front), peer.clone());
            async move {
                let has_body = !request.body().is_end_stream();
                let mut response = front.call(peer, request).await;
                if has_body {
                    // The engine looks again whether the body was read, and tells the client if the connection closes
                    // because it was not. An answer that was there at once would go out before.
                    yield_now().await;
                }
                self.say_close(&mut response);
                Ok::<_, Infallible>(response)
            }
        });
        let stream = TokioIo::new(ClientStream::new(stream, &self.limits));
        let mut connection = pin!(self.http1_builder().serve_connection(stream, service).with_upgrades());
        if let Some(ended) = self.shutdown.run_until_cancelled(connection.as_mut()).await {
            return Ok(ended?);
        }
        connection.as_mut().graceful_shutdown();
        Ok(timeout(self.limits.drain_time, connection).await??)
    }

    /// Before a shutdown, tells the client that this is the last answer on its connection.
    fn say_close(&self, response: &mut Response<Body>) {
        if self.leaving.load(Ordering::Relaxed) && response.status() != StatusCode::SWITCHING_PROTOCOLS {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
    }

    /// HTTP/1.1 within the limits; the time for a head also ends connections that lie idle.
    fn http1_builder(&self) -> Builder {
        let mut http = Builder::new();
        http.timer(TokioTimer::new())
            .half_close(true)
            .header_read_timeout(self.limits.header_time)
            .max_headers(self.limits.header_fields)
            .max_buf_size(self.limits.header_bytes)
            .max_header_size(self.limits.header_bytes);
        http
    }
}

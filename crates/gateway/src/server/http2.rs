//! HTTP/2 on a connection within TLS.
//!
//! A WebSocket over HTTP/2 (RFC 8441) is not offered: browsers open an HTTP/1.1 connection for it.

mod head;
mod held;
mod stall;
mod traffic;

use super::{Front, Server, connection::Ended};
use crate::{Body, Peer, client_stream::ClientStream};
use held::Held;
use http::{Method, Request, Response};
use hyper::{body::Incoming, rt::Executor, server::conn::http2::Builder, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use stall::Stalls;
use std::{convert::Infallible, future::Future, pin::pin, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::sleep,
};
use tokio_util::task::TaskTracker;
use traffic::{Traffic, Visit};

/// What a client may send ahead of what is read of it: for one request, and on the connection.
const REQUEST_WINDOW: u32 = 256 * 1024;
const WINDOW: u32 = 1024 * 1024;
/// The largest head, decoded: many may wait beside each other on a connection, where HTTP/1.1 has one.
const HEADER_LIST: u32 = 16 * 1024;
/// What is kept of one answer until the client takes it.
const SEND_BUFFER: usize = 64 * 1024;
/// Requests that a client takes back before they were looked at, and errors that it makes, until it is cut off.
const EARLY_RESETS: usize = 20;
const ERRORS: usize = 256;
/// How often a client is asked whether it is still there, and how long it may take to say so.
const PING_EVERY: Duration = Duration::from_secs(20);
const PONG_TIME: Duration = Duration::from_secs(20);

impl Server {
    /// Answers requests beside each other, until the connection closes, lies idle or the client misuses it.
    pub(super) async fn http2<S>(&self, stream: S, peer: Peer) -> Ended
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let traffic = Arc::new(Traffic::new(&peer));
        let (fields, stalls) = (self.limits.header_fields, Stalls::new());
        let service = service_fn(|request| {
            let (front, peer, visit) = (Arc::clone(&self.front), peer.clone(), traffic.begin());
            let stalls = Arc::clone(&stalls);
            async move {
                let response = answer(&*front, peer, request, (visit, fields)).await;
                Ok::<_, Infallible>(response.map(|(body, visit)| Held::new(body, visit, &stalls)))
            }
        });
        let stream = TokioIo::new(ClientStream::new(stream, &self.limits));
        let mut connection = pin!(self.http2_builder().serve_connection(stream, service));
        tokio::select! {
            ended = connection.as_mut() => return Ok(ended?),
            () = self.shutdown.cancelled() => {}
            () = traffic.is_over(self.limits.header_time) => {}
            () = stalls.wait(self.limits.write_time) => return Ok(()),
        }
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            ended = connection => Ok(ended?),
            () = self.drained() => Ok(()),
            () = stalls.wait(self.limits.write_time) => Ok(()),
            () = traffic.is_over(self.limits.header_time) => Ok(()),
        }
    }

    /// Waits for the shutdown, and then for as long as requests may still go on.
    async fn drained(&self) {
        self.shutdown.cancelled().await;
        sleep(self.limits.drain_time).await;
    }

    /// HTTP/2 within the limits.
    fn http2_builder(&self) -> Builder<Tasks> {
        let header_bytes = u32::try_from(self.limits.header_bytes).unwrap_or(u32::MAX).min(HEADER_LIST);
        let mut http = Builder::new(Tasks(self.tasks.clone()));
        http.timer(TokioTimer::new())
            .max_header_list_size(header_bytes)
            .max_concurrent_streams(self.limits.streams)
            .max_pending_accept_reset_streams(EARLY_RESETS)
            .max_local_error_reset_streams(ERRORS)
            .initial_stream_window_size(REQUEST_WINDOW)
            .initial_connection_window_size(WINDOW)
            .max_send_buf_size(SEND_BUFFER)
            .keep_alive_interval(PING_EVERY)
            .keep_alive_timeout(PONG_TIME);
        http
    }
}

/// Answers a request once there is room for it, like any other if its head can be told in HTTP/1.1.
async fn answer(
    front: &dyn Front,
    peer: Peer,
    request: Request<Incoming>,
    (mut visit, fields): (Visit, usize),
) -> Response<(Body, Visit)> {
    let is_head = *request.method() == Method::HEAD;
    // SECURITY: room first. What waits for it is small, as the client sent it; joined cookies may be large.
    visit.enter().await;
    let response = match head::plain(request, fields) {
        Ok(request) => front.call(peer, request).await,
        Err(status) => {
            let mut response = Response::new(Body::default());
            *response.status_mut() = status;
            response
        }
    };
    // The engine of HTTP/1.1 sends no body in answer to a HEAD; that of HTTP/2 would.
    response.map(|body| (if is_head { Body::default() } else { body }, visit))
}

/// Gives the tasks of a connection's requests an owner.
#[derive(Clone)]
struct Tasks(TaskTracker);

impl<F> Executor<F> for Tasks
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    fn execute(&self, future: F) {
        self.0.spawn(future);
    }
}

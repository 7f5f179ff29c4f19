//! Bytes on a connection, read by the very server that the gateway listens with.

use bytes::Bytes;
use gateway::fuzzing;
use http::{Request, Response, request::Parts};
use http_body_util::{BodyExt as _, Collected};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{convert::Infallible, sync::Mutex};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, duplex},
    join,
    runtime::Builder,
};

/// A request as the gateway reads it.
pub(crate) struct Read {
    pub(crate) head: Parts,
    /// The body as it would go to the app; nothing when it breaks off or cannot be read.
    pub(crate) body: Option<Bytes>,
}

/// The requests in `bytes`, after which the client has nothing more to say.
pub(crate) fn read(bytes: &[u8]) -> Vec<Read> {
    let runtime = Builder::new_current_thread().build().expect("a runtime");
    let found = Mutex::new(Vec::new());
    runtime.block_on(serve(bytes, &found));
    found.into_inner().expect("no panic while it was held")
}

fn may_trail(body: &Collected<Bytes>, head: &Parts) -> bool {
    body.trailers().is_none_or(|trailers| fuzzing::trailers(trailers.clone(), head).is_some())
}

async fn serve(bytes: &[u8], found: &Mutex<Vec<Read>>) {
    let (mut client, server) = duplex(1 << 20);
    let service = service_fn(async |request: Request<Incoming>| {
        let (head, body) = request.into_parts();
        let body = body.collect().await.ok().filter(|body| may_trail(body, &head)).map(Collected::to_bytes);
        found.lock().expect("no panic while it was held").push(Read { head, body });
        Ok::<_, Infallible>(Response::new(gateway::Body::default()))
    });
    let limit = gateway::Limits::default();
    let mut http = http1::Builder::new();
    http.half_close(true).max_headers(limit.header_fields).max_header_size(limit.header_bytes);
    let serving = http.serve_connection(TokioIo::new(server), service);
    let asking = async {
        // The server may close before it has read all, and say so or not.
        let _written = client.write_all(bytes).await;
        let _closed = client.shutdown().await;
        let _answered = client.read_to_end(&mut Vec::new()).await;
    };
    let (_served, ()) = join!(serving, asking);
}

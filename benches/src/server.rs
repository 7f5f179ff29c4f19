//! A loop that accepts connections and hands them to hyper, with no limits and no end.

use http::{Request, Response};
use hyper::{
    body::{Body, Incoming},
    server::conn::http1,
    service::Service,
};
use hyper_util::rt::TokioIo;
use std::{error::Error, io};
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

/// Answers all that is asked at `address`, until a connection cannot be accepted.
pub async fn serve<S, B>(address: &str, service: S) -> io::Result<()>
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + 'static,
    S::Future: Send,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let listener = TcpListener::bind(address).await?;
    let tasks = TaskTracker::new();
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tasks.spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service.clone()));
    }
}

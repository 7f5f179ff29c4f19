//! A proxy that only passes on, checking nothing and changing no header: `bare_proxy ADDRESS UPSTREAM`.
//!
//! Its connections to the app are pooled by the client that comes with hyper.

use http::{
    Request, Uri,
    uri::{Authority, Scheme},
};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use std::{env, error::Error};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(address), Some(upstream)) = (arguments.next(), arguments.next()) else {
        return Err("usage: bare_proxy ADDRESS UPSTREAM".into());
    };
    let upstream: Authority = upstream.parse()?;
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client = Client::builder(TokioExecutor::new()).build::<_, Incoming>(connector);
    let pass_on = move |request| {
        let (client, request) = (client.clone(), addressed(request, &upstream));
        async move { client.request(request?).await.map_err(Box::<dyn Error + Send + Sync>::from) }
    };
    Ok(doorward_benches::serve(&address, service_fn(pass_on)).await?)
}

/// The request with the app's address instead of the proxy's.
fn addressed(mut request: Request<Incoming>, upstream: &Authority) -> Result<Request<Incoming>, http::Error> {
    let mut uri = Uri::builder().scheme(Scheme::HTTP).authority(upstream.clone());
    if let Some(path) = request.uri().path_and_query() {
        uri = uri.path_and_query(path.clone());
    }
    *request.uri_mut() = uri.build()?;
    Ok(request)
}

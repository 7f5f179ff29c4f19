//! Requests that an app sends to other services itself: over https to whoever bears the right name, and to no address
//! that no app may have (`security.md` 25). No redirect is followed.

use super::{SendError, connect, place::Place};
use bytes::Bytes;
use domain::SYSTEM_ROOTS;
use http::{
    HeaderValue, Request, Response, Uri,
    header::{CONNECTION, HOST},
    uri::{PathAndQuery, Scheme},
};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use std::{fs, io, pin::pin, sync::Arc, time::Duration};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;

const CONNECT_TIME: Duration = Duration::from_secs(5);

/// Sends requests to other services, each over a connection of its own.
#[derive(Clone)]
pub struct Outbound(TlsConnector);

/// There was no answer.
#[derive(Debug, thiserror::Error)]
pub enum OutboundError {
    /// The address is none that can be asked.
    #[error("the address is no `http://…` or `https://…`")]
    Address,
    /// Nobody is there, or nobody who bears that name.
    #[error("there is no way to it: {0}")]
    Away(String),
    /// It said something else than HTTP, or broke off.
    #[error("it breaks off, or speaks no HTTP")]
    Broken(#[from] hyper::Error),
    /// The answer is longer than wanted.
    #[error("its answer is longer than wanted")]
    TooLarge,
    /// What was to be trusted holds no certificate.
    #[error("there is no certificate in it")]
    NoRoots,
}

/// Where a request goes.
struct Destination {
    secure: bool,
    host: String,
    port: u16,
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl Outbound {
    /// Believes the certificates that lead to a root of the system's.
    pub fn trusting_system() -> Result<Self, OutboundError> {
        let roots = SYSTEM_ROOTS.iter().find_map(|path| fs::read(path).ok());
        Self::with(&roots.unwrap_or_default())
    }

    /// Believes the certificates that lead to a root in this PEM text, and no others.
    pub fn trusting(pem: &[u8]) -> Result<Self, OutboundError> {
        let own = Self::with(pem)?;
        let some = CertificateDer::pem_slice_iter(pem).any(|found| found.is_ok());
        if some { Ok(own) } else { Err(OutboundError::NoRoots) }
    }

    fn with(pem: &[u8]) -> Result<Self, OutboundError> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(CertificateDer::pem_slice_iter(pem).filter_map(Result::ok));
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| OutboundError::Away(error.to_string()))?;
        let config = config.with_root_certificates(roots).with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }

    /// Sends a request to where its address says, and reads at most `most` bytes of the answer. How long it may take is
    /// for the caller to say.
    pub async fn send(&self, request: Request<Bytes>, most: usize) -> Result<Response<Bytes>, OutboundError> {
        let to = Destination::of(request.uri())?;
        let request = prepared(request)?;
        let stream = self.open(&to).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let exchange = async move {
            let (head, body) = sender.send_request(request).await?.into_parts();
            let body = Limited::new(body, most).collect().await.map_err(|error| {
                match error.downcast::<hyper::Error>() {
                    Ok(broken) => OutboundError::Broken(*broken),
                    Err(error) if error.is::<LengthLimitError>() => OutboundError::TooLarge,
                    Err(error) => OutboundError::Away(error.to_string()),
                }
            });
            Ok(Response::from_parts(head, body?.to_bytes()))
        };
        let (mut exchange, connection) = (pin!(exchange), pin!(connection));
        tokio::select! {
            biased;
            answer = &mut exchange => answer,
            // The connection may end before what came over it is read.
            _ = connection => exchange.await,
        }
    }

    async fn open(&self, to: &Destination) -> Result<Box<dyn Stream>, OutboundError> {
        let away = |error: SendError| match error {
            SendError::Connect(cause) => OutboundError::Away(cause.to_string()),
            other => OutboundError::Away(other.to_string()),
        };
        let stream =
            connect::open(&Place::new(0, &to.host, to.port), CONNECT_TIME, &[]).await.map_err(away)?;
        if !to.secure {
            return Ok(Box::new(stream));
        }
        let name = ServerName::try_from(to.host.clone()).map_err(|_| OutboundError::Address)?;
        let refused = |error: io::Error| OutboundError::Away(error.to_string());
        Ok(Box::new(self.0.connect(name, stream).await.map_err(refused)?))
    }
}

impl Destination {
    fn of(uri: &Uri) -> Result<Self, OutboundError> {
        let secure = match uri.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return Err(OutboundError::Address),
        };
        let host = uri.host().filter(|host| !host.is_empty()).ok_or(OutboundError::Address)?;
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        let port = uri.port_u16().unwrap_or(if secure { 443 } else { 80 });
        Ok(Self { secure, host: bare.to_owned(), port })
    }
}

/// The request as it goes over a connection of its own: the path alone, and the host in its field.
fn prepared(request: Request<Bytes>) -> Result<Request<Full<Bytes>>, OutboundError> {
    let (mut head, body) = request.into_parts();
    let authority = head.uri.authority().ok_or(OutboundError::Address)?.as_str();
    let host = authority.rsplit('@').next().unwrap_or(authority);
    head.headers.insert(HOST, HeaderValue::from_str(host).map_err(|_| OutboundError::Address)?);
    head.headers.insert(CONNECTION, HeaderValue::from_static("close"));
    let path = head.uri.path_and_query().cloned().unwrap_or(PathAndQuery::from_static("/"));
    head.uri = Uri::from(path);
    Ok(Request::from_parts(head, Full::new(body)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };
    use tokio_rustls::TlsAcceptor;

    /// A server that answers one request with what it was asked; its certificate for `localhost` is answered, too.
    async fn server(listener: TcpListener, tls: TlsAcceptor) {
        let (stream, _) = listener.accept().await.unwrap();
        let Ok(mut stream) = tls.accept(stream).await else { return };
        let mut asked = vec![0; 1_024];
        let length = stream.read(&mut asked).await.unwrap();
        let body = String::from_utf8_lossy(&asked[..length]).replace("\r\n", "|");
        let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
    }

    fn acceptor() -> (TlsAcceptor, String) {
        let own = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let key = rustls::pki_types::PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
        let config = rustls::ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
        let config = config.with_single_cert(vec![own.cert.der().clone()], key).unwrap();
        (TlsAcceptor::from(Arc::new(config)), own.cert.pem())
    }

    async fn asked(
        trusting: impl FnOnce(&str) -> Outbound,
        host: &str,
        most: usize,
    ) -> Result<String, OutboundError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (tls, pem) = acceptor();
        let request = Request::get(format!("https://{host}:{port}/a?b")).body(Bytes::new()).unwrap();
        let (outbound, asks) = (trusting(&pem), server(listener, tls));
        let (answer, ()) = tokio::join!(outbound.send(request, most), asks);
        Ok(String::from_utf8_lossy(answer?.body()).into_owned())
    }

    #[tokio::test]
    async fn a_service_that_bears_its_name_is_asked_over_https() {
        let said = asked(|pem| Outbound::trusting(pem.as_bytes()).unwrap(), "localhost", 500).await.unwrap();
        assert!(said.starts_with("GET /a?b HTTP/1.1|") && said.contains("host: localhost:"), "{said}");
    }

    #[tokio::test]
    async fn nobody_else_is_and_no_long_answer_is_read() {
        let known = |pem: &str| Outbound::trusting(pem.as_bytes()).unwrap();
        let stranger = asked(|_| Outbound::trusting_system().unwrap(), "localhost", 500).await;
        assert!(matches!(stranger, Err(OutboundError::Away(_))), "{stranger:?}");
        let other_name = asked(known, "127.0.0.1", 500).await;
        assert!(matches!(other_name, Err(OutboundError::Away(_))), "{other_name:?}");
        assert!(matches!(asked(known, "localhost", 10).await, Err(OutboundError::TooLarge)));
        assert!(matches!(Outbound::trusting(b"nothing"), Err(OutboundError::NoRoots)));
    }

    #[tokio::test]
    async fn rule_25_no_request_goes_to_where_a_cloud_keeps_its_keys() {
        let outbound = Outbound::trusting_system().unwrap();
        for url in
            ["http://169.254.169.254/", "http://[fe80::1]/", "http://0.0.0.0/", "ftp://localhost/", "/x"]
        {
            let request = Request::get(url).body(Bytes::new()).unwrap();
            assert!(outbound.send(request, 10).await.is_err(), "{url}");
        }
    }
}

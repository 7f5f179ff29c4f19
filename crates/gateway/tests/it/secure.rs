//! Certificates made for a test, and clients that speak TLS and HTTP/2.

use crate::{
    door::session_pair,
    house::{House, PATIENCE},
};
use bytes::Bytes;
use domain::{Scheme, Time};
use doorward_gateway::{Limits, Tls, TlsFiles};
use http::{Request, Response, request::Builder};
use http_body_util::{BodyExt as _, Full};
use hyper::{
    body::Incoming,
    client::conn::{http1, http2},
    rt::Executor,
};
use hyper_util::rt::TokioIo;
use rcgen::{CertificateParams, KeyPair};
use rustls::{
    ClientConfig, RootCertStore,
    client::Resumption,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName},
};
use std::{error::Error, fs, io, sync::Arc};
use tempfile::TempDir;
use tokio::{net::TcpStream, time::timeout};
use tokio_rustls::{TlsConnector, client::TlsStream};
use tokio_util::task::TaskTracker;

/// When the tests happen, as the certificates see it.
pub(crate) const NOW: Time = Time::from_micros(1_800_000_000_000_000);
pub(crate) const H2: &[u8] = b"h2";
pub(crate) const H1: &[u8] = b"http/1.1";

/// A certificate for `notes.localhost`, and its key.
pub(crate) struct Pair {
    pub(crate) certificate: String,
    pub(crate) key: String,
    pub(crate) der: CertificateDer<'static>,
}

impl Pair {
    pub(crate) fn make() -> Self {
        Self::valid(1975..4096)
    }

    /// One that is valid from the first of these years to the last.
    pub(crate) fn valid(years: std::ops::Range<i32>) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut wanted = CertificateParams::new(vec!["notes.localhost".to_owned()]).unwrap();
        wanted.not_before = rcgen::date_time_ymd(years.start, 1, 1);
        wanted.not_after = rcgen::date_time_ymd(years.end, 1, 1);
        let made = wanted.self_signed(&key).unwrap();
        Self { certificate: made.pem(), key: key.serialize_pem(), der: made.der().clone() }
    }
}

/// A certificate and its key in files.
pub(crate) struct Files {
    folder: TempDir,
}

impl Files {
    pub(crate) fn of(pair: &Pair) -> Self {
        let files = Self { folder: tempfile::tempdir().unwrap() };
        files.write(pair);
        files
    }

    pub(crate) fn write(&self, pair: &Pair) {
        fs::write(self.names().certificate, &pair.certificate).unwrap();
        fs::write(self.names().key, &pair.key).unwrap();
    }

    pub(crate) fn names(&self) -> TlsFiles {
        let at = |name| self.folder.path().join(name);
        TlsFiles { certificate: at("cert.pem"), key: at("key.pem") }
    }
}

/// A house whose door speaks TLS.
pub(crate) struct SecureHouse {
    pub(crate) house: House,
    pub(crate) files: Files,
    pub(crate) tls: Arc<Tls>,
    /// What the test's clients go on in, which is no part of the house.
    pub(crate) clients: TaskTracker,
}

impl SecureHouse {
    pub(crate) async fn open() -> Self {
        Self::with(Limits::default()).await
    }

    pub(crate) async fn with(limits: Limits) -> Self {
        Self::of(limits, |_| ()).await
    }

    /// A house whose apps `change` has seen.
    pub(crate) async fn of(limits: Limits, change: impl Fn(&mut domain::App)) -> Self {
        let files = Files::of(&Pair::make());
        let tls = Arc::new(Tls::read(files.names(), NOW).unwrap());
        let house = House::over(Arc::clone(&tls), limits, change).await;
        Self { house, files, tls, clients: TaskTracker::new() }
    }

    /// A connection that asks for these protocols, and shows what certificate it was shown.
    pub(crate) async fn connect(&self, protocols: &[&[u8]]) -> io::Result<TlsStream<TcpStream>> {
        shake_hands(self.house.connect().await, protocols).await
    }

    /// A connection on which HTTP/1.1 is spoken.
    pub(crate) async fn http1(&self) -> Http1 {
        let stream = self.connect(&[H1]).await.unwrap();
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.unwrap();
        self.clients.spawn(connection);
        sender
    }

    /// A connection on which HTTP/2 is spoken.
    pub(crate) async fn http2(&self) -> Http2 {
        self.http2_of().await
    }

    /// The same for bodies of another kind.
    pub(crate) async fn http2_of<B>(&self) -> http2::SendRequest<B>
    where
        B: hyper::body::Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>>
            + Send
            + Unpin
            + 'static,
    {
        let stream = self.connect(&[H2, H1]).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(H2));
        let tasks = Tasks(self.clients.clone());
        let (sender, connection) = http2::handshake(tasks, TokioIo::new(stream)).await.unwrap();
        self.clients.spawn(connection);
        sender
    }

    /// The target of a path of `notes`, as HTTP/2 has it.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://{}{path}", self.house.authority())
    }

    /// A request of Ada's browser for a path of `notes`.
    pub(crate) fn asked(&self, path: &str) -> Builder {
        Request::builder().uri(self.url(path)).header("cookie", session_pair(Scheme::Https))
    }
}

pub(crate) type Http1 = http1::SendRequest<Full<Bytes>>;
pub(crate) type Http2 = http2::SendRequest<Full<Bytes>>;

/// Sends a request without a body over HTTP/2; answers once the head of the answer has come.
pub(crate) async fn send(sender: &mut Http2, request: Builder) -> hyper::Result<Response<Incoming>> {
    let request = request.body(Full::default()).unwrap();
    timeout(PATIENCE, async {
        sender.ready().await?;
        sender.send_request(request).await
    })
    .await
    .unwrap()
}

/// The text of an answer's body.
pub(crate) async fn text(response: Response<Incoming>) -> hyper::Result<String> {
    let collected = timeout(PATIENCE, response.into_body().collect()).await.unwrap()?;
    Ok(String::from_utf8(collected.to_bytes().to_vec()).unwrap())
}

/// The next piece of an answer's body.
pub(crate) async fn piece(response: &mut Response<Incoming>) -> Option<hyper::Result<Bytes>> {
    let frame = timeout(PATIENCE, response.body_mut().frame()).await.unwrap()?;
    Some(frame.map(|frame| frame.into_data().unwrap_or_default()))
}

/// Shakes hands as a client that remembers no session and trusts everyone.
pub(crate) async fn shake_hands(stream: TcpStream, protocols: &[&[u8]]) -> io::Result<TlsStream<TcpStream>> {
    stream.set_nodelay(true)?;
    let connector = TlsConnector::from(Arc::new(client(protocols)));
    let name = ServerName::try_from("notes.localhost").unwrap();
    timeout(PATIENCE, connector.connect(name, stream)).await.unwrap()
}

/// The certificate that a connection was shown.
pub(crate) fn shown(stream: &TlsStream<TcpStream>) -> CertificateDer<'static> {
    let shown = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    shown.unwrap().clone().into_owned()
}

fn client(protocols: &[&[u8]]) -> ClientConfig {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut client = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(RootCertStore::empty())
        .with_no_client_auth();
    client.dangerous().set_certificate_verifier(Arc::new(Anyone(provider)));
    client.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    client.resumption = Resumption::disabled();
    client
}

/// Believes every certificate; who shows it must have its key all the same.
#[derive(Debug)]
struct Anyone(Arc<rustls::crypto::CryptoProvider>);

mod anyone {
    use super::Anyone;
    use rustls::{
        DigitallySignedStruct, Error, SignatureScheme,
        client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        crypto::{verify_tls12_signature, verify_tls13_signature},
        pki_types::{CertificateDer, ServerName, UnixTime},
    };

    impl ServerCertVerifier for Anyone {
        fn verify_server_cert(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, Error> {
            Ok(ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.0.signature_verification_algorithms.supported_schemes()
        }
    }
}

/// Gives the tasks of an HTTP/2 client an owner.
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

//! TLS to PostgreSQL: rustls with the provider that the house has, and never a certificate unlooked-at.

use super::address::Roots;
use crate::StoreError;
use domain::SYSTEM_ROOTS;
use postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, InvalidDnsNameError, ServerName, pem::PemObject as _},
};
use std::{
    fs, io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_rustls::{TlsConnector, client};

/// Begins TLS on connections to one server.
#[derive(Clone)]
pub(super) struct Tls(TlsConnector);

/// TLS to a server of this name.
pub(super) struct Named {
    connector: TlsConnector,
    name: ServerName<'static>,
}

/// A connection with TLS.
pub(super) struct Secured<S>(client::TlsStream<S>);

impl Tls {
    /// A server's certificate must lead to one of `roots` and bear the server's name.
    pub(super) fn verified(roots: &Roots) -> Result<Self, StoreError> {
        let mut store = RootCertStore::empty();
        let pem = read(roots)?;
        store.add_parsable_certificates(CertificateDer::pem_slice_iter(&pem).filter_map(Result::ok));
        if store.is_empty() {
            return Err(StoreError::Away("`sslrootcert` holds no certificate".to_owned()));
        }
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| StoreError::Away(error.to_string()))?;
        let config = config.with_root_certificates(store).with_no_client_auth();
        Ok(Self(TlsConnector::from(Arc::new(config))))
    }
}

fn read(roots: &Roots) -> Result<Vec<u8>, StoreError> {
    match roots {
        Roots::File(path) => fs::read(path).map_err(|error| {
            StoreError::Away(format!("`sslrootcert` `{}` cannot be read: {error}", path.display()))
        }),
        Roots::System => SYSTEM_ROOTS.iter().find_map(|path| fs::read(path).ok()).ok_or_else(|| {
            let hint = "install `ca-certificates`, or name the server's root with `sslrootcert`";
            StoreError::Away(format!("the system trusts no certificates: {hint}"))
        }),
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> MakeTlsConnect<S> for Tls {
    type Stream = Secured<S>;
    type TlsConnect = Named;
    type Error = InvalidDnsNameError;

    fn make_tls_connect(&mut self, domain: &str) -> Result<Named, InvalidDnsNameError> {
        Ok(Named { connector: self.0.clone(), name: ServerName::try_from(domain)?.to_owned() })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> TlsConnect<S> for Named {
    type Stream = Secured<S>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Secured<S>>> + Send>>;

    fn connect(self, stream: S) -> Self::Future {
        Box::pin(async move { self.connector.connect(self.name, stream).await.map(Secured) })
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Secured<S> {
    /// None: the name in the certificate tells already whom the password is proved to.
    fn channel_binding(&self) -> ChannelBinding {
        ChannelBinding::none()
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncRead for Secured<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Secured<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}

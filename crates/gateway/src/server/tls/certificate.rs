//! A certificate and its key, read from PEM files and checked before a client sees them.

use domain::Time;
use rustls::{
    CertificateError, Error, RootCertStore, ServerConfig,
    client::verify_server_cert_signed_by_trust_anchor,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{CertificateDer, PrivateKeyDer, UnixTime, pem::PemObject as _},
    server::ParsedCertificate,
};
use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use zeroize::Zeroizing;

/// What HTTP/2 is called in the handshake (RFC 9113 §3.2).
pub(super) const HTTP_2: &[u8] = b"h2";
const HTTP_1: &[u8] = b"http/1.1";

/// Where a certificate and its key lie, both in PEM; behind the certificate those that lead to its root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// A certificate or key that no client is shown.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file is missing, or closed to this process.
    #[error("`{0}` cannot be read: {1}")]
    Unreadable(PathBuf, #[source] io::Error),
    /// There is no certificate in the file.
    #[error("`{0}` holds no certificate in PEM")]
    NoCertificate(PathBuf),
    /// There is no private key in the file, or an encrypted one.
    #[error("`{0}` holds no private key in PEM that is free of a passphrase")]
    NoKey(PathBuf),
    /// Certificate and key are of two pairs.
    #[error("the key in `{}` is not that of the certificate in `{}`", .0.key.display(), .0.certificate.display())]
    Mismatch(TlsFiles),
    /// The certificate's time is over.
    #[error("the certificate in `{0}` has expired")]
    Expired(PathBuf),
    /// The certificate's time has not come.
    #[error("the certificate in `{0}` is not valid yet")]
    NotYet(PathBuf),
    /// Whatever else is wrong with them.
    #[error("the certificate in `{0}` cannot be used with its key: {1}")]
    Unusable(PathBuf, #[source] Error),
}

impl TlsFiles {
    /// What a server needs for a handshake with this pair.
    ///
    /// SECURITY: sessions of an older pair are not resumed, for its key may have been exchanged because it leaked;
    /// and no client may send data early, which whoever records it could send again.
    pub(super) fn read(&self, now: Time) -> Result<ServerConfig, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let chain = self.chain()?;
        self.check_time(&chain, now, &provider)?;
        let unusable = |error| self.unusable(error);
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(unusable)?
            .with_no_client_auth()
            .with_single_cert(chain, self.private_key()?);
        let mut config = config.map_err(unusable)?;
        config.alpn_protocols = vec![HTTP_2.to_vec(), HTTP_1.to_vec()];
        config.ticketer = aws_lc_rs::Ticketer::new().map_err(unusable)?;
        Ok(config)
    }

    fn chain(&self) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        let text = read(&self.certificate)?;
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
        chain.map_err(|_| TlsError::NoCertificate(self.certificate.clone()))
    }

    fn private_key(&self) -> Result<PrivateKeyDer<'static>, TlsError> {
        let text = Zeroizing::new(read(&self.key)?);
        PrivateKeyDer::from_pem_slice(&text).map_err(|_| TlsError::NoKey(self.key.clone()))
    }

    /// Asks whether the certificate is signed by nobody, which it is not: the answer tells a wrong time first.
    fn check_time(
        &self,
        chain: &[CertificateDer<'_>],
        now: Time,
        provider: &CryptoProvider,
    ) -> Result<(), TlsError> {
        let none = || TlsError::NoCertificate(self.certificate.clone());
        let leaf = chain.first().ok_or_else(none)?;
        let leaf = ParsedCertificate::try_from(leaf).map_err(|error| self.unusable(error))?;
        let now = u64::try_from(now.unix_seconds()).unwrap_or_default();
        let verified = verify_server_cert_signed_by_trust_anchor(
            &leaf,
            &RootCertStore::empty(),
            &[],
            UnixTime::since_unix_epoch(Duration::from_secs(now)),
            provider.signature_verification_algorithms.all,
        );
        match verified {
            Err(Error::InvalidCertificate(
                CertificateError::Expired | CertificateError::ExpiredContext { .. },
            )) => Err(TlsError::Expired(self.certificate.clone())),
            Err(Error::InvalidCertificate(
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
            )) => Err(TlsError::NotYet(self.certificate.clone())),
            _ => Ok(()),
        }
    }

    fn unusable(&self, error: Error) -> TlsError {
        match error {
            Error::InconsistentKeys(_) => TlsError::Mismatch(self.clone()),
            error => TlsError::Unusable(self.certificate.clone(), error),
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    fs::read(path).map_err(|error| TlsError::Unreadable(path.to_owned(), error))
}

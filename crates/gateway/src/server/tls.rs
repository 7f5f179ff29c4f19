//! TLS towards clients: the certificate, which may be exchanged while connections are under way, and the handshake.

mod certificate;
mod plain;

pub use certificate::{TlsError, TlsFiles};

use arc_swap::ArcSwap;
use domain::Time;
use rustls::ServerConfig;
use std::io;
use tokio::net::TcpStream;
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// The certificate that clients are shown, and its key.
#[derive(Debug)]
pub struct Tls {
    files: TlsFiles,
    current: ArcSwap<ServerConfig>,
}

/// What a client turned out to speak.
pub(super) enum Spoken {
    Http1(TlsStream<TcpStream>),
    Http2(TlsStream<TcpStream>),
    /// Plain HTTP, which has been answered.
    NoTls,
}

impl Tls {
    /// Reads the certificate and its key, which must belong together and be valid `now`.
    pub fn read(files: TlsFiles, now: Time) -> Result<Self, TlsError> {
        let current = ArcSwap::from_pointee(files.read(now)?);
        Ok(Self { files, current })
    }

    /// Reads both again. New connections are shown what was read; after an error, what they were shown before.
    ///
    /// Connections that are open go on as they began.
    pub fn reload(&self, now: Time) -> Result<(), TlsError> {
        self.current.store(self.files.read(now)?.into());
        Ok(())
    }

    /// Where the certificate and its key lie.
    pub const fn files(&self) -> &TlsFiles {
        &self.files
    }

    /// Shakes hands with a client, or tells one that speaks plain HTTP what is spoken here.
    pub(super) async fn accept(&self, stream: TcpStream) -> io::Result<Spoken> {
        if plain::is_spoken(&stream).await? {
            plain::answer(stream).await?;
            return Ok(Spoken::NoTls);
        }
        let stream = TlsAcceptor::from(self.current.load_full()).accept(stream).await?;
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(certificate::HTTP_2);
        Ok(if is_http2 { Spoken::Http2(stream) } else { Spoken::Http1(stream) })
    }
}

//! Whether the listeners speak https: a certificate and its key are named together, or neither is.

use super::layers::Layers;
use crate::exit::Stop;
use domain::{Origin, Scheme};
use gateway::TlsFiles;

pub(super) fn read(layers: &Layers) -> Result<Option<TlsFiles>, Stop> {
    match (layers.find("tls_cert"), layers.find("tls_key")) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => {
            Ok(Some(TlsFiles { certificate: certificate.text().into(), key: key.text().into() }))
        }
        (Some(certificate), None) => Err(certificate.refuse(
            "a certificate needs its key: name that, too, by `--tls-key`, `DOORWARD_TLS_KEY` or `tls_key`",
        )),
        (None, Some(key)) => Err(key.refuse(
            "a key needs its certificate: name that, too, by `--tls-cert`, `DOORWARD_TLS_CERT` or `tls_cert`",
        )),
    }
}

/// Where browsers reach the home host, if it was said.
pub(super) fn read_home(layers: &Layers, tls: Option<&TlsFiles>) -> Result<Option<Origin>, Stop> {
    let Some(given) = layers.find("home_url") else { return Ok(None) };
    let home: Origin = given.one(str::parse)?;
    if tls.is_some() && home.scheme() == Scheme::Http {
        return Err(
            given.refuse("with a certificate everything is served over https, and so is the home page")
        );
    }
    Ok(Some(home))
}

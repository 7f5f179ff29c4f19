//! What the fuzz bodies ask beyond this crate's seam. No product code calls it.

use crate::{CredentialError, Site, presented::Presented};
use http::HeaderMap;

/// Whether a request presents a session and a token of Doorward's.
pub fn presents(headers: &HeaderMap, site: Site<'_>) -> Result<(bool, bool), CredentialError> {
    Presented::read(headers, site).map(|presented| (presented.session.is_some(), presented.token.is_some()))
}

//! The second path that a request may write to: WebDAV's `Destination` (RFC 4918 §10.3).

use crate::Refusal;
use access::AppRoute;
use http::{HeaderMap, HeaderName, HeaderValue, Uri};

const DESTINATION: HeaderName = HeaderName::from_static("destination");
const UNREADABLE: Refusal =
    Refusal::BadRequest("`Destination` is there once, and names a path of the same host");

/// The path of a request's destination; none where there is none, or where all paths are alike.
///
/// SECURITY: `MOVE` from a path that is open to a visitor could otherwise write to one that is not.
pub(crate) fn path<'h>(headers: &'h HeaderMap, route: &AppRoute) -> Result<Option<&'h str>, Refusal> {
    let mut fields = headers.get_all(DESTINATION).iter();
    match (fields.next(), fields.next()) {
        _ if !route.has_rules() => Ok(None),
        (None, _) => Ok(None),
        (Some(only), None) => read(only, route.origin.host()).ok_or(UNREADABLE).map(Some),
        (Some(_), Some(_)) => Err(UNREADABLE),
    }
}

/// The path, as it stands in a URL of `host` or alone.
fn read<'h>(field: &'h HeaderValue, host: &str) -> Option<&'h str> {
    let text = field.to_str().ok()?;
    let url: Uri = text.parse().ok()?;
    let is_here = url.host().is_none_or(|named| named.eq_ignore_ascii_case(host));
    let path = match url.authority() {
        None => text,
        Some(authority) => text.split_once("://")?.1.strip_prefix(authority.as_str())?,
    };
    let end = path.find(['?', '#']).unwrap_or(path.len());
    path.get(..end).filter(|path| is_here && path.starts_with('/') && !path.starts_with("//"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_destination_is_a_path_of_the_same_host() {
        let read = |text: &'static str| {
            let field = HeaderValue::from_static(text);
            read(&field, "notes.example.org").map(ToOwned::to_owned)
        };
        for text in ["/a/b?c", "http://notes.example.org/a/b", "https://Notes.Example.ORG:8443/a/b#c"] {
            assert_eq!(read(text).as_deref(), Some("/a/b"), "{text}");
        }
        for text in ["", "a", "//evil/a", "http://evil.example/a", "http://notes.example.org", "mailto:a@b"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}

//! Where a page leads on to, when that was named by a request.

use crate::Problem;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, Uri, header};

/// More than any path here needs; a cookie holds it.
const LONGEST: usize = 2_000;

/// A path and query on the host that answers.
///
/// INVARIANT: it begins with exactly one `/` and holds no `\`, no blank and no control character, so that no
/// browser reads another host in it (`security.md` 2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LocalPath(String);

impl LocalPath {
    /// `text` if it is such a path, else the root.
    pub(crate) fn read(text: &str) -> Self {
        let stays = text.starts_with('/') && !text.starts_with("//") && text.len() <= LONGEST;
        let plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        Self(if stays && plain { text.to_owned() } else { "/".to_owned() })
    }

    /// The path that a request asks for.
    pub(crate) fn of(uri: &Uri) -> Self {
        Self::read(uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The path without its query, and the query.
    pub(crate) fn parts(&self) -> (&str, &str) {
        self.0.split_once('?').unwrap_or((&self.0, ""))
    }

    /// `page`, told to go on here afterwards.
    pub(crate) fn after(&self, page: &str) -> String {
        if self.0 == "/" {
            return page.to_owned();
        }
        let next = form_urlencoded::Serializer::new(String::new()).append_pair("next", &self.0).finish();
        format!("{page}?{next}")
    }
}

/// Leads on to `location`: a local path, or a URL of a configured origin.
pub(crate) fn see_other(location: &str) -> Response {
    match HeaderValue::from_str(location) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => Problem::internal().into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::LocalPath;

    #[test]
    fn rule_02_a_return_path_never_leaves_the_host() {
        for path in ["/", "/account", "/open?app=a&b=%2F%2Fevil.example", "/a//b", "/%5Cevil.example"] {
            assert_eq!(LocalPath::read(path).as_str(), path);
        }
        let long = format!("/{}", "a".repeat(2_000));
        for path in [
            "",
            "//evil.example",
            "///evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "evil.example",
            " /a",
            "/\t/evil.example",
            "/a\r\nSet-Cookie: a=b",
            "/ü",
            &long,
        ] {
            assert_eq!(LocalPath::read(path).as_str(), "/", "{path:?}");
        }
    }

    #[test]
    fn a_page_is_told_where_to_go_on_to() {
        assert_eq!(LocalPath::read("/a?b=c&d").after("/login"), "/login?next=%2Fa%3Fb%3Dc%26d");
        assert_eq!(LocalPath::read("/").after("/login"), "/login");
    }
}

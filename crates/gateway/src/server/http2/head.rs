//! The head of a request over HTTP/2, made one that HTTP/1.1 could have brought.
//!
//! The engine has refused fields of one connection, a `TE` that is not `trailers`, and lengths that disagree
//! (RFC 9113 §8.2.2, §8.1.1). `:authority` stays in the target, where `host.rs` reads it.

use http::{
    HeaderMap, HeaderValue, Method, Request, StatusCode,
    header::{CONTENT_LENGTH, COOKIE},
};

/// The request with one `Cookie` field, or the status to refuse it with.
///
/// SECURITY: a `CONNECT` has no path to look at, and a second `Content-Length`, though it says the same, is for some
/// apps another length.
pub(super) fn plain<B>(mut request: Request<B>, most_fields: usize) -> Result<Request<B>, StatusCode> {
    if request.method() == Method::CONNECT {
        return Err(StatusCode::METHOD_NOT_ALLOWED);
    }
    if request.headers().get_all(CONTENT_LENGTH).iter().nth(1).is_some() {
        return Err(StatusCode::BAD_REQUEST);
    }
    join_cookies(request.headers_mut())?;
    if request.headers().len() > most_fields {
        return Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    }
    Ok(request)
}

/// Clients may send each cookie in a field of its own (RFC 9113 §8.2.3).
fn join_cookies(headers: &mut HeaderMap) -> Result<(), StatusCode> {
    let crumbs: Vec<&[u8]> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if crumbs.len() < 2 {
        return Ok(());
    }
    let joined = HeaderValue::from_bytes(&crumbs.join(&b"; "[..])).map_err(|_| StatusCode::BAD_REQUEST)?;
    headers.insert(COOKIE, joined);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(request: http::request::Builder) -> Result<Request<()>, u16> {
        plain(request.body(()).unwrap(), 3).map_err(|status| status.as_u16())
    }

    #[test]
    fn cookies_in_fields_of_their_own_become_one_field() {
        let request =
            Request::builder().header("cookie", "a=1").header("x", "y").header("cookie", "b=2; c=3");
        let request = told(request).unwrap();
        let cookies: Vec<_> = request.headers().get_all(COOKIE).iter().collect();
        assert_eq!(cookies, ["a=1; b=2; c=3"]);
    }

    #[test]
    fn fields_are_counted_once_the_cookies_are_one() {
        let crumbs = (0..9).fold(Request::builder(), |request, _| request.header("cookie", "a=1"));
        assert!(told(crumbs).is_ok());
        let fields = (0..4).fold(Request::builder(), |request, _| request.header("x", "y"));
        assert_eq!(told(fields).unwrap_err(), 431);
    }

    #[test]
    fn a_length_told_twice_and_a_tunnel_are_refused() {
        let twice = Request::builder().header("content-length", "5").header("content-length", "5");
        assert_eq!(told(twice).unwrap_err(), 400);
        assert_eq!(told(Request::builder().method(Method::CONNECT).uri("a:80")).unwrap_err(), 405);
    }
}

//! Where an app's answer ends: said in one way, or it is no answer.

use super::SendError;
use http::{
    HeaderMap, HeaderValue,
    header::{CONTENT_LENGTH, TRANSFER_ENCODING},
};

/// Refuses an answer whose end two readers could see at two places.
///
/// SECURITY: what one takes for the rest of this answer, another takes for the whole of the next, which is
/// somebody else's.
pub(super) fn check(headers: &HeaderMap) -> Result<(), SendError> {
    let mut lengths = headers.get_all(CONTENT_LENGTH).iter();
    let mut codings = headers.get_all(TRANSFER_ENCODING).iter();
    match (lengths.next(), codings.next()) {
        (None, None) => Ok(()),
        (Some(length), None) if lengths.next().is_none() && is_plain(length) => Ok(()),
        (None, Some(coding)) if codings.next().is_none() && is_chunked(coding) => Ok(()),
        _ => Err(SendError::Framing),
    }
}

fn is_plain(length: &HeaderValue) -> bool {
    !length.is_empty() && length.as_bytes().iter().all(u8::is_ascii_digit)
}

/// No other coding was asked for, and none would be undone here.
fn is_chunked(coding: &HeaderValue) -> bool {
    coding.as_bytes().eq_ignore_ascii_case(b"chunked")
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderName;

    fn is_read(fields: &[(&HeaderName, &'static str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_static(value));
        }
        check(&headers).is_ok()
    }

    #[test]
    fn an_answer_s_end_is_said_in_one_way() {
        for fields in [&[][..], &[(&CONTENT_LENGTH, "5")], &[(&TRANSFER_ENCODING, "Chunked")]] {
            assert!(is_read(fields), "{fields:?}");
        }
        for fields in [
            &[(&CONTENT_LENGTH, "5"), (&CONTENT_LENGTH, "5")][..],
            &[(&CONTENT_LENGTH, "5, 5")],
            &[(&CONTENT_LENGTH, "+5")],
            &[(&CONTENT_LENGTH, "")],
            &[(&CONTENT_LENGTH, "5"), (&TRANSFER_ENCODING, "chunked")],
            &[(&TRANSFER_ENCODING, "gzip, chunked")],
            &[(&TRANSFER_ENCODING, "chunked"), (&TRANSFER_ENCODING, "chunked")],
            &[(&TRANSFER_ENCODING, "identity")],
        ] {
            assert!(!is_read(fields), "{fields:?}");
        }
    }
}

//! The trace that a request belongs to (W3C Trace Context): passed on as it came when it is well formed, else dropped.

use http::{HeaderMap, HeaderName};

const PARENT: HeaderName = HeaderName::from_static("traceparent");
const STATE: HeaderName = HeaderName::from_static("tracestate");

/// The most members that a `tracestate` may have (§3.3.1.1).
const MOST_MEMBERS: usize = 32;
const LONGEST_KEY: usize = 256;
const LONGEST_VALUE: usize = 256;

/// The id of the trace, 32 hexadecimal digits; nothing when there is no well-formed one.
pub(crate) fn id(headers: &HeaderMap) -> Option<&str> {
    let mut parents = headers.get_all(PARENT).iter();
    let (Some(only), None) = (parents.next(), parents.next()) else { return None };
    trace_id(only.to_str().ok()?)
}

/// Drops what an app could not read, or would read in a way of its own.
pub(crate) fn drop_malformed(headers: &mut HeaderMap) {
    // A state says nothing without its trace (§4.2).
    if headers.contains_key(PARENT) && id(headers).is_none() {
        headers.remove(PARENT);
    }
    if headers.contains_key(STATE) && !(headers.contains_key(PARENT) && has_sound_state(headers)) {
        headers.remove(STATE);
    }
}

/// `version "-" trace-id "-" parent-id "-" flags`, in later versions with more behind another `-` (§3.2).
fn trace_id(parent: &str) -> Option<&str> {
    let mut parts = parent.splitn(5, '-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let is_known_form = version != "ff" && (version != "00" || parts.next().is_none());
    let is_sound = is_known_form
        && [(version, 2), (trace, 32), (span, 16), (flags, 2)]
            .iter()
            .all(|(part, length)| is_hex(part, *length))
        && [trace, span].iter().all(|id| id.bytes().any(|digit| digit != b'0'));
    is_sound.then_some(trace)
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn has_sound_state(headers: &HeaderMap) -> bool {
    let texts: Option<Vec<_>> = headers.get_all(STATE).iter().map(|field| field.to_str().ok()).collect();
    let Some(texts) = texts else { return false };
    let members =
        || texts.iter().flat_map(|text| text.split(',')).map(|member| member.trim_matches([' ', '\t']));
    members().count() <= MOST_MEMBERS && members().all(|member| member.is_empty() || is_member(member))
}

/// `key "=" value` (§3.3.1.3); the value's last sign is no blank, since members are trimmed.
fn is_member(member: &str) -> bool {
    let Some((key, value)) = member.split_once('=') else { return false };
    let in_key = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-*/@".contains(&b);
    let begins = key.bytes().next().is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    let in_value = |b: u8| matches!(b, b' '..=b'~') && b != b'=';
    begins
        && key.len() <= LONGEST_KEY
        && key.bytes().all(in_key)
        && (1..=LONGEST_VALUE).contains(&value.len())
        && value.bytes().all(in_value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use proptest::prelude::*;

    const SOUND: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    /// What is left of these fields.
    fn left(parents: &[&str], states: &[&str]) -> (usize, usize) {
        let mut headers = HeaderMap::new();
        for (name, values) in [(PARENT, parents), (STATE, states)] {
            for value in values {
                headers.append(name.clone(), HeaderValue::from_str(value).unwrap());
            }
        }
        drop_malformed(&mut headers);
        (headers.get_all(PARENT).iter().count(), headers.get_all(STATE).iter().count())
    }

    #[test]
    fn a_well_formed_trace_stays_as_it_came() {
        assert_eq!(left(&[SOUND], &["congo=t61rcWkgMzE,rojo@vendor=00f0 67", "", "a=1, ,b=2"]), (1, 3));
        assert_eq!(left(&[&SOUND.replace("00-4b", "01-4b")], &[]), (1, 0));
        assert_eq!(left(&[&(SOUND.replace("00-4b", "cc-4b") + "-later")], &[]), (1, 0));
        assert_eq!(trace_id(SOUND), Some("4bf92f3577b34da6a3ce929d0e0e4736"));
    }

    #[test]
    fn a_malformed_trace_is_dropped_with_its_state() {
        for parent in [
            "",
            "00",
            &SOUND.to_uppercase(),
            &SOUND.replace("00-4b", "ff-4b"),
            &SOUND.replace("4bf92f3577b34da6a3ce929d0e0e4736", &"0".repeat(32)),
            &SOUND.replace("00f067aa0ba902b7", &"0".repeat(16)),
            &(SOUND.to_owned() + "-more"),
            &SOUND.replace('4', "g"),
            &SOUND.replace("-01", "-1"),
        ] {
            assert_eq!(left(&[parent], &["a=1"]), (0, 0), "{parent}");
        }
        assert_eq!(left(&[SOUND, SOUND], &["a=1"]), (0, 0));
        assert_eq!(left(&[], &["a=1"]), (0, 0));
    }

    #[test]
    fn a_malformed_state_is_dropped_and_its_trace_stays() {
        for state in ["a", "A=1", "=1", "a=", "a=b=c", "a=\u{e9}", &vec!["a=1"; 33].join(","), "-a=1"] {
            assert_eq!(left(&[SOUND], &[state]), (1, 0), "{state}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_read_as_a_trace_is_32_digits(parent in "[0-9a-f]{2}-[0-9a-f-]{30,34}-[0-9a-f]{15,17}-.{2,4}") {
            if let Some(trace) = trace_id(&parent) {
                prop_assert!(is_hex(trace, 32));
            }
        }
    }
}

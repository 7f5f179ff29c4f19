//! Cookies and tokens, in fields with a line each: what goes on to an app opens nothing of Doorward's.

use access::{Site, fuzzing, headers};
use domain::{Origin, Scheme};
use http::{HeaderMap, HeaderName, HeaderValue};

pub(crate) fn run(bytes: &[u8]) {
    let mut map = HeaderMap::new();
    for (name, value) in bytes.split(|b| *b == b'\n').filter_map(field) {
        map.append(name, value);
    }
    for scheme in [Scheme::Http, Scheme::Https] {
        let origin = Origin::new(scheme, "notes.example.org", 443);
        let site = Site { origin: &origin, app: None, basic: true, cookie: None };
        let _ours_or_not = fuzzing::presents(&map, site);
        let on = headers::without_credentials(&map);
        assert_eq!(fuzzing::presents(&on, site), Ok((false, false)), "it still opens a door: {on:?}");
        let names = headers::cookies(&on).map(|(name, _)| name.to_owned());
        assert!(!names.into_iter().any(|name| headers::is_doorward_cookie(name.as_bytes())), "{on:?}");
        assert_eq!(headers::without_credentials(&on), on, "what is stripped once is stripped");
    }
}

fn field(line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let colon = line.iter().position(|b| *b == b':')?;
    let (name, value) = line.split_at_checked(colon)?;
    let value = value.strip_prefix(b":")?.trim_ascii();
    Some((HeaderName::from_bytes(name).ok()?, HeaderValue::from_bytes(value).ok()?))
}

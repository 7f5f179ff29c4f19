use super::*;

fn map(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let pair = |(name, value): &(&'static str, &str)| {
        (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
    };
    pairs.iter().map(pair).collect()
}

fn stripped(pairs: &[(&'static str, &str)]) -> Vec<(String, String)> {
    without_credentials(&map(pairs))
        .iter()
        .map(|(n, v)| (n.to_string(), v.to_str().unwrap().to_owned()))
        .collect()
}

#[test]
fn rule_10_doorwards_cookies_never_reach_an_app() {
    let line =
        "theme=dark; doorward=secret; __Host-doorward=secret; a=b; doorward-start-x=1; __host-Doorward=2";
    assert_eq!(stripped(&[("cookie", line)]), [("cookie".to_owned(), "theme=dark; a=b".to_owned())]);
    for only_ours in ["doorward=secret", " doorward = secret ;", ";doorward=secret; ;"] {
        assert!(stripped(&[("cookie", only_ours)]).is_empty(), "{only_ours}");
    }
    assert_eq!(stripped(&[("cookie", "a=1;b=2 ;;")]), [("cookie".to_owned(), "a=1;b=2 ;;".to_owned())]);
}

#[test]
fn rule_10_tokens_never_reach_an_app_and_its_own_authorization_does() {
    assert!(stripped(&[("authorization", "Bearer dwt_abc"), ("x-api-key", "dwt_abc")]).is_empty());
    let basic = format!("basic {}", STANDARD.encode("ada:dwt_abc"));
    assert!(stripped(&[("authorization", &basic)]).is_empty());
    let own = [("authorization", "Bearer theirs"), ("x-api-key", "theirs")];
    assert_eq!(stripped(&own).len(), 2);
    let digest = [("authorization", "Digest username=\"ada\"")];
    assert_eq!(stripped(&digest).len(), 1);
}

#[test]
fn cookies_are_read_from_every_line() {
    let headers = map(&[("cookie", "a=1; b=2"), ("cookie", "c=3=4;broken; d=")]);
    let pairs: Vec<_> = cookies(&headers).collect();
    assert_eq!(pairs, [("a", "1"), ("b", "2"), ("c", "3=4"), ("d", "")]);
}

#[test]
fn a_cookie_of_ours_is_known_under_every_name() {
    for name in [
        "doorward",
        "__Host-doorward",
        "__Secure-doorward",
        "DOORWARD",
        "doorward-start-1",
        "__HOST-doorward-device",
    ] {
        assert!(is_doorward_cookie(name.as_bytes()), "{name}");
    }
    for name in ["doorwards", "my-doorward", "door", ""] {
        assert!(!is_doorward_cookie(name.as_bytes()), "{name}");
    }
}

#[test]
fn rule_10_a_misspelt_token_does_not_go_on_to_the_app_either() {
    let bare = format!("Basic {}", STANDARD.encode("a:dwt_abc").trim_end_matches('='));
    for value in ["dwt_abc", "Bearer\tdwt_abc", "Token dwt_abc", "Bearer,dwt_abc", bare.as_str()] {
        assert!(stripped(&[("authorization", value)]).is_empty(), "{value}");
    }
    assert!(stripped(&[("x-api_key", "dwt_abc")]).is_empty());
    assert!(stripped(&[("x.api.key", "dwt_abc")]).is_empty());
    let followed = format!("Basic {} x", STANDARD.encode("a:dwt_abc"));
    assert!(stripped(&[("authorization", &followed)]).is_empty());
}

#[test]
fn an_unreadable_cookie_does_not_hide_its_neighbours() {
    let line = HeaderValue::from_bytes(b"n=Zo\xeb; doorward=live; m=\xff\xfe").unwrap();
    let headers = HeaderMap::from_iter([(header::COOKIE, line)]);
    assert_eq!(cookies(&headers).collect::<Vec<_>>(), [("doorward", "live")]);
}

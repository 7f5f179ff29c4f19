use super::*;
use crate::{Allow, AppAccess, Id, Time};
use proptest::prelude::*;

fn app(gate: GateSettings) -> App {
    App {
        id: Id::from_bytes([1; 16]),
        name: "notes".parse().unwrap(),
        hosts: vec!["notes.localhost".parse().unwrap()],
        upstreams: vec!["http://127.0.0.1:3000".parse().unwrap()],
        access: AppAccess::default(),
        basic: false,
        gate,
        created_at: Time::from_micros(0),
    }
}

fn with_upstreams(upstreams: &[&str]) -> Checked {
    let upstreams = upstreams.iter().map(|text| text.parse().unwrap()).collect();
    App { upstreams, ..app(GateSettings::default()) }.check()
}

fn with_rule(path: &str, methods: &[&str]) -> Checked {
    let methods = methods.iter().map(|&method| method.to_owned()).collect();
    let rules = vec![Rule { path: path.to_owned(), methods, allow: Allow::Anyone }];
    app(GateSettings { rules, ..GateSettings::default() }).check()
}

fn fields(set: &[(&str, &str)], remove: &[&str]) -> FieldChanges {
    FieldChanges {
        set: set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        remove: remove.iter().map(|&name| name.to_owned()).collect(),
    }
}

/// The same changes refused on the way to the app and on the way back.
fn with_fields(set: &[(&str, &str)], remove: &[&str]) -> Checked {
    let changes = fields(set, remove);
    let request = app(GateSettings { request_headers: changes.clone(), ..GateSettings::default() }).check();
    let answer = app(GateSettings { answer_headers: changes, ..GateSettings::default() }).check();
    assert_eq!(request, answer);
    request
}

fn with_limits(limits: AppLimits) -> Checked {
    app(GateSettings { limits, ..GateSettings::default() }).check()
}

/// Settings with something in every place.
fn full() -> GateSettings {
    GateSettings {
        rules: vec![Rule {
            path: "/share".to_owned(),
            methods: vec!["GET".to_owned(), "PROPFIND".to_owned()],
            allow: Allow::Only(AppAccess::default()),
        }],
        origins: vec!["https://board.example.org".parse().unwrap()],
        request_headers: fields(&[("authorization", "Basic eDp5")], &["x-debug"]),
        answer_headers: fields(&[("x-frame-options", "DENY")], &["server"]),
        limits: AppLimits {
            requests_per_minute: Some(1),
            requests_at_once: Some(AppLimits::MOST_REQUESTS),
            body_bytes: Some(AppLimits::MOST_BODY_BYTES),
            answer_seconds: Some(1),
        },
        health: Some(HealthCheck { path: "/healthz".to_owned(), every_seconds: 3_600 }),
        maintenance: Some("Back at noon.".to_owned()),
        sign_in_hours: Some(720),
    }
}

#[test]
fn an_app_may_have_all_of_it() {
    assert_eq!(app(GateSettings::default()).check(), Ok(()));
    assert_eq!(app(full()).check(), Ok(()));
    assert_eq!(with_upstreams(&["http://a:1", "http://a:2", "http://[::1]:3"]), Ok(()));
    assert_eq!(with_upstreams(&["builtin:sample"]), Ok(()));
}

#[test]
fn settings_read_back_from_what_is_stored() {
    let stored = serde_json::to_string(&full()).unwrap();
    assert_eq!(serde_json::from_str::<GateSettings>(&stored).unwrap(), full());
    assert_eq!(serde_json::to_string(&GateSettings::default()).unwrap(), "{}");
}

#[test]
fn upstreams_are_one_to_sixteen_and_the_sample_stands_alone() {
    let many: Vec<String> = (1..=17).map(|port| format!("http://a:{port}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(with_upstreams(&many[..16]), Ok(()));
    for wrong in [&many[..], &[], &["builtin:sample", "http://a"], &["http://a", "http://b", "http://a:80"]] {
        assert!(with_upstreams(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn rule_12_a_rule_names_plain_paths_and_methods_that_reach_an_app() {
    assert_eq!(with_rule("/", &[]), Ok(()));
    for path in ["", "share", "/a/../b", "/a//b", "/a%2fb", "/a;b", "/a/"] {
        assert!(with_rule(path, &[]).is_err(), "{path}");
    }
    for methods in [&["get"][..], &["TRACE"], &["CONNECT"], &["GET", "PUT", "GET"], &[""], &["G T"]] {
        assert!(with_rule("/", methods).is_err(), "{methods:?}");
    }
    let rule = Rule { path: "/".to_owned(), methods: Vec::new(), allow: Allow::SignedIn };
    let rules = |count| app(GateSettings { rules: vec![rule.clone(); count], ..GateSettings::default() });
    assert_eq!(rules(100).check(), Ok(()));
    assert!(rules(101).check().is_err());
}

#[test]
fn headers_are_well_formed_and_named_once() {
    assert_eq!(with_fields(&[("X-Tenant", "a b")], &["server"]), Ok(()));
    for (name, value) in [("a b", "c"), ("", "c"), ("a:", "c"), ("a", ""), ("a", "b\r\nc: d"), ("a", "b\0")] {
        assert!(with_fields(&[(name, value)], &[]).is_err(), "{name:?}: {value:?}");
    }
    assert!(with_fields(&[("a", &"b".repeat(4_097))], &[]).is_err());
    assert!(with_fields(&[("a", "b"), ("A", "c")], &[]).is_err());
    assert!(with_fields(&[("a", "b")], &["A"]).is_err());
    assert!(with_fields(&[], &["a b"]).is_err());
    let many: Vec<String> = (0..51).map(|number| format!("x-{number}")).collect();
    let names: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(with_fields(&[], &names[..50]), Ok(()));
    assert!(with_fields(&[], &names).is_err());
    let pairs: Vec<_> = names.iter().map(|name| (*name, "a")).collect();
    assert!(with_fields(&pairs, &[]).is_err());
}

#[test]
fn a_header_s_value_is_in_no_message_and_no_debug_text() {
    let refused = with_fields(&[("a", "canary\n"), ("b", "canary")], &[]).unwrap_err();
    assert!(!refused.to_string().contains("canary"));
    let app =
        app(GateSettings { request_headers: fields(&[("a", "canary")], &["b"]), ..GateSettings::default() });
    let text = format!("{app:?}");
    assert!(!text.contains("canary") && text.contains("\"a\"") && text.contains("\"b\""), "{text}");
}

#[test]
fn numbers_are_positive_and_within_reason() {
    let none = AppLimits::default;
    for zero in [
        AppLimits { requests_per_minute: Some(0), ..none() },
        AppLimits { requests_at_once: Some(0), ..none() },
        AppLimits { requests_at_once: Some(AppLimits::MOST_REQUESTS + 1), ..none() },
        AppLimits { body_bytes: Some(0), ..none() },
        AppLimits { body_bytes: Some(u64::MAX), ..none() },
        AppLimits { answer_seconds: Some(0), ..none() },
    ] {
        assert!(with_limits(zero.clone()).is_err(), "{zero:?}");
    }
    for hours in [0, 721] {
        let gate = GateSettings { sign_in_hours: Some(hours), ..GateSettings::default() };
        assert!(app(gate).check().is_err(), "{hours}");
    }
    for (path, every_seconds) in [("/", 0), ("/", 3_601), ("healthz", 1), ("/a?b", 1)] {
        let health = Some(HealthCheck { path: path.to_owned(), every_seconds });
        let gate = GateSettings { health, ..GateSettings::default() };
        assert!(app(gate).check().is_err(), "{path} {every_seconds}");
    }
}

#[test]
fn what_visitors_are_told_is_a_short_line() {
    for text in ["", "  ", "a\nb", "a\u{202e}b", &"a".repeat(501)] {
        let gate = GateSettings { maintenance: Some(text.to_owned()), ..GateSettings::default() };
        assert!(app(gate).check().is_err(), "{text:?}");
    }
}

#[test]
fn origins_are_at_most_fifty_and_named_once() {
    let origins = |count: u16| {
        let origins = (1..=count).map(|port| format!("http://a:{port}").parse().unwrap()).collect();
        app(GateSettings { origins, ..GateSettings::default() })
    };
    assert_eq!(origins(50).check(), Ok(()));
    assert!(origins(51).check().is_err());
    let twice = vec!["https://a".parse().unwrap(), "https://a:443".parse().unwrap()];
    assert!(app(GateSettings { origins: twice, ..GateSettings::default() }).check().is_err());
}

const SPELLED: [&str; 16] = [
    "remote-user",
    "remote-groups",
    "x-forwarded-for",
    "x-doorward-assertion",
    "x-auth-request-email",
    "x-remote-user",
    "x-webauth-user",
    "x-real-ip",
    "x-request-id",
    "forwarded",
    "proxy",
    "host",
    "set-cookie",
    "content-length",
    "transfer-encoding",
    "keep-alive",
];

proptest! {
    #[test]
    fn rule_10_no_spelling_of_what_doorward_says_can_be_set_or_removed(
        which in 0..SPELLED.len(),
        upper: u32,
        signs in "[-_.!~*'^`|#$%&+]{3}",
    ) {
        let mut signs = signs.chars();
        let spelled: String = SPELLED[which].chars().enumerate().map(|(at, c)| match c {
            '-' => signs.next().unwrap(),
            c if upper >> at & 1 == 1 => c.to_ascii_uppercase(),
            c => c,
        }).collect();
        prop_assert!(with_fields(&[(&spelled, "a")], &[]).is_err(), "{}", spelled);
        prop_assert!(with_fields(&[], &[&spelled]).is_err(), "{}", spelled);
    }

    #[test]
    fn what_is_stored_of_any_fields_reads_back(names in proptest::collection::btree_set("[a-z]{1,9}", 0..5)) {
        let set: Vec<_> = names.iter().map(|name| (name.as_str(), "v: 1, \"2\"")).collect();
        let gate = GateSettings { request_headers: fields(&set, &[]), ..GateSettings::default() };
        let stored = serde_json::to_string(&gate).unwrap();
        prop_assert_eq!(serde_json::from_str::<GateSettings>(&stored).unwrap(), gate);
    }
}

#[test]
fn what_an_app_may_need_can_be_set() {
    for name in
        ["authorization", "x-api-key", "remotely", "proxy-status", "tea", "hostname", "cookies", "x-remote"]
    {
        assert_eq!(with_fields(&[(name, "a")], &[]), Ok(()), "{name}");
    }
}

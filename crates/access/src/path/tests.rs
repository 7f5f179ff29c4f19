use super::*;
use proptest::prelude::*;

/// What paths that were made to mislead are made of.
const SHARDS: &str = "(/|\\.|\\.\\.|;|\\\\|%2[fF]|%2[eE]|%5[cC]|%25|%3[bB]|%00|%20|%C3%A4|%c0%af|%|2e|2f|share|Share|admin|aDmin|%61dmin|s%68are|x|\\?|%3F){0,8}";

#[test]
fn a_plain_path_is_read_as_it_is_and_nothing_is_copied() {
    for path in ["/", "/share", "/share/", "/a/b.c/~d-e_f", "/a:b@c!$&'()*+,=", "/.well-known/x", "/a..b/.c"]
    {
        assert!(matches!(read(path), Some(Cow::Borrowed(same)) if same == path), "{path}");
    }
}

#[test]
fn encoding_that_changes_nothing_is_undone() {
    for (path, wanted) in [
        ("/%73hare", "/share"),
        ("/a%20b", "/a b"),
        ("/%C3%A4", "/ä"),
        ("/%c3%a4/x", "/ä/x"),
        ("/100%25", "/100%"),
        ("/%257", "/%7"),
        ("/what%3F", "/what?"),
    ] {
        assert_eq!(read(path).as_deref(), Some(wanted), "{path}");
    }
}

#[test]
fn rule_12_a_path_that_can_be_read_in_two_ways_is_not_read() {
    for path in [
        "",
        "*",
        "share",
        "//",
        "//share",
        "/share//x",
        "/share/.",
        "/share/..",
        "/share/../admin",
        "/share/./x",
        "/share/...",
        "/share/x.",
        "/share/x%20",
        "/share/%2e%2e/admin",
        "/share/.%2E/admin",
        "/share/..%3Fx",
        "/share/%EF%BC%8E%EF%BC%8E/x",
        "/share/%E2%80%A5/x",
        "/share/..%EF%BC%8Fx",
        "/share/%25u002e%25u002e/x",
        "/(S(x))/share",
        "/share/(A(x)S(y))/x",
        "/share/x%20%23",
        "/share%2fx",
        "/share%2Fx",
        "/share/x;y",
        "/share/..;/admin",
        "/share%3Bx",
        "/share\\..\\admin",
        "/share%5c..%5cadmin",
        "/share/%00",
        "/share/%0a",
        "/share/%7f",
        "/share/%",
        "/share/%4",
        "/share/%zz",
        "/share/%u002e",
        "/share/%c0%af",
        "/share/%ff",
        "/share/ä",
        "/share/%252e%252e/admin",
        "/share/%25%32e",
    ] {
        assert_eq!(read(path), None, "{path}");
    }
}

#[test]
fn whole_segments_count() {
    for (path, below) in
        [("/share", true), ("/share/", true), ("/share/x", true), ("/shared", false), ("/", false)]
    {
        assert_eq!(is_below(path, "/share"), below, "{path}");
        assert!(is_below(path, ""), "{path}");
    }
}

#[test]
fn what_an_app_may_take_for_a_path_is_known() {
    for path in [
        "/ADMIN",
        "/Admin/x",
        "/admin?x",
        "/admin#x",
        "/admin/x",
        "/admin.json",
        "/admin x",
        "/admin:x",
        "/adm\u{131}n",
        "/ADM\u{130}N/x",
        "/\u{ff41}dmin",
    ] {
        assert!(may_be_below(path, "/admin"), "{path}");
    }
    for path in ["/administrators", "/admi", "/x/admin"] {
        assert!(!may_be_below(path, "/admin"), "{path}");
    }
}

/// Where a reader ends up that does the steps that are switched on in `habits`, in this order, as often as `rounds`.
fn as_seen(path: &str, habits: u8, rounds: u8) -> String {
    let does = |habit: u8| habits >> habit & 1 == 1;
    let mut path = path.to_owned();
    for _ in 0..rounds {
        path = percent_decoded(&path);
        if does(0) {
            path = path.replace('\\', "/");
        }
        if does(1) {
            path = path.split(['?', '#', '\0']).next().unwrap().to_owned();
        }
        if does(2) {
            let segments = path.split('/').map(|segment| segment.split(';').next().unwrap());
            path = segments.collect::<Vec<_>>().join("/");
        }
        if does(3) {
            let segments = path.split('/').map(|segment| match segment {
                "." | ".." => segment,
                other => other.trim_end_matches(['.', ' ']),
            });
            path = segments.collect::<Vec<_>>().join("/");
        }
        if does(4) {
            path = resolved(&path);
        }
        if does(5) {
            path = path.to_lowercase();
        }
    }
    path
}

fn percent_decoded(path: &str) -> String {
    let mut bytes = path.bytes().peekable();
    let mut decoded = Vec::new();
    while let Some(byte) = bytes.next() {
        let mut ahead = bytes.clone();
        let two = (ahead.next(), ahead.next());
        match (byte, two) {
            (b'%', (Some(high), Some(low))) if escaped(high, low).is_some() => {
                decoded.push(escaped(high, low).unwrap());
                bytes = ahead;
            }
            _ => decoded.push(byte),
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn resolved(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(kept.pop()),
            named => kept.push(named),
        }
    }
    format!("/{}", kept.join("/"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn rule_12_what_is_read_below_a_path_is_there_for_every_reader(
        tail in SHARDS, habits: u8, rounds in 1..=3_u8,
    ) {
        let path = format!("/share{tail}");
        if read(&path).is_some_and(|read| is_below(&read, "/share")) {
            let seen = as_seen(&path, habits, rounds);
            prop_assert!(is_below(&seen, "/share"), "{} is seen as {}", path, seen);
        }
    }

    #[test]
    fn rule_12_what_any_reader_sees_below_a_path_is_unclear_or_may_be_there(
        path in SHARDS, habits: u8, rounds in 1..=3_u8,
    ) {
        let path = format!("/{path}");
        let seen = as_seen(&path, habits, rounds);
        if let Some(read) = read(&path) && is_below(&seen, "/admin") {
            prop_assert!(may_be_below(&read, "/admin"), "{} is seen as {}", path, seen);
        }
    }

    #[test]
    fn an_encoded_letter_is_the_letter(path in "(/[a-z~_-]{1,4}){1,3}", at: prop::sample::Index, lower: bool) {
        let (before, rest) = path.split_at(at.index(path.len()));
        let (byte, after) = (rest.as_bytes()[0], rest.split_at(1).1);
        let spelled = if lower { format!("%{byte:02x}") } else { format!("%{byte:02X}") };
        let encoded = [before, &spelled, after].concat();
        let wanted = (byte != b'/').then_some(path.as_str());
        let seen = read(&encoded);
        prop_assert_eq!(seen.as_deref(), wanted);
    }

    #[test]
    fn no_path_breaks_the_reader(path in "\\PC{0,40}") {
        if let Some(read) = read(&path) {
            prop_assert!(read.starts_with('/') && !read.contains("//") && !read.contains("/../"), "{}", read);
        }
    }
}

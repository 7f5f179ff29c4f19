use super::*;
use proptest::prelude::*;

fn reads<T: FromStr>(text: &str) -> bool {
    text.parse::<T>().is_ok()
}

#[test]
fn an_address_is_kept_in_lower_case() {
    assert_eq!("Ada@Example.ORG".parse::<Email>().unwrap().as_str(), "ada@example.org");
}

#[test]
fn what_is_no_address_is_refused() {
    for text in [
        "",
        "ada",
        "@example.org",
        "ada@",
        "ada@-x.org",
        "a b@example.org",
        "ada@example..org",
        "ädа@example.org",
    ] {
        assert!(!reads::<Email>(text), "{text}");
    }
}

#[test]
fn a_group_name_holds_no_separator_of_a_header() {
    for text in ["a,b", "a;b", "a|b", "a b", "a\nb", "", "-a", "gröup"] {
        assert!(!reads::<GroupName>(text), "{text}");
    }
    assert!(reads::<GroupName>("family-2"));
}

#[test]
fn a_name_may_be_in_any_script_but_hides_nothing() {
    assert!(reads::<DisplayName>("Ada Lovelace"));
    assert!(reads::<DisplayName>("紫 式部"));
    for text in ["", "   ", "a\nb", "a\u{202e}b", "\u{200b}", "a\u{0}"] {
        assert!(!reads::<DisplayName>(text), "{text:?}");
    }
}

#[test]
fn host_names_are_labels_between_dots() {
    assert!(reads::<HostName>("notes.example.org"));
    assert!(reads::<HostName>("localhost"));
    for text in ["", ".", "a..b", "-a.b", "a_b", "a:80", "a/b"] {
        assert!(!reads::<HostName>(text), "{text}");
    }
}

#[test]
fn a_wildcard_is_a_whole_first_label() {
    for text in ["*.notes.example.org", "*.localhost", "*.A.b"] {
        assert!(reads::<HostName>(text), "{text}");
    }
    for text in ["*", "*.", "**.a", "*a.b", "a*.b", "a.*.b", "a.*", "*.*.a", "*..a", "*.a:80"] {
        assert!(!reads::<HostName>(text), "{text}");
    }
    assert!(!reads::<Email>("ada@*.example.org"));
}

#[test]
fn a_wildcard_stands_for_exactly_one_label() {
    let host = |text: &str| text.parse::<HostName>().unwrap();
    let (all, one) = (host("*.notes.example.org"), host("notes.example.org"));
    assert!(all.is_wildcard() && !one.is_wildcard());
    for name in ["a.notes.example.org", "-.notes.example.org"] {
        assert!(all.covers(name) && !one.covers(name), "{name}");
    }
    for name in [
        "notes.example.org",
        ".notes.example.org",
        "a.b.notes.example.org",
        "anotes.example.org",
        "*.notes.example.org",
        "example.org",
        "",
    ] {
        assert!(!all.covers(name), "{name}");
    }
    assert!(one.covers("notes.example.org"));
}

#[test]
fn rule_12_a_path_that_can_be_read_in_two_ways_is_no_rule_s() {
    for text in ["/", "/share", "/share/x", "/.well-known/caldav", "/a.b/c..d", "/@ada/~x", "/a=b,c:d"] {
        assert!(reads::<RulePath>(text), "{text}");
    }
    for text in [
        "", "share", "//", "//share", "/share/", "/a//b", "/.", "/..", "/a/../b", "/a/./b", "/...",
        "/%2e%2e", "/a%2Fb", "/a;b", "/a\\b", "/a?b", "/a#b", "/share/*", "/a b", "/a\0", "/ä", "/a\n",
    ] {
        assert!(!reads::<RulePath>(text), "{text:?}");
    }
    assert!(reads::<RulePath>(&format!("/{}", "a".repeat(199))));
    assert!(!reads::<RulePath>(&format!("/{}", "a".repeat(200))));
}

#[test]
fn methods_and_fields_are_what_http_says_they_are() {
    for text in ["GET", "M-SEARCH", "VERSION-CONTROL"] {
        assert!(reads::<MethodName>(text), "{text}");
    }
    for text in ["", "get", "G ET", "-GET", "GÉT", "GET\n", "GET,PUT"] {
        assert!(!reads::<MethodName>(text), "{text}");
    }
    assert_eq!("X-Frame-Options".parse::<FieldName>().unwrap().as_str(), "x-frame-options");
    for text in ["", "a b", "a:", "ä", "a\n", "a(b)"] {
        assert!(!reads::<FieldName>(text), "{text}");
    }
    assert!(reads::<FieldValue>("Basic dXNlcjpwYXNz") && reads::<FieldValue>(&"a".repeat(4096)));
    for text in ["", " ", " a", "a ", "a\r\nb: c", "a\tb", "ä", "\u{7f}", &"a".repeat(4097)] {
        assert!(!reads::<FieldValue>(text), "{text:?}");
    }
}

#[test]
fn a_field_s_value_is_in_no_debug_text_and_no_error() {
    let value: FieldValue = "canary".parse().unwrap();
    assert_eq!(format!("{value:?}"), "FieldValue(…)");
    let refused = "canary\n".parse::<FieldValue>().unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains("canary"));
}

/// Texts that a published pattern describes.
fn described<T: schemars::JsonSchema>() -> impl Strategy<Value = String> {
    let schema = T::json_schema(&mut schemars::SchemaGenerator::default());
    let pattern = schema.get("pattern").unwrap().as_str().unwrap();
    let longest = schema.get("maxLength").unwrap().as_u64().unwrap();
    let bare = pattern.trim_start_matches('^').trim_end_matches('$');
    let fits = move |text: &String| text.chars().count() as u64 <= longest;
    proptest::string::string_regex(bare).unwrap().prop_filter("longer than is published", fits)
}

proptest! {
    #[test]
    fn what_a_published_pattern_describes_is_read(
        path in described::<RulePath>(),
        method in described::<MethodName>(),
        field in described::<FieldName>(),
        value in described::<FieldValue>(),
        host in described::<HostName>(),
    ) {
        prop_assert!(reads::<RulePath>(&path), "{}", path);
        prop_assert!(reads::<MethodName>(&method), "{}", method);
        prop_assert!(reads::<FieldName>(&field), "{}", field);
        prop_assert!(reads::<FieldValue>(&value), "{}", value);
        prop_assert!(reads::<HostName>(&host), "{}", host);
    }

    #[test]
    fn a_path_that_is_read_has_no_second_reading(path in "/[ -~]{0,12}") {
        if path.parse::<RulePath>().is_ok() && path != "/" {
            prop_assert!(!path.contains(['%', ';', '\\', '?', '#', '*']), "{}", path);
            let odd = |segment: &str| segment.trim_matches('.').is_empty();
            prop_assert!(!path.split('/').skip(1).any(odd), "{}", path);
            let url = url::Url::parse("http://a").unwrap().join(&path).unwrap();
            prop_assert_eq!(url.path(), path.as_str());
        }
    }

    #[test]
    fn what_was_read_reads_again_as_the_same(text in "\\PC{0,40}") {
        if let Ok(name) = text.parse::<DisplayName>() {
            prop_assert_eq!(name.as_str().parse::<DisplayName>().unwrap(), name);
        }
        if let Ok(email) = text.parse::<Email>() {
            prop_assert_eq!(email.as_str().parse::<Email>().unwrap(), email);
        }
    }
}

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

proptest! {
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

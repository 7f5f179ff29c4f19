use super::*;
use domain::{GateSettings, Group, Id, Time};
use proptest::prelude::*;

const OWN: u8 = 0;

fn group(number: u8) -> AppAccess {
    AppAccess { groups: vec![Id::<Group>::from_bytes([number; 16])], ..AppAccess::default() }
}

fn rule(path: &str, methods: &[&str], allow: Allow) -> Rule {
    let methods = methods.iter().map(|method| (*method).to_owned()).collect();
    Rule { path: path.to_owned(), methods, allow }
}

fn rules(rules: Vec<Rule>) -> Rules {
    Rules::of(&App {
        id: Id::from_bytes([1; 16]),
        name: "notes".parse().unwrap(),
        hosts: Vec::new(),
        upstreams: Vec::new(),
        gate: GateSettings { rules, ..GateSettings::default() },
        access: group(OWN),
        basic: false,
        created_at: Time::from_micros(0),
    })
}

/// Pages for anyone, one part for group 1, writing to another part for group 2, and the rest for the app's own.
fn some() -> Rules {
    rules(vec![
        rule("/share/inner", &[], Allow::Only(group(1))),
        rule("/share", &["GET"], Allow::Anyone),
        rule("/feed/", &[], Allow::SignedIn),
        rule("/wiki", &["PUT", "delete"], Allow::Only(group(2))),
    ])
}

/// What is demanded, by group: `*` for any account, and nothing at all as an empty text.
fn demanded(rules: &Rules, method: &str, path: &str) -> String {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let Demand::All(all) = rules.demand(&method, path) else { return String::new() };
    let name = |one: &Arc<Requirement>| {
        let facts = format!("{:?}", one.facts.attributes);
        let groups = (OWN..=2).filter(|number| facts.contains(&group(*number).groups[0].to_string()));
        let names: String = groups.map(|number| number.to_string()).collect();
        if names.is_empty() { "*".to_owned() } else { names }
    };
    all.iter().map(name).collect::<Vec<_>>().join("+")
}

#[test]
fn the_first_rule_that_matches_decides() {
    let rules = some();
    for (method, path, wanted) in [
        ("GET", "/", "0"),
        ("GET", "/share", ""),
        ("GET", "/share/", ""),
        ("HEAD", "/share/x", ""),
        ("POST", "/share", "0"),
        ("GET", "/shared", "0"),
        ("GET", "/share/inner/x", "1"),
        ("GET", "/feed", "*"),
        ("POST", "/feed/x", "*"),
        ("PUT", "/wiki", "2"),
        ("DELETE", "/wiki/x", "2"),
        ("GET", "/wiki", "0"),
        ("GET", "/%73hare/%78", ""),
    ] {
        assert_eq!(demanded(&rules, method, path), wanted, "{method} {path}");
    }
}

#[test]
fn rule_12_a_path_that_can_be_read_in_two_ways_fulfils_the_app_s_access_and_every_rule_s() {
    let rules = some();
    for path in ["/share/../x", "/share/%2e%2e/x", "//share", "/share;x", "/share%2fx", "*", "/share/\\x"] {
        assert_eq!(demanded(&rules, "GET", path), "0+1+2", "{path}");
    }
}

#[test]
fn rule_12_an_app_that_is_lax_about_capitals_is_not_open_where_a_rule_keeps_out() {
    let rules = some();
    for (method, path, wanted) in [
        ("GET", "/Share", "0"),
        ("GET", "/share/Inner", "0+1"),
        ("GET", "/share/inner%3Fx", "0+1"),
        ("GET", "/FEED", "0+*"),
        ("put", "/wiki", "0+2"),
        ("get", "/share", "0"),
    ] {
        assert_eq!(demanded(&rules, method, path), wanted, "{method} {path}");
    }
}

#[test]
fn a_rule_whose_path_cannot_be_read_opens_nothing() {
    let rules = rules(vec![rule("share", &[], Allow::Anyone), rule("/a/../b", &[], Allow::Anyone)]);
    for path in ["/share", "/b", "/", "/a"] {
        assert_eq!(demanded(&rules, "GET", path), "0", "{path}");
    }
}

#[test]
fn a_rule_whose_methods_cannot_be_read_speaks_of_none() {
    assert_eq!(demanded(&rules(vec![rule("/", &["G T"], Allow::Anyone)]), "GET", "/"), "0");
}

#[test]
fn a_rule_for_the_root_speaks_of_everything() {
    let rules = rules(vec![rule("/", &[], Allow::Anyone)]);
    for path in ["/", "/x", "/x/y"] {
        assert_eq!(demanded(&rules, "GET", path), "", "{path}");
    }
    assert_eq!(demanded(&rules, "GET", "/x/.."), "0");
}

#[test]
fn where_there_are_no_rules_a_path_does_not_matter() {
    let rules = rules(Vec::new());
    for path in ["/", "/a/../b", "*", "/%zz"] {
        assert_eq!(demanded(&rules, "GET", path), "0", "{path}");
    }
}

proptest! {
    #[test]
    fn rule_12_nothing_is_open_to_anyone_but_what_is_spelled_below_a_rule_for_anyone(path in "/(share|inner|%2e|%2f|\\.|/|;|x|%){0,6}") {
        if demanded(&some(), "GET", &path).is_empty() {
            let segments: Vec<&str> = path.split('/').collect();
            prop_assert_eq!(segments[1], "share", "{}", path);
            prop_assert!(segments.get(2) != Some(&"inner") && !segments.contains(&".."), "{}", path);
        }
    }
}

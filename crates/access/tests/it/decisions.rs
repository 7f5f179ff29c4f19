//! Who may open which app, as far as the caches know.

use crate::stage::{Stage, ada, app, bearer, map};
use domain::{Allow, App, AppAccess, GateSettings, HostName, Id, Rule, Scope, Selection};
use doorward_access::{CredentialError, Demand};
use http::Method;

#[tokio::test]
async fn replaced_apps_are_decided_on_anew() {
    let stage = Stage::open();
    let cookie = stage.ada_at_notes();
    let is_open = async || {
        let who = stage.who("notes", &[("cookie", &cookie)]).await.unwrap().unwrap();
        stage.access.decide(&who, stage.route("notes").own()).is_allow()
    };
    let access = |access| App { access, ..app(1, &["notes"]) };
    assert!(is_open().await);
    stage.access.replace_apps(&[access(AppAccess::default())]);
    assert!(!is_open().await);
    let family = AppAccess { groups: vec![Id::from_bytes([2; 16])], ..AppAccess::default() };
    stage.access.replace_apps(&[access(family)]);
    assert!(is_open().await);
    let others = AppAccess { groups: vec![Id::from_bytes([9; 16])], ..AppAccess::default() };
    stage.access.replace_apps(&[access(others)]);
    assert!(!is_open().await);
    stage.access.replace_apps(&[access(AppAccess { users: vec![ada().id], ..AppAccess::default() })]);
    assert!(is_open().await);
}

#[tokio::test]
async fn a_host_leads_where_the_newest_apps_say() {
    let stage = Stage::open();
    let old = stage.route("notes");
    stage.access.replace_apps(&[app(3, &["notes", "journal"])]);
    assert!(stage.access.find_app("dav.localhost").is_none());
    let new = stage.access.find_app("journal.localhost").unwrap();
    assert_eq!(new.app.id, stage.route("notes").app.id);
    assert!(stage.access.find_route(old.app.id, &old.origin).is_none());
    assert!(stage.access.find_route(new.app.id, &new.origin).is_some());
    assert!(stage.access.find_route(new.app.id, &"http://journal.localhost".parse().unwrap()).is_none());
}

#[tokio::test]
async fn a_token_opens_no_app_beyond_its_scope() {
    let stage = Stage::open();
    let scope = Scope { apps: Selection::Only(vec![app(1, &["notes"]).id]), permissions: Selection::All };
    let token = bearer(&stage.token(&ada(), scope));
    for (name, open) in [("notes", true), ("dav", false)] {
        let who = stage.who(name, &[("authorization", &token)]).await.unwrap().unwrap();
        assert_eq!(stage.access.decide(&who, stage.route(name).own()).is_allow(), open, "{name}");
    }
}

#[tokio::test]
async fn the_open_apps_are_listed_once_each_and_by_name() {
    let stage = Stage::open();
    let closed = App { access: AppAccess::default(), ..app(4, &["closed"]) };
    stage.access.replace_apps(&[app(1, &["wiki", "old-wiki"]), closed, app(3, &["dav"])]);
    let cookie = crate::stage::cookie(&stage.session(&ada(), &stage.route("dav").origin));
    let who = stage.who("dav", &[("cookie", &cookie)]).await.unwrap().unwrap();
    let names: Vec<_> =
        stage.access.open_routes(&who).iter().map(|route| route.app.name.to_string()).collect();
    assert_eq!(names, ["dav", "wiki"]);
}

fn rule(path: &str, allow: Allow) -> Rule {
    Rule { path: path.to_owned(), methods: Vec::new(), allow }
}

fn family() -> AppAccess {
    AppAccess { groups: vec![Id::from_bytes([2; 16])], ..AppAccess::default() }
}

/// An app that is open to nobody, and by these rules.
fn by_rules(number: u8, name: &str, rules: Vec<Rule>) -> App {
    let gate = GateSettings { rules, ..GateSettings::default() };
    App { gate, access: AppAccess::default(), ..app(number, &[name]) }
}

#[tokio::test]
async fn a_decision_on_one_rule_is_never_that_on_another() {
    let stage = Stage::open();
    let none = AppAccess::default();
    let rules = vec![
        rule("/family", Allow::Only(family())),
        rule("/nobody", Allow::Only(none)),
        rule("/all", Allow::SignedIn),
    ];
    stage.access.replace_apps(&[by_rules(1, "notes", rules)]);
    let (cookie, route) = (stage.ada_at_notes(), stage.route("notes"));
    let who = stage.who("notes", &[("cookie", &cookie)]).await.unwrap().unwrap();
    for _ in 0..2 {
        for (path, open) in [("/family", true), ("/nobody", false), ("/all", true), ("/", false)] {
            let Demand::All(all) = route.demand(&Method::GET, path) else { panic!("{path} is for anyone") };
            assert_eq!(stage.access.find_denial(&who, all).is_none(), open, "{path}");
        }
    }
}

#[tokio::test]
async fn an_app_that_only_a_rule_opens_is_listed_and_opens_where_the_rule_says() {
    let stage = Stage::open();
    let others = AppAccess { groups: vec![Id::from_bytes([9; 16])], ..AppAccess::default() };
    stage.access.replace_apps(&[
        app(1, &["notes"]),
        by_rules(
            2,
            "photos",
            vec![rule("/other", Allow::Only(others)), rule("/ours", Allow::Only(family()))],
        ),
        by_rules(3, "hooks", vec![rule("/hook", Allow::Anyone)]),
        by_rules(4, "site", vec![rule("/", Allow::Anyone)]),
    ]);
    let cookie = stage.ada_at_notes();
    let who = stage.who("notes", &[("cookie", &cookie)]).await.unwrap().unwrap();
    let open = stage.access.open_routes(&who);
    let listed: Vec<_> =
        open.iter().map(|route| (route.app.name.as_str(), stage.access.entry(&who, route))).collect();
    assert_eq!(listed, [("notes", "/"), ("photos", "/ours"), ("site", "/")]);
}

#[tokio::test]
async fn a_wildcard_stands_for_one_label_and_an_exact_host_wins() {
    let stage = Stage::open();
    let hosts = ["*.notes.localhost", "*.localhost"].map(|host| HostName::from_stored(host.to_owned()));
    let wild = App { hosts: hosts.to_vec(), ..app(5, &["wild"]) };
    stage.access.replace_apps(&[wild, app(1, &["notes"])]);
    let find = |host: &str| stage.access.find_app(host).map(|route| route.app.name.to_string());
    assert_eq!(find("notes.localhost").as_deref(), Some("notes"));
    assert_eq!(find("a.notes.localhost").as_deref(), Some("wild"));
    assert_eq!(find("a-1.localhost").as_deref(), Some("wild"));
    let long = format!("{}.localhost", "a".repeat(64));
    for host in ["b.a.notes.localhost", "localhost", ".localhost", "*.localhost", "a_b.localhost", &long] {
        assert_eq!(find(host), None, "{host}");
    }
}

#[tokio::test]
async fn rule_02_an_origin_below_a_wildcard_is_the_app_s_with_its_scheme_and_port_alone() {
    let stage = Stage::at("http://door.localhost:8080");
    let host = HostName::from_stored("*.localhost".to_owned());
    stage.access.replace_apps(&[App { hosts: vec![host], ..app(5, &["wild"]) }, app(1, &["notes"])]);
    let finds = |number: u8, origin: &str| {
        stage.access.find_route(Id::from_bytes([number; 16]), &origin.parse().unwrap()).is_some()
    };
    assert!(finds(5, "http://a.localhost:8080"));
    assert!(!finds(5, "https://a.localhost:8080"));
    assert!(!finds(5, "http://a.localhost"));
    assert!(!finds(5, "http://*.localhost:8080"));
    assert!(!finds(5, "http://notes.localhost:8080"), "another app's own host");
    assert!(!finds(5, "http://door.localhost:8080"), "the home host");
    assert!(!finds(1, "http://a.localhost:8080"));
}

#[tokio::test]
async fn rule_03_a_session_below_a_wildcard_opens_its_one_host() {
    let stage = Stage::open();
    let host = HostName::from_stored("*.notes.localhost".to_owned());
    stage.access.replace_apps(&[App { hosts: vec![host], ..app(1, &["notes"]) }]);
    let (one, other) = (stage.route("one.notes"), stage.route("other.notes"));
    let cookie = crate::stage::cookie(&stage.session(&ada(), &one.origin));
    let headers = map(&[("cookie", &cookie)]);
    let who = stage.access.authenticate(&headers, &one).await.unwrap().unwrap();
    assert!(stage.access.decide(&who, one.own()).is_allow());
    assert_eq!(stage.access.authenticate(&headers, &other).await.unwrap_err(), CredentialError::SessionEnded);
}

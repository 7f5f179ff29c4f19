//! Who may open which app, as far as the caches know.

use crate::stage::{Stage, ada, app, bearer};
use domain::{App, AppAccess, Id, Scope, Selection};

#[tokio::test]
async fn replaced_apps_are_decided_on_anew() {
    let stage = Stage::open();
    let cookie = stage.ada_at_notes();
    let is_open = async || {
        let who = stage.who("notes", &[("cookie", &cookie)]).await.unwrap().unwrap();
        stage.access.decide(&who, &stage.route("notes")).is_allow()
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
        assert_eq!(stage.access.decide(&who, &stage.route(name)).is_allow(), open, "{name}");
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

//! The settings of an app: what is refused in the transaction, what stays, and what the log says.

use crate::stage::{Stage, operator};
use domain::{
    Allow, App, AppLimits, Event, FieldChanges, GateSettings, HealthCheck, Outcome, Role, Upstream,
};
use doorward_identity::{
    Error,
    apps::{self, AccessWanted, AllowWanted, AppChange, Change, GateChange, NewApp, RuleWanted},
    groups,
};
use std::time::Duration;

const SECRET: &str = "Basic Y2FuYXJ5OmNhbmFyeQ";

fn notes() -> NewApp {
    NewApp {
        name: "notes".parse().unwrap(),
        hosts: Vec::new(),
        upstreams: vec!["http://127.0.0.1:3000".parse().unwrap()],
        access: AccessWanted::default(),
        basic: false,
        gate: GateChange::default(),
    }
}

fn rule(path: &str, allow: AllowWanted) -> RuleWanted {
    RuleWanted { path: path.to_owned(), methods: vec!["GET".to_owned()], allow }
}

fn set(name: &str, value: &str) -> Change<FieldChanges> {
    let set = vec![(name.to_owned(), value.to_owned())];
    Change::To(FieldChanges { set, remove: vec!["server".to_owned()] })
}

/// A change of every setting.
fn every_setting() -> GateChange {
    let family = AccessWanted {
        groups: vec!["family".to_owned(), "FAMILY".to_owned()],
        users: vec!["ada".to_owned()],
        roles: vec![Role::Admin, Role::Admin],
        ..AccessWanted::default()
    };
    GateChange {
        rules: Change::To(vec![
            rule("/share", AllowWanted::Anyone),
            rule("/in", AllowWanted::SignedIn),
            rule("/kin", AllowWanted::Only(family)),
        ]),
        origins: Change::To(vec!["https://board.example.org".parse().unwrap()]),
        request_headers: set("authorization", SECRET),
        answer_headers: set("x-frame-options", "DENY"),
        limits: Change::To(AppLimits { requests_per_minute: Some(60), ..AppLimits::default() }),
        health: Change::To(HealthCheck { path: "/healthz".to_owned(), every_seconds: 5 }),
        maintenance: Change::To("Back at noon.".to_owned()),
        sign_in_hours: Change::To(8),
    }
}

async fn change(stage: &Stage, gate: GateChange) -> Result<App, Error> {
    stage.clock.advance(Duration::from_millis(1));
    let change = AppChange { gate, ..AppChange::default() };
    apps::update(&stage.house, operator(), "notes".to_owned(), change).await
}

async fn with_notes() -> Stage {
    let (stage, _) = Stage::with_ada().await;
    groups::create(&stage.house, operator(), "family".parse().unwrap()).await.unwrap();
    stage.clock.advance(Duration::from_millis(1));
    apps::create(&stage.house, operator(), notes()).await.unwrap();
    stage
}

async fn last_event(stage: &Stage) -> Event {
    stage.events().await.pop().unwrap()
}

#[tokio::test]
async fn every_setting_is_kept_with_groups_and_people_by_id() {
    let stage = with_notes().await;
    let app = change(&stage, every_setting()).await.unwrap();
    assert_eq!(apps::show(&stage.house, operator(), "notes".to_owned()).await.unwrap(), app);
    let Some(Allow::Only(family)) = app.gate.rules.last().map(|rule| &rule.allow) else { panic!("{app:?}") };
    assert_eq!(
        (family.groups.len(), family.users.len(), family.roles.as_slice()),
        (1, 1, &[Role::Admin][..])
    );
    assert_eq!(app.gate.sign_in_hours, Some(8));
    assert_eq!(app.gate.maintenance.as_deref(), Some("Back at noon."));

    let again = change(&stage, GateChange::from(app.gate.clone())).await.unwrap();
    assert_eq!(again.gate, app.gate, "what was read can be written again");
}

#[tokio::test]
async fn what_is_not_named_stays_and_what_is_cleared_is_as_ever() {
    let stage = with_notes().await;
    let before = change(&stage, every_setting()).await.unwrap().gate;
    let reopened = GateChange { maintenance: Change::Clear, ..GateChange::default() };
    let after = change(&stage, reopened).await.unwrap().gate;
    assert_eq!(after, GateSettings { maintenance: None, ..before });
    let all = change(&stage, GateChange::from(GateSettings::default())).await.unwrap().gate;
    assert_eq!(all, GateSettings::default());
    let cleared = GateChange {
        rules: Change::Clear,
        origins: Change::Clear,
        request_headers: Change::Clear,
        answer_headers: Change::Clear,
        limits: Change::Clear,
        health: Change::Clear,
        maintenance: Change::Clear,
        sign_in_hours: Change::Clear,
    };
    change(&stage, every_setting()).await.unwrap();
    assert_eq!(change(&stage, cleared).await.unwrap().gate, GateSettings::default());
}

#[tokio::test]
async fn what_an_app_cannot_be_is_refused_and_nothing_changes() {
    let stage = with_notes().await;
    let stranger = AccessWanted { groups: vec!["nobody".to_owned()], ..AccessWanted::default() };
    let unfit = [
        GateChange { rules: Change::To(vec![rule("/a/../b", AllowWanted::Anyone)]), ..GateChange::default() },
        GateChange {
            rules: Change::To(vec![rule("/", AllowWanted::Only(stranger))]),
            ..GateChange::default()
        },
        GateChange { request_headers: set("Remote_User", "ada"), ..GateChange::default() },
        GateChange { answer_headers: set("x-a", "canary\r\nset-cookie: b"), ..GateChange::default() },
        GateChange { sign_in_hours: Change::To(0), ..GateChange::default() },
    ];
    let mut told = Vec::new();
    for unfit in unfit {
        let Err(Error::Refused(message)) = change(&stage, unfit).await else { panic!("it was taken") };
        told.push(message);
    }
    insta::assert_snapshot!(told.join("\n"), @r"
    a path looks like `/share` or `/`: segments of letters, digits and `-._~@:+=,$&!'()`, none empty and none of dots alone, no slash at the end and no `*` (a path stands for all below it), at most 200 characters
    there is no group `nobody`
    `Remote_User` is Doorward's own to set: choose a header that neither tells apps who asks, nor carries cookies, nor says where a message ends
    a header's value is 1 to 4096 printable ASCII characters without a blank at either end
    `sign_in_hours` is 1 to 720
    ");
    let upstreams = Some(vec![Upstream::Sample, "http://a".parse().unwrap()]);
    let both = AppChange { upstreams, ..AppChange::default() };
    let refused = apps::update(&stage.house, operator(), "notes".to_owned(), both).await;
    assert!(matches!(refused, Err(Error::Refused(_))));
    let new = NewApp { name: "wiki".parse().unwrap(), upstreams: Vec::new(), ..notes() };
    assert!(matches!(apps::create(&stage.house, operator(), new).await, Err(Error::Refused(_))));

    let app = apps::show(&stage.house, operator(), "notes".to_owned()).await.unwrap();
    assert_eq!(app.gate, GateSettings::default());
    assert_eq!(last_event(&stage).await.action, "app:create", "what is refused is no change");
}

#[tokio::test]
async fn rule_02_no_host_takes_in_the_home_host() {
    let stage = Stage::at("https://home.example.org");
    stage.set_up_ada().await;
    let with = async |name: &str, host: &str| {
        let hosts = vec![host.parse().unwrap()];
        let new = NewApp { name: name.parse().unwrap(), hosts, ..notes() };
        apps::create(&stage.house, operator(), new).await.map(drop)
    };
    for host in ["home.example.org", "HOME.example.org", "*.example.org"] {
        let refused = with("notes", host).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{host}: {refused:?}");
    }
    let Err(error) = with("notes", "*.example.org").await else { panic!("it was taken") };
    assert_eq!(
        error.to_string(),
        "`*.example.org` would take in the home host `home.example.org`: name the app's hosts one by one"
    );
    for (name, host) in [("notes", "*.home.example.org"), ("wiki", "*.org"), ("mail", "a.home.example.org")] {
        with(name, host).await.unwrap_or_else(|error| panic!("{host}: {error}"));
    }
    let taken = with("other", "*.ORG").await;
    assert!(matches!(taken, Err(Error::Conflict(_))), "{taken:?}");
}

#[tokio::test]
async fn rule_05_the_log_has_the_names_of_headers_and_never_their_values() {
    let stage = with_notes().await;
    change(&stage, every_setting()).await.unwrap();
    let other =
        GateChange { request_headers: set("Authorization", "Basic Y2FuYXJ5"), ..GateChange::default() };
    change(&stage, other).await.unwrap();
    let event = last_event(&stage).await;
    assert_eq!((event.action.as_str(), event.outcome), ("app:update", Outcome::Done));
    let after = event.detail.as_ref().unwrap().get("after").unwrap().clone();
    let of = |pointer: &str| after.pointer(pointer).unwrap().to_string();
    assert_eq!(of("/gate/request_headers"), r#"{"set":["Authorization"],"remove":["server"]}"#);
    assert_eq!(of("/gate/answer_headers"), r#"{"set":["x-frame-options"],"remove":["server"]}"#);
    assert_eq!(of("/header_values_changed"), r#"["Authorization"]"#);
    assert_eq!(of("/gate/maintenance"), "\"Back at noon.\"");
    for event in stage.events().await {
        let text = format!("{event:?}");
        assert!(!text.contains("Y2FuYXJ5") && !text.contains("DENY"), "{text}");
    }
}

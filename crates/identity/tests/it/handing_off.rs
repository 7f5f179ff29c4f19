//! For which origins, and for whom, a code is issued, whatever the gateway knows.

use crate::stage::{Stage, by_session, operator};
use domain::{Allow, App, AppAccess, GateSettings, HostName, Rule};
use doorward_identity::{
    Error, SignedIn,
    apps::{self, AccessWanted, AppChange, NewApp},
    handoff::{HandOff, hand_off},
};

async fn app(stage: &Stage, name: &str, hosts: &[&str]) -> App {
    let new = NewApp {
        name: name.parse().unwrap(),
        hosts: hosts.iter().map(|host| HostName::from_stored((*host).to_owned())).collect(),
        upstreams: vec!["builtin:sample".parse().unwrap()],
        access: AccessWanted { everyone: true, ..AccessWanted::default() },
        basic: false,
        gate: GateSettings::default().into(),
    };
    apps::create(&stage.house, operator(), new).await.unwrap()
}

async fn code(stage: &Stage, who: &SignedIn, app: &App, origin: &str) -> Result<(), Error> {
    let input = HandOff { app: app.id, origin: origin.parse().unwrap(), challenge: [0; 32] };
    hand_off(&stage.house, &by_session(who), input).await.map(drop)
}

#[tokio::test]
async fn rule_02_a_code_is_issued_for_an_origin_of_the_app_alone() {
    let (stage, ada) = Stage::with_ada().await;
    let wild = app(&stage, "wild", &["*.wild.localhost"]).await;
    let notes = app(&stage, "notes", &["notes.wild.localhost"]).await;
    for (app, origin, is_own) in [
        (&wild, "http://one.wild.localhost:8080", true),
        (&wild, "https://one.wild.localhost:8080", false),
        (&wild, "http://one.wild.localhost", false),
        (&wild, "http://one.two.wild.localhost:8080", false),
        (&wild, "http://wild.localhost:8080", false),
        (&wild, "http://localhost:8080", false),
        (&wild, "http://*.wild.localhost:8080", false),
        (&wild, "http://notes.wild.localhost:8080", false),
        (&notes, "http://notes.wild.localhost:8080", true),
        (&notes, "http://one.wild.localhost:8080", false),
    ] {
        assert_eq!(code(&stage, &ada, app, origin).await.is_ok(), is_own, "{} at {origin}", app.name);
    }
}

#[tokio::test]
async fn a_code_is_issued_to_whom_the_app_or_one_of_its_rules_lets_in() {
    let (stage, ada) = Stage::with_ada().await;
    let notes = app(&stage, "notes", &["notes.localhost"]).await;
    let only = |access| vec![Allow::Anyone, Allow::Only(access)];
    let herself = AppAccess { users: vec![ada.user.id], ..AppAccess::default() };
    for (allows, may) in [
        (Vec::new(), false),
        (vec![Allow::Anyone], false),
        (only(AppAccess::default()), false),
        (only(herself), true),
        (vec![Allow::SignedIn], true),
    ] {
        let rule = |allow| Rule { path: "/x".to_owned(), methods: Vec::new(), allow };
        let rules: Vec<_> = allows.into_iter().map(rule).collect();
        let told = format!("{rules:?}");
        let gate = GateSettings { rules, ..GateSettings::default() }.into();
        let change = AppChange { access: Some(AccessWanted::default()), gate, ..AppChange::default() };
        apps::update(&stage.house, operator(), "notes".to_owned(), change).await.unwrap();
        assert_eq!(code(&stage, &ada, &notes, "http://notes.localhost:8080").await.is_ok(), may, "{told}");
    }
}

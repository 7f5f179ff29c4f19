//! What each use case leaves in the audit log, and what it never does.

use crate::stage::{PASSWORD, Stage, by_session, operator, password};
use domain::{Event, Role};
use doorward_identity::{
    Error, SignedIn, account,
    apps::{self, AccessWanted, AppChange, NewApp},
    audit::{self, EventFilter},
    groups,
    handoff::{self, Exchange, HandOff},
    sessions,
    sign_in::{self, Visitor},
    tokens::{self, NewToken},
    users::{self, UserChange},
};
use serde_json::Value as Json;
use std::time::Duration;

const NEXT: &str = "canary velvet lantern harbour";
const NONCE: [u8; 32] = [7; 32];

/// Every use case once, and what went through their hands and must be nowhere.
async fn whole_day() -> (Stage, SignedIn, Vec<String>) {
    let (stage, ada) = Stage::with_ada().await;
    let mut secrets = vec![PASSWORD.to_owned(), NEXT.to_owned(), ada.secret.reveal()];
    people(&stage, &ada).await;
    things(&stage, &ada).await;
    secrets.extend(opening(&stage, &ada).await);
    (stage, ada, secrets)
}

fn tick(stage: &Stage) {
    stage.clock.advance(Duration::from_millis(1));
}

async fn people(stage: &Stage, ada: &SignedIn) {
    let (house, actor) = (&stage.house, &by_session(ada));
    tick(stage);
    account::rename(house, actor, "Countess".parse().unwrap()).await.unwrap();
    tick(stage);
    account::change_password(house, actor, password(PASSWORD), password(NEXT)).await.unwrap();
    tick(stage);
    sign_in::prove_again(house, actor, password(NEXT)).await.unwrap();
    stage.account("ben", Role::Member).await;
    tick(stage);
    let change = UserChange { name: "Benjamin".parse().ok(), role: Some(Role::Admin), disabled: None };
    users::update(house, actor, "ben".to_owned(), change).await.unwrap();
    let ben = stage.sign_in("ben").await;
    stage.try_sign_in(("ben", "canary but wrong"), None).await.err().unwrap();
    tick(stage);
    sessions::end_others(house, &by_session(&ben)).await.unwrap();
    tick(stage);
    sessions::end(house, actor, ben.session.id).await.unwrap();
    tick(stage);
    users::list(house, &by_session(&ben), (None, 9)).await.unwrap_err();
}

async fn things(stage: &Stage, ada: &SignedIn) {
    let (house, actor) = (&stage.house, &by_session(ada));
    let family = || "family".to_owned();
    tick(stage);
    groups::create(house, actor, "family".parse().unwrap()).await.unwrap();
    tick(stage);
    groups::add_member(house, actor, family(), "ben".to_owned()).await.unwrap();
    tick(stage);
    groups::remove_member(house, actor, family(), "ben".to_owned()).await.unwrap();
    tick(stage);
    groups::rename(house, actor, family(), "kin".parse().unwrap()).await.unwrap();
    tick(stage);
    groups::delete(house, actor, "kin".to_owned()).await.unwrap();
    let new = NewApp {
        name: "notes".parse().unwrap(),
        hosts: Vec::new(),
        upstreams: vec!["builtin:sample".parse().unwrap()],
        access: AccessWanted::default(),
        basic: false,
        gate: apps::GateChange::default(),
    };
    tick(stage);
    apps::create(house, operator(), new).await.unwrap();
    tick(stage);
    let everyone = AccessWanted { everyone: true, ..AccessWanted::default() };
    let change = AppChange { access: Some(everyone), ..AppChange::default() };
    apps::update(house, actor, "notes".to_owned(), change).await.unwrap();
}

async fn opening(stage: &Stage, ada: &SignedIn) -> [String; 3] {
    let (house, actor) = (&stage.house, &by_session(ada));
    let app = apps::show(house, actor, "notes".to_owned()).await.unwrap();
    let origin: domain::Origin = "http://notes.localhost:8080".parse().unwrap();
    let (id, challenge) = (app.id, handoff::challenge(house, &NONCE));
    let start = HandOff { app: id, origin: origin.clone(), challenge };
    let code = handoff::hand_off(house, actor, start).await.unwrap();
    let revealed = code.reveal();
    let end = Exchange { code, nonce: NONCE, app: id, origin, visitor: Visitor::default() };
    tick(stage);
    let opened = handoff::exchange(house, actor, end).await.unwrap_or_else(|error| panic!("{error}"));
    let new = NewToken {
        owner: None,
        name: "script".parse().unwrap(),
        expires_in_days: Some(7),
        apps: vec!["notes".to_owned()],
        permissions: vec!["token:list".to_owned()],
    };
    tick(stage);
    let (token, secret) = tokens::create(house, actor, new).await.unwrap();
    tick(stage);
    tokens::revoke(house, actor, token.id).await.unwrap();
    tick(stage);
    apps::delete(house, actor, "notes".to_owned()).await.unwrap();
    [revealed, opened.secret.reveal(), secret.reveal()]
}

/// A text with only the kind of each id.
fn without_ids(detail: &Json) -> String {
    let kind = |word: &str| if word.starts_with("usr_") { "usr".to_owned() } else { word.to_owned() };
    detail.to_string().split('"').map(kind).collect::<Vec<_>>().join("\"")
}

/// One line an event, with the ids by their kind and those who acted by their name.
fn line(event: &Event, ada: &str) -> String {
    let kind = |id: &str| id.split_once('_').map_or(id.to_owned(), |(kind, _)| kind.to_owned());
    let actor = if event.actor == ada { "ada".to_owned() } else { kind(&event.actor) };
    let resource = event.resource.as_deref().map_or("-".to_owned(), kind);
    format!("{actor} {} {resource} {}", event.action, event.outcome.as_str())
}

#[tokio::test]
async fn every_use_case_leaves_its_event() {
    let (stage, ada, _) = whole_day().await;
    let ada = ada.user.id.to_string();
    let lines: Vec<_> = stage.events().await.iter().map(|event| line(event, &ada)).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    local operator setup:create_link - done
    ada setup:complete usr done
    ada account:rename usr done
    ada account:change_password usr done
    ada session:prove ses done
    local operator user:create usr done
    ada user:update usr done
    usr session:create ses done
    anonymous session:create usr failed
    usr session:end_others usr done
    ada session:end ses done
    usr user:list - denied
    ada group:create grp done
    ada group:update grp done
    ada group:update grp done
    ada group:update grp done
    ada group:delete grp done
    local operator app:create app done
    ada app:update app done
    ada app:open app done
    ada token:create tok done
    ada token:revoke tok done
    ada app:delete app done
    ");
}

#[tokio::test]
async fn an_event_tells_what_was_and_what_is() {
    let (stage, _, _) = whole_day().await;
    let change = |event: &Event| Some(format!("{} {}", event.action, without_ids(event.detail.as_ref()?)));
    let changes: Vec<_> = stage.events().await.iter().filter_map(change).collect();
    insta::assert_snapshot!(changes.join("\n"), @r#"
    account:rename {"before":{"name":"ada"},"after":{"name":"Countess"}}
    account:change_password {"before":{},"after":{"sessions_ended":0}}
    user:create {"before":{},"after":{"email":"ben@example.org","handle":"ben","role":"member"}}
    user:update {"before":{"name":"ben","role":"member","disabled_at":null},"after":{"name":"Benjamin","role":"admin","disabled_at":null}}
    session:end_others {"before":{},"after":{"sessions_ended":0}}
    session:end {"before":{},"after":{"sessions_ended":1}}
    group:create {"before":{},"after":{"name":"family"}}
    group:update {"before":{},"after":{"member_added":"usr"}}
    group:update {"before":{"member_removed":"usr"},"after":{}}
    group:update {"before":{"name":"family"},"after":{"name":"kin"}}
    group:delete {"before":{"name":"kin"},"after":{}}
    app:create {"before":{},"after":{"name":"notes","hosts":["notes.localhost"],"upstreams":["builtin:sample"],"basic":false,"everyone":false,"groups":[],"users":[],"roles":[],"gate":{}}}
    app:update {"before":{"name":"notes","hosts":["notes.localhost"],"upstreams":["builtin:sample"],"basic":false,"everyone":false,"groups":[],"users":[],"roles":[],"gate":{}},"after":{"name":"notes","hosts":["notes.localhost"],"upstreams":["builtin:sample"],"basic":false,"everyone":true,"groups":[],"users":[],"roles":[],"gate":{}}}
    token:create {"before":{},"after":{"name":"script","prefix":"dwt_VviP","apps":["notes"],"permissions":["token:list"],"expires_at":"2027-01-22T08:00:00.019Z"}}
    token:revoke {"before":{},"after":{"name":"script","prefix":"dwt_VviP"}}
    app:delete {"before":{"name":"notes","hosts":["notes.localhost"],"upstreams":["builtin:sample"],"basic":false,"everyone":true,"groups":[],"users":[],"roles":[],"gate":{}},"after":{}}
    "#);
}

#[tokio::test]
async fn no_secret_is_in_any_event() {
    let (stage, _, secrets) = whole_day().await;
    for event in stage.events().await {
        let text = format!("{event:?}");
        assert!(!text.contains("canary"), "{text}");
        assert!(secrets.iter().all(|secret| !text.contains(secret)), "{text}");
        assert!(!text.contains("$argon2"), "{text}");
    }
}

#[tokio::test]
async fn the_log_is_asked_by_names_and_refuses_those_that_nobody_has() {
    let (stage, ada) = Stage::with_ada().await;
    let family = groups::create(&stage.house, &by_session(&ada), "family".parse().unwrap()).await.unwrap();
    let ask = async |actor: Option<&str>, resource: Option<&str>, text: Option<&str>| {
        let [actor, resource, text] = [actor, resource, text].map(|named| named.map(ToOwned::to_owned));
        let filter = EventFilter { actor, resource, text, ..EventFilter::default() };
        audit::list(&stage.house, operator(), filter, (None, 50)).await
    };
    let made = ask(Some("ada@example.org"), Some("family"), None).await.unwrap().items;
    assert_eq!((made.len(), made[0].action.as_str()), (1, "group:create"));
    for who in ["ada", &ada.user.id.to_string()] {
        assert_eq!(ask(Some(who), Some(&family.id.to_string()), None).await.unwrap().items.len(), 1, "{who}");
    }
    assert!(
        !ask(None, None, Some("FAMILY")).await.unwrap().items.is_empty(),
        "what changed is looked through"
    );
    groups::delete(&stage.house, operator(), "family".to_owned()).await.unwrap();
    assert_eq!(
        ask(None, Some(&family.id.to_string()), None).await.unwrap().items.len(),
        2,
        "its id is still known"
    );
    for (actor, resource) in [(Some("nobody-here"), None), (None, Some("family"))] {
        let refused = ask(actor, resource, None).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{actor:?} {resource:?}");
    }
    assert!(ask(Some("system"), None, None).await.is_ok());
}

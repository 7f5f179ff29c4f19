//! The audit log: what an event tells, and how events are found.

use crate::stage::{Stage, Wrong, operator, pages, stages, stranger};
use domain::{Actor, Event, Id, Outcome, Role, Time, Who};
use doorward_store::{
    Ending, Failure,
    tables::events::{self, EventFilter},
};
use policy::{
    Installation,
    actions::{CreateGroup, CreateUser, ListEvents, SignIn},
};
use serde_json::json;
use std::time::Duration;

async fn log(stage: &Stage, filter: &EventFilter) -> Vec<Event> {
    let pages = pages(async |after: Option<Id<Event>>| {
        let filter = filter.clone();
        let page = stage.list::<ListEvents, _>(operator(), move |tx, visible| {
            events::list(tx, visible, &filter, (after, 2))
        });
        page.await.unwrap()
    });
    pages.await.concat()
}

#[tokio::test]
async fn an_event_tells_who_what_why_and_what_changed() {
    for stage in stages() {
        let ada = stage.account("ada", Role::Admin).await;
        let home = stage.sign_in(&ada).await;
        let actor = Actor { address: "2001:db8::1".parse().ok(), request: "req-1".into(), ..home.actor };
        let done = stage.door.write(&actor, (), |work, ()| -> Result<_, Wrong> {
            let permit = work.permit::<CreateGroup>(&Installation)?;
            let change = (json!({ "name": "old" }), json!({ "name": "new" }));
            Ok(Ending::Done((), work.deed(permit).about("grp_1").change(change.0, change.1)))
        });
        stage.clock.advance(Duration::from_millis(1));
        done.await.unwrap();
        let event = stage.events().await.swap_remove(0);
        let id = event.id;
        assert_eq!(
            event,
            Event {
                id,
                at: domain::Clock::now(&*stage.clock),
                actor: ada.id.to_string(),
                proof: home.session.id.to_string(),
                address: Some("2001:db8::1".to_owned()),
                action: "group:create".to_owned(),
                resource: Some("grp_1".to_owned()),
                outcome: Outcome::Done,
                reasons: vec!["administrator: administrators may do this".to_owned()],
                detail: Some(json!({ "before": { "name": "old" }, "after": { "name": "new" } })),
                request: "req-1".to_owned(),
                count: 1,
                number: None,
            },
            "{}",
            stage.engine
        );
        assert_eq!(stage.see(move |tx| events::find(tx, id)).await, Some(event), "{}", stage.engine);
    }
}

#[tokio::test]
async fn a_failure_names_whom_it_was_tried_as() {
    for stage in stages() {
        let ada = stage.user("ada", Role::Admin);
        let failure = Failure::of::<SignIn>("wrong password").about(ada.id).by(Who::User(ada.id));
        stage.door.record_failure(stranger(), failure);
        assert_eq!(stage.door.flush_refusals().await.unwrap(), 1, "{}", stage.engine);
        let event = stage.events().await.swap_remove(0);
        assert_eq!((event.actor, event.resource), (ada.id.to_string(), Some(ada.id.to_string())));
        assert_eq!((event.outcome, event.reasons), (Outcome::Failed, vec!["wrong password".to_owned()]));
    }
}

#[tokio::test]
async fn rule_16_a_flood_of_denials_becomes_two_events() {
    for stage in stages() {
        for _ in 0..100 {
            let stranger = Actor::anonymous("192.0.2.1".parse().ok(), "test");
            stage.deed::<CreateUser, _>(&stranger, Installation, |_, _| Ok(())).await.unwrap_err();
        }
        assert_eq!(stage.door.flush_refusals().await.unwrap(), 1, "{}", stage.engine);
        assert_eq!(stage.door.flush_all_refusals().await.unwrap(), 1, "{}", stage.engine);
        let counts: i64 = stage.events().await.iter().map(|event| event.count).sum();
        assert_eq!(counts, 100, "{}", stage.engine);
    }
}

/// Three people who each make three groups, a second after each other.
async fn busy_day(stage: &Stage) -> Vec<Event> {
    for name in ["ada", "ben", "cas"] {
        let person = stage.account(name, Role::Admin).await;
        let actor = stage.sign_in(&person).await.actor;
        for number in 0..3 {
            stage.clock.advance(Duration::from_secs(1));
            let made = stage.door.write(&actor, (), move |work, ()| -> Result<_, Wrong> {
                let permit = work.permit::<CreateGroup>(&Installation)?;
                Ok(Ending::Done((), work.deed(permit).about(format!("grp_{number}%_!"))))
            });
            made.await.unwrap();
        }
    }
    log(stage, &EventFilter::default()).await
}

#[tokio::test]
async fn events_are_found_by_every_filter_and_any_of_them_together() {
    for stage in stages() {
        let all = busy_day(&stage).await;
        assert_eq!(all.len(), 15, "{}", stage.engine);
        assert!(all.is_sorted_by(|newer, older| newer.id > older.id), "{}", stage.engine);
        let one = all.first().unwrap().clone();
        let at: Vec<Time> = all.iter().map(|event| event.at).collect();
        let text = |text: &str| EventFilter { text: Some(text.to_owned()), ..EventFilter::default() };
        let filters = [
            (EventFilter { actor: Some(one.actor.clone()), ..EventFilter::default() }, 3),
            (EventFilter { action: Some(one.action.clone()), ..EventFilter::default() }, 9),
            (EventFilter { resource: one.resource.clone(), ..EventFilter::default() }, 3),
            (EventFilter { outcome: Some(Outcome::Done), ..EventFilter::default() }, 15),
            (EventFilter { outcome: Some(Outcome::Denied), ..EventFilter::default() }, 0),
            (EventFilter { from: at.get(1).copied(), ..EventFilter::default() }, 2),
            (EventFilter { to: at.get(1).copied(), ..EventFilter::default() }, 13),
            (EventFilter { from: at.get(2).copied(), to: at.first().copied(), ..EventFilter::default() }, 2),
            (text("GROUP:CREATE"), 9),
            (text("2%_!"), 3),
            (text("administrators may"), 9),
            (text("_____"), 0),
            (text("grp\0"), 0),
            (EventFilter { actor: Some("\0".to_owned()), ..EventFilter::default() }, 0),
            (EventFilter { actor: Some(one.actor), resource: one.resource, ..text("grp") }, 1),
        ];
        for (filter, number) in filters {
            let found = log(&stage, &filter).await;
            assert_eq!(found.len(), number, "{filter:?} on {}", stage.engine);
            assert!(found.iter().all(|event| all.contains(event)), "{filter:?} on {}", stage.engine);
        }
    }
}

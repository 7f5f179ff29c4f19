//! The ways in which a writing transaction ends, and what each leaves behind.

use crate::stage::{Stage, Wrong, failure, operator, stages, stranger};
use domain::{Group, Id};
use doorward_store::{
    Ending, StoreError, Work,
    tables::{groups, installation},
};
use policy::{
    Hint, Installation, Permit,
    actions::{CompleteSetup, CreateGroup},
};
use std::time::Duration;

/// Writes a group in the middle of a transaction that is to end in some other way.
fn begin<'c>(work: &mut Work<'_, 'c>, group: &Group) -> Result<Permit<'c, CreateGroup>, Wrong> {
    let permit = work.permit::<CreateGroup>(&Installation)?;
    groups::insert(work, &permit, group)?;
    Ok(permit)
}

fn family(stage: &Stage) -> Group {
    Group { id: stage.id(), name: "family".parse().unwrap(), created_at: crate::stage::START }
}

async fn is_there(stage: &Stage, id: Id<Group>) -> bool {
    stage.see(move |tx| groups::find(tx, id)).await.is_some()
}

#[tokio::test]
async fn what_is_done_is_committed_with_its_event() {
    for stage in stages() {
        let group = family(&stage);
        let done = stage.door.write(operator(), group.clone(), |work, group| -> Result<_, Wrong> {
            let permit = begin(work, group)?;
            Ok(Ending::Done(7, work.deed(permit).about(group.id)))
        });
        assert_eq!(done.await.unwrap(), 7);
        assert!(is_there(&stage, group.id).await, "{}", stage.engine);
        let events = stage.events().await;
        let [event] = events.as_slice() else { panic!("one event, not {events:?}") };
        assert_eq!(event.action, "group:create");
        assert_eq!(event.resource, Some(group.id.to_string()));
        assert_eq!(event.reasons, ["local operator: whoever holds the data directory may do this"]);
    }
}

#[tokio::test]
async fn a_refusal_commits_what_it_leaves_behind_and_answers_the_error() {
    for stage in stages() {
        let code = stage.setup_code().await;
        stage.tick();
        let refused = stage.door.write(stranger(), code, |work, code| -> Result<Ending<(), _>, Wrong> {
            let permit = work.permit::<CompleteSetup>(&Installation)?;
            assert!(installation::spend_setup_code(work, &permit, &[*code])?);
            Ok(Ending::Refused(Wrong::Itself, failure()))
        });
        assert!(matches!(refused.await, Err(Wrong::Itself)), "{}", stage.engine);
        assert!(!stage.see(move |tx| installation::is_setup_code(tx, &[code])).await, "{}", stage.engine);
        assert_eq!(
            stage.story().await,
            ["local operator setup:create_link done", "anonymous session:create failed"],
            "{}",
            stage.engine
        );
    }
}

#[tokio::test]
async fn housekeeping_is_committed_without_an_event() {
    for stage in stages() {
        let code = stage.setup_code().await;
        let kept = stage.door.write(stranger(), code, |work, code| -> Result<_, Wrong> {
            let permit = work.permit::<CompleteSetup>(&Installation)?;
            Ok(Ending::Housekeeping(installation::spend_setup_code(work, &permit, &[*code])?))
        });
        assert!(kept.await.unwrap(), "{}", stage.engine);
        assert!(!stage.see(move |tx| installation::is_setup_code(tx, &[code])).await, "{}", stage.engine);
        assert_eq!(stage.events().await.len(), 1, "{}", stage.engine);
    }
}

#[tokio::test]
async fn an_error_rolls_back_and_leaves_no_event() {
    for stage in stages() {
        let group = family(&stage);
        let failed =
            stage.door.write(operator(), group.clone(), |work, group| -> Result<Ending<(), _>, Wrong> {
                begin(work, group)?;
                Err(Wrong::Itself)
            });
        assert!(matches!(failed.await, Err(Wrong::Itself)), "{}", stage.engine);
        assert!(!is_there(&stage, group.id).await, "{}", stage.engine);
        assert!(stage.events().await.is_empty(), "{}", stage.engine);
    }
}

#[tokio::test]
async fn rule_14_a_denial_is_recorded_although_its_transaction_rolls_back() {
    for stage in stages() {
        let group = family(&stage);
        let denied = stage.door.write(stranger(), group, |work, group| -> Result<Ending<(), _>, Wrong> {
            begin(work, group)?;
            Ok(Ending::Housekeeping(()))
        });
        let Err(Wrong::Denied(denied)) = denied.await else { panic!("not denied") };
        assert_eq!((denied.action, denied.hint), ("group:create", Hint::SignIn), "{}", stage.engine);
        assert!(stage.events().await.is_empty(), "{}", stage.engine);
        assert_eq!(stage.door.flush_refusals().await.unwrap(), 1, "{}", stage.engine);
        assert_eq!(stage.story().await, ["anonymous group:create denied"], "{}", stage.engine);
        assert_eq!(stage.door.flush_refusals().await.unwrap(), 0, "{}", stage.engine);
    }
}

#[tokio::test]
async fn rule_14_a_denial_in_a_reading_transaction_is_recorded_too() {
    for stage in stages() {
        let denied = stage.show::<CreateGroup, _>(stranger(), Installation, |_, _| Ok(()));
        assert!(matches!(denied.await, Err(Wrong::Denied(_))), "{}", stage.engine);
        stage.door.flush_refusals().await.unwrap();
        assert_eq!(stage.story().await, ["anonymous group:create denied"], "{}", stage.engine);
    }
}

#[tokio::test]
async fn a_swallowed_statement_error_keeps_nothing_of_the_transaction() {
    for stage in stages() {
        let group = family(&stage);
        let done = stage.door.write(operator(), group.clone(), |work, group| -> Result<_, Wrong> {
            let permit = begin(work, group)?;
            work.find::<i64>("SELECT nothing FROM nowhere", &[]).unwrap_err();
            assert!(matches!(work.find::<i64>("SELECT 1", &[]), Err(StoreError::Poisoned)));
            Ok(Ending::Done((), work.deed(permit)))
        });
        assert!(matches!(done.await, Err(Wrong::Store(StoreError::Poisoned))), "{}", stage.engine);
        assert!(!is_there(&stage, group.id).await, "{}", stage.engine);
        assert!(stage.events().await.is_empty(), "{}", stage.engine);
    }
}

#[tokio::test]
async fn a_change_stands_although_its_caller_went_away() {
    for stage in stages() {
        let group = family(&stage);
        let write = stage.door.write(operator(), group.clone(), |work, group| -> Result<_, Wrong> {
            let permit = begin(work, group)?;
            Ok(Ending::Done((), work.deed(permit)))
        });
        // Polled once, which sends the function on its way, and dropped.
        tokio::select! { biased; _ = write => panic!("answered at once"), () = std::future::ready(()) => {} }
        // Its transaction runs in turn, or beside others: until then, others run.
        let others = async {
            while !is_there(&stage, group.id).await {
                stage.keep_house(|_| Ok(())).await;
            }
        };
        let done = tokio::time::timeout(Duration::from_secs(30), others).await;
        assert!(done.is_ok(), "nothing was changed on {}", stage.engine);
    }
}

#[tokio::test]
async fn what_waits_is_written_before_the_door_is_gone() {
    for stage in stages() {
        let group = family(&stage);
        let write = stage.door.write(operator(), group.clone(), |work, group| {
            let permit = begin(work, group)?;
            Ok::<_, Wrong>(Ending::Done((), work.deed(permit)))
        });
        tokio::select! { biased; _ = write => panic!("answered at once"), () = std::future::ready(()) => {} }
        let stage = stage.reopen();
        assert!(is_there(&stage, group.id).await, "{}", stage.engine);
    }
}

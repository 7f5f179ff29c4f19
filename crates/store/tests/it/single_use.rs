//! Codes: of any number of tries one wins.

use crate::{
    people::{app_host, everyone},
    stage::{Stage, Wrong, failure, stages, stranger},
};
use domain::{Actor, Clock, Role};
use doorward_store::{
    Ending, StoreError, Work,
    tables::{StoredDigest, handoffs, installation},
};
use policy::{
    Action, Installation, Permit,
    actions::{CompleteSetup, OpenApp},
};
use std::{sync::Arc, time::Duration};
use tokio::task::JoinSet;

const TRIES: usize = 1_000;

/// How many of very many tries at once win.
async fn winners<A: Action>(
    stage: &Stage,
    (actor, on): (&Actor, A::On),
    spend: impl for<'c> Fn(&mut Work<'_, 'c>, &Permit<'c, A>) -> Result<bool, StoreError> + Copy + Send + 'static,
) -> usize
where
    A::On: Clone + Send,
{
    let mut tries = JoinSet::new();
    for _ in 0..TRIES {
        let (door, actor, on) = (Arc::clone(&stage.door), actor.clone(), on.clone());
        tries.spawn(async move {
            let write = door.write(&actor, on, move |work, on| -> Result<_, Wrong> {
                let permit = work.permit::<A>(on)?;
                if spend(work, &permit)? {
                    return Ok(Ending::Done((), work.deed(permit)));
                }
                Ok(Ending::Refused(Wrong::Itself, failure()))
            });
            write.await
        });
    }
    let outcomes = tries.join_all().await;
    let losers = outcomes.iter().filter(|outcome| matches!(outcome, Err(Wrong::Itself))).count();
    let winners = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(winners + losers, TRIES, "some tries broke on {}", stage.engine);
    winners
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_19_one_setup_code_has_one_winner() {
    for stage in stages() {
        let code = stage.setup_code().await;
        let won = winners::<CompleteSetup>(&stage, (stranger(), Installation), move |work, permit| {
            installation::spend_setup_code(work, permit, &[code])
        });
        assert_eq!(won.await, 1, "{}", stage.engine);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rule_01_one_callback_code_has_one_winner() {
    for stage in stages() {
        let ada = stage.account("ada", Role::Member).await;
        let (home, notes) = (stage.sign_in(&ada).await, stage.app("notes", everyone()).await);
        let code = stage.handoff_code(&home, &notes).await;
        let won = winners::<OpenApp>(&stage, (&home.actor, app_host(&notes)), move |work, permit| {
            handoffs::spend(work, permit, &[code])
        });
        assert_eq!(won.await, 1, "{}", stage.engine);
    }
}

async fn spend_setup_code(stage: &Stage, code: StoredDigest) -> bool {
    let spent = stage.deed::<CompleteSetup, _>(stranger(), Installation, move |work, permit| {
        installation::spend_setup_code(work, permit, &[code])
    });
    spent.await.unwrap()
}

#[tokio::test]
async fn rule_19_a_setup_code_that_lapsed_wins_nothing() {
    for stage in stages() {
        let code = stage.setup_code().await;
        assert!(!spend_setup_code(&stage, stage.digest()).await, "{}", stage.engine);
        stage.clock.advance(Duration::from_mins(30));
        assert!(!stage.see(move |tx| installation::is_setup_code(tx, &[code])).await, "{}", stage.engine);
        assert!(!spend_setup_code(&stage, code).await, "{}", stage.engine);
    }
}

#[tokio::test]
async fn rule_01_a_callback_code_is_good_for_its_browser_its_app_and_its_minute_alone() {
    for stage in stages() {
        let ada = stage.account("ada", Role::Member).await;
        let home = stage.sign_in(&ada).await;
        let (notes, wiki) = (stage.app("notes", everyone()).await, stage.app("wiki", everyone()).await);
        let code = stage.handoff_code(&home, &notes).await;
        let find = |challenge| stage.see(move |tx| handoffs::find(tx, &[code], &challenge));
        let spend = |app| {
            stage.deed::<OpenApp, _>(&home.actor, app_host(app), move |work, permit| {
                handoffs::spend(work, permit, &[code])
            })
        };
        assert!(find([2; 32]).await.is_none(), "another browser found the code on {}", stage.engine);
        let found = find([1; 32]).await.unwrap();
        assert_eq!((found.app, found.session), (notes.id, home.session.id), "{}", stage.engine);
        assert!(!spend(&wiki).await.unwrap(), "another app spent the code on {}", stage.engine);
        assert!(spend(&notes).await.unwrap(), "{}", stage.engine);
        assert!(find([1; 32]).await.is_none() && !spend(&notes).await.unwrap(), "{}", stage.engine);
        let late = stage.handoff_code(&home, &notes).await;
        stage.clock.advance(Duration::from_mins(1));
        assert!(
            stage.see(move |tx| handoffs::find(tx, &[late], &[1; 32])).await.is_none(),
            "{}",
            stage.engine
        );
        let now = stage.clock.now().plus(Duration::from_millis(1));
        assert_eq!(stage.keep_house(move |work| handoffs::sweep(work, now)).await, 2, "{}", stage.engine);
    }
}

//! Many transactions in one commit: each stands or falls alone.

use crate::{
    people::by_token,
    stage::{Stage, Wrong, operator, stages},
};
use domain::{Group, GroupName, Id, Role};
use doorward_store::{
    Committed, Ending, ReadTx, StoreError, Touch, Work,
    tables::{groups, tokens},
};
use policy::{
    Installation,
    actions::{CreateGroup, RevokeToken, UpdateGroup},
};
use std::{
    future::Future,
    sync::{Arc, Mutex, mpsc},
};
use tokio::sync::oneshot;

/// Sends `others` while the writer is busy with a transaction of its own, so that they become one batch.
async fn while_busy<O: Future>(stage: &Stage, others: O) -> O::Output {
    let (busy, until) = mpsc::channel::<()>();
    let (running, begun) = oneshot::channel();
    let (running, until) = (Mutex::new(Some(running)), Mutex::new(until));
    let occupied = stage.keep_house(move |_| {
        running.lock().unwrap().take().unwrap().send(()).unwrap();
        until.lock().unwrap().recv().unwrap_err();
        Ok(())
    });
    let sent = async {
        begun.await.unwrap();
        tokio::join!(biased; others, async { drop(busy) }).0
    };
    tokio::join!(occupied, sent).1
}

fn make(work: &mut Work<'_, '_>, (id, name): &(Id<Group>, GroupName)) -> Result<Ending<(), Wrong>, Wrong> {
    let permit = work.permit::<CreateGroup>(&Installation)?;
    let group = Group { id: *id, name: name.clone(), created_at: work.now() };
    groups::insert(work, &permit, &group)?;
    Ok(Ending::Done((), work.deed(permit)))
}

fn wanted(stage: &Stage, name: &str) -> (Id<Group>, GroupName) {
    (stage.id(), name.parse().unwrap())
}

#[tokio::test]
async fn what_goes_wrong_in_one_transaction_leaves_its_neighbours_alone() {
    for stage in stages() {
        let names = ["first", "broken", "refused", "failed", "last"];
        let [first, broken, refused, failed, last] = names.map(|name| wanted(&stage, name));
        let others = async {
            tokio::join!(
            biased;
            stage.door.write(operator(), first, make),
            stage.door.write(operator(), broken, |work, new| -> Result<Ending<(), Wrong>, _> {
                make(work, new)?;
                panic!("a writing function broke")
            }),
            stage.door.write(operator(), refused, |work, new| -> Result<Ending<(), Wrong>, _> {
                make(work, new)?;
                Err(Wrong::Itself)
            }),
            stage.door.write(operator(), failed, |work, new| -> Result<_, Wrong> {
                make(work, new)?;
                // The name is taken: a statement of the engine's own fails.
                make(work, new)
            }),
            stage.door.write(operator(), last, make),
            )
        };
        let (first, broken, refused, failed, last) = while_busy(&stage, others).await;
        first.unwrap();
        assert!(matches!(broken, Err(Wrong::Store(StoreError::Panicked))), "{}", stage.engine);
        assert!(matches!(refused, Err(Wrong::Itself)), "{}", stage.engine);
        assert!(
            matches!(failed, Err(Wrong::Store(StoreError::Sqlite(_) | StoreError::Postgres(_)))),
            "{}",
            stage.engine
        );
        last.unwrap();
        let names = stage.see(|tx| tx.list::<String>("SELECT name FROM groups ORDER BY name", &[])).await;
        assert_eq!(names, ["first", "last"], "{}", stage.engine);
        assert_eq!(stage.events().await.len(), 2, "{}", stage.engine);
    }
}

/// Counts the commits that it is told of.
struct Commits(Arc<Mutex<Vec<Vec<Touch>>>>);

impl Committed for Commits {
    fn committed(&self, touched: &[Touch], _: &mut ReadTx<'_>) {
        self.0.lock().unwrap().push(touched.to_vec());
    }
}

#[tokio::test]
async fn what_waits_together_is_committed_together() {
    for stage in [Stage::on_sqlite()] {
        let commits = Arc::new(Mutex::new(Vec::new()));
        let (ada, ben) = (stage.account("ada", Role::Admin).await, stage.account("ben", Role::Member).await);
        let family = stage.group("family").await;
        stage.door.listen(Box::new(Commits(Arc::clone(&commits))));
        let join = |user| {
            stage.deed::<UpdateGroup, _>(operator(), family.clone(), move |work, permit| {
                groups::add_member(work, permit, user)
            })
        };
        let others = async { tokio::join!(biased; join(ada.id), join(ben.id)) };
        let (one, other) = while_busy(&stage, others).await;
        assert!(one.unwrap() && other.unwrap(), "{}", stage.engine);
        let told = commits.lock().unwrap().clone();
        assert_eq!(told, [[Touch::User(ada.id), Touch::User(ben.id)]], "{}", stage.engine);
    }
}

#[tokio::test]
async fn rule_13_a_decision_sees_what_its_neighbour_in_the_same_commit_did() {
    for stage in [Stage::on_sqlite()] {
        let ada = stage.account("ada", Role::Admin).await;
        let session = stage.sign_in(&ada).await;
        let (token, _) = stage.token(&session.actor, &ada).await;
        let script = by_token(&token);
        let revoked = token.clone();
        let others = async {
            tokio::join!(
            biased;
            stage.deed::<RevokeToken, _>(&session.actor, token, move |work, permit| {
                tokens::revoke(work, permit, &revoked)
            }),
            stage.door.write(&script, wanted(&stage, "late"), make),
            )
        };
        let (revoked, late) = while_busy(&stage, others).await;
        revoked.unwrap();
        assert!(matches!(late, Err(Wrong::Denied(_))), "{}", stage.engine);
    }
}

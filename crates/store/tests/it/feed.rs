//! What one replica changes, the caches of the others learn.

use crate::{
    cluster::Cluster,
    stage::{Stage, operator, stages},
    wire::{Cut, Wire},
};
use domain::{Id, Role, User};
use doorward_store::{
    Committed, ReadTx, Touch,
    tables::{users, users::UserState},
};
use policy::actions::UpdateUser;
use std::{
    sync::{
        Arc, Mutex,
        mpsc::{self, Receiver},
    },
    time::Duration,
};
use tokio::{sync::oneshot, task::JoinSet, time::timeout};

const PATIENCE: Duration = Duration::from_secs(30);

/// Writes down whom it is told of.
#[derive(Clone, Default)]
struct Witness(Arc<Mutex<Vec<Touch>>>);

impl Committed for Witness {
    fn committed(&self, touched: &[Touch], _: &mut ReadTx<'_>) {
        self.0.lock().unwrap().extend(touched);
    }
}

impl Witness {
    /// Waits until all these have been told; hands back all that was, in its order.
    async fn hears(&self, expected: &[Touch]) -> Vec<Touch> {
        let heard = || self.0.lock().unwrap().clone();
        let all = async {
            while !expected.iter().all(|touch| heard().contains(touch)) {
                tokio::task::yield_now().await;
            }
        };
        assert!(timeout(PATIENCE, all).await.is_ok(), "waited in vain: {:?}", heard());
        heard()
    }
}

/// A second door on a stage's database, with a witness in it that has forgotten the beginning.
fn replica(stage: &Stage) -> (Stage, Witness) {
    let name = stage.database();
    let replica = Stage::on_postgresql_at(name, Cluster::running().address(name));
    let witness = listening(&replica);
    (replica, witness)
}

/// A witness of what is told from now on.
fn listening(stage: &Stage) -> Witness {
    let witness = Witness::default();
    stage.door.listen(Box::new(witness.clone()));
    witness
}

/// Waits until a stage hears of others' changes.
async fn fed(stage: &Stage) {
    let up = async {
        while !stage.door.is_fed() {
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, up).await.unwrap();
}

/// Says when a transaction has written, and waits before it is committed.
type Hold = (oneshot::Sender<()>, Receiver<()>);

async fn rename(stage: &Stage, user: &User, hold: Option<Hold>) {
    let row = UserState { name: "Countess".parse().unwrap(), role: user.role, disabled_at: None };
    let hold = Mutex::new(hold);
    let renamed = stage.deed::<UpdateUser, _>(operator(), user.clone(), move |work, permit| {
        users::update(work, permit, &row)?;
        if let Some((written, until)) = hold.lock().unwrap().take() {
            written.send(()).unwrap();
            until.recv().unwrap();
        }
        Ok(())
    });
    renamed.await.unwrap();
}

#[tokio::test]
async fn a_change_on_one_replica_is_told_on_the_others() {
    let stage = Stage::on_postgresql();
    let ada = stage.account("ada", Role::Member).await;
    let (_replica, witness) = replica(&stage);
    rename(&stage, &ada, None).await;
    assert_eq!(witness.hears(&[Touch::User(ada.id)]).await, [Touch::User(ada.id)]);
    stage.app("notes", crate::people::everyone()).await;
    assert_eq!(witness.hears(&[Touch::Apps]).await, [Touch::User(ada.id), Touch::Apps]);
}

#[tokio::test]
async fn rule_17_a_transaction_that_commits_after_a_younger_one_is_told_all_the_same() {
    let stage = Stage::on_postgresql();
    let (ada, ben) = (stage.account("ada", Role::Member).await, stage.account("ben", Role::Member).await);
    let (_replica, witness) = replica(&stage);
    let ((finish, until), (written, has_written)) = (mpsc::channel(), oneshot::channel());
    let (before, after) = (Touch::User(ben.id), Touch::User(ada.id));
    let younger = async {
        // The older transaction has its number now.
        has_written.await.unwrap();
        rename(&stage, &ben, None).await;
        assert_eq!(witness.hears(&[before]).await, [before]);
        finish.send(()).unwrap();
    };
    tokio::join!(rename(&stage, &ada, Some((written, until))), younger);
    assert_eq!(witness.hears(&[after]).await, [before, after]);
}

#[tokio::test]
async fn of_many_changes_at_once_on_two_replicas_a_third_misses_none() {
    let stage = Stage::on_postgresql();
    let mut people = Vec::new();
    for number in 0..60 {
        people.push(stage.account(&format!("user-{number}"), Role::Member).await);
    }
    let (other, _) = replica(&stage);
    let (_third, witness) = replica(&stage);
    let (stage, other) = (Arc::new(stage), Arc::new(other));
    let mut changes = JoinSet::new();
    for (number, user) in people.clone().into_iter().enumerate() {
        let by = Arc::clone(if number % 2 == 0 { &stage } else { &other });
        changes.spawn(async move { rename(&by, &user, None).await });
    }
    changes.join_all().await;
    let ids: Vec<Id<User>> = people.iter().map(|user| user.id).collect();
    let expected: Vec<_> = ids.into_iter().map(Touch::User).collect();
    assert_eq!(witness.hears(&expected).await.len(), expected.len(), "each is told once");
}

#[tokio::test]
async fn rule_17_a_feed_that_was_cut_is_down_within_a_second_and_then_everything_is_forgotten() {
    let (wire, database) = (Wire::new(), Cluster::running().database());
    let stage = Stage::on_postgresql_at(&database, wire.address(&database));
    let witness = listening(&stage);
    wire.cut(Cut::Now);
    Cluster::running().terminate(&database);
    stage.clock.advance(Duration::from_secs(1));
    let down = async {
        // A reading that was under way at the cut may still end well.
        while stage.door.is_fed() {
            stage.clock.advance(Duration::from_secs(1));
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, down).await.unwrap();
    stage.clock.advance(Duration::from_secs(1));
    assert!(!stage.door.is_fed());
    wire.cut(Cut::Never);
    let all = [Touch::Everyone, Touch::Apps];
    assert!(witness.hears(&all).await.ends_with(&all));
    fed(&stage).await;
}

#[tokio::test]
async fn a_change_is_heard_of_although_nobody_rings() {
    let stage = Stage::on_postgresql();
    let ada = stage.account("ada", Role::Member).await;
    let wire = Wire::new();
    let deaf = Stage::on_postgresql_at(stage.database(), wire.address(stage.database()));
    let witness = listening(&deaf);
    wire.cut(Cut::Bell);
    rename(&stage, &ada, None).await;
    assert_eq!(witness.hears(&[Touch::User(ada.id)]).await, [Touch::User(ada.id)]);
}

#[tokio::test]
async fn every_engine_hears_of_all_there_is_to_hear() {
    for stage in stages() {
        fed(&stage).await;
        assert!(stage.door.is_fed(), "{}", stage.engine);
    }
}

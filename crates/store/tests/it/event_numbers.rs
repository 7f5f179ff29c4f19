//! The numbers of events: from 1 on, without gap or double, whoever gives them and whatever is written meanwhile.

use crate::{
    cluster::Cluster,
    stage::{Replica, Stage, Wrong, operator, stages},
};
use domain::{Event, FixedClock};
use doorward_store::{Door, Ending, Sequencer, tables::events};
use policy::{Installation, actions::CreateGroup};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Receiver},
    },
    time::Duration,
};
use tokio::{sync::oneshot, task::JoinSet};

const NUMBERS: &str = "SELECT number FROM events WHERE number IS NOT NULL ORDER BY number";

/// Says when a transaction has done its work, and waits before it is committed.
type Hold = (oneshot::Sender<()>, Receiver<()>);

/// Writes one event.
async fn happen(door: &Door, hold: Option<Hold>) {
    let hold = Mutex::new(hold);
    let write = door.write(operator(), (), move |work, ()| -> Result<_, Wrong> {
        let permit = work.permit::<CreateGroup>(&Installation)?;
        if let Some((done, until)) = hold.lock().unwrap().take() {
            done.send(()).unwrap();
            until.recv().unwrap();
        }
        Ok(Ending::Done((), work.deed(permit)))
    });
    write.await.unwrap();
}

async fn numbers(stage: &Stage) -> Vec<i64> {
    stage.see(|tx| tx.list::<i64>(NUMBERS, &[])).await
}

/// The numbers of all events, oldest first.
async fn by_age(stage: &Stage) -> Vec<Option<i64>> {
    stage.events().await.into_iter().rev().map(|event: Event| event.number).collect()
}

#[tokio::test]
async fn events_get_their_numbers_in_the_order_in_which_they_happened() {
    for stage in stages() {
        let mut sequencer = Sequencer::default();
        assert!(!sequencer.number(&stage.door).await.unwrap());
        for _ in 0..3 {
            stage.tick();
            happen(&stage.door, None).await;
        }
        assert_eq!(by_age(&stage).await, [None, None, None], "{}", stage.engine);
        sequencer.number(&stage.door).await.unwrap();
        assert_eq!(by_age(&stage).await, [Some(1), Some(2), Some(3)], "{}", stage.engine);
        stage.tick();
        happen(&stage.door, None).await;
        sequencer.number(&stage.door).await.unwrap();
        let newest = stage.events().await.swap_remove(0);
        assert_eq!(newest.number, Some(4), "{}", stage.engine);
        let found = stage.see(move |tx| events::find(tx, newest.id)).await;
        assert_eq!(found.unwrap().number, Some(4), "{}", stage.engine);
    }
}

#[tokio::test]
async fn a_log_from_before_there_were_numbers_gets_them_batch_after_batch() {
    let stage = Stage::on_postgresql();
    let many = "INSERT INTO events (id, at, actor, proof, action, outcome, reasons, request, count) \
                SELECT decode(lpad(to_hex(n), 32, '0'), 'hex'), n, 'system', 'none', 'a:b', 'done', '[]', '', 1 \
                FROM generate_series(1, 1203) AS n";
    Cluster::running().run(stage.database(), many);
    let (mut sequencer, mut batches) = (Sequencer::default(), 0);
    while sequencer.number(&stage.door).await.unwrap() {
        batches += 1;
    }
    assert_eq!(batches, 2);
    assert_eq!(numbers(&stage).await, (1..=1203).collect::<Vec<_>>());
    let out_of_order = "SELECT id FROM events WHERE number <> at";
    assert!(
        Cluster::running()
            .texts(stage.database(), &format!("SELECT 'x' FROM ({out_of_order}) AS odd"))
            .is_empty()
    );
}

#[tokio::test]
async fn an_event_that_began_earlier_and_was_committed_later_gets_a_later_number() {
    let stage = Stage::on_postgresql();
    let mut sequencer = Sequencer::default();
    let ((finish, until), (done, is_done)) = (mpsc::channel(), oneshot::channel());
    let younger = async {
        is_done.await.unwrap();
        stage.tick();
        happen(&stage.door, None).await;
        sequencer.number(&stage.door).await.unwrap();
        assert_eq!(by_age(&stage).await, [Some(1)]);
        finish.send(()).unwrap();
    };
    tokio::join!(happen(&stage.door, Some((done, until))), younger);
    sequencer.number(&stage.door).await.unwrap();
    assert_eq!(by_age(&stage).await, [Some(2), Some(1)]);
}

/// An event may be older than what is usually looked through: a folded denial, or one of a replica whose clock is wrong.
#[tokio::test]
async fn an_event_from_long_ago_gets_its_number_when_all_is_looked_through() {
    for stage in stages() {
        let Replica { door: late, .. } = stage.replica();
        stage.clock.advance(Duration::from_hours(1));
        let mut sequencer = Sequencer::default();
        happen(&stage.door, None).await;
        sequencer.number(&stage.door).await.unwrap();
        happen(&late, None).await;
        sequencer.number(&stage.door).await.unwrap();
        assert_eq!(by_age(&stage).await, [None, Some(1)], "{}", stage.engine);
        stage.clock.advance(Duration::from_mins(10));
        sequencer.number(&stage.door).await.unwrap();
        assert_eq!(by_age(&stage).await, [Some(2), Some(1)], "{}", stage.engine);
    }
}

#[tokio::test]
async fn a_sequencer_that_slept_beyond_its_lease_numbers_nothing() {
    for stage in stages() {
        let Replica { door: other, clock } = stage.replica();
        let (mut asleep, mut awake) = (Sequencer::default(), Sequencer::default());
        happen(&stage.door, None).await;
        asleep.number(&stage.door).await.unwrap();
        stage.tick();
        happen(&stage.door, None).await;
        awake.number(&other).await.unwrap();
        assert_eq!(numbers(&stage).await, [1], "another has the lease on {}", stage.engine);
        // Time goes by for everyone but the sleeper.
        clock.advance(Duration::from_secs(5));
        awake.number(&other).await.unwrap();
        assert_eq!(numbers(&stage).await, [1, 2], "{}", stage.engine);
        stage.tick();
        happen(&stage.door, None).await;
        assert!(!asleep.number(&stage.door).await.unwrap(), "{}", stage.engine);
        assert_eq!(numbers(&stage).await, [1, 2], "{}", stage.engine);
        awake.number(&other).await.unwrap();
        assert_eq!(by_age(&stage).await, [Some(1), Some(2), Some(3)], "{}", stage.engine);
        awake.rest(&other).await.unwrap();
        stage.clock.advance(Duration::from_secs(6));
        happen(&stage.door, None).await;
        asleep.number(&stage.door).await.unwrap();
        assert_eq!(numbers(&stage).await, [1, 2, 3, 4], "a lease that was left is free on {}", stage.engine);
    }
}

/// Numbers until it is told to stop, on a clock that runs ahead of others' leases now and then.
async fn fight(door: Arc<Door>, clock: Arc<FixedClock>, pace: [u64; 4], stop: Arc<AtomicBool>) {
    let mut sequencer = Sequencer::default();
    let mut steps = pace.into_iter().cycle();
    while !stop.load(Ordering::SeqCst) {
        sequencer.number(&door).await.unwrap();
        clock.advance(Duration::from_millis(steps.next().unwrap()));
        tokio::task::yield_now().await;
    }
}

/// How many events each writer makes.
const EACH: usize = 60;

async fn write(door: Arc<Door>) {
    for _ in 0..EACH {
        happen(&door, None).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_writers_and_three_sequencers_that_fight_leave_neither_gap_nor_double() {
    for stage in stages() {
        let replicas = [(); 3].map(|()| stage.replica());
        let stop = Arc::new(AtomicBool::new(false));
        let (mut writers, mut sequencers) = (JoinSet::new(), JoinSet::new());
        // The first stands still most of the time, so that its leases lapse while it believes to have them.
        let paces = [[1, 1, 1, 1], [2_500, 2_500, 1, 6_000], [1, 5_000, 700, 1]];
        for (replica, pace) in replicas.iter().zip(paces) {
            let (door, clock) = (Arc::clone(&replica.door), Arc::clone(&replica.clock));
            sequencers.spawn(fight(door, clock, pace, Arc::clone(&stop)));
        }
        for door in replicas.iter().map(|replica| &replica.door).cycle().take(8) {
            let door = Arc::clone(door);
            writers.spawn(write(door));
        }
        writers.join_all().await;
        stop.store(true, Ordering::SeqCst);
        sequencers.join_all().await;
        // Whoever had the lease at the end is gone with it.
        stage.clock.advance(Duration::from_hours(24));
        while Sequencer::default().number(&stage.door).await.unwrap() {}
        let all = i64::try_from(EACH * 8).unwrap();
        assert_eq!(numbers(&stage).await, (1..=all).collect::<Vec<_>>(), "{}", stage.engine);
    }
}

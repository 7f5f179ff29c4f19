//! Requests to apps, counted by several processes together.

use crate::server::Server;
use domain::Time;
use doorward_limits::{Gcra, Key, Quota, RetryAfter, Shelf, VisitLimits};
use futures_util::future::join_all;
use proptest::{prelude::*, test_runner::TestRunner};
use std::time::Duration;
use tokio::runtime::Runtime;

const START: Time = Time::from_micros(1_700_000_000_000_000);
/// How long what a process has fetched ahead may be used.
const LIFE: Duration = Duration::from_secs(1);

fn key(number: u8) -> Key {
    Key([number; 16])
}

fn runner() -> TestRunner {
    TestRunner::new(ProptestConfig { failure_persistence: None, ..Default::default() })
}

/// Quotas of which nothing is fetched ahead.
fn small_quotas() -> impl Strategy<Value = Quota> {
    let interval = prop_oneof![1..3_000_u64, 100_000..90_000_000_u64];
    (1..40_u32, interval).prop_map(|(burst, per)| Quota::new(burst, Duration::from_micros(per)))
}

#[test]
fn a_shared_allowance_says_what_one_of_a_process_of_its_own_would_say() {
    let (server, runtime) = (Server::start(), Runtime::new().unwrap());
    let gap = prop_oneof![3 => Just(0), 2 => 1..2_000_u64, 1 => 1..2_000_000_u64, 1 => 1..90_000_000_u64];
    let visits = prop::collection::vec((gap, 0..2_u8), 1..80);
    let valkey = runtime.block_on(async { server.valkey() });
    let same = runner().run(&(small_quotas(), visits), |(quota, visits)| {
        server.clear();
        let (own, shared) = (Gcra::new(1_024), VisitLimits::shared_by_callers_clocks(&valkey));
        let mut now = START;
        for (gap, number) in visits {
            now = now.plus(Duration::from_micros(gap));
            let said = runtime.block_on(shared.take(key(number), quota, now));
            prop_assert_eq!(said, own.take(key(number), quota, now));
        }
        Ok(())
    });
    same.unwrap();
}

#[test]
fn however_many_processes_share_it_no_stretch_of_time_admits_much_more() {
    let (server, runtime) = (Server::start(), Runtime::new().unwrap());
    let valkey = runtime.block_on(async { server.valkey() });
    let quotas = (1..400_u32, 500..100_000_u64);
    let visits = prop::collection::vec((0..300_000_u64, 0..3_usize, 1..60_usize), 1..30);
    let held = runner().run(&(quotas, visits), |((burst, interval), visits)| {
        server.clear();
        let quota = Quota::new(burst, Duration::from_micros(interval));
        let processes = [0; 3].map(|_| VisitLimits::shared_by_callers_clocks(&valkey));
        let (mut now, mut admitted) = (START, Vec::new());
        for (gap, process, number) in visits {
            now = now.plus(Duration::from_micros(gap));
            for _ in 0..number {
                if runtime.block_on(processes[process].take(key(1), quota, now)).is_ok() {
                    admitted.push(now);
                }
            }
        }
        for (first, from) in admitted.iter().enumerate() {
            for (last, to) in admitted.iter().enumerate().skip(first) {
                let stretch = u64::try_from((to.since(*from) + LIFE).as_micros()).unwrap();
                let allowed = u64::from(burst) + stretch / interval;
                prop_assert!(u64::try_from(last - first).unwrap() < allowed);
            }
        }
        Ok(())
    });
    held.unwrap();
}

/// How many of so many requests of one visitor at once are admitted.
async fn admitted(processes: &[VisitLimits], visitor: Key, requests: usize, quota: Quota) -> usize {
    let visits = processes.iter().cycle().take(requests).map(|process| process.take(visitor, quota, START));
    join_all(visits).await.into_iter().flatten().count()
}

#[tokio::test]
async fn parallel_requests_at_three_processes_get_one_allowance_and_little_of_it_is_lost() {
    let server = Server::start();
    let processes = [0; 3].map(|_| VisitLimits::shared(&server.valkey()));
    let quota = Quota::new(600, Duration::from_mins(10));
    // At first everybody asks; later most have been given their share ahead.
    let mut all = 0;
    for _ in 0..20 {
        all += admitted(&processes, key(1), 60, quota).await;
    }
    assert!((510..=600).contains(&all), "{all}");
}

#[tokio::test]
async fn most_requests_ask_nobody() {
    let server = Server::start();
    let limits = VisitLimits::shared(&server.valkey());
    let before = server.questions();
    for _ in 0..1_000 {
        limits.take(key(1), Quota::per_minute(6_000), START).await.unwrap();
    }
    let asked = server.questions() - before;
    assert!(asked <= 30, "{asked} questions for 1000 requests");
}

#[tokio::test]
async fn who_is_refused_asks_once_a_second() {
    let server = Server::start();
    let limits = VisitLimits::shared_by_callers_clocks(&server.valkey());
    let (quota, minute) = (Quota::per_minute(1), Err(RetryAfter(Duration::from_mins(1))));
    limits.take(key(1), quota, START).await.unwrap();
    assert_eq!(limits.take(key(1), quota, START).await, minute);
    let before = server.questions();
    for _ in 0..1_000 {
        assert_eq!(limits.take(key(1), quota, START).await, minute);
    }
    assert_eq!(server.questions(), before);
    let later = Err(RetryAfter(Duration::from_secs(59)));
    assert_eq!(limits.take(key(1), quota, START.plus(LIFE)).await, later);
    assert_eq!(server.questions(), before + 1);
}

#[tokio::test]
async fn rule_22_without_its_valkey_a_process_gives_out_half() {
    let mut server = Server::start();
    let process = [VisitLimits::shared(&server.valkey())];
    let quota = Quota::new(10, Duration::from_mins(10));
    assert_eq!(admitted(&process, key(1), 20, quota).await, 10);
    server.stop();
    let beside = key(2);
    let mut alone = 0;
    let begun = tokio::time::Instant::now();
    for _ in 0..1_000 {
        alone += usize::from(process[0].take(beside, quota, START).await.is_ok());
    }
    assert_eq!(alone, 5);
    assert!(begun.elapsed() < Duration::from_secs(5), "nobody waits for who is known to be away");
    server.start_again();
    while server.keys().is_empty() {
        // Whoever is let in meanwhile is counted by the process itself.
        let _counted = process[0].take(key(3), quota, START).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(admitted(&process, key(4), 20, quota).await, 10);
}

#[tokio::test]
async fn a_request_that_cannot_wait_keeps_nobody_else_from_asking() {
    let server = Server::start();
    let valkey = server.valkey();
    let (limits, shelf) = (VisitLimits::shared(&valkey), Shelf::in_valkey(&valkey));
    shelf.look().await.unwrap();
    server.pause(Duration::from_millis(300));
    let quota = Quota::new(2, Duration::from_mins(1));
    assert_eq!(limits.take(key(1), quota, START).await, Ok(()));
    assert!(limits.take(key(1), quota, START).await.is_err(), "half is all that is given without it");
    assert_eq!(shelf.look().await, Ok(()), "whoever has more patience is answered");
}

#[tokio::test]
async fn keys_have_names_of_one_length_and_an_end() {
    let server = Server::start();
    let limits = VisitLimits::shared(&server.valkey());
    limits.take(key(7), Quota::per_minute(60), START).await.unwrap();
    let name = format!("doorward:visits:{}", "07".repeat(16));
    assert_eq!(server.keys(), [name.as_str()]);
    let life = server.life(&name);
    assert!((50_000..=61_000).contains(&life), "{life}");
}

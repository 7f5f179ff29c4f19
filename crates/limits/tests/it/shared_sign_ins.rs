//! Tries to sign in, counted by several processes together.

use crate::server::Server;
use domain::Time;
use doorward_limits::{Admitted, Attempt, Network, RetryAfter, SignInLimits, ValkeyAddress};
use futures_util::future::join_all;
use proptest::{prelude::*, test_runner::TestRunner};
use std::{net::IpAddr, time::Duration};
use tokio::runtime::Runtime;

const START: Time = Time::from_micros(1_700_000_000_000_000);

fn attempt(identifier: u8, network: u32, known_device: bool) -> Attempt {
    let network = Network::of(IpAddr::from(network.to_be_bytes()));
    Attempt { identifier: [identifier; 32], network, known_device }
}

/// What somebody does at a time.
#[derive(Debug, Clone, Copy)]
struct Deed {
    later: Duration,
    attempt: (u8, u32, bool),
    outcome: u8,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let later = prop_oneof![Just(0), 1..3_000_000_u64, Just(60_000_000), 1..90_000_000_000_u64];
    let deed = (later, (0..2_u8, 0..2_u32, any::<bool>()), 0..4_u8);
    let deed = deed.prop_map(|(later, attempt, outcome)| {
        let later = Duration::from_micros(later);
        Deed { later, attempt, outcome }
    });
    prop::collection::vec(deed, 1..60)
}

async fn settle(limits: &SignInLimits, admitted: Admitted, attempt: &Attempt, (outcome, now): (u8, Time)) {
    match outcome {
        0 | 1 => limits.failed(admitted, attempt, now).await,
        2 => limits.succeeded(admitted, attempt).await,
        _ => limits.untried(admitted, attempt).await,
    }
}

/// What a book has said to each try.
async fn said(limits: &SignInLimits, deeds: &[Deed]) -> Vec<Option<RetryAfter>> {
    let (mut now, mut said) = (START, Vec::new());
    for deed in deeds {
        now = now.plus(deed.later);
        let attempt = attempt(deed.attempt.0, deed.attempt.1, deed.attempt.2);
        match limits.admit(&attempt, now).await {
            Ok(admitted) => {
                settle(limits, admitted, &attempt, (deed.outcome, now)).await;
                said.push(None);
            }
            Err(wait) => said.push(Some(wait)),
        }
    }
    said
}

#[test]
fn a_shared_book_says_what_one_of_a_process_of_its_own_would_say() {
    let (server, runtime) = (Server::start(), Runtime::new().unwrap());
    let shared = runtime.block_on(async { server.limits() });
    let mut runner = TestRunner::new(ProptestConfig { failure_persistence: None, ..Default::default() });
    let same = runner.run(&deeds(), |deeds| {
        server.clear();
        let both = async { (said(&SignInLimits::default(), &deeds).await, said(&shared, &deeds).await) };
        let (own, shared) = runtime.block_on(both);
        prop_assert_eq!(own, shared);
        Ok(())
    });
    same.unwrap();
    assert_eq!(runtime.block_on(shared.look()), Some(true));
}

#[tokio::test]
async fn of_a_thousand_parallel_tries_at_three_processes_five_are_admitted() {
    let server = Server::start();
    let processes = [server.limits(), server.limits(), server.limits()];
    let tries = (0..1_000_u32).zip(processes.iter().cycle());
    let tries = tries.map(|(number, process)| {
        let attempt = attempt(1, number, false);
        async move { process.admit(&attempt, START).await }
    });
    let admitted = join_all(tries).await.into_iter().flatten().count();
    assert_eq!(admitted, 5);
}

/// How many tries in a row are let in, each a failure.
async fn free_tries(limits: &SignInLimits, identifier: u8) -> usize {
    for number in 0..100 {
        let attempt = attempt(identifier, u32::try_from(number).unwrap(), false);
        match limits.admit(&attempt, START).await {
            Ok(admitted) => limits.failed(admitted, &attempt, START).await,
            Err(_) => return number,
        }
    }
    100
}

#[tokio::test]
async fn rule_22_without_its_valkey_a_process_counts_by_itself_and_more_strictly() {
    let mut server = Server::start();
    let limits = server.limits();
    assert_eq!((free_tries(&limits, 1).await, limits.look().await), (5, Some(true)));
    server.stop();
    assert_eq!((free_tries(&limits, 2).await, limits.look().await), (2, Some(false)));
    let begun = tokio::time::Instant::now();
    for number in 0..1_000 {
        let attempt = attempt(3, number, true);
        let _counted_here = limits.admit(&attempt, START).await;
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "nobody waits for who is known to be away");
    server.start_again();
    while limits.look().await != Some(true) {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(free_tries(&limits, 4).await, 5);
}

#[tokio::test]
async fn what_was_admitted_before_it_went_away_stays_a_failure() {
    let mut server = Server::start();
    let (limits, try_again) = (server.limits(), attempt(1, 1, false));
    let admitted = limits.admit(&try_again, START).await.unwrap();
    server.stop();
    limits.succeeded(admitted, &try_again).await;
    assert_eq!(limits.look().await, Some(false));
}

#[tokio::test]
async fn one_whose_memory_is_full_is_there_and_a_process_counts_by_itself_until_it_has_room() {
    let server = Server::start();
    let limits = server.limits();
    server.set_full(true);
    assert_eq!((free_tries(&limits, 1).await, limits.look().await), (2, Some(true)));
    server.set_full(false);
    assert_eq!(free_tries(&limits, 2).await, 5);
}

#[tokio::test]
async fn what_was_not_tried_leaves_nothing_and_a_single_failure_is_kept_for_minutes() {
    let (server, name) = (Server::start(), attempt(1, 1, false));
    let limits = server.limits();
    let admitted = limits.admit(&name, START).await.unwrap();
    assert_eq!(server.keys().len(), 2);
    limits.untried(admitted, &name).await;
    assert_eq!(server.keys(), [""; 0]);
    let admitted = limits.admit(&name, START).await.unwrap();
    limits.failed(admitted, &name, START).await;
    let key = format!("doorward:{{sign-in}}:failures:stranger:{}", "01".repeat(32));
    let life = server.life(&key);
    assert!((950_000..=960_000).contains(&life), "{life}");
}

#[test]
fn an_address_is_shown_without_its_password() {
    let address: ValkeyAddress = "rediss://doorward:s3cret@cache.example.org:6380/2".parse().unwrap();
    for shown in [format!("{address}"), format!("{address:?}")] {
        assert!(shown.contains("cache.example.org:6380") && !shown.contains("s3cret"), "{shown}");
    }
    let refused = "redis//:s3cret@cache".parse::<ValkeyAddress>().unwrap_err().to_string();
    assert!(!refused.contains("s3cret"), "{refused}");
}

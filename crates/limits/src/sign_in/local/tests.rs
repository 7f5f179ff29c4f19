use super::*;
use crate::Network;
use std::{
    net::IpAddr,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

fn book() -> Book {
    Book::new(Rules::usual(), 1_024)
}

const START: Time = Time::from_micros(1_700_000_000_000_000);

fn stranger(identifier: u8, network: u32) -> Attempt {
    let network = Network::of(IpAddr::from(network.to_be_bytes()));
    Attempt { identifier: [identifier; 32], network, known_device: false }
}

fn owner(identifier: u8) -> Attempt {
    Attempt { known_device: true, ..stranger(identifier, 1) }
}

/// Fails as often and as soon as it is let, from a network of its own each time; the waits it was told.
fn waits_of_failures(limits: &Book, identifier: u8, number: u32) -> Vec<u64> {
    let mut now = START;
    (0..number)
        .map(|network| {
            let attempt = stranger(identifier, network);
            let wait = limits.admit(&attempt, now).err().map_or(Duration::ZERO, |refusal| refusal.0);
            if !wait.is_zero() {
                now = now.plus(wait);
                limits.admit(&attempt, now).unwrap();
            }
            limits.failed(&attempt, now);
            wait.as_secs()
        })
        .collect()
}

#[test]
fn after_five_failures_the_delay_doubles_up_to_a_quarter_of_an_hour() {
    let waits = waits_of_failures(&book(), 1, 18);
    assert_eq!(waits, [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900, 900]);
}

#[test]
fn of_a_thousand_parallel_tries_five_are_admitted() {
    let (limits, admitted) = (book(), AtomicUsize::new(0));
    thread::scope(|scope| {
        for batch in 0..10_u32 {
            let (limits, admitted) = (&limits, &admitted);
            scope.spawn(move || {
                let attempts = (0..100).map(|number| stranger(1, batch * 100 + number));
                let passed = attempts.filter(|attempt| limits.admit(attempt, START).is_ok()).count();
                admitted.fetch_add(passed, Ordering::SeqCst);
            });
        }
    });
    assert_eq!(admitted.into_inner(), 5);
}

#[test]
fn an_attack_on_an_account_does_not_lock_out_a_device_that_signed_in_before() {
    let limits = book();
    waits_of_failures(&limits, 1, 20);
    assert!(limits.admit(&stranger(1, 99), START).is_err());
    assert!(limits.admit(&owner(1), START).is_ok());
}

#[test]
fn a_flood_from_a_shared_address_does_not_lock_out_a_device_that_signed_in_before() {
    let limits = book();
    let admitted = (0..100).filter(|&name| limits.admit(&stranger(name, 1), START).is_ok()).count();
    assert_eq!(admitted, 30);
    assert!(limits.admit(&owner(200), START).is_ok());
}

#[test]
fn a_known_device_that_guesses_is_slowed_down_as_well() {
    let limits = book();
    let admitted = (0..100).filter(|_| limits.admit(&owner(1), START).is_ok()).count();
    assert_eq!(admitted, 5);
}

#[test]
fn a_refused_try_prolongs_nothing() {
    let limits = book();
    waits_of_failures(&limits, 1, 5);
    for _ in 0..1_000 {
        assert_eq!(limits.admit(&stranger(1, 9), START), Err(RetryAfter(Duration::from_secs(1))));
    }
    assert!(limits.admit(&stranger(2, 9), START).is_ok(), "the network's tries were used up");
}

#[test]
fn success_forgives_the_failures_before_it() {
    let limits = book();
    waits_of_failures(&limits, 1, 5);
    let attempt = stranger(1, 1);
    let later = START.plus(Duration::from_secs(1));
    limits.admit(&attempt, later).unwrap();
    limits.succeeded(&attempt);
    assert!((0..5).all(|_| limits.admit(&attempt, later).is_ok()));
    assert!(limits.admit(&attempt, later).is_err());
}

#[test]
fn success_does_not_renew_what_others_used_up_of_the_network() {
    let limits = book();
    (0..29).for_each(|name| limits.admit(&stranger(name, 1), START).unwrap());
    let own = stranger(200, 1);
    for _ in 0..3 {
        limits.admit(&own, START).unwrap();
        limits.succeeded(&own);
    }
    limits.admit(&own, START).unwrap();
    assert_eq!(limits.admit(&own, START), Err(RetryAfter(Duration::from_secs(2))));
}

#[test]
fn a_try_whose_password_was_not_looked_at_counts_for_nothing() {
    let (limits, attempt) = (book(), stranger(1, 1));
    for _ in 0..100 {
        limits.admit(&attempt, START).unwrap();
        limits.untried(&attempt);
    }
}

#[test]
fn the_delay_runs_from_the_failure_and_not_from_the_admission() {
    let (limits, attempt) = (book(), stranger(1, 1));
    (0..5).for_each(|_| limits.admit(&attempt, START).unwrap());
    let answered = START.plus(Duration::from_secs(3));
    limits.failed(&attempt, answered);
    assert_eq!(limits.admit(&attempt, answered), Err(RetryAfter(Duration::from_secs(1))));
}

#[test]
fn a_single_failure_is_forgotten_after_a_quarter_of_an_hour_and_five_after_25_times_as_long() {
    let limits = book();
    waits_of_failures(&limits, 1, 5);
    waits_of_failures(&limits, 2, 1);
    let admitted_at = |identifier: u8, minutes| {
        let now = START.plus(Duration::from_mins(minutes));
        let attempt = stranger(identifier, 100 + u32::from(identifier));
        (0..9).filter(|_| limits.admit(&attempt, now).is_ok()).count()
    };
    assert_eq!(admitted_at(2, 15), 5);
    waits_of_failures(&limits, 3, 1);
    assert_eq!(admitted_at(3, 14), 4);
    assert_eq!(admitted_at(1, 25 * 15 - 1), 1);
    waits_of_failures(&limits, 4, 5);
    assert_eq!(admitted_at(4, 25 * 15), 5);
}

#[test]
fn a_flood_of_identifiers_takes_bounded_room_and_does_not_wipe_out_a_delay() {
    let limits = Book::new(Rules::usual(), 512);
    waits_of_failures(&limits, 1, 20);
    for number in 1_000..50_000_u32 {
        let mut attempt = stranger(0, number);
        attempt.identifier[..4].copy_from_slice(&number.to_be_bytes());
        limits.admit(&attempt, START).unwrap();
    }
    assert_eq!(limits.failures.len(), 1_024);
    assert_eq!(limits.admit(&stranger(1, 99), START), Err(RetryAfter(Rules::LONGEST_DELAY)));
}

#[test]
fn a_clock_that_is_set_back_does_not_prolong_the_delay() {
    let limits = book();
    waits_of_failures(&limits, 1, 6);
    let before = START.minus(Duration::from_hours(1));
    assert_eq!(limits.admit(&stranger(1, 9), before), Err(RetryAfter(Duration::from_secs(2))));
}

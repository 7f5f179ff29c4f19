//! Values under names, and what is answered without the server.

use crate::server::Server;
use domain::Time;
use doorward_limits::{Attempt, Away, Network, Shelf, ShelfName, SignInLimits};
use std::{
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

const HOUR: Duration = Duration::from_hours(1);

fn name(number: u8) -> ShelfName {
    ShelfName::of("test", &[number])
}

#[tokio::test]
async fn what_was_put_is_found_under_its_name_until_its_time_is_over() {
    let server = Server::start();
    let (shelf, other) = (server.shelf(), server.shelf());
    shelf.put(&[(name(1), vec![0, 255]), (name(2), Vec::new())], HOUR).await.unwrap();
    let found = other.find(&[name(3), name(2), name(1)]).await.unwrap();
    assert_eq!(found, [None, Some(Vec::new()), Some(vec![0, 255])]);
    let life = server.life("doorward:test:01");
    assert!((3_590_000..=3_600_000).contains(&life), "{life}");
    other.remove(&[name(1)]).await.unwrap();
    assert_eq!(shelf.find(&[name(1)]).await.unwrap(), [None]);
    shelf.put(&[(name(4), vec![1])], Duration::MAX).await.unwrap();
    shelf.put(&[(name(2), vec![1])], Duration::ZERO).await.unwrap();
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!(shelf.find(&[name(2), name(4)]).await.unwrap(), [None, Some(vec![1])]);
}

#[tokio::test]
async fn of_two_fresh_values_the_first_stays() {
    let server = Server::start();
    assert_eq!(server.shelf().find_or_put(&name(1), b"one").await.unwrap(), b"one");
    assert_eq!(server.shelf().find_or_put(&name(1), b"two").await.unwrap(), b"one");
    server.clear();
    assert_eq!(server.shelf().find_or_put(&name(1), b"two").await.unwrap(), b"two");
}

#[tokio::test]
async fn without_the_server_nothing_is_answered_and_nothing_is_made_up() {
    let mut server = Server::start();
    let shelf = server.shelf();
    shelf.put(&[(name(1), vec![1])], HOUR).await.unwrap();
    server.stop();
    assert_eq!(shelf.find(&[name(1)]).await, Err(Away));
    assert_eq!(shelf.put(&[(name(1), vec![1])], HOUR).await, Err(Away));
    assert_eq!(shelf.find_or_put(&name(1), &[1]).await, Err(Away));
    assert_eq!((shelf.remove(&[name(1)]).await, shelf.look().await), (Err(Away), Err(Away)));
    server.start_again();
    while shelf.look().await.is_err() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(shelf.find(&[name(1)]).await, Ok(vec![None]));
}

#[tokio::test]
async fn a_full_memory_hides_nothing_that_is_there() {
    let server = Server::start();
    let valkey = server.valkey();
    let (shelf, limits) = (Shelf::in_valkey(&valkey), SignInLimits::shared(valkey));
    shelf.put(&[(name(1), vec![1])], HOUR).await.unwrap();
    shelf.find_or_put(&name(2), b"one").await.unwrap();
    server.set_full(true);
    let attempt = Attempt {
        identifier: [1; 32],
        network: Network::of(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        known_device: false,
    };
    for _ in 0..3 {
        let _counted_here = limits.admit(&attempt, Time::from_micros(0)).await;
        assert_eq!(shelf.put(&[(name(3), vec![1])], HOUR).await, Err(Away));
        assert_eq!(shelf.find_or_put(&name(4), b"one").await, Err(Away));
        assert_eq!(shelf.find(&[name(1)]).await, Ok(vec![Some(vec![1])]));
        assert_eq!(shelf.find_or_put(&name(2), b"two").await.unwrap(), b"one");
    }
    shelf.remove(&[name(1)]).await.unwrap();
    server.set_full(false);
    shelf.put(&[(name(3), vec![1])], HOUR).await.expect("nobody waits for who was there all the time");
}

#[tokio::test]
async fn who_counts_tries_and_finds_it_away_keeps_nobody_from_sessions() {
    let server = Server::start();
    let valkey = server.valkey();
    let (shelf, limits) = (Shelf::in_valkey(&valkey), SignInLimits::shared(valkey));
    shelf.look().await.unwrap();
    server.pause(Duration::from_millis(700));
    assert_eq!(limits.look().await, Some(false));
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(shelf.look().await, Ok(()));
    assert_eq!(limits.look().await, Some(false), "it is left alone for a second");
}

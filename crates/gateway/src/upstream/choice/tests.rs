use super::*;
use domain::{App, AppAccess, GateSettings, Id, Time};
use std::time::Duration;
use tokio::time::Instant;

fn choice(places: u16) -> Choice {
    Choice::new((1..=places).map(|port| Arc::new(Place::new(port.into(), "127.0.0.1", port))).collect())
}

fn ports(choice: &Choice, requests: usize) -> Vec<u16> {
    (0..requests).map(|_| choice.next(&[]).unwrap().place().port).collect()
}

fn route(upstreams: &[&str]) -> Arc<AppRoute> {
    let app = App {
        id: Id::from_bytes([1; 16]),
        name: "notes".parse().unwrap(),
        hosts: vec![],
        upstreams: upstreams.iter().map(|upstream| upstream.parse().unwrap()).collect(),
        gate: GateSettings::default(),
        access: AppAccess::default(),
        basic: false,
        created_at: Time::from_micros(0),
    };
    let host = "notes.localhost".parse().unwrap();
    Arc::new(AppRoute::new(app, &host, &"http://localhost".parse().unwrap()))
}

#[test]
fn equals_take_turns() {
    assert_eq!(ports(&choice(3), 7), [1, 2, 3, 1, 2, 3, 1]);
}

#[test]
fn the_place_with_the_fewest_requests_under_way_is_taken() {
    let choice = choice(3);
    let held: Vec<_> = (0..2).map(|_| choice.next(&[]).unwrap()).collect();
    assert_eq!(held.iter().map(|turn| turn.place().port).collect::<Vec<_>>(), [1, 2]);
    assert_eq!(ports(&choice, 3), [3, 3, 3]);
    drop(held);
    assert_eq!(choice.places().iter().map(|place| place.load()).sum::<usize>(), 0);
}

#[test]
fn a_place_that_failed_is_left_alone_and_then_tried_by_one_at_a_time() {
    let choice = choice(2);
    let first = &choice.places()[0];
    first.checked(false);
    first.checked(false);
    assert_eq!(ports(&choice, 4), [2; 4]);
    first.checked(true);
    first.failed(Instant::now().checked_sub(Duration::from_secs(2)).unwrap());
    let turns: Vec<_> = (0..4).map(|_| choice.next(&[]).unwrap()).collect();
    assert_eq!(turns.iter().filter(|turn| turn.place().port == 1).count(), 1);
    drop(turns);
    let mut trial = std::iter::repeat_with(|| choice.next(&[]).unwrap()).find(|turn| turn.place().port == 1);
    trial.as_mut().unwrap().answered();
    drop(trial);
    assert_eq!(ports(&choice, 4).iter().sum::<u16>(), 6, "both take part again");
}

#[test]
fn when_none_is_well_all_are_tried_and_each_once() {
    let choice = choice(3);
    let mut tried = Vec::new();
    while let Some(mut turn) = choice.next(&tried) {
        turn.failed();
        tried.push(turn.place().id);
    }
    assert_eq!(tried, [1, 2, 3]);
    assert_eq!(ports(&choice, 3).iter().sum::<u16>(), 6, "a visitor is not turned away unheard");
}

#[test]
fn a_place_is_the_same_for_all_routes_and_outlives_them_as_long_as_one_leads_there() {
    let places = Places::default();
    let (old, other) = (route(&["http://127.0.0.1:1"]), route(&["http://127.0.0.1:2", "http://127.0.0.1:1"]));
    let one = places.of(&old).unwrap().places()[0].id;
    assert_eq!(places.of(&other).unwrap().places()[1].id, one);
    drop((old, other));
    let new = route(&["http://127.0.0.1:1", "builtin:sample"]);
    places.follow(std::slice::from_ref(&new));
    assert_eq!(places.of(&new).unwrap().places().iter().map(|place| place.id).collect::<Vec<_>>(), [one]);
    assert_eq!(places.known.lock().unwrap().len(), 1, "the other is forgotten");
    drop(new);
    places.follow(&[]);
    assert!(places.known.lock().unwrap().is_empty());
}

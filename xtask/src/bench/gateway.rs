//! The gateway side by side with others: rounds in which each is asked for a while, in an order that moves on by one.
//!
//! A ratio is taken within a round and only then the median over the rounds, so that a slow minute of the machine's
//! weighs on both sides of it.

use super::{
    contenders::{self, Contender},
    figures::Figures,
    load::Load,
    table,
};
use anyhow::Result;

const ROUNDS: usize = 5;
const SECONDS: u32 = 5;
const WARM_UP: u32 = 2;

/// A load of each contender, in their order.
type Round = Vec<Load>;

pub(super) fn measure() -> Result<()> {
    let (contenders, _servers) = contenders::start()?;
    for contender in &contenders {
        contender.target.check()?;
        contender.target.measure(WARM_UP)?;
    }
    let mut rounds = Vec::new();
    for number in 0..ROUNDS {
        eprintln!("round {} of {ROUNDS}", number + 1);
        rounds.push(round(&contenders, number)?);
    }
    println!("{ROUNDS} rounds of {SECONDS} s each, 32 connections: median (least–most)\n");
    println!("{}", table_of(&contenders, &rounds));
    Ok(())
}

/// Asks each in turn, beginning with the one at `first`.
fn round(contenders: &[Contender], first: usize) -> Result<Round> {
    let turn = first % contenders.len();
    let (late, early) = contenders.split_at(turn);
    let mut loads = Vec::new();
    for contender in early.iter().chain(late) {
        loads.push(contender.target.measure(SECONDS)?);
    }
    loads.rotate_right(turn);
    Ok(loads)
}

fn table_of(contenders: &[Contender], rounds: &[Round]) -> String {
    let headings = ["what", "requests/s", "× A", "× B", "× F", "× G", "p50 ms", "p99 ms"];
    let rows = contenders.iter().enumerate().map(|(place, contender)| {
        let each = |figure: fn(&Load) -> f64| Figures::of(loads(rounds, place).map(figure));
        let against = |other| {
            let pairs = loads(rounds, place).zip(loads(rounds, other));
            Figures::of(pairs.map(|(load, other)| load.rate / other.rate)).with_spread(2)
        };
        [
            format!("{} {}", contender.letter, contender.what),
            each(|load| load.rate).with_spread(0),
            against(0),
            against(1),
            against(5),
            against(6),
            format!("{:.2}", each(|load| load.p50).median()),
            format!("{:.2}", each(|load| load.p99).median()),
        ]
    });
    table::markdown(headings, rows)
}

fn loads(rounds: &[Round], place: usize) -> impl Iterator<Item = &Load> {
    rounds.iter().filter_map(move |round| round.get(place))
}

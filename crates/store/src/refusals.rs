//! Denials and failed tries on their way to the log: a bounded queue, folded by minute (`security.md` 16).
//!
//! INVARIANT: nobody without an account can fill the disk. What is alike within a minute becomes two events at
//! most: the first at once, all the rest as one with their count; what the queue cannot hold becomes one event
//! that counts it.

use domain::{Event, Outcome, Time};
use std::{
    collections::HashMap,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// The most different refusals of one minute; as many again for those that name an account, an app or another
/// thing that exists, so that strangers' noise does not hide them.
const CAPACITY: usize = 256;
const MINUTE: Duration = Duration::from_mins(1);

/// Denials and failures that wait to be written.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<Queue>);

#[derive(Debug, Default)]
struct Queue {
    /// New ones, to be written at the next flush.
    fresh: Vec<Event>,
    /// What was seen in this minute already, and how often since.
    seen: HashMap<Alike, Repeated>,
    /// What found no room, counted until its minute is over.
    overflow: Option<Event>,
    /// How many found no room, ever.
    overflowed: u64,
}

/// What makes two refusals alike.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Alike {
    who: String,
    action: String,
    resource: Option<String>,
    outcome: Outcome,
    reasons: Vec<String>,
}

#[derive(Debug)]
struct Repeated {
    until: Time,
    more: Option<Event>,
}

impl Refusals {
    /// An empty queue.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a refusal without waiting.
    pub fn add(&self, event: Event) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(event);
    }

    /// Keeps an event that could not be written, unless too many wait already.
    pub(crate) fn put_back(&self, event: Event) {
        let mut queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.fresh.len() < CAPACITY * 2 {
            queue.fresh.push(event);
        } else {
            count(&mut queue.overflow, anonymised(event));
        }
    }

    /// How many events wait, and how many refusals found no room since the start.
    pub fn load(&self) -> (usize, u64) {
        let queue = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let repeated = queue.seen.values().filter(|repeated| repeated.more.is_some()).count();
        (queue.fresh.len() + repeated + usize::from(queue.overflow.is_some()), queue.overflowed)
    }

    /// What is to be written at `now`: what is new, and the counts of minutes that are over.
    pub(crate) fn take(&self, now: Time) -> Vec<Event> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take(now)
    }

    /// What is left when the program stops: everything.
    pub(crate) fn take_all(&self) -> Vec<Event> {
        self.take(Time::from_micros(i64::MAX))
    }
}

impl Queue {
    fn add(&mut self, event: Event) {
        let alike = Alike::of(&event);
        if let Some(repeated) = self.seen.get_mut(&alike) {
            count(&mut repeated.more, event);
        } else if self.seen.len() < Self::room_for(&event) {
            self.seen.insert(alike, Repeated { until: event.at.plus(MINUTE), more: None });
            self.fresh.push(event);
        } else {
            self.overflowed = self.overflowed.saturating_add(1);
            count(
                &mut self.overflow,
                Event { reasons: vec!["too many different refusals in a minute".into()], ..event },
            );
        }
    }

    const fn room_for(event: &Event) -> usize {
        if event.resource.is_some() { CAPACITY * 2 } else { CAPACITY }
    }

    fn take(&mut self, now: Time) -> Vec<Event> {
        let mut out = std::mem::take(&mut self.fresh);
        let over = self.seen.extract_if(|_, repeated| repeated.until <= now);
        out.extend(over.filter_map(|(_, repeated)| repeated.more));
        out.extend(self.overflow.take_if(|event| event.at.plus(MINUTE) <= now));
        out
    }
}

/// What overflowed is many things of many people: it is said to be nobody's.
fn anonymised(event: Event) -> Event {
    Event {
        actor: "anonymous".to_owned(),
        proof: "none".to_owned(),
        address: None,
        resource: None,
        reasons: vec!["too many different refusals in a minute".to_owned()],
        ..event
    }
}

/// Folds `event` into the first of its kind.
fn count(slot: &mut Option<Event>, event: Event) {
    match slot {
        Some(first) => first.count = first.count.saturating_add(event.count),
        None => *slot = Some(event),
    }
}

impl Alike {
    /// An account is told by its id, a client without one by its network.
    fn of(event: &Event) -> Self {
        let who = match &event.address {
            Some(address) if event.actor == "anonymous" => network(address),
            _ => event.actor.clone(),
        };
        let (action, resource) = (event.action.clone(), event.resource.clone());
        Self { who, action, resource, outcome: event.outcome, reasons: event.reasons.clone() }
    }
}

/// An IPv6 client has a whole /64 to itself, so it counts as one.
fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(v6)) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).to_string(),
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{FixedEntropy, Id};

    fn failure(address: &str, at: Time) -> Event {
        Event {
            id: Id::new(at, &FixedEntropy::new(1)),
            at,
            actor: "anonymous".into(),
            proof: "none".into(),
            address: Some(address.into()),
            action: "session:create".into(),
            resource: None,
            outcome: Outcome::Failed,
            reasons: vec!["wrong password".into()],
            detail: None,
            request: "req".into(),
            count: 1,
            number: None,
        }
    }

    #[test]
    fn rule_16_a_flood_of_failures_is_folded() {
        let (queue, start) = (Refusals::new(), Time::from_micros(0));
        for _ in 0..1_000 {
            queue.add(failure("192.0.2.1", start));
        }
        assert_eq!(queue.take(start).iter().map(|e| e.count).collect::<Vec<_>>(), [1]);
        assert!(queue.take(start.plus(MINUTE / 2)).is_empty());
        assert_eq!(queue.take(start.plus(MINUTE)).iter().map(|e| e.count).collect::<Vec<_>>(), [999]);
    }

    #[test]
    fn rule_16_what_overflows_is_one_event_that_counts_it() {
        let (queue, start) = (Refusals::new(), Time::from_micros(0));
        for n in 0..CAPACITY + 5 {
            queue.add(failure(&format!("2001:db8:0:{n:x}::1"), start));
        }
        assert_eq!(queue.load(), (CAPACITY + 1, 5));
        assert_eq!(queue.take(start).len(), CAPACITY);
        let later = queue.take(start.plus(MINUTE));
        assert_eq!(later.iter().map(|event| event.count).collect::<Vec<_>>(), [5]);
    }

    #[test]
    fn nothing_is_left_when_the_program_stops() {
        let (queue, start) = (Refusals::new(), Time::from_micros(0));
        queue.add(failure("192.0.2.1", start));
        queue.add(failure("192.0.2.1", start));
        assert_eq!(queue.take_all().len(), 2);
        assert!(queue.take_all().is_empty());
    }
}

//! The bounded queue in front of the hashing threads, with a lane for known devices.
//!
//! INVARIANT: what waits in one lane never keeps the other from being accepted, and one worker serves
//! known devices alone.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Who asks for a hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// A device that signed in before.
    Known,
    /// Anybody else.
    Stranger,
}

/// There is no room in the queue; answer 503 and let them come again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("all hashing threads are busy")]
pub struct Busy;

/// Whose jobs a worker takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Serves {
    /// Known devices alone.
    Known,
    /// Everybody, known devices first.
    All,
}

/// What a worker that waited is to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken<J> {
    Job(J),
    /// Nothing came for as long as it had patience.
    Nothing,
    /// Nothing will come any more.
    Closed,
}

/// Jobs that wait, up to `room` in each lane.
pub(super) struct Queue<J> {
    waiting: Mutex<Waiting<J>>,
    /// Wakes the worker that serves known devices alone.
    for_known: Condvar,
    /// Wakes the workers that serve everybody.
    for_all: Condvar,
    room: usize,
}

struct Waiting<J> {
    known: VecDeque<J>,
    strangers: VecDeque<J>,
    closed: bool,
}

impl<J> Waiting<J> {
    fn is_empty(&self, serves: Serves) -> bool {
        self.known.is_empty() && (serves == Serves::Known || self.strangers.is_empty())
    }

    fn next(&mut self, serves: Serves) -> Option<J> {
        let known = self.known.pop_front();
        if serves == Serves::Known { known } else { known.or_else(|| self.strangers.pop_front()) }
    }
}

impl<J> Queue<J> {
    pub(super) fn new(room: usize) -> Self {
        let waiting = Waiting { known: VecDeque::new(), strangers: VecDeque::new(), closed: false };
        Self { waiting: Mutex::new(waiting), for_known: Condvar::new(), for_all: Condvar::new(), room }
    }

    /// Lets `job` wait, unless its lane is full.
    pub(super) fn push(&self, lane: Lane, job: J) -> Result<(), Busy> {
        let mut waiting = self.lock();
        let jobs = match lane {
            Lane::Known => &mut waiting.known,
            Lane::Stranger => &mut waiting.strangers,
        };
        if jobs.len() >= self.room {
            return Err(Busy);
        }
        jobs.push_back(job);
        self.for_all.notify_one();
        if lane == Lane::Known {
            self.for_known.notify_one();
        }
        Ok(())
    }

    /// The next job for a worker, which waits for it up to `patience`.
    pub(super) fn take(&self, serves: Serves, patience: Duration) -> Taken<J> {
        let bell = if serves == Serves::Known { &self.for_known } else { &self.for_all };
        let nothing = |waiting: &mut Waiting<J>| !waiting.closed && waiting.is_empty(serves);
        let woken = bell.wait_timeout_while(self.lock(), patience, nothing);
        let (mut waiting, _) = woken.unwrap_or_else(PoisonError::into_inner);
        if waiting.closed {
            return Taken::Closed;
        }
        waiting.next(serves).map_or(Taken::Nothing, Taken::Job)
    }

    /// How many jobs wait, in both lanes.
    pub(super) fn waiting(&self) -> usize {
        let waiting = self.lock();
        waiting.known.len().saturating_add(waiting.strangers.len())
    }

    /// Drops what waits and sends the workers home.
    pub(super) fn close(&self) {
        let mut waiting = self.lock();
        waiting.closed = true;
        waiting.known.clear();
        waiting.strangers.clear();
        self.for_known.notify_all();
        self.for_all.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting<J>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(queue: &Queue<u8>, serves: Serves) -> Taken<u8> {
        queue.take(serves, Duration::ZERO)
    }

    #[test]
    fn a_flood_of_strangers_leaves_room_and_a_worker_for_known_devices() {
        let queue = Queue::new(2);
        assert_eq!([1, 2, 3].map(|job| queue.push(Lane::Stranger, job)), [Ok(()), Ok(()), Err(Busy)]);
        assert_eq!(take(&queue, Serves::Known), Taken::Nothing);
        assert_eq!(queue.push(Lane::Known, 4), Ok(()));
        assert_eq!(take(&queue, Serves::Known), Taken::Job(4));
    }

    #[test]
    fn known_devices_come_before_strangers_who_waited_longer() {
        let queue = Queue::new(9);
        for (lane, job) in [(Lane::Stranger, 1), (Lane::Stranger, 2), (Lane::Known, 3)] {
            queue.push(lane, job).unwrap();
        }
        assert_eq!(
            [(); 4].map(|()| take(&queue, Serves::All)),
            [Taken::Job(3), Taken::Job(1), Taken::Job(2), Taken::Nothing]
        );
    }

    #[test]
    fn known_devices_have_a_bound_as_well() {
        let queue = Queue::new(1);
        assert_eq!([1, 2].map(|job| queue.push(Lane::Known, job)), [Ok(()), Err(Busy)]);
    }

    #[test]
    fn a_closed_queue_forgets_what_waits() {
        let queue = Queue::new(9);
        queue.push(Lane::Known, 1).unwrap();
        queue.push(Lane::Stranger, 2).unwrap();
        assert_eq!(queue.waiting(), 2);
        queue.close();
        assert_eq!(queue.waiting(), 0);
        assert_eq!(take(&queue, Serves::All), Taken::Closed);
    }
}

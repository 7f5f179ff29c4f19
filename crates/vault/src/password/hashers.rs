//! The threads that hash passwords.
//!
//! Each keeps one block of memory for hash after hash, and gives it back after a few idle seconds.
//! SECURITY: an unknown account costs the same run of Argon2 as a known one, or the time of an answer
//! would tell who has an account.

use super::{
    Busy, Lane, Password, PasswordHash, Scheme,
    queue::{Queue, Serves, Taken},
};
use argon2::Block;
use domain::{Entropy, SystemEntropy};
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};
use tokio::sync::oneshot;
use zeroize::Zeroize;

const PATIENCE: Duration = Duration::from_secs(5);

/// What came of checking a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the password.
    Right {
        /// The stored hash has another cost than new ones: store a new one.
        rehash: bool,
    },
    /// It is not the password, or there is no such account.
    Wrong,
}

/// The hashing threads, which end when this is dropped.
pub struct Hashers {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    queue: Queue<Job>,
    scheme: Scheme,
    runs: AtomicU64,
}

enum Job {
    Hash { password: Password, salt: [u8; 16], reply: oneshot::Sender<PasswordHash> },
    Verify { password: Password, against: Option<PasswordHash>, reply: oneshot::Sender<Verdict> },
}

impl Hashers {
    /// Starts `threads` threads (at least two, of which one serves known devices alone), with room for
    /// `queue` waiting jobs in each lane.
    ///
    /// # Panics
    ///
    /// When the system starts no thread.
    #[expect(clippy::expect_used, reason = "a house that cannot start its threads does not open")]
    pub fn start(threads: usize, queue: usize, scheme: impl Into<Scheme>) -> Self {
        let shared =
            Arc::new(Shared { queue: Queue::new(queue), scheme: scheme.into(), runs: AtomicU64::new(0) });
        let threads = (0..threads.max(2)).map(|number| {
            let shared = Arc::clone(&shared);
            let serves = if number == 0 { Serves::Known } else { Serves::All };
            let thread = thread::Builder::new().name(format!("hasher-{number}"));
            thread.spawn(move || shared.work(serves)).expect("the system starts a thread")
        });
        let threads = threads.collect();
        Self { shared, threads }
    }

    /// Hashes a new password.
    pub async fn hash(&self, lane: Lane, password: Password) -> Result<PasswordHash, Busy> {
        let mut salt = [0; 16];
        SystemEntropy.fill(&mut salt);
        let (reply, answer) = oneshot::channel();
        self.shared.queue.push(lane, Job::Hash { password, salt, reply })?;
        answer.await.map_err(|_| Busy)
    }

    /// Checks a password; `against` is nothing when there is no such account.
    pub async fn verify(
        &self,
        lane: Lane,
        password: Password,
        against: Option<PasswordHash>,
    ) -> Result<Verdict, Busy> {
        let (reply, answer) = oneshot::channel();
        self.shared.queue.push(lane, Job::Verify { password, against, reply })?;
        answer.await.map_err(|_| Busy)
    }

    /// Jobs that wait for a thread.
    pub fn waiting(&self) -> usize {
        self.shared.queue.waiting()
    }

    /// How new passwords are hashed.
    pub fn scheme(&self) -> Scheme {
        self.shared.scheme
    }

    /// How often Argon2 has run.
    pub fn runs(&self) -> u64 {
        self.shared.runs.load(Ordering::SeqCst)
    }
}

impl Drop for Hashers {
    fn drop(&mut self) {
        self.shared.queue.close();
        for thread in self.threads.drain(..) {
            drop(thread.join());
        }
    }
}

impl Shared {
    fn work(&self, serves: Serves) {
        let mut memory = Vec::new();
        loop {
            match self.queue.take(serves, PATIENCE) {
                Taken::Job(job) => self.run(job, &mut memory),
                Taken::Nothing => release(&mut memory),
                Taken::Closed => return release(&mut memory),
            }
        }
    }

    /// Does the job, unless nobody waits for it any more. A reply that is dropped tells `Busy`.
    fn run(&self, job: Job, memory: &mut Vec<Block>) {
        match job {
            Job::Hash { reply, .. } if reply.is_closed() => {}
            Job::Verify { reply, .. } if reply.is_closed() => {}
            Job::Hash { password, salt, reply } => {
                self.count();
                answer(reply, PasswordHash::make(self.scheme, salt, &password, memory));
            }
            Job::Verify { password, against, reply } => {
                self.count();
                answer(reply, self.verdict(&password, against.as_ref(), memory));
            }
        }
    }

    fn verdict(
        &self,
        password: &Password,
        against: Option<&PasswordHash>,
        memory: &mut Vec<Block>,
    ) -> Option<Verdict> {
        let Some(stored) = against else {
            return PasswordHash::dummy(self.scheme)?.is_of(password, memory).map(|_| Verdict::Wrong);
        };
        let rehash = stored.scheme() != self.scheme;
        let right = stored.is_of(password, memory)?;
        Some(if right { Verdict::Right { rehash } } else { Verdict::Wrong })
    }

    fn count(&self) {
        self.runs.fetch_add(1, Ordering::SeqCst);
    }
}

/// Whoever asked may have gone.
fn answer<T>(reply: oneshot::Sender<T>, answer: Option<T>) {
    if let Some(answer) = answer {
        drop(reply.send(answer));
    }
}

/// Wipes the memory and gives it back to the system.
fn release(memory: &mut Vec<Block>) {
    memory.zeroize();
    *memory = Vec::new();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Cost;

    fn password(text: &str) -> Password {
        Password::new(text.to_owned()).unwrap()
    }

    fn hashers() -> Hashers {
        Hashers::start(2, 64, Cost::danger_tiny())
    }

    #[tokio::test]
    async fn a_password_is_right_against_its_own_hash_alone() {
        let hashers = hashers();
        let hash = hashers.hash(Lane::Stranger, password("right")).await.unwrap();
        let right = hashers.verify(Lane::Known, password("right"), Some(hash.clone())).await;
        let wrong = hashers.verify(Lane::Stranger, password("wrong"), Some(hash)).await;
        assert_eq!((right, wrong), (Ok(Verdict::Right { rehash: false }), Ok(Verdict::Wrong)));
    }

    #[tokio::test]
    async fn two_hashes_of_one_password_differ() {
        let hashers = hashers();
        let first = hashers.hash(Lane::Stranger, password("same")).await.unwrap();
        let second = hashers.hash(Lane::Stranger, password("same")).await.unwrap();
        assert_ne!(first.as_str(), second.as_str());
    }

    #[tokio::test]
    async fn an_unknown_account_costs_as_many_runs_as_a_wrong_password() {
        let hashers = hashers();
        let hash = hashers.hash(Lane::Stranger, password("right")).await.unwrap();
        let before = hashers.runs();
        assert_eq!(hashers.verify(Lane::Stranger, password("x"), Some(hash)).await, Ok(Verdict::Wrong));
        let known = hashers.runs() - before;
        assert_eq!(hashers.verify(Lane::Stranger, password("x"), None).await, Ok(Verdict::Wrong));
        assert_eq!((known, hashers.runs() - before - known), (1, 1));
        assert_eq!(PasswordHash::dummy(Cost::STANDARD.into()).unwrap().scheme(), Cost::STANDARD.into());
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_asks_for_a_new_one() {
        let stored =
            "$argon2id$v=19$m=64,t=1,p=1$ZG9vcndhcmQtc2FsdC0xNg$8Smxtn7gpz+zeOPRy66aqm7d108yd4UJuBF95Q35Wis";
        let stored = PasswordHash::from_stored(stored.to_owned()).unwrap();
        let verdict = hashers().verify(Lane::Known, password("pässwörd"), Some(stored)).await;
        assert_eq!(verdict, Ok(Verdict::Right { rehash: true }));
    }

    #[tokio::test]
    async fn without_room_the_answer_is_busy_at_once() {
        let hashers = Hashers::start(2, 0, Cost::danger_tiny());
        assert!(matches!(hashers.hash(Lane::Known, password("x")).await, Err(Busy)));
        assert_eq!(hashers.verify(Lane::Stranger, password("x"), None).await, Err(Busy));
        assert_eq!(hashers.runs(), 0);
    }

    #[test]
    fn a_job_whose_asker_has_gone_is_not_run_and_harms_nobody() {
        let shared =
            Shared { queue: Queue::new(1), scheme: Cost::danger_tiny().into(), runs: AtomicU64::new(0) };
        let (reply, gone) = oneshot::channel();
        drop(gone);
        shared.run(Job::Verify { password: password("x"), against: None, reply }, &mut Vec::new());
        let (reply, mut waits) = oneshot::channel();
        shared.run(Job::Verify { password: password("x"), against: None, reply }, &mut Vec::new());
        assert_eq!((waits.try_recv(), shared.runs.into_inner()), (Ok(Verdict::Wrong), 1));
    }

    #[test]
    fn memory_is_given_back() {
        let mut memory = vec![Block::new(); 8];
        release(&mut memory);
        assert_eq!(memory.capacity(), 0);
    }

    #[test]
    fn the_threads_end_with_their_owner() {
        let hashers = hashers();
        let shared = Arc::downgrade(&hashers.shared);
        drop(hashers);
        assert!(shared.upgrade().is_none());
    }
}

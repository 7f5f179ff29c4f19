//! The id of a request: the same in the log, the audit event, the answer and what the app gets.
//!
//! INVARIANT: no random byte is used for two ids, and nothing but ids is made of the bytes kept here; secrets come
//! straight from the system.

use domain::Entropy;
use http::{HeaderName, HeaderValue};
use std::{
    cell::Cell,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

/// The field that carries the id, to apps and to clients.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Random bytes of one id.
const RANDOM: usize = 16;
/// Random bytes that are asked of the system at once.
const KEPT: usize = RANDOM * 256;
/// Threads that never wait for one another.
const SHELVES: usize = 16;

static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static THREAD: Cell<usize> = Cell::new(THREADS.fetch_add(1, Ordering::Relaxed));
}

/// The id of a request: 128 random bits in hexadecimal.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RequestId([u8; RANDOM * 2]);

impl RequestId {
    /// A fresh id.
    pub fn new(entropy: &dyn Entropy) -> Self {
        let mut random = [0; RANDOM];
        entropy.fill(&mut random);
        Self::of(random)
    }

    fn of(random: [u8; RANDOM]) -> Self {
        let mut digits = [0; RANDOM * 2];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(random) {
            pair.copy_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
        }
        Self(digits)
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The id as text that can be shared.
    pub fn text(&self) -> Arc<str> {
        self.as_str().into()
    }

    /// The id as the value of a header field.
    pub fn header(&self) -> HeaderValue {
        HeaderValue::from_bytes(&self.0).unwrap_or(HeaderValue::from_static(""))
    }
}

const fn digit(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Makes ids without a call to the system for each: randomness is fetched for a few hundred at once.
pub struct RequestIds {
    entropy: Arc<dyn Entropy>,
    shelves: [Mutex<Shelf>; SHELVES],
}

/// Random bytes, of which the first `left` were not used yet.
struct Shelf {
    random: Vec<u8>,
    left: usize,
}

impl RequestIds {
    /// Ids of `entropy`'s bytes.
    pub fn of(entropy: Arc<dyn Entropy>) -> Self {
        let shelves = std::array::from_fn(|_| Mutex::new(Shelf { random: Vec::new(), left: 0 }));
        Self { entropy, shelves }
    }

    /// A fresh id.
    pub fn next(&self) -> RequestId {
        let mine = THREAD.with(Cell::get) % SHELVES;
        let random = self
            .shelves
            .get(mine)
            .and_then(|shelf| shelf.lock().unwrap_or_else(PoisonError::into_inner).take(&*self.entropy));
        random.map_or_else(|| RequestId::new(&*self.entropy), RequestId::of)
    }
}

impl Shelf {
    /// SECURITY: bytes are wiped as they are taken, so that a mistake in the counting shows as zeros and not as an
    /// id that another request has.
    fn take(&mut self, entropy: &dyn Entropy) -> Option<[u8; RANDOM]> {
        if self.left < RANDOM {
            self.random.resize(KEPT, 0);
            entropy.fill(&mut self.random);
            self.left = KEPT;
        }
        self.left -= RANDOM;
        let taken = self.random.get_mut(self.left..)?.first_chunk_mut()?;
        Some(std::mem::take(taken))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::HashSet, thread};

    /// Counts how often it is asked, and never gives the same bytes.
    #[derive(Default)]
    struct Counted(AtomicUsize);

    impl Entropy for Counted {
        fn fill(&self, buffer: &mut [u8]) {
            let call = self.0.fetch_add(1, Ordering::Relaxed);
            for (place, chunk) in buffer.chunks_mut(RANDOM).enumerate() {
                let number = (call as u128) << 64 | (place as u128) << 1 | 1;
                chunk.copy_from_slice(&number.to_be_bytes()[..chunk.len()]);
            }
        }
    }

    #[test]
    fn an_id_is_its_bytes_in_hexadecimal() {
        let random = 0x0123_4567_89ab_cdef_0011_2233_f0e1_d2c3_u128;
        let id = RequestId::of(random.to_be_bytes());
        assert_eq!(id.as_str(), "0123456789abcdef00112233f0e1d2c3");
        assert_eq!((id.header(), &*id.text()), (id.as_str().parse().unwrap(), id.as_str()));
    }

    #[test]
    fn no_byte_is_used_twice_and_the_system_is_asked_for_many_at_once() {
        let entropy = Arc::new(Counted::default());
        let ids = RequestIds::of(Arc::clone(&entropy) as _);
        let made: HashSet<_> = (0..1_000).map(|_| ids.next()).collect();
        assert_eq!((made.len(), entropy.0.load(Ordering::Relaxed)), (1_000, 4));
        assert!(!made.contains(&RequestId::of([0; RANDOM])));
    }

    #[test]
    fn threads_make_different_ids() {
        let ids = RequestIds::of(Arc::new(Counted::default()));
        let made = thread::scope(|scope| {
            let threads: Vec<_> =
                (0..4).map(|_| scope.spawn(|| (0..500).map(|_| ids.next()).collect::<Vec<_>>())).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect::<HashSet<_>>()
        });
        assert_eq!(made.len(), 2_000);
    }
}

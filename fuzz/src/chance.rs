//! Inputs made by chance from those of a corpus: the same for the same seed.

use domain::{Entropy as _, FixedEntropy};

/// Bytes on which parsers stumble.
const PIECES: [&[u8]; 30] = [
    b"\r",
    b"\n",
    b"\r\n",
    b"\r\n\r\n",
    b"\0",
    b" ",
    b"\t",
    b"\x0b",
    b"\x7f",
    b"\xff",
    b"\xc3\xa9",
    b":",
    b";",
    b",",
    b"=",
    b"/",
    b"\\",
    b"..",
    b"%",
    b"%2e",
    b"%25",
    b"#",
    b"?",
    b"@",
    b"[::1]",
    b"0",
    b"5",
    b"dwt_",
    b"doorward=",
    b"_",
];

/// A source of changes.
pub struct Chance(FixedEntropy);

impl Chance {
    /// Changes that begin at `seed`.
    pub const fn new(seed: u64) -> Self {
        Self(FixedEntropy::new(seed))
    }

    /// One input of `corpus` with a few bytes changed, or with a part of another in it.
    pub fn changed(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let mut input = self.pick(corpus).cloned().unwrap_or_default();
        for _ in 0..=self.below(4) {
            let (start, end) = self.range(input.len());
            let new = match self.below(5) {
                0 => self.pick(&PIECES).map(|piece| piece.to_vec()).unwrap_or_default(),
                1 => Vec::new(),
                2 => vec![u8::try_from(self.below(256)).unwrap_or_default()],
                3 => input.get(start..end).unwrap_or_default().repeat(2),
                _ => self.part(corpus),
            };
            input.splice(start..end, new);
        }
        input
    }

    fn part(&mut self, corpus: &[Vec<u8>]) -> Vec<u8> {
        let other = self.pick(corpus).cloned().unwrap_or_default();
        let (start, end) = self.range(other.len());
        other.get(start..end).unwrap_or_default().to_vec()
    }

    /// Most often a short range, and often an empty one.
    fn range(&mut self, length: usize) -> (usize, usize) {
        let start = self.below(length + 1);
        let most = if self.below(4) == 0 { length } else { 3 };
        (start, length.min(start + self.below(most + 1)))
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let at = self.below(of.len().max(1));
        of.get(at)
    }

    /// A number below `bound`, which is not nought.
    fn below(&mut self, bound: usize) -> usize {
        let mut word = [0; 8];
        self.0.fill(&mut word);
        usize::try_from(u64::from_le_bytes(word) >> 16).unwrap_or(usize::MAX) % bound
    }
}

//! Where one WebSocket frame ends and the next begins, in what a server sends (RFC 6455, section 5.2).

/// The longest head of a frame that is not masked: two bytes and a length of eight.
const LONGEST_HEAD: usize = 10;

/// Follows the frames of one direction, without looking at what they carry.
#[derive(Debug, Default, Clone)]
pub(super) struct Frames {
    head: [u8; LONGEST_HEAD],
    /// How much of the head has come.
    had: usize,
    /// How much of the payload is still to come.
    left: u64,
    is_over: bool,
}

impl Frames {
    /// Whether a frame may begin here: no other is under way, and none has said that it is the last.
    pub(super) const fn is_between(&self) -> bool {
        self.had == 0 && self.left == 0 && !self.is_over
    }

    /// Follows all of `bytes`.
    pub(super) fn follow(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let part = self.step(bytes);
            bytes = bytes.get(part..).unwrap_or_default();
        }
    }

    /// How many of `bytes` belong to the frame that is under way; all of them where no end will be found.
    pub(super) fn rest_of_one(&self, bytes: &[u8]) -> usize {
        let (mut frames, mut rest) = (self.clone(), bytes);
        while !rest.is_empty() && !frames.is_between() {
            let part = frames.step(rest);
            rest = rest.get(part..).unwrap_or_default();
        }
        bytes.len().saturating_sub(rest.len())
    }

    /// Follows a part of `bytes`, not empty, and says how long it is.
    fn step(&mut self, bytes: &[u8]) -> usize {
        if self.is_over {
            return bytes.len();
        }
        if self.left > 0 {
            let part = bytes.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
            self.left = self.left.saturating_sub(u64::try_from(part).unwrap_or(u64::MAX));
            return part;
        }
        if let (Some(to), Some(from)) = (self.head.get_mut(self.had), bytes.first()) {
            *to = *from;
        }
        self.had = self.had.saturating_add(1);
        self.read_head();
        1
    }

    /// Reads the head, once there is enough of it.
    fn read_head(&mut self) {
        let [kind, length, ..] = self.head;
        let length_bytes = match length & 0x7f {
            _ if self.had < 2 => return,
            126 => 2,
            127 => 8,
            _ => 0,
        };
        if self.had < length_bytes + 2 {
            return;
        }
        let long = self.head.iter().skip(2).take(length_bytes);
        self.left = match length_bytes {
            0 => u64::from(length & 0x7f),
            _ => long.fold(0, |length, byte| length << 8 | u64::from(*byte)),
        };
        self.had = 0;
        // What is masked or of no known kind is no frame of a server's; after a Close (8), none follows.
        self.is_over = length & 0x80 != 0 || !matches!(kind & 0x0f, 0..=2 | 9 | 10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, length: usize) -> Vec<u8> {
        let mut bytes = vec![kind];
        match length {
            0..126 => bytes.push(u8::try_from(length).unwrap()),
            126..0x1_0000 => {
                bytes.push(126);
                bytes.extend(u16::try_from(length).unwrap().to_be_bytes());
            }
            _ => {
                bytes.push(127);
                bytes.extend(u64::try_from(length).unwrap().to_be_bytes());
            }
        }
        bytes.resize(bytes.len() + length, 0x88);
        bytes
    }

    #[test]
    fn ends_of_frames_are_found_however_the_bytes_are_cut() {
        let sizes = [0, 1, 125, 126, 127, 0xffff, 0x1_0000, 3];
        let all: Vec<Vec<u8>> = sizes.iter().map(|size| frame(0xc1, *size)).collect();
        let ends: Vec<usize> = all
            .iter()
            .scan(0, |end, frame| {
                *end += frame.len();
                Some(*end)
            })
            .collect();
        let bytes = all.concat();
        for piece in [1, 2, 3, 7, 100, 70_000] {
            let mut frames = Frames::default();
            let mut at = 0;
            for part in bytes.chunks(piece) {
                frames.follow(part);
                at += part.len();
                assert_eq!(frames.is_between(), ends.contains(&at), "{piece} bytes at a time, after {at}");
            }
        }
    }

    #[test]
    fn the_frame_under_way_is_followed_to_its_end_and_no_further() {
        let (mut frames, bytes) = (Frames::default(), frame(2, 300));
        frames.follow(&bytes[..3]);
        assert!(!frames.is_between());
        let rest = [&bytes[3..], &frame(1, 5)].concat();
        assert_eq!(frames.rest_of_one(&rest), bytes.len() - 3);
        frames.follow(&bytes[3..]);
        assert_eq!(frames.rest_of_one(&rest), 0);
    }

    #[test]
    fn what_is_no_frame_of_a_server_s_has_no_end() {
        for bytes in [b"GET / HTTP/1.1".as_slice(), &[0x81, 0x80, 1, 2, 3, 4], &[0x88, 0], &[0x83, 0]] {
            let mut frames = Frames::default();
            frames.follow(bytes);
            frames.follow(&frame(1, 5));
            assert!(!frames.is_between(), "{bytes:?}");
            assert_eq!(frames.rest_of_one(bytes), bytes.len());
        }
    }
}

//! The text of a key ring: one line a root key, the last one current.
//!
//! `v1 <key id, 8 hex> <created, RFC 3339> <32 bytes, base64url> <CRC-32 of all before, 8 hex>`; empty
//! lines and those that begin with `#` are passed over. The checksum finds damage, not forgery.

use super::{KeyId, KeyRing, Root};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::Time;
use zeroize::Zeroizing;

const COMMENT: &str =
    "# Doorward's root keys, the last one current. Keep a copy, apart from the database's.\n";
const LONGEST_LINE: usize = 128;

/// The text is no key ring; the message tells the line and never what stands in it.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyRingError {
    /// There is no key.
    #[error("no key in the key file")]
    Empty,
    /// The line is not as it was written.
    #[error("line {line} of the key file is damaged")]
    Damaged {
        /// Counted from 1.
        line: usize,
    },
    /// The line has a version that this program does not know.
    #[error("line {line} of the key file was written by a newer version")]
    Newer {
        /// Counted from 1.
        line: usize,
    },
    /// The line has the key id of an earlier line.
    #[error("line {line} of the key file repeats the id of an earlier key")]
    Repeated {
        /// Counted from 1.
        line: usize,
    },
}

impl KeyRing {
    /// Reads the text of a key file.
    pub fn parse(text: &str) -> Result<Self, KeyRingError> {
        let mut roots: Vec<Root> = Vec::new();
        for (line, content) in (1..).zip(text.lines()) {
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let root = read(content).ok_or_else(|| unreadable(content, line))?;
            if roots.iter().any(|earlier| earlier.id == root.id) {
                return Err(KeyRingError::Repeated { line });
            }
            roots.push(root);
        }
        let current = roots.pop().ok_or(KeyRingError::Empty)?;
        Ok(Self { older: roots, current })
    }

    /// Writes the text of a key file.
    pub fn to_text(&self) -> Zeroizing<String> {
        // Enough room from the start: a text that grows leaves copies of itself in memory.
        let room = COMMENT.len() + LONGEST_LINE * (self.older.len() + 1);
        let mut text = Zeroizing::new(String::with_capacity(room));
        text.push_str(COMMENT);
        for root in self.older.iter().chain([&self.current]) {
            let line = write(root);
            let checksum = crc32fast::hash(line.as_bytes());
            text.extend([line.as_str(), " ", &format!("{checksum:08x}"), "\n"]);
        }
        text
    }
}

fn write(root: &Root) -> Zeroizing<String> {
    let secret = Zeroizing::new(URL_SAFE_NO_PAD.encode(root.secret.as_ref()));
    Zeroizing::new(format!("v1 {} {} {}", root.id, root.created, secret.as_str()))
}

fn read(line: &str) -> Option<Root> {
    let (content, checksum) = line.rsplit_once(' ')?;
    if checksum != format!("{:08x}", crc32fast::hash(content.as_bytes())) {
        return None;
    }
    let [version, id, created, secret] = content.split(' ').collect::<Vec<_>>().try_into().ok()?;
    if version != "v1" {
        return None;
    }
    let id = u32::from_str_radix(id, 16).ok()?;
    let mut bytes = Zeroizing::new([0; 32]);
    let length = URL_SAFE_NO_PAD.decode_slice(secret, bytes.as_mut()).ok()?;
    (length == bytes.len()).then_some(())?;
    Some(Root::new(KeyId(id), created.parse::<Time>().ok()?, bytes))
}

fn unreadable(content: &str, line: usize) -> KeyRingError {
    let newer = content
        .strip_prefix('v')
        .and_then(|rest| rest.split(' ').next()?.parse::<u32>().ok())
        .is_some_and(|version| version > 1);
    if newer { KeyRingError::Newer { line } } else { KeyRingError::Damaged { line } }
}

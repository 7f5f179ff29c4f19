//! What a path means, and whether it means the same to everyone (`security.md` 12).
//!
//! Rules by path are matched on what an app sees once it has undone the percent-encoding. A path in which one
//! reader could see another path than the next is not read at all.

use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization as _;

/// The path with its percent-encoding undone; nothing where two readers could see two paths in it.
///
/// SECURITY: apps and proxies resolve dot segments before or after decoding, merge slashes or keep them, cut
/// parameters off behind `;`, take `\` for `/`, decode twice, and on some systems drop dots and spaces at a
/// segment's end. `/share/%2e%2e/admin` is below `/share` to one of them and below `/admin` to another.
pub(crate) fn read(path: &str) -> Option<Cow<'_, str>> {
    let ascii = path.is_ascii().then_some(path)?;
    let read = if ascii.contains('%') { Cow::Owned(decoded(ascii)?) } else { Cow::Borrowed(ascii) };
    is_clear(&read).then_some(read)
}

/// Whether a path that was read begins with the whole segments of `prefix`, which ends with no slash.
pub(crate) fn is_below(path: &str, prefix: &str) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether some app may see it there: one that takes capitals for small letters, one that cuts a suffix off, such as
/// `.json`, or one that is handed the path decoded and reads it once more.
pub(crate) fn may_be_below(path: &str, prefix: &str) -> bool {
    let (path, prefix) = (folded(path), folded(prefix));
    path.strip_prefix(&*prefix).is_some_and(|rest| {
        matches!(rest.bytes().next(), None | Some(b'/' | b'?' | b'#' | b'.' | b' ' | b':'))
    })
}

/// The path as a reader may have it who takes letters for each other: capitals, wide ones, the sign for Kelvin.
fn folded(path: &str) -> Cow<'_, str> {
    if path.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) {
        return Cow::Borrowed(path);
    }
    let lower = path.nfkc().flat_map(char::to_lowercase);
    // What a dotted capital leaves above its small letter, and the small letter that has no dot.
    let plain = lower.filter(|letter| *letter != '\u{307}');
    Cow::Owned(plain.map(|letter| if letter == '\u{131}' { 'i' } else { letter }).collect())
}

/// Nothing where a slash or a dot is encoded: once decoded, it could no longer be told from a plain one.
fn decoded(path: &str) -> Option<String> {
    let mut bytes = path.bytes();
    let mut decoded = Vec::with_capacity(path.len());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => escaped(bytes.next()?, bytes.next()?).filter(|byte| !b"/.".contains(byte))?,
            plain => plain,
        });
    }
    String::from_utf8(decoded).ok()
}

fn escaped(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    Some(digit(high)? << 4 | digit(low)?)
}

fn is_clear(path: &str) -> bool {
    let Some(segments) = path.strip_prefix('/') else { return false };
    let is_odd = |byte: u8| byte.is_ascii_control() || matches!(byte, b';' | b'\\');
    if path.bytes().any(is_odd) || path.contains("//") || is_encoded_again(path) || hides_signs(path) {
        return false;
    }
    // A `?` or `#` that was encoded ends the path to an app that is handed it decoded and reads it once more.
    segments.split(['/', '?', '#']).all(|segment| !segment.ends_with(['.', ' ']) && !is_cookieless(segment))
}

/// Encoded twice, or once in the way of some servers of Microsoft's, which read `%u002e` as a dot.
fn is_encoded_again(path: &str) -> bool {
    path.split('%').skip(1).any(|after| match after.as_bytes() {
        [b'u' | b'U', ..] => true,
        [high, low, ..] => escaped(*high, *low).is_some(),
        _ => false,
    })
}

/// Whether some reader makes signs of it that part or climb a path, such as a wide dot.
fn hides_signs(path: &str) -> bool {
    let signs = |letters: &mut dyn Iterator<Item = char>| letters.filter(|c| "./\\;%?#".contains(*c)).count();
    !path.is_ascii() && signs(&mut path.nfkc()) != signs(&mut path.chars())
}

/// Whether ASP.NET takes the segment for a session's id, `(S(…))`, and leaves it out.
fn is_cookieless(segment: &str) -> bool {
    segment.starts_with('(') && segment.ends_with("))")
}

#[cfg(test)]
mod tests;

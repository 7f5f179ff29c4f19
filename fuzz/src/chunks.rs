//! A body in chunks: whatever the gateway reads of it, a reader of its own make reads the same.

use crate::connection;

const HEAD: &[u8] = b"POST / HTTP/1.1\r\nHost: a\r\nTrailer: X\r\nTransfer-Encoding: chunked\r\n\r\n";

pub(crate) fn run(bytes: &[u8]) {
    let requests = connection::read(&[HEAD, bytes].concat());
    let Some(first) = requests.first() else { panic!("the head is right") };
    if let Some(body) = &first.body {
        assert_eq!(decoded(bytes).as_deref(), Some(&**body), "{:?}", bytes.escape_ascii().to_string());
    }
}

/// The data of the chunks up to the last, by the letter of RFC 9112 §7.1.
fn decoded(bytes: &[u8]) -> Option<Vec<u8>> {
    let (mut rest, mut data) = (bytes, Vec::new());
    loop {
        let end = rest.windows(2).position(|two| two == b"\r\n")?;
        let (line, behind) = rest.split_at_checked(end)?;
        let size = size(line)?;
        rest = behind.get(2..)?;
        if size == 0 {
            return Some(data);
        }
        let (chunk, behind) = rest.split_at_checked(size)?;
        data.extend_from_slice(chunk);
        rest = behind.strip_prefix(b"\r\n")?;
    }
}

fn size(line: &[u8]) -> Option<usize> {
    let digits = line.split(|b| *b == b';').next()?.trim_ascii_end();
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit) && !line.contains(&b'\n');
    plain.then(|| usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok())?
}

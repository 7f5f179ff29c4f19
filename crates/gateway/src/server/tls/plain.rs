//! Plain HTTP where TLS is spoken: answered with a word on how to come, instead of with an alert or silence.

use std::io;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// No link: the request's own `Host` is no place to send anybody to (`security.md` 2).
const ANSWER: &[u8] = b"HTTP/1.1 400 Bad Request\r\n\
    Content-Type: text/plain; charset=utf-8\r\n\
    Content-Length: 67\r\n\
    Connection: close\r\n\
    \r\n\
    This port speaks HTTPS alone: use https:// in place of http:// here";

/// More than this is not read of a request that is not answered to.
const MOST: u64 = 64 * 1024;

/// Whether the client's first byte begins a request's method. A TLS record never begins with a letter.
pub(super) async fn is_spoken(stream: &TcpStream) -> io::Result<bool> {
    let mut first = [0];
    Ok(stream.peek(&mut first).await? == 1 && first.iter().all(u8::is_ascii_alphabetic))
}

/// Answers, and reads what is still on its way: closed over unread bytes, the answer would be lost to a reset.
pub(super) async fn answer(mut stream: TcpStream) -> io::Result<()> {
    stream.write_all(ANSWER).await?;
    stream.shutdown().await?;
    tokio::io::copy(&mut stream.take(MOST), &mut tokio::io::sink()).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::ANSWER;

    #[test]
    fn the_answer_is_as_long_as_it_says() {
        let text = std::str::from_utf8(ANSWER).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())), "{}", body.len());
    }
}

"""Requests that servers have read in two ways, and what is to come of each at a gate.

`$` stands for the fields that every request needs: `Host`, the visitor's token, and the request's own number. Behind each
row comes one more request on the same connection, in the same segment. A row that `PASSES` reaches the app as it is meant,
and one that is `REFUSED` does not, nor does anything behind it; of `EITHER` the app gets what is meant or nothing.
"""

import random

PASSES, REFUSED, EITHER = "passes", "refused", "either"

HELLO = b"5\r\nhello\r\n0\r\n\r\n"
INNER = b"GET /inner HTTP/1.1\r\n$\r\n"
CHUNKED = b"POST /chunked HTTP/1.1\r\n$Transfer-Encoding: chunked\r\n"

ROWS = [
    # How long a body is.
    ("a plain length", PASSES, b"POST /length HTTP/1.1\r\n$Content-Length: 5\r\n\r\nhello"),
    ("plain chunks", PASSES, CHUNKED + b"\r\n" + HELLO),
    ("a get with a body", PASSES, b"GET /get HTTP/1.1\r\n$Content-Length: 5\r\n\r\nhello"),
    ("a get with chunks", PASSES, b"GET /get HTTP/1.1\r\n$Transfer-Encoding: chunked\r\n\r\n" + HELLO),
    ("a delete with a body", PASSES, b"DELETE /d HTTP/1.1\r\n$Content-Length: 5\r\n\r\nhello"),
    ("a body that looks like a request", PASSES, b"POST /l HTTP/1.1\r\n$Content-Length: 23\r\n\r\nGET /inner HTTP/1.1\r\n\r\n"),
    ("a chunk that looks like a request", PASSES, CHUNKED + b"\r\n17\r\nGET /inner HTTP/1.1\r\n\r\n\r\n0\r\n\r\n"),
    ("no body at all", PASSES, b"POST /none HTTP/1.1\r\n$\r\n"),
    ("a length of nothing", PASSES, b"POST /none HTTP/1.1\r\n$Content-Length: 0\r\n\r\n"),
    ("the same length twice", EITHER, b"POST /l HTTP/1.1\r\n$Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
    ("two lengths", REFUSED, b"POST /l HTTP/1.1\r\n$Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
    ("a list of lengths", REFUSED, b"POST /l HTTP/1.1\r\n$Content-Length: 5, 5\r\n\r\nhello"),
    ("a signed length", REFUSED, b"POST /l HTTP/1.1\r\n$Content-Length: +5\r\n\r\nhello"),
    ("a length below nothing", REFUSED, b"POST /l HTTP/1.1\r\n$Content-Length: -5\r\n\r\nhello"),
    ("an octal length", REFUSED, b"POST /l HTTP/1.1\r\n$Content-Length: 012\r\n\r\nhello12345"),
    ("a hexadecimal length", REFUSED, b"POST /l HTTP/1.1\r\n$Content-Length: 0x5\r\n\r\nhello"),
    ("an empty length", REFUSED, b"POST /l HTTP/1.1\r\n$Content-Length:\r\n\r\n"),
    ("a length beyond all", REFUSED, b"POST /l HTTP/1.1\r\n$Content-Length: 99999999999999999999\r\n\r\nhello"),
    ("a misspelt length", PASSES, b"POST /l HTTP/1.1\r\n$Content_Length: 26\r\n\r\n"),
    ("a misspelt coding", PASSES, b"POST /l HTTP/1.1\r\n$Transfer_Encoding: chunked\r\n\r\n"),
    # Both, and what only looks like both.
    ("length, then chunks", EITHER, b"POST /both HTTP/1.1\r\n$Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + HELLO),
    ("chunks, then length", EITHER, b"POST /both HTTP/1.1\r\n$Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n" + HELLO),
    ("a request behind no chunk", EITHER,
     b"POST /both HTTP/1.1\r\n$Content-Length: 200\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + INNER),
    ("identity", REFUSED, b"POST /te HTTP/1.1\r\n$Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello"),
    ("chunked, identity", REFUSED, b"POST /te HTTP/1.1\r\n$Transfer-Encoding: chunked, identity\r\n\r\n" + HELLO),
    ("identity, chunked", REFUSED, b"POST /te HTTP/1.1\r\n$Transfer-Encoding: identity, chunked\r\n\r\n" + HELLO),
    ("gzip, chunked", REFUSED, b"POST /te HTTP/1.1\r\n$Transfer-Encoding: gzip, chunked\r\n\r\n" + HELLO),
    ("chunked twice", REFUSED, b"POST /te HTTP/1.1\r\n$Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n" + HELLO),
    ("chunked, then another", REFUSED,
     b"POST /te HTTP/1.1\r\n$Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\nContent-Length: 5\r\n\r\nhello"),
    ("xchunked", REFUSED, b"POST /te HTTP/1.1\r\n$Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n\r\nhello"),
    ("chunked with a parameter", REFUSED, b"POST /te HTTP/1.1\r\n$Transfer-Encoding: chunked;q=1\r\n\r\n" + HELLO),
    ("chunked in large letters", PASSES, b"POST /te HTTP/1.1\r\n$Transfer-Encoding: \tCHUNKED \r\n\r\n" + HELLO),
    ("a vertical tab", REFUSED, b"POST /te HTTP/1.1\r\n$Transfer-Encoding: \x0bchunked\r\n\r\n" + HELLO),
    ("a space before the colon", REFUSED, b"POST /te HTTP/1.1\r\n$Transfer-Encoding : chunked\r\n\r\n" + HELLO),
    ("a folded coding", REFUSED, b"POST /te HTTP/1.1\r\n$Transfer-Encoding:\r\n chunked\r\n\r\n" + HELLO),
    ("a coding folded into another field", REFUSED, b"POST /te HTTP/1.1\r\n$X: 1\r\n Transfer-Encoding: chunked\r\n\r\n" + HELLO),
    ("chunks of HTTP/1.0", REFUSED, b"POST /te HTTP/1.0\r\n$Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n" + HELLO),
    ("Connection names the length", PASSES, b"POST /c HTTP/1.1\r\n$Connection: Content-Length\r\nContent-Length: 5\r\n\r\nhello"),
    ("Connection names the coding", PASSES, b"POST /c HTTP/1.1\r\n$Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n\r\n" + HELLO),
    # Chunks.
    ("extensions", PASSES, CHUNKED + b"\r\n5;a=\"b;c\"\r\nhello\r\n0;last\r\n\r\n"),
    ("a space behind a size", EITHER, CHUNKED + b"\r\n5 \r\nhello\r\n0\r\n\r\n"),
    ("noughts before a size", EITHER, CHUNKED + b"\r\n0005\r\nhello\r\n000\r\n\r\n"),
    ("0x before a size", REFUSED, CHUNKED + b"\r\n0x5\r\nhello\r\n0\r\n\r\n"),
    ("a signed size", REFUSED, CHUNKED + b"\r\n+5\r\nhello\r\n0\r\n\r\n"),
    ("a space before a size", REFUSED, CHUNKED + b"\r\n 5\r\nhello\r\n0\r\n\r\n"),
    ("no size", REFUSED, CHUNKED + b"\r\n\r\nhello\r\n0\r\n\r\n"),
    ("a size beyond all", REFUSED, CHUNKED + b"\r\n10000000000000005\r\nhello\r\n0\r\n\r\n"),
    ("a bare LF behind a size", REFUSED, CHUNKED + b"\r\n5\nhello\r\n0\r\n\r\n"),
    ("a bare LF in an extension", REFUSED, CHUNKED + b"\r\n5;a\nb\r\nhello\r\n0\r\n\r\n"),
    ("a bare CR in an extension", REFUSED, CHUNKED + b"\r\n5;a\rb\r\nhello\r\n0\r\n\r\n"),
    ("a bare LF behind a chunk", REFUSED, CHUNKED + b"\r\n5\r\nhello\n0\r\n\r\n"),
    ("nothing behind a chunk", REFUSED, CHUNKED + b"\r\n5\r\nhello0\r\n\r\n"),
    ("a bare LF behind the last chunk", REFUSED, CHUNKED + b"\r\n5\r\nhello\r\n0\r\n\n" + INNER),
    ("trailers", EITHER, CHUNKED + b"Trailer: X-Sum\r\n\r\n5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n"),
    ("framing in trailers", EITHER,
     CHUNKED + b"Trailer: Content-Length, Content_Length\r\n\r\n0\r\nContent-Length: 40\r\nContent_Length: 40\r\n\r\n"),
    ("a folded trailer", REFUSED, CHUNKED + b"\r\n0\r\nX: 1\r\n folded\r\n\r\n"),
    # The first line.
    ("an absolute target", PASSES, b"GET http://@/abs?q HTTP/1.1\r\n$\r\n"),
    ("an absolute target without a path", EITHER, b"GET http://@ HTTP/1.1\r\n$\r\n"),
    ("nothing but a fragment", EITHER, b"GET http://@#x HTTP/1.1\r\n$\r\n"),
    ("another host's target", REFUSED, b"GET http://evil.example/ HTTP/1.1\r\n$\r\n"),
    ("no path", REFUSED, b"GET @ HTTP/1.1\r\n$\r\n"),
    ("an asterisk for GET", REFUSED, b"GET * HTTP/1.1\r\n$\r\n"),
    ("an asterisk for OPTIONS", EITHER, b"OPTIONS * HTTP/1.1\r\n$\r\n"),
    ("a fragment", EITHER, b"GET /a?b#c HTTP/1.1\r\n$\r\n"),
    ("a path of all sorts", PASSES, b"GET /a/%2E%2e/b;c=d//e?f=%00&g=%2f HTTP/1.1\r\n$\r\n"),
    ("bytes of UTF-8 in a path", EITHER, b"GET /caf\xc3\xa9 HTTP/1.1\r\n$\r\n"),
    ("bytes of no text in a path", REFUSED, b"GET /caf\xe9 HTTP/1.1\r\n$\r\n"),
    ("two spaces", REFUSED, b"GET  / HTTP/1.1\r\n$\r\n"),
    ("a NUL in a path", REFUSED, b"GET /\0 HTTP/1.1\r\n$\r\n"),
    ("HTTP/0.9", REFUSED, b"GET /old\r\n\r\n"),
    ("HTTP/1.2", REFUSED, b"GET / HTTP/1.2\r\n$\r\n"),
    ("the preface of HTTP/2", REFUSED, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    ("HTTP/1.0 that stays", EITHER, b"POST /old HTTP/1.0\r\n$Connection: keep-alive\r\nContent-Length: 5\r\n\r\nhello"),
    ("HTTP/1.0 that goes", PASSES, b"GET /old HTTP/1.0\r\n$\r\n"),
    ("small letters", EITHER, b"get / HTTP/1.1\r\n$\r\n"),
    ("a method of its own", EITHER, b"M-SEARCH /m HTTP/1.1\r\n$\r\n"),
    ("empty lines first", PASSES, b"\r\n\r\nGET /first HTTP/1.1\r\n$\r\n"),
    # Fields.
    ("a bare LF", EITHER, b"GET /lf HTTP/1.1\n$X: 1\n\n"),
    ("a bare CR", REFUSED, b"GET /cr HTTP/1.1\r\n$X: 1\rY: 2\r\n\r\n"),
    ("a NUL in a value", REFUSED, b"GET /nul HTTP/1.1\r\n$X: a\0b\r\n\r\n"),
    ("a NUL in a name", REFUSED, b"GET /nul HTTP/1.1\r\n$X\0: 1\r\n\r\n"),
    ("two hosts", REFUSED, b"GET /hosts HTTP/1.1\r\n$Host: evil.example\r\n\r\n"),
    ("Connection names who asks", PASSES, b"GET /c HTTP/1.1\r\n$Connection: Remote-User, X-Forwarded-For, Cookie\r\n\r\n"),
    ("an expectation", PASSES, b"POST /e HTTP/1.1\r\n$Expect: 100-continue\r\nContent-Length: 5\r\n\r\nhello"),
    ("an upgrade to h2c", PASSES, b"GET /h2c HTTP/1.1\r\n$Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMA\r\n\r\n"),
    ("an upgrade without its option", PASSES, b"GET /ws HTTP/1.1\r\n$Upgrade: websocket\r\n\r\n"),
    ("an upgrade with a body", PASSES, b"GET /ws HTTP/1.1\r\n$Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 5\r\n\r\nhello"),
    ("a handshake that is declined", PASSES,
     b"GET /ws HTTP/1.1\r\n$Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
     b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"),
    # Several at once.
    ("three in one segment", PASSES, b"GET /1 HTTP/1.1\r\n$\r\nPOST /2 HTTP/1.1\r\n$Content-Length: 5\r\n\r\nhelloGET /3 HTTP/1.1\r\n$\r\n"),
    ("one that is refused with its body", EITHER,
     b"POST /.Doorward/ HTTP/1.1\r\n$Content-Length: 23\r\n\r\nGET /inner HTTP/1.1\r\n\r\n" + INNER),
    ("a body that does not end", REFUSED, b"POST /cut HTTP/1.1\r\n$Content-Length: 100000\r\n\r\n" + INNER),
    ("chunks that do not end", REFUSED, CHUNKED + b"\r\nfffff\r\n" + INNER),
]

BEHIND = b"GET /behind HTTP/1.1\r\n$Connection: close\r\n\r\n"

_PIECES = [
    b"\r", b"\n", b"\r\n", b"\0", b" ", b"\t", b"\x0b", b":", b";", b",", b"0", b"1", b"+", b"-", b"\r\n ", b"#", b"\xff",
    b"Content-Length: 3\r\n", b"Content-Length: 0\r\n", b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: identity\r\n",
    b"Connection: close\r\n", b"Connection: keep-alive\r\n", b"0\r\n\r\n", b"3\r\nabc\r\n", b"GET /inner HTTP/1.1\r\n", b"\r\n\r\n",
]


def mutants(seed):
    """Rows with a few bytes changed by chance, without end and the same for each seed; none has a verdict."""
    chance = random.Random(seed)
    while True:
        name, _, row = chance.choice(ROWS)
        data = row + BEHIND
        for _ in range(chance.randint(1, 3)):
            data = _changed(chance, data)
        yield f"{name}, changed", EITHER, data


def _changed(chance, data):
    at = chance.randrange(len(data))
    kind = chance.randrange(4)
    if kind == 0:
        return data[:at] + chance.choice(_PIECES) + data[at:]
    if kind == 1:
        return data[:at] + data[at + chance.randint(1, 3):]
    if kind == 2:
        return data[:at] + chance.choice(_PIECES)[:1] + data[at + 1:]
    lines = data.split(b"\r\n")
    line = lines[chance.randrange(len(lines))]
    lines.insert(chance.randrange(len(lines) + 1), line.replace(b"$", b""))
    return b"\r\n".join(lines)

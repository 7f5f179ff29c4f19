"""What a client means by bytes, read after RFC 9112 and by nobody's parser that is under test.

Read leniently only where that leaves one meaning: bare LF as the end of a line of a head or of trailers, empty lines before
a request, the same length said twice, a fragment in a target, any bytes in what extends a chunk. Whatever else is odd is
unreadable, and nothing behind it counts.
"""

import re
from dataclasses import dataclass, field

TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
LINE = re.compile(rb"(" + TOKEN + rb") ([\x21-\x7e\x80-\xff]+) HTTP/1\.([01])")
FIELD = re.compile(rb"(" + TOKEN + rb"):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*")
SIZE = re.compile(rb"([0-9a-fA-F]+)[ \t]*(;[^\r\n]*)?")
LENGTH = re.compile(rb"0|[1-9][0-9]*")


class Unreadable(Exception):
    """The bytes are no request, or more than one at once."""


class Cut(Exception):
    """The bytes end within a request."""


@dataclass
class Request:
    """One request as it was meant."""

    method: str
    target: str
    fields: list
    body: bytes = b""

    def values(self, name):
        """What the fields of this name say, in their order."""
        return [value for key, value in self.fields if key == name]

    def options(self):
        """The options of `Connection`, in small letters."""
        return [option.strip().lower() for value in self.values("connection") for option in value.split(",")]


@dataclass
class Reading:
    """The requests in some bytes, and how they end: `closed` by the last of them, `unreadable`, `cut`, or `open` for more."""

    requests: list = field(default_factory=list)
    end: str = "open"


def read(data):
    """All that a client means by `data`, sent over a connection of its own."""
    reading, reader = Reading(), _Reader(data)
    try:
        while reading.end == "open" and reader.skip_empty_lines():
            request, stays = reader.request()
            reading.requests.append(request)
            reading.end = "open" if stays else "closed"
    except Unreadable:
        reading.end = "unreadable"
    except Cut:
        reading.end = "cut"
    return reading


class _Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def skip_empty_lines(self):
        while match := re.compile(rb"\r?\n").match(self.data, self.at):
            self.at = match.end()
        return self.at < len(self.data)

    def line(self, bare=True):
        end = self.data.find(b"\n", self.at)
        if end < 0:
            raise Cut
        line, self.at = self.data[self.at:end], end + 1
        if not bare and not line.endswith(b"\r"):
            raise Unreadable
        line = line.removesuffix(b"\r")
        if b"\r" in line:
            raise Unreadable
        return line

    def take(self, count):
        if self.at + count > len(self.data):
            raise Cut
        self.at += count
        return self.data[self.at - count:self.at]

    def fields(self):
        found = []
        while line := self.line():
            match = FIELD.fullmatch(line) or _refuse()
            found.append((match[1].decode().lower(), match[2].decode("latin-1")))
        return found

    def request(self):
        """The next request, and whether the connection stays behind it."""
        match = LINE.fullmatch(self.line()) or _refuse()
        request = Request(match[1].decode(), "", self.fields())
        request.target = _target(match[2], request)
        is_old = match[3] == b"0"
        codings, lengths = request.values("transfer-encoding"), request.values("content-length")
        if codings:
            if is_old or len(codings) > 1 or codings[0].lower() != "chunked":
                raise Unreadable
            request.body = self.chunks()
        elif lengths:
            if len(set(lengths)) > 1 or not LENGTH.fullmatch(lengths[0].encode("latin-1")):
                raise Unreadable
            request.body = self.take(int(lengths[0]))
        options = request.options()
        asks_to_stay = "close" not in options and (not is_old or "keep-alive" in options)
        return request, asks_to_stay and not (codings and lengths)

    def chunks(self):
        body = []
        while True:
            match = SIZE.fullmatch(self.line(bare=False)) or _refuse()
            size = int(match[1], 16)
            if size >= 1 << 64:
                raise Unreadable
            if size == 0:
                self.fields()
                return b"".join(body)
            body.append(self.take(size))
            if self.take(2) != b"\r\n":
                raise Unreadable


def _target(target, request):
    """The path and query that an origin is asked for; the host is named once, and by both in the same way."""
    hosts = request.values("host")
    if len(hosts) != 1:
        raise Unreadable
    try:
        target.decode()
    except UnicodeDecodeError:
        raise Unreadable from None
    target = target.split(b"#")[0].decode("latin-1")
    if absolute := re.fullmatch(r"(?i)https?://([^/?]*)(.*)", target):
        if absolute[1].lower() != hosts[0].lower() or not absolute[1]:
            raise Unreadable
        target = absolute[2] if absolute[2].startswith("/") else "/" + absolute[2]
    if not (target.startswith("/") or (target == "*" and request.method == "OPTIONS")):
        raise Unreadable
    return target


def _refuse():
    raise Unreadable

"""Awkward requests through the gate to three apps of different make: all count the same requests, with the same bodies.

Each row of `awkward.py`, and then as many of them changed by chance as the time allows, goes over a connection of its own.
What reaches the app must be what `reading.py` says was meant; and when all is done, the apps' own logs must hold the
requests that were answered by them and no other.
"""

import collections
import hashlib
import re
import socket
import time
from dataclasses import dataclass, field

import awkward
import reading
from door import Door, Failed, check, first_account, main
from origins import Apache, Nginx, Node

SEED = 20261121
MUTATING_SECONDS = 30
AT_LEAST_MUTANTS = 100
SILENCE = 3
PATIENCE = 40


@dataclass
class Answer:
    """One answer, and the app that made it, if it was an app."""

    status: int
    origin: str
    id: str


@dataclass
class Talk:
    """What was said over one connection, and what came of it."""

    name: str
    verdict: str
    data: bytes
    meant: reading.Reading
    answers: list = field(default_factory=list)

    def forwarded(self):
        return [answer for answer in self.answers if answer.origin]

    def __str__(self):
        return f"{self.name} ({self.verdict})\n  sent     {self.data!r}\n  meant    {self.meant}\n  answered {self.answers}"


class Gate:
    """A gate before an app, and a client who sends it bytes."""

    def __init__(self, port, origin, token):
        self.port, self.origin, self.token, self.talks = port, origin, token, []
        self.host = f"{origin.name}.localhost"

    def try_row(self, name, verdict, row):
        """Sends a row, if the app can count what comes of it, and judges the answers."""
        if self.origin.suits(row):
            judge_talk(self.talk(name, verdict, row), self.token)

    def talk(self, name, verdict, row):
        """Sends one row; a request whose number is `nginx-7.1` is the second of the seventh talk with nginx."""
        number = f"{self.origin.name}-{len(self.talks)}"
        data = self._filled(row.replace(b"@", f"{self.host}:{self.port}".encode()), number)
        talk = Talk(name, verdict, data, reading.read(data))
        self.talks.append(talk)
        with socket.create_connection(("127.0.0.1", self.port), PATIENCE) as connection:
            converse(connection, talk)
        return talk

    def _filled(self, row, number):
        parts = row.split(b"$")
        filled = [parts[0]]
        for index, part in enumerate(parts[1:]):
            fields = f"Host: {self.host}:{self.port}\r\nAuthorization: Bearer {self.token}\r\nX-Row: {number}.{index}\r\n"
            filled += [fields.encode(), part]
        return b"".join(filled)


def converse(connection, talk):
    """Sends, and reads to the end. When all that was meant is answered, bytes that stop within a request are followed by the
    end of the connection at once, and bytes that cannot be read after some silence: the gate may wait for more of them."""
    received, asks = b"", True
    try:
        connection.sendall(talk.data)
        while True:
            talk.answers = list(answers(received))
            is_done = len(talk.answers) >= len(talk.meant.requests)
            if asks and is_done and talk.meant.end in ("cut", "open"):
                connection.shutdown(socket.SHUT_WR)
                asks = False
            connection.settimeout(SILENCE if asks and is_done else PATIENCE)
            try:
                more = connection.recv(1 << 16)
            except TimeoutError:
                if not (asks and is_done):
                    raise Failed(f"the gate neither answers nor closes\n{talk}") from None
                connection.shutdown(socket.SHUT_WR)
                asks = False
                continue
            if not more:
                return
            received += more
    except OSError:
        # It closed before all was sent, which is its right; what it said before has come.
        talk.answers = list(answers(received))


def answers(received):
    """The final answers in some bytes, all of them to methods whose answers have bodies."""
    at = 0
    while (end := received.find(b"\r\n\r\n", at)) >= 0:
        line, *lines = received[at:end].decode("latin-1").split("\r\n")
        fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        status = int(re.fullmatch(r"HTTP/1\.[01] (\d{3}).*", line)[1])
        at = end + 4
        if status < 200:
            continue
        at = _end_of_body(received, at, fields)
        if at < 0:
            return
        yield Answer(status, fields.get("x-origin", ""), fields.get("x-row", "").split(",")[0])


def _end_of_body(received, at, fields):
    if fields.get("transfer-encoding") == "chunked":
        while (line := received.find(b"\r\n", at)) >= 0:
            size = int(received[at:line], 16)
            at = line + 2 + size + 2
            if size == 0:
                return at if at <= len(received) else -1
        return -1
    if "content-length" in fields:
        at += int(fields["content-length"])
        return at if at <= len(received) else -1
    return len(received) if fields.get("connection") == "close" else at


def judge_talk(talk, token):
    """Fails when the gate let through what it was not to, or kept back what is plainly right."""
    forwarded = len(talk.forwarded())
    if talk.verdict == awkward.PASSES and forwarded != len(talk.meant.requests):
        raise Failed(f"the gate keeps back what is plainly right\n{talk}")
    if talk.verdict == awkward.REFUSED and forwarded:
        raise Failed(f"the gate lets through what can be read in two ways\n{talk}")
    if talk.meant.end == "cut" and forwarded and talk.forwarded()[-1].status >= 400:
        # An app need not wait for the end of what it refuses.
        forwarded -= 1
    if forwarded > sum(may_pass(request, token) for request in talk.meant.requests):
        raise Failed(f"more requests reached the app than were meant for it\n{talk}")


def may_pass(request, token):
    words = [value.split(" ")[-1] for value in request.values("authorization")]
    return token in words and request.method == request.method.upper() and request.method not in ("TRACE", "CONNECT")


def judge_log(gate, seen):
    """Fails when an app's log holds another request than those that were meant and answered."""
    origin, talks = gate.origin.name, gate.talks
    answered = collections.Counter((answer.id, answer.status) for talk in talks for answer in talk.forwarded())
    logged = collections.Counter((entry.id, entry.status) for entry in seen)
    missing, extra = answered - logged, logged - answered
    # A request that breaks off within its body is none to the app either; the gate has answered it, or nobody.
    broken = set().union(*(_broken(talk) for talk in talks))
    extra = {key: count for key, count in extra.items() if not (key[1] >= 400 and key[0] in broken and count == 1)}
    # An app that cannot read a first line does not get as far as the number.
    if extra.get(("", 400), 0) <= len(broken):
        extra.pop(("", 400), None)
    if missing or extra:
        entries = [entry for entry in seen if (entry.id, entry.status) in extra]
        raise Failed(f"{origin}: answered but not logged {dict(missing)}, logged but not answered {entries[:20]}")
    meant = collections.Counter(
        (number(request), request.method, request.target, digest(request.body))
        for talk in talks for request in talk.meant.requests if may_pass(request, gate.token)
    )
    taken = collections.Counter((e.id, e.method, e.target, e.body) for e in seen if e.status == 200)
    if others := taken - meant:
        raise Failed(f"{origin}: took what nobody meant {dict(others)}")


def _broken(talk):
    """The number of the request that the gate refused for its framing, or that the client broke off, if there is one."""
    refused = any(not answer.origin and answer.status == 400 for answer in talk.answers)
    if not refused and talk.meant.end not in ("cut", "unreadable"):
        return set()
    numbers = re.findall(rb"X-Row: ([a-z]+-[0-9]+\.[0-9]+)", talk.data)
    return {number.decode() for number in numbers} - {answer.id for answer in talk.forwarded()}


def number(request):
    return request.values("x-row")[0].split(",")[0] if request.values("x-row") else ""


def digest(body):
    return hashlib.sha256(body).hexdigest()


def notices_a_smuggled_request(gate, seen):
    """The judge itself is judged: one request more in the log must not go unseen, nor one with another body."""
    first = next(entry for entry in seen if entry.status == 200)
    others = [seen + [first], [e if e is not first else type(e)(e.id, 200, e.method, e.target, digest(b"x")) for e in seen]]
    for log in others:
        try:
            judge_log(gate, log)
        except Failed:
            continue
        raise Failed("a request that was smuggled would go unseen")


def gates_before(folder, origins):
    door = Door(folder, ["serve"], env=first_account(folder)).wait()
    ada = door.administrator()
    for origin in origins:
        app = {"name": origin.name, "upstreams": [f"http://127.0.0.1:{origin.port}"], "access": {"everyone": True}}
        ada.expect(201, "POST", "/api/v1/apps", app)
    token = door.holder(apps=["*"]).token
    return door, [Gate(door.port, origin, token) for origin in origins]


def test(folder):
    origins = [make(folder) for make in (Nginx, Apache, Node)]
    door, gates = gates_before(folder, origins)
    for name, verdict, row in awkward.ROWS:
        for gate in gates:
            gate.try_row(name, verdict, row + awkward.BEHIND)
    check(f"{len(awkward.ROWS)} awkward requests are refused, or reach the app as they are meant", True)

    end, mutants = time.monotonic() + MUTATING_SECONDS, awkward.mutants(SEED)
    count = 0
    while count < AT_LEAST_MUTANTS or time.monotonic() < end:
        gates[count % len(gates)].try_row(*next(mutants))
        count += 1
    check(f"so are {count} that were changed by chance", True)

    door.end()
    for gate in gates:
        seen = gate.origin.seen()
        judge_log(gate, seen)
        notices_a_smuggled_request(gate, seen)
        name, count = gate.origin.name, sum(len(talk.forwarded()) for talk in gate.talks)
        check(f"{name} took the {count} requests that it answered, with the bodies that were meant, and no other", True)


if __name__ == "__main__":
    main(test, seconds=300)

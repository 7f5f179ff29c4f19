"""A gigabyte goes through the door, down and up, of known length and in chunks, and hardly any memory goes with it.

Both ends are bare sockets, which are quicker than any server of Python's; each reckons a checksum of what it sent or
got. The system keeps the most memory that the door ever took at once; it is told to forget that before each way.
"""

import argparse
import pathlib
import socket
import threading
import time
import zlib

from door import Door, Failed, check, first_account, main, wait_until

MEGABYTE = 1 << 20
MOST = 20 * MEGABYTE
BLOCK = bytes(range(256)) * 4096
SLOW_FOR = 3.0
PAUSE = 0.02


class Tally:
    """How much has passed, and its checksum."""

    def __init__(self):
        self.length, self.checksum = 0, 0

    def add(self, data):
        self.length, self.checksum = self.length + len(data), zlib.crc32(data, self.checksum)

    def __eq__(self, other):
        return (self.length, self.checksum) == (other.length, other.checksum)

    def __str__(self):
        return f"{self.length} bytes, checksum {self.checksum:08x}"


class Conversation:
    """One end of a connection: heads, and bodies in either framing."""

    def __init__(self, connection):
        self.connection, self.file = connection, connection.makefile("rb", buffering=MEGABYTE)

    def head(self):
        """The first line, and the fields by their names in lower case."""
        first, fields = self.file.readline().decode().strip(), {}
        while line := self.file.readline().decode().strip():
            name, value = line.split(":", 1)
            fields[name.lower()] = value.strip()
        return first, fields

    def send(self, length, chunked):
        """Sends a body of so many bytes, and answers what was sent."""
        sent = Tally()
        while sent.length < length:
            block = memoryview(BLOCK)[: min(len(BLOCK), length - sent.length)]
            if chunked:
                self.connection.sendall(b"%x\r\n" % len(block))
            self.connection.sendall(block)
            sent.add(block)
            if chunked:
                self.connection.sendall(b"\r\n")
        if chunked:
            self.connection.sendall(b"0\r\n\r\n")
        return sent

    def take(self, fields, slow_for=0.0):
        """Takes a body to its end, a little at a time at first if it is to be slow, and answers what came."""
        came, slow_until = Tally(), time.monotonic() + slow_for
        for size in self._sizes(fields):
            while size > 0:
                is_slow = slow_for and time.monotonic() < slow_until
                data = self.file.read(min(size, 4096 if is_slow else MEGABYTE))
                if not data:
                    raise Failed(f"a body was cut off after {came}")
                came.add(data)
                size -= len(data)
                if is_slow:
                    time.sleep(PAUSE)
        return came

    def _sizes(self, fields):
        """The sizes of the pieces that a body comes in."""
        if "content-length" in fields:
            yield int(fields["content-length"])
            return
        while size := int(self.file.readline(), 16):
            yield size
            self.file.readline()
        self.file.readline()


class App(threading.Thread):
    """Answers `GET` with a long body and takes one by `PUT`; `passed` is what went through its hands last."""

    def __init__(self, length):
        super().__init__(daemon=True)
        self.length, self.passed, self.slow_for = length, None, 0.0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def run(self):
        while True:
            with self.listener.accept()[0] as connection:
                self._serve(Conversation(connection))

    def _serve(self, client):
        line, fields = client.head()
        chunked = "/chunked" in line
        if line.startswith("PUT"):
            self.passed = client.take(fields, self.slow_for)
            client.connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
        else:
            framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {self.length}"
            client.connection.sendall(f"HTTP/1.1 200 OK\r\nConnection: close\r\n{framing}\r\n\r\n".encode())
            self.passed = client.send(self.length, chunked)


class Memory:
    """The most memory that a process takes from now on, above what it has now."""

    def __init__(self, process):
        self.folder = pathlib.Path(f"/proc/{process}")
        (self.folder / "clear_refs").write_text("5")
        self.before = self._read("VmRSS")

    def growth(self):
        return self._read("VmHWM") - self.before

    def _read(self, name):
        lines = (self.folder / "status").read_text().splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(f"{name}:"))


class Stage:
    """A door before the app, and a token for it."""

    def __init__(self, folder, length):
        self.length, self.app = length, App(length)
        self.app.start()
        words = ["protect", f"http://127.0.0.1:{self.app.port}", "--name", "big"]
        self.door = Door(folder, words, env=first_account(folder)).wait()
        self.token = self.door.holder(apps=["big"]).token

    def ask(self, line, fields=()):
        """Sends a head and answers the conversation that it began."""
        client = Conversation(socket.create_connection(("127.0.0.1", self.door.port)))
        own = [f"Host: big.localhost:{self.door.port}", f"Authorization: Bearer {self.token}", "Connection: close"]
        client.connection.sendall("\r\n".join([f"{line} HTTP/1.1", *own, *fields, "", ""]).encode())
        return client

    def down(self, chunked, slow_for=0.0):
        """Takes a long body; answers what was sent and what came."""
        client = self.ask("GET /chunked" if chunked else "GET /")
        first, fields = client.head()
        came = client.take(fields, slow_for) if "200" in first else first
        return wait_until("the app has sent all", lambda: self.app.passed), came

    def up(self, chunked, slow_for=0.0):
        """Sends a long body; answers what was sent and what came."""
        self.app.slow_for = slow_for
        client = self.ask("PUT /", ["Transfer-Encoding: chunked" if chunked else f"Content-Length: {self.length}"])
        sent = client.send(self.length, chunked)
        first, _ = client.head()
        return sent, self.app.passed if "200" in first else first


def goes_through(stage, what, way, **how):
    """A body goes through whole, and the door's memory hardly grows."""
    stage.app.passed = None
    memory, begun = Memory(stage.door.process.pid), time.monotonic()
    sent, came = way(**how)
    growth, took = memory.growth(), time.monotonic() - begun
    whole = isinstance(came, Tally) and sent == came and came.length == stage.length
    check(f"{what}: {stage.length} bytes came whole in {took:.1f} s", whole, f"{sent} were sent, {came} came")
    check(f"{what}: the door took {growth / MEGABYTE:.1f} MB more for it", growth < MOST, f"{growth} bytes")


def test(folder, length):
    stage = Stage(folder, length)
    stage.down(chunked=False)  # so that what is loaded at first use counts for none
    for chunked, framing in ((False, "of known length"), (True, "in chunks")):
        goes_through(stage, f"down, {framing}", stage.down, chunked=chunked)
        goes_through(stage, f"up, {framing}", stage.up, chunked=chunked)
    goes_through(stage, "down to a slow client", stage.down, chunked=True, slow_for=SLOW_FOR)
    goes_through(stage, "up to a slow app", stage.up, chunked=True, slow_for=SLOW_FOR)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bytes", type=int, default=1_000_000_000)
    chosen = parser.parse_args().bytes
    main(lambda folder: test(folder, chosen), seconds=300)

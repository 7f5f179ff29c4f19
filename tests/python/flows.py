"""Streams through a door, and the apps at their other end: a WebSocket that echoes, and server-sent events.

All live on an event loop in a thread of its own, so that a test may go on asking the door meanwhile. A stream says how
often something came to the client and back, and when it ended; the apps say when they saw it end.
"""

import asyncio
import itertools
import threading
import time

from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

PAUSE = 0.02
PATIENCE = 30
EVENTS = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\npage\n"


class Loop:
    """An event loop in a thread of its own."""

    def __init__(self):
        self.loop, self.tasks = asyncio.new_event_loop(), set()
        threading.Thread(target=self.loop.run_forever, daemon=True).start()

    def run(self, coroutine, patience=PATIENCE):
        """Runs it to its end and answers what it gives."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(patience)

    def start(self, coroutine):
        """Lets it run beside all others."""
        # The loop itself would not keep a task that waits.
        self.loop.call_soon_threadsafe(lambda: self.tasks.add(self.loop.create_task(coroutine)))


class Apps:
    """Both apps. `ended` says when each path's stream ended as the app sees it."""

    def __init__(self):
        self.ended, self.taken, self.ports = {}, {}, {}

    async def start(self):
        echo = await serve(self._echo, "127.0.0.1", 0)
        events = await asyncio.start_server(self._events, "127.0.0.1", 0)
        self.ports = {name: server.sockets[0].getsockname()[1] for name, server in (("echo", echo), ("events", events))}
        return self

    async def _echo(self, connection):
        try:
            async for message in connection:
                await connection.send(message)
        except ConnectionClosed:
            pass
        finally:
            self.ended[connection.request.path] = time.monotonic()

    async def _events(self, reader, writer):
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
        writer.write(PAGE if path == "/" else EVENTS)
        try:
            if path != "/":
                await self._send_events(path, writer, asyncio.ensure_future(reader.read()))
                self.ended[path] = time.monotonic()
        finally:
            writer.close()

    async def _send_events(self, path, writer, gone):
        """Sends an event each time that the one before has been received, until the connection is gone."""
        taken = self.taken[path] = asyncio.Queue()
        for number in itertools.count():
            event = f"data: {number}\n\n"
            writer.write(f"{len(event):x}\r\n{event}\r\n".encode())
            received = asyncio.ensure_future(taken.get())
            await asyncio.wait((gone, received), return_when=asyncio.FIRST_COMPLETED)
            if gone.done():
                received.cancel()
                gone.exception()  # however the connection went
                return


class Stream:
    """One stream. `flowed` grows with each exchange; `ended_at` is set at its end, and `end` says what that was."""

    numbers = itertools.count()
    app = None

    def __init__(self, apps, door, credential):
        self.apps, self.port, self.tls, self.credential = apps, door.port, door.tls, credential
        self.path = f"/{next(self.numbers)}"
        self.flowed, self.ended_at, self.end = 0, None, None

    @property
    def host(self):
        return f"{self.app}.localhost"

    async def run(self):
        try:
            await self._flow()
        except Exception as end:
            self.end = end
        finally:
            self.ended_at = time.monotonic()

    def was_cut(self):
        """Whether it ended in the middle, and not by a word of either side."""
        return isinstance(self.end, (ConnectionClosed, ConnectionError, asyncio.IncompleteReadError))

    def __str__(self):
        return f"{self.app}{self.path}: {self.flowed} exchanges, ended at {self.ended_at} by {self.end!r}"


class Socket(Stream):
    """A WebSocket whose every message must come back before the next is sent."""

    app = "echo"

    async def _flow(self):
        place = {"host": "127.0.0.1", "port": self.port, "proxy": None, "ssl": self.tls}
        origin = f"https://{self.host}:{self.port}"
        url = f"wss://{self.host}:{self.port}{self.path}"
        async with connect(url, additional_headers=self.credential, origin=origin, **place) as socket:
            for number in itertools.count():
                await socket.send(f"message {number}")
                came = await asyncio.wait_for(socket.recv(), PATIENCE)
                if came != f"message {number}":
                    raise AssertionError(f"{came!r} came for message {number}")
                self.flowed += 1
                await asyncio.sleep(PAUSE)


class Events(Stream):
    """Server-sent events, of which each must come before the next is sent."""

    app = "events"

    async def _flow(self):
        tls = {"ssl": self.tls, "server_hostname": self.host}
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, **tls)
        try:
            fields = {"Host": f"{self.host}:{self.port}", "Accept": "text/event-stream"} | self.credential
            head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
            writer.write(f"GET {self.path} HTTP/1.1\r\n{head}\r\n".encode())
            answer = await reader.readuntil(b"\r\n\r\n")
            if not answer.startswith(b"HTTP/1.1 200"):
                raise AssertionError(answer)
            for number in itertools.count():
                came = await asyncio.wait_for(self._chunk(reader), PATIENCE)
                if came != f"data: {number}\n\n".encode():
                    raise AssertionError(f"{came!r} came for event {number}")
                self.flowed += 1
                await asyncio.sleep(PAUSE)
                self.apps.taken[self.path].put_nowait(number)
        finally:
            writer.close()

    async def _chunk(self, reader):
        size = int(await reader.readuntil(b"\r\n"), 16)
        return (await reader.readexactly(size + 2))[:-2]

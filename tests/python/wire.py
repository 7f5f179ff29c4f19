"""The wire between replicas and their database, which a test can make long, cut, or leave open with nothing coming through."""

import asyncio
import contextlib

CHUNK = 65536


class Wire:
    """Carries connections from a port of its own to another on this machine."""

    def __init__(self, loop, port):
        self.loop, self.to, self.delay = loop, port, 0.0
        self.server, self.ends = None, {}
        self.port = loop.run(self._listen())

    async def _listen(self):
        self.server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        return self.server.sockets[0].getsockname()[1]

    def lengthen(self, seconds):
        """Lets every answer come so much later than it would."""
        self.delay = seconds / 2

    def silence(self, port):
        """Lets nothing more through on the connection that the database sees coming from `port`, and leaves it open."""
        self.loop.run(self._silence(port))

    def cut(self, port):
        """Cuts the connection that the database sees coming from `port`."""
        self.loop.run(self._cut(port))

    async def _silence(self, port):
        self.ends[port][0].clear()

    async def _cut(self, port):
        through, *writers = self.ends[port]
        for writer in writers:
            writer.transport.abort()
        through.set()

    async def _carry(self, reader, writer):
        try:
            onward = await asyncio.open_connection("127.0.0.1", self.to)
        except OSError:
            writer.close()
            return
        port, through = onward[1].get_extra_info("sockname")[1], asyncio.Event()
        through.set()
        self.ends[port] = through, onward[1], writer
        await asyncio.gather(self._pump(reader, onward[1], through), self._pump(onward[0], writer, through))
        del self.ends[port]

    async def _pump(self, reader, writer, through):
        with contextlib.suppress(OSError):
            while data := await reader.read(CHUNK):
                await through.wait()
                if self.delay:
                    await asyncio.sleep(self.delay)
                writer.write(data)
                await writer.drain()
        writer.close()

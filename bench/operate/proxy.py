"""A small proxy in front of some daemons: it asks each for readiness every 50 ms, gives a request
to one that is ready, and keeps connections to them. It never tries a request twice, so what gets
lost behind it is lost.

Usage: proxy.py PORT BACKEND_PORT…
"""

import asyncio
import itertools
import sys

from load import read_head

ASK_EVERY_S = 0.05
READY = b"GET /health/ready HTTP/1.1\r\nHost: proxy\r\nConnection: close\r\n\r\n"
NONE_READY = (b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")


class Backend:
    def __init__(self, port):
        self.port = port
        self.is_ready = False
        self.idle = []

    async def watch(self):
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.write(READY)
                _, start, _ = await read_head(reader)
                writer.close()
                self.is_ready = " 200 " in start
            except (OSError, asyncio.IncompleteReadError):
                self.is_ready = False
            await asyncio.sleep(ASK_EVERY_S)

    async def ask(self, request):
        """The whole answer as bytes. Raises when the request is lost."""
        while self.idle and self.idle[-1][0].at_eof():
            self.idle.pop()[1].close()
        streams = self.idle.pop() if self.idle else await asyncio.open_connection("127.0.0.1",
                                                                                  self.port)
        reader, writer = streams
        writer.write(request)
        head, _, fields = await read_head(reader)
        body = await reader.readexactly(int(fields["content-length"]))
        if fields.pop("connection", "") == "close":
            writer.close()
            head = head.replace(b"Connection: close\r\n", b"")  # it concerns this hop alone
        else:
            self.idle.append(streams)
        return head + body


async def serve(port, backends):
    turns = itertools.cycle(backends)

    async def handle(reader, writer):
        try:
            while True:
                head, _, fields = await read_head(reader)
                request = head + await reader.readexactly(int(fields.get("content-length", 0)))
                chosen = next((b for b in itertools.islice(turns, len(backends)) if b.is_ready), None)
                try:
                    writer.write(await chosen.ask(request) if chosen else NONE_READY)
                except (OSError, asyncio.IncompleteReadError) as broken:
                    print(f"lost at {chosen.port}: {broken!r}", file=sys.stderr, flush=True)
                    writer.write(NONE_READY)
        except (OSError, asyncio.IncompleteReadError):
            writer.close()

    watches = [asyncio.create_task(backend.watch()) for backend in backends]
    server = await asyncio.start_server(handle, "127.0.0.1", port)
    async with server:
        await asyncio.gather(server.serve_forever(), *watches)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), [Backend(int(port)) for port in sys.argv[2:]]))

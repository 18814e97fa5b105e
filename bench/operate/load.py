"""A closed loop of small executions over some connections, on a thread of its own."""

import asyncio
import threading
import time

from daemon import AXPY

PATH, BODY = AXPY
REQUEST = (f"POST {PATH} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
           f"Content-Length: {len(BODY)}\r\n\r\n").encode() + BODY


async def read_head(reader):
    """Start line and fields of a message, in lower case."""
    head = await reader.readuntil(b"\r\n\r\n")
    start, *lines = head.decode("latin-1").lower().split("\r\n")[:-2]
    return head, start, dict(line.split(": ", 1) for line in lines)


class Load:
    """Counts every request that was begun as answered with 200, or as lost, with the reason."""

    def __init__(self, port, connections=8):
        self.port = port
        self.connections = connections
        self.answered = 0
        self.lost = []
        self.done = False
        self.thread = threading.Thread(target=lambda: asyncio.run(self.run()))

    def __enter__(self):
        self.thread.start()
        while not self.answered and not self.lost:
            time.sleep(0.01)
        return self

    def __exit__(self, *_):
        self.done = True
        self.thread.join()

    async def run(self):
        await asyncio.gather(*(self.one() for _ in range(self.connections)))

    async def one(self):
        streams = None
        while not self.done:
            try:
                if streams is None:
                    streams = await asyncio.open_connection("127.0.0.1", self.port)
                if not await self.ask(*streams):
                    streams[1].close()
                    streams = None
            except (OSError, asyncio.IncompleteReadError) as broken:
                self.lost.append(repr(broken))
                streams = None
        if streams:
            streams[1].close()

    async def ask(self, reader, writer):
        """Whether the connection stays."""
        writer.write(REQUEST)
        _, start, fields = await read_head(reader)
        body = await reader.readexactly(int(fields["content-length"]))
        if " 200 " in start:
            self.answered += 1
        else:
            self.lost.append(f"{start}: {body[:200]!r}")
        return fields.get("connection") != "close"

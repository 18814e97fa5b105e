"""Clients that are slow, greedy or gone."""

import contextlib
import selectors
import socket
import time

from accounts import scrape, settled, total
from daemon_under_test import Daemon, finish
from kinds import fast, slow
from overload import quantiles

HEAD = b"POST /api/v1/kernels/core/identity/execute HTTP/1.1\r\nHost: x\r\n" \
       b"Content-Type: application/json\r\n"


def connected(stack, port, count, receive_bytes=None):
    """So many connections, each with that much room for what nobody reads."""
    made = []
    for _ in range(count):
        client = stack.enter_context(socket.socket())
        if receive_bytes:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        client.connect(("127.0.0.1", port))
        made.append(client)
    return made


def seconds_until_closed(clients, patience=60):
    """How long the slowest takes to see the end of its stream."""
    start = time.monotonic()
    with selectors.DefaultSelector() as waiting:
        for client in clients:
            client.setblocking(False)
            waiting.register(client, selectors.EVENT_READ)
        while waiting.get_map() and time.monotonic() < start + patience:
            for key, _ in waiting.select(1):
                with contextlib.suppress(ConnectionError):
                    if key.fileobj.recv(65536):
                        continue
                waiting.unregister(key.fileobj)
        left = len(waiting.get_map())
    if left:
        raise RuntimeError(f"{left} connections are still open after {patience} s")
    return time.monotonic() - start


def seconds_until_dropped(daemon, others, patience=60):
    """How long until the daemon has no more than `others` connections beside the scraper's."""
    start = time.monotonic()
    while total(scrape(daemon.url), "kernd_http_connections") > others + 1:
        if time.monotonic() > start + patience:
            raise RuntimeError(f"connections are still open after {patience} s")
        time.sleep(0.02)
    return time.monotonic() - start


def held(folder, what, count, first_bytes, *, reads=True, **settings):
    """Opens `count` connections, sends `first_bytes` on each and waits until all are evicted."""
    good = [fast()]
    with contextlib.ExitStack() as stack:
        daemon = stack.enter_context(Daemon(folder, **settings))
        rss = daemon.status("VmRSS")
        loading = daemon.start_load(good, 4, 10, 200)
        clients = connected(stack, daemon.port, count, receive_bytes=None if reads else 4096)
        for client in clients:
            client.sendall(first_bytes)
        held_rss = daemon.status("VmRSS")
        took = seconds_until_closed(clients) if reads else seconds_until_dropped(daemon, others=4)
        result = finish(loading)
        told = result["kinds"]["fast"]
        after = settled(daemon.url)
        still = total(after, "kernd_http_connections") - 1  # the scraper's own
    wrong = [] if told["answers"] == {"200": told["sent"]} else [f"good clients saw {told['answers']}"]
    if still > 0:
        wrong.append(f"{still:.0f} connections are left")
    yield (what, f"all evicted after {took:.1f} s; {(held_rss - rss) / 1024:+.1f} MB meanwhile; good "
           f"clients p99 {quantiles(told, 'p99')} ms", wrong)


def half_heads(folder, _):
    yield from held(folder, "1 000 half-sent heads, header timeout 2 s", 1000,
                    b"GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ", limits__header_timeout_ms=2000)


def stalled_bodies(folder, _):
    yield from held(folder, "1 000 bodies that stop after 1 000 of 100 000 bytes, body timeout 2 s",
                    1000, HEAD + b"Content-Length: 100000\r\n\r\n" + b" " * 1000,
                    limits__body_timeout_ms=2000)


def never_reading(folder, _):
    body = b'{"input":{"data":[' + b",".join([b"0.123456789"] * 500_000) + b"]}}"
    yield from held(folder, "50 readers that never read their 6 MB, write timeout 2 s", 50,
                    HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body, reads=False,
                    limits__write_timeout_ms=2000)


def beyond_the_limit(folder, _):
    """10 000 connections, one after the other, where 100 are allowed and taken."""
    with contextlib.ExitStack() as stack:
        daemon = stack.enter_context(Daemon(folder, limits__max_connections=100))
        kept = connected(stack, daemon.port, 100)
        for client in kept:
            client.sendall(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n")
            client.recv(4096)
        refused = 0
        start = time.monotonic()
        for _ in range(10_000):
            with socket.create_connection(("127.0.0.1", daemon.port)) as client:
                with contextlib.suppress(ConnectionError):
                    refused += b" 503 " in client.recv(4096)
        took = time.monotonic() - start
        for client in kept[:50]:
            client.close()
        counted = total(settled(daemon.url), "kernd_http_connections_rejected_total")
    wrong = [] if counted == refused == 10_000 else [f"{refused} saw 503, {counted:.0f} counted"]
    yield ("10 000 connections beyond the limit of 100", f"{refused:,} read their 503, {counted:,.0f} "
           f"rejections counted, {took / 10:.2f} ms each", wrong)


def most_until_still(daemon, samples=10, patience=20):
    """The most resident memory in KiB, until so many samples in a row are the same."""
    seen = [daemon.status("VmRSS")]
    end = time.monotonic() + patience
    while len(seen) < samples or len(set(seen[-samples:])) > 1:
        if time.monotonic() > end:
            raise RuntimeError("the daemon does not come to rest")
        time.sleep(0.05)
        seen.append(daemon.status("VmRSS"))
    return max(seen)


def bodies_beyond_the_budget(folder, _):
    """Figure 21: memory stays below the formula of docs/operations.md."""
    count, budget = 400, 64 * 2**20
    with contextlib.ExitStack() as stack:
        daemon = stack.enter_context(Daemon(folder, limits__max_body_bytes=8 * 2**20,
                                            limits__body_memory_bytes=budget,
                                            limits__job_memory_bytes=80 * 2**20))
        rss = daemon.status("VmRSS")
        clients = connected(stack, daemon.port, count)
        for client in clients:
            with contextlib.suppress(ConnectionError):
                client.sendall(HEAD + b"Content-Length: 1000000\r\n\r\n" + b" " * 500_000)
        most = most_until_still(daemon)
        refused = 0
        for client in clients:
            client.setblocking(False)
            with contextlib.suppress(BlockingIOError, ConnectionError):
                refused += b" 503 " in client.recv(4096)
    grown = (most - rss) * 1024
    formula = budget + count * (16 + 64) * 1024
    wrong = [] if 0 < refused < count and grown <= formula else ["more than the formula says"]
    yield (f"{count} bodies of 1 MB half sent, budget {budget // 2**20} MiB",
           f"{refused} refused with 503; {grown / 2**20:.1f} MiB more, {formula / 2**20:.1f} by the "
           "formula", wrong)


def hang_ups(folder, seconds):
    """Figure 18: clients that leave while their job is queued behind others."""
    kinds = [slow(100_000, "left", hang_up_ms=30)]
    with Daemon(folder, executor__kernel_queue_depth=256) as daemon:
        result = daemon.load(kinds, 64, seconds)
        wrong = daemon.mismatches([(kinds, result)])
        after = settled(daemon.url)
        ran = total(after, "kernd_kernel_compute_seconds_count", kernel="graph/pagerank")
        cancelled = total(after, "kernd_kernel_executions_total", outcome="cancelled")
    told = result["kinds"]["left"]
    yield ("64 clients that hang up after 30 ms, jobs of 20 ms, one worker",
           f"{told['sent']:,} sent, {told['hung_up']:,} left; {cancelled:,.0f} counted cancelled, "
           f"{ran:,.0f} began to run", wrong)


SCENARIOS = [half_heads, stalled_bodies, never_reading, beyond_the_limit,
             bodies_beyond_the_budget, hang_ups]

"""What clients see equals what /metrics says, whatever the clients do.

Usage: accounts_test.py KERND
"""

import http.client
import socket
import sys
import threading
import unittest
from collections import Counter
from urllib.parse import urlsplit

from accounts import Seen, discrepancies, settled
from daemon import PATIENCE_S, running
from slow_body import ROUTE as SLOW_ROUTE
from slow_body import slow_body

BINARY = sys.argv[1]
AXPY = "/api/v1/kernels/core/axpy/execute"
EXECUTE = ("POST", "/api/v1/kernels/{domain}/{name}/execute")
CLIENTS = 12
ROUNDS = 25

JSON = {"Content-Type": "application/json"}
GOOD = b'{"input":{"alpha":2,"x":[1,2],"y":[3,4]}}'
ASKED = [  # route label, method, path, body, headers
    (EXECUTE, "POST", AXPY, GOOD, JSON),
    (EXECUTE, "POST", AXPY, b'{"input":{"alpha":', JSON),
    (EXECUTE, "POST", AXPY, b'{"input":{"alpha":2,"x":[1,2],"y":[3]}}', JSON),
    (EXECUTE, "POST", AXPY, GOOD, {"Content-Type": "text/plain"}),
    (EXECUTE, "POST", AXPY.replace("axpy", "none"), GOOD, JSON),
    (EXECUTE, "POST", SLOW_ROUTE, slow_body(60_000).encode(), JSON),
    (EXECUTE, "POST", SLOW_ROUTE, slow_body(60_000).encode(), {**JSON, "X-Request-Timeout-Ms": "5"}),
    (("GET", "/api/v1/kernels/{domain}/{name}"), "GET", AXPY.removesuffix("/execute"), None, {}),
    (("GET", "unmatched"), "GET", "/nowhere", None, {}),
]


class Client(threading.Thread):
    """Asks everything in turns over one connection and notes what came of it."""

    def __init__(self, address, number):
        super().__init__()
        self.address = address
        self.number = number
        self.seen = {}

    def run(self):
        connection = http.client.HTTPConnection(*self.address, timeout=PATIENCE_S)
        for turn in range(ROUNDS):
            label, *asked = ASKED[(turn + self.number) % len(ASKED)]
            saw = self.seen.setdefault(label, Seen())
            connection.request(*asked)
            answer = connection.getresponse()
            body = answer.read().decode()
            code = body.split('"code":"')[1].split('"')[0] if answer.status >= 400 else ""
            saw.answers[f"{answer.status} {code}".strip()] += 1
        connection.close()


class Leaver(threading.Thread):
    """Sends slow requests and hangs up at once."""

    def __init__(self, address):
        super().__init__()
        self.address = address
        self.seen = {EXECUTE: Seen()}

    def run(self):
        body = slow_body(60_000).encode()
        head = f"POST {SLOW_ROUTE} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" \
               f"Content-Length: {len(body)}\r\n\r\n"
        for _ in range(ROUNDS):
            with socket.create_connection(self.address) as connection:
                connection.sendall(head.encode() + body)
                connection.shutdown(socket.SHUT_WR)
                # The daemon reads the end of the stream and drops the job; it closes without an
                # answer, unless the answer was there before.
                answer = connection.makefile("rb").read()
            status = answer[9:12].decode()
            if status:
                code = answer.decode().split('"code":"')[1].split('"')[0] if status >= "400" else ""
                self.seen[EXECUTE].answers[f"{status} {code}".strip()] += 1
            else:
                self.seen[EXECUTE].hung_up += 1


class Accounts(unittest.TestCase):
    def played(self, make_clients):
        with running(BINARY, "--set", "executor.workers=1", "--set",
                     "executor.kernel_queue_depth=2") as (_, url):
            where = urlsplit(url)
            before = settled(url)
            clients = make_clients((where.hostname, where.port))
            for client in clients:
                client.start()
            for client in clients:
                client.join()
            after = settled(url)
        seen = {}
        for client in clients:
            for label, saw in client.seen.items():
                whole = seen.setdefault(label, Seen())
                whole.answers.update(saw.answers)
                whole.hung_up += saw.hung_up
        return seen, before, after

    def test_counts_are_equal_when_requests_are_good_bad_late_and_too_many(self):
        seen, before, after = self.played(
            lambda address: [Client(address, i) for i in range(CLIENTS)])

        self.assertEqual(discrepancies(seen, before, after), [])
        everything = sum((saw.answers for saw in seen.values()), Counter())
        self.assertEqual(sum(everything.values()), CLIENTS * ROUNDS)
        for answer in ("200", "400 INVALID_JSON", "400 INVALID_INPUT", "404 KERNEL_NOT_FOUND",
                       "404 NOT_FOUND", "415 UNSUPPORTED_MEDIA_TYPE", "429 QUEUE_FULL",
                       "504 EXECUTION_TIMEOUT"):
            self.assertGreater(everything[answer], 0, answer)

    def test_counts_add_up_when_clients_hang_up(self):
        seen, before, after = self.played(
            lambda address: [Leaver(address), Leaver(address), Client(address, 0)])

        self.assertEqual(discrepancies(seen, before, after), [])
        self.assertGreater(seen[EXECUTE].hung_up, 0)

    def test_a_count_that_differs_is_told(self):
        seen, before, after = self.played(lambda address: [Client(address, 0)])
        seen[EXECUTE].answers["200"] += 1

        self.assertNotEqual(discrepancies(seen, before, after), [])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

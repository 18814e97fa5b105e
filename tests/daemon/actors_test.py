"""Actors of a running daemon: what a session with curl sees, that every answer is as /openapi.json says,
and what becomes of them when the daemon stops.

Usage: actors_test.py KERND
"""

import json
import signal
import socket
import sys
import tempfile
import threading
import unittest
import urllib.error
import urllib.request

import jsonschema

from daemon import PATIENCE_S, running

BINARY = sys.argv[1]
JSON = "application/json"
ACTORS = "/api/v1/actors"
ONE = ACTORS + "/{actor}"
EXECUTE = "/api/v1/kernels/{domain}/{name}/execute"
ECHO = {"domain": "core", "name": "echo"}


class Daemon:
    """Asks, and checks each answer against the document."""

    def __init__(self, url):
        self.url = url
        self.document = json.loads(self.fetch("GET", "/openapi.json")[2])

    def fetch(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self.url + path, data=data, method=method, headers={"Content-Type": JSON}
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
                return answer.status, answer.headers.get_content_type(), answer.read()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.headers.get_content_type(), refused.read()

    def ask(self, method, pattern, body=None, query="", **parameters):
        """Status and document."""
        status, media_type, text = self.fetch(method, pattern.format(**parameters) + query, body)
        foreseen = self.document["paths"][pattern][method.lower()]["responses"][str(status)]
        if not text:
            assert "content" not in foreseen, pattern
            return status, None
        answer = json.loads(text)
        schema = {**self.document, "allOf": [foreseen["content"][media_type]["schema"]]}
        jsonschema.Draft202012Validator(schema).validate(answer)
        return status, answer

    def launch(self, actor, kernel="core/echo", **options):
        return self.ask("POST", ACTORS, {"kernel_id": kernel, "actor_id": actor, "options": options})

    def send(self, actor, value):
        body = {"type": "echo", "payload": {"value": value}}
        return self.ask("POST", ONE + "/messages", body, actor=actor)

    def listen(self, path, method="GET", body="", length=0):
        """A socket that has asked for `path`, with the begin of a body of `length` bytes."""
        host, port = self.url.removeprefix("http://").split(":")
        connection = socket.create_connection((host, int(port)), PATIENCE_S)
        head = f"{method} {path} HTTP/1.0\r\nAccept: text/event-stream\r\n"
        if length := length or len(body):
            head += f"Content-Type: {JSON}\r\nContent-Length: {length}\r\n"
        connection.sendall(f"{head}\r\n{body}".encode())
        return connection


def read_all(connection):
    with connection, connection.makefile("rb") as file:
        return file.read().decode()


class ActorsTest(unittest.TestCase):
    def test_lives_through_a_session(self):
        with running(BINARY) as (_, url):
            daemon = Daemon(url)
            self.assertEqual(daemon.launch("a")[0], 201)
            body = {"type": "echo", "payload": {"value": 7, "text": "hello"}}
            for count in (1, 2):
                status, reply = daemon.ask("POST", ONE + "/call", body, actor="a")
                self.assertEqual(status, 200)
                self.assertEqual(reply["payload"]["count"], count)
                self.assertEqual(reply["payload"]["text"], "hello")
            with daemon.listen(f"{ACTORS}/a/stream") as stream, stream.makefile("rb") as lines:
                while lines.readline().strip():
                    pass  # the head
                self.assertEqual(daemon.send("a", 8)[0], 202)
                self.assertEqual(lines.readline(), b"id: 1\n")
                self.assertEqual(lines.readline(), b"event: echoed\n")
                data = json.loads(lines.readline().removeprefix(b"data: "))
                self.assertEqual(data["payload"]["value"], 8)
                output = daemon.ask("GET", ONE + "/messages", actor="a")[1]
                self.assertEqual(output["messages"], [data])
                self.assertEqual(daemon.ask("DELETE", ONE, actor="a")[0], 204)
                self.assertEqual(lines.read().strip(), b"", "the stream ends with its actor")
            self.assertEqual(daemon.ask("GET", ONE, actor="a")[0], 404)

    def test_answers_as_its_document_says(self):
        with running(BINARY) as (_, url):
            daemon = Daemon(url)
            daemon.launch("a", input_queue_capacity=2, overflow="dead_letter")
            route = "/api/v1/routes/{type_id}"
            self.assertEqual(daemon.ask("PUT", route, {"actor_id": "a"}, type_id=1)[0], 200)
            self.assertEqual(daemon.ask("PUT", route, {"actor_id": "a"}, type_id=1)[1]["replaced"], "a")
            self.assertEqual(daemon.ask("GET", route, type_id=1)[0], 200)
            message = {"type_id": 1, "payload": {"value": 1}}
            dispatch = "/api/v1/dispatch"
            self.assertEqual(daemon.ask("POST", dispatch, message)[0], 202)
            self.assertEqual(daemon.ask("POST", dispatch, message, query="?reply=true")[0], 200)
            self.assertEqual(daemon.ask("POST", dispatch, {"type_id": 9})[0], 404)
            self.assertEqual(daemon.ask("POST", dispatch + "/metrics/reset")[1]["dispatched"], 0)
            self.assertEqual(daemon.ask("POST", ONE + "/suspend", actor="a")[0], 200)
            for value in range(3):
                self.assertEqual(daemon.send("a", value)[0], 202)
            letters = daemon.ask("GET", "/api/v1/dead-letters")[1]["dead_letters"]
            self.assertEqual([letter["payload"]["value"] for letter in letters], [2])
            one = "/api/v1/dead-letters/{id}"
            self.assertEqual(daemon.ask("POST", one + "/replay", id=1)[0], 429)
            self.assertEqual(daemon.ask("DELETE", one, id=1)[0], 204)
            self.assertEqual(daemon.ask("GET", ACTORS)[1]["total"], 1)
            self.assertEqual(daemon.ask("DELETE", route, type_id=1)[0], 204)

    def test_keeps_an_order_book_between_calls(self):
        with running(BINARY) as (_, url):
            daemon = Daemon(url)
            daemon.launch("book", kernel="orderbook/matching")

            def call(message, payload):
                body = {"type": message, "payload": payload}
                status, reply = daemon.ask("POST", ONE + "/call", body, actor="book")
                self.assertEqual(status, 200)
                return reply["payload"]

            order = {"order_id": 1, "trader_id": 7, "price": 100, "quantity": 5}
            order.update(symbol_id=1, side="sell")
            self.assertEqual(call("submit_order", order)["remaining"], 5)
            order.update(order_id=2, trader_id=8, quantity=3, side="buy")
            self.assertEqual(call("submit_order", order)["filled"], 3)
            left = {"price": 100, "quantity": 2, "orders": 1}
            self.assertEqual(call("query_book", {"symbol_id": 1})["asks"], [left])
            self.assertEqual(call("cancel_order", {"order_id": 1})["quantity"], 2)
            self.assertEqual(call("query_book", {"symbol_id": 1})["asks"], [])
            trades = daemon.ask("GET", ONE + "/messages", actor="book")[1]["messages"]
            self.assertEqual([(m["name"], m["payload"]["quantity"]) for m in trades], [("trade", 3)])

    def test_refuses_a_payload_of_more_than_64_kib(self):
        with running(BINARY) as (_, url):
            daemon = Daemon(url)
            daemon.launch("a")
            daemon.ask("PUT", "/api/v1/routes/{type_id}", {"actor_id": "a"}, type_id=1)
            payload = {"value": 1, "text": "x" * 65537}
            answers = [
                daemon.ask("POST", ONE + "/messages", {"type": "echo", "payload": payload}, actor="a"),
                daemon.ask("POST", ONE + "/call", {"type": "echo", "payload": payload}, actor="a"),
                daemon.ask("POST", "/api/v1/dispatch", {"type_id": 1, "payload": payload}),
                daemon.ask("POST", EXECUTE, {"input": payload}, **ECHO),
            ]
            for status, problem in answers:
                self.assertEqual((status, problem["code"]), (400, "INVALID_INPUT"))
                self.assertRegex(problem["message"], "/text: at most 52 bytes expected, found 65537$")
            self.assertEqual(daemon.ask("GET", ONE, actor="a")[1]["counters"]["sent"], 0)
            self.assertEqual(daemon.ask("GET", ACTORS)[1]["total"], 1)

    def test_executes_a_ring_kernel_on_one_actor(self):
        with running(BINARY) as (_, url):
            daemon = Daemon(url)
            for count in (1, 2, 3):
                status, answer = daemon.ask("POST", EXECUTE, {"input": {"value": 7}}, **ECHO)
                self.assertEqual(status, 200)
                self.assertEqual(answer["output"]["count"], count)
            # The last is handled to the end a moment after its answer.
            while (processed := daemon.ask("GET", ONE, actor="core.echo")[1]["messages_processed"]) < 3:
                pass
            self.assertEqual(processed, 3)

    def test_executes_no_ring_kernel_where_that_is_off(self):
        with running(BINARY, "--set", "ring.execute_over_rest=false") as (_, url):
            status, answer = Daemon(url).ask(
                "POST", EXECUTE, {"input": {"value": 7}}, **ECHO
            )
            self.assertEqual((status, answer["code"]), (422, "RING_KERNEL_REST_UNSUPPORTED"))


class StopTest(unittest.TestCase):
    def stop(self, process):
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=PATIENCE_S), 0)

    def test_handles_the_mail_that_there_is(self):
        with tempfile.TemporaryFile("w+") as log, running(BINARY, log=log) as (process, url):
            daemon = Daemon(url)
            daemon.launch("a", output_queue_capacity=4096)
            for value in range(500):
                self.assertEqual(daemon.send("a", value)[0], 202)
            self.stop(process)
            log.seek(0)
            self.assertEqual(log.read(), "")

    def test_does_not_wait_for_an_actor_whose_output_nobody_reads(self):
        with tempfile.TemporaryFile("w+") as log, running(
            BINARY, "--set", "executor.drain_timeout_ms=600000", log=log
        ) as (process, url):
            daemon = Daemon(url)
            daemon.launch("full", output_queue_capacity=2)
            daemon.launch("other")
            for value in range(6):
                self.assertEqual(daemon.send("full", value)[0], 202)
            self.stop(process)
            log.seek(0)
            text = log.read()
            self.assertNotIn("abandoned", text)
            self.assertRegex(text, r'dead letters are lost.*messages"?[=:]\s*4')

    def test_ends_calls_of_an_actor_whose_output_nobody_reads(self):
        with tempfile.TemporaryFile("w+") as log, running(
            BINARY, "--set", "executor.drain_timeout_ms=600000", log=log
        ) as (process, url):
            daemon = Daemon(url)
            daemon.launch("full", output_queue_capacity=2)
            for value in range(3):
                self.assertEqual(daemon.send("full", value)[0], 202)
            body = json.dumps({"type": "echo", "payload": {"value": 1}})
            call = daemon.listen(f"{ACTORS}/full/call", "POST", body)
            while daemon.ask("GET", ONE, actor="full")[1]["input_queue_depth"] == 0:
                pass
            self.stop(process)
            self.assertRegex(read_all(call), "^HTTP/1.1 410 ")
            log.seek(0)
            self.assertNotIn("timed out", log.read())

    def test_ends_actors_though_the_time_is_up(self):
        with tempfile.TemporaryFile("w+") as log, running(
            BINARY, "--set", "executor.drain_timeout_ms=100", log=log
        ) as (process, url):
            daemon = Daemon(url)
            daemon.launch("full", output_queue_capacity=2)
            for number in range(8):
                daemon.launch(f"a{number}")
            for value in range(3):
                self.assertEqual(daemon.send("full", value)[0], 202)
            # A body that does not come keeps its connection open until the time is up.
            slow = daemon.listen(f"{ACTORS}/full/call", "POST", "", length=10)
            self.stop(process)
            slow.close()
            log.seek(0)
            self.assertNotIn("abandoned", log.read())

    def test_says_how_much_mail_is_lost(self):
        with tempfile.TemporaryFile("w+") as log, running(BINARY, log=log) as (process, url):
            daemon = Daemon(url)
            daemon.launch("a", auto_activate=False)
            for value in range(3):
                self.assertEqual(daemon.send("a", value)[0], 202)
            self.stop(process)
            log.seek(0)
            text = log.read()
            self.assertIn("dead letters are lost", text)
            self.assertRegex(text, r'messages"?[=:]\s*3')

    def test_ends_streams_and_long_polls(self):
        with running(BINARY) as (process, url):
            daemon = Daemon(url)
            daemon.launch("a")
            stream = daemon.listen(f"{ACTORS}/a/stream")
            self.assertTrue(stream.recv(1).startswith(b"H"))
            poll = daemon.listen(f"{ACTORS}/a/messages?wait_ms=60000")
            self.assertEqual(daemon.ask("GET", ONE, actor="a")[0], 200)
            answers = []
            reader = threading.Thread(target=lambda: answers.append(read_all(poll)))
            reader.start()
            self.stop(process)
            reader.join()
            self.assertIn('{"messages":[],"next_after":0}', answers[0])
            read_all(stream)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

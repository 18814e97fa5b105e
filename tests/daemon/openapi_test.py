"""/openapi.json of a running daemon: sound by a validator of others, and true of what the daemon
answers.

Usage: openapi_test.py KERND PYTHON
PYTHON has the packages of tests/requirements.txt; scripts/test sees to that.
"""

import json
import re
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

import jsonschema

from daemon import PATIENCE_S, running

BINARY, PYTHON = sys.argv[1:3]
JSON = "application/json"
PROBLEM = "#/components/schemas/problem"


def ask(url, body=None, method=None):
    """Status, media type and document."""
    request = urllib.request.Request(url, data=body, headers={"Content-Type": JSON}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return answer.status, answer.headers.get_content_type(), json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers.get_content_type(), json.load(refused)


def without_run(result):
    """Without what differs from one run to the next."""
    metadata = {k: v for k, v in result["metadata"].items() if k not in ("duration_us", "queue_us", "compute_us")}
    return {**result, "request_id": None, "metadata": metadata}


class OpenApiTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.daemon = running(BINARY)
        _, cls.url = cls.daemon.__enter__()
        _, _, cls.document = ask(cls.url + "/openapi.json")

    @classmethod
    def tearDownClass(cls):
        cls.daemon.__exit__(None, None, None)

    def check(self, path, verb, answer):
        """`answer` is one that the document foresees for `path`."""
        status, media_type, body = answer
        foreseen = self.document["paths"][path][verb]["responses"][str(status)]["content"]
        schema = {**self.document, "allOf": [foreseen[media_type]["schema"]]}
        jsonschema.Draft202012Validator(schema).validate(body)

    def test_is_valid_by_an_independent_validator(self):
        if not Path(PYTHON).exists():
            self.skipTest("tests/requirements.txt is not installed; scripts/test does it")
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump(self.document, file)
            file.flush()
            checked = subprocess.run(
                [PYTHON, "-m", "openapi_spec_validator", file.name], capture_output=True, text=True
            )
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)

    def test_describes_what_get_answers(self):
        for path, operations in self.document["paths"].items():
            is_page = "{" in path or path in ("/metrics", "/openapi.json")
            if "get" in operations and not is_page:
                with self.subTest(path):
                    self.check(path, "get", ask(self.url + path))

    def test_describes_every_kernel_and_its_example(self):
        base = "/api/v1/kernels"
        for kernel in ask(self.url + base)[2]["kernels"]:
            with self.subTest(kernel["id"]):
                answer = ask(f"{self.url}{base}/{kernel['id']}")
                self.check(base + "/{domain}/{name}", "get", answer)
                if not kernel["executable"]:
                    continue
                path = f"{base}/{kernel['id']}/execute"
                content = self.document["paths"][path]["post"]["requestBody"]["content"][JSON]
                example = content["example"]
                schema = {**self.document, "allOf": [content["schema"]]}
                jsonschema.Draft202012Validator(schema).validate(example)
                answer = ask(self.url + path, json.dumps(example).encode())
                self.check(path, "post", answer)
                good = self.good_example(path)
                if kernel["mode"] == "Batch":  # an actor's answer is also of when it was asked
                    self.assertEqual(without_run(good), without_run(answer[2]))

    def good_example(self, path):
        answer = self.document["paths"][path]["post"]["responses"]["200"]["content"][JSON]
        schema = {**self.document, "allOf": [answer["schema"]]}
        jsonschema.Draft202012Validator(schema).validate(answer["example"])
        return answer["example"]

    def test_examples_of_problems_are_problems(self):
        examples = self.document["components"]["examples"]
        schema = {**self.document, "$ref": "#/components/schemas/problem"}
        for code, example in examples.items():
            with self.subTest(code):
                jsonschema.Draft202012Validator(schema).validate(example["value"])
                self.assertEqual(example["value"]["code"], code)

    def test_examples_of_problems_stand_where_they_come(self):
        examples = self.document["components"]["examples"]
        for path, operations in self.document["paths"].items():
            for operation in operations.values():
                for status, response in operation["responses"].items():
                    problem = response.get("content", {}).get("application/problem+json")
                    if problem is None or problem["schema"]["$ref"] != PROBLEM:
                        continue
                    with self.subTest(path=path, status=status):
                        named = re.findall(r"[A-Z]+(?:_[A-Z]+)+", response["description"])
                        self.assertEqual(list(problem["examples"]), named)
                        for code, example in problem["examples"].items():
                            self.assertEqual(example["$ref"], "#/components/examples/" + code)
                            self.assertEqual(examples[code]["value"]["status"], int(status))

    def test_examples_of_problems_are_what_the_daemon_answers(self):
        """Those that a plain request can get."""
        axpy = "/api/v1/kernels/core/axpy/execute"
        overflow = b'{"input":{"x":[3e38],"y":[3e38]}}'
        requests = {
            "INVALID_JSON": (axpy, {"data": b"{"}),
            "INVALID_REQUEST": (axpy, {"data": b'{"inptu":{}}'}),
            "INVALID_INPUT": (axpy, {"data": b'{"input":{"x":[1,"abc"],"y":[1,2]}}'}),
            "NON_FINITE_OUTPUT": (axpy, {"data": overflow}),
            "UNSUPPORTED_MEDIA_TYPE": (axpy, {"data": b"", "headers": {"Content-Type": "text/plain"}}),
            "EXPECTATION_FAILED": (axpy, {"data": b"{}", "headers": {"Expect": "nothing"}}),
            "KERNEL_NOT_FOUND": ("/api/v1/kernels/core/axyp", {}),
            "NOT_FOUND": ("/nothing", {}),
            "METHOD_NOT_ALLOWED": ("/api/v1/kernels", {"method": "DELETE"}),
            "PERMISSION_DENIED": (
                "/api/v1/runtime/reload",
                {"method": "POST", "headers": {"Origin": "http://a"}},
            ),
        }
        for code, (path, how) in requests.items():
            with self.subTest(code):
                how = {"headers": {"Content-Type": JSON}, **how}
                with self.assertRaises(urllib.error.HTTPError) as refused:
                    urllib.request.urlopen(
                        urllib.request.Request(self.url + path, **how), timeout=PATIENCE_S
                    )
                answer = json.load(refused.exception)
                example = self.document["components"]["examples"][code]["value"]
                self.assertEqual({**answer, "request_id": example["request_id"]}, example)

    def send(self, method, path, body, **parameters):
        """Whether the schema of the operation's body takes `body`, and the status of the answer, which is checked."""
        operation = self.document["paths"][path][method.lower()]
        content = operation["requestBody"]["content"][JSON]
        schema = {**self.document, "allOf": [content["schema"]]}
        is_valid = jsonschema.Draft202012Validator(schema).is_valid(body)
        url = self.url + path.format(**parameters)
        answer = ask(url, json.dumps(body).encode(), method)
        self.check(path, method.lower(), answer)
        return is_valid, answer[0]

    def test_bodies_for_actors_are_taken_as_their_schemas_say(self):
        actors = "/api/v1/actors"
        echo = ask(self.url + "/api/v1/kernels/core/echo")[2]
        handled = next(m for m in echo["messages"] if m["direction"] == "handled")
        type_id, name = handled["type_id"], handled["name"]
        payload = echo["example"]["input"]
        good_options = [
            {},
            {"mode": "event_driven", "input_queue_capacity": 2, "output_queue_capacity": 65536},
            {"auto_activate": False, "priority": "critical", "overflow": "wait", "restart": "one_for_one"},
            {"state_bytes": 0, "group": "g.1"},
            {"group": "", "backend": "auto"},
            {"backend": "cpu", "grid_size": 1, "block_size": 256, "shared_memory_size": 0},
        ]
        bad_options = [
            {"unknown": 1},
            {"mode": "fast"},
            {"input_queue_capacity": 3},
            {"output_queue_capacity": 131072},
            {"auto_activate": "yes"},
            {"priority": 5},
            {"overflow": "drop"},
            {"restart": "always"},
            {"state_bytes": 2**30 + 1},
            {"group": ".."},
            {"backend": "tpu"},
            {"grid_size": 2},
            {"block_size": 64},
            {"shared_memory_size": 1},
        ]
        launch = {"kernel_id": "core/echo"}
        good = [("POST", actors, {**launch, "options": o}, 201) for o in good_options]
        good += [("POST", actors, {**launch, "actor_id": "echo.1"}, 201)]
        bad = [("POST", actors, {**launch, "options": o}) for o in bad_options]
        bad += [("POST", actors, {}), ("POST", actors, {**launch, "unknown": 1})]
        bad += [("POST", actors, {**launch, "actor_id": i}) for i in ("", ".", "a/b", "a" * 65, 1)]

        around = {"priority": "high", "deadline_ms": 60000}
        one, route = actors + "/{actor}", "/api/v1/routes/{type_id}"
        good += [("PUT", route, {"actor_id": "echo.1"}, 200)]
        bad += [("PUT", route, {}), ("PUT", route, {"actor_id": "echo.1", "unknown": 1})]
        for path, member, taken in (
            (one + "/messages", "type", 202),
            (one + "/call", "type", 200),
            ("/api/v1/dispatch", "type_id", 202),
        ):
            least = {member: type_id, "payload": payload}
            good += [("POST", path, least, taken), ("POST", path, {**least, **around}, taken)]
            bad += [("POST", path, {"payload": payload}), ("POST", path, {**least, member: -1})]
            wrong = {"unknown": 1, "payload": [], "priority": "urgent", "deadline_ms": 0, "timeout_ms": "1"}
            bad += [("POST", path, {**least, n: value}) for n, value in wrong.items()]
        timed = {"type": name, "payload": payload, "timeout_ms": 60000}
        good += [("POST", one + "/call", timed, 200)]
        bad += [("POST", one + "/messages", timed)]
        dispatched, source = {"type_id": type_id, "payload": payload}, {"source": "echo.1"}
        good += [("POST", "/api/v1/dispatch", {**dispatched, **source}, 202)]
        bad += [("POST", "/api/v1/dispatch", {**dispatched, "type_id": name})]
        bad += [("POST", "/api/v1/dispatch", {**dispatched, "source": ""})]
        bad += [("POST", one + "/messages", {"type": type_id, "payload": payload, **source})]

        of = {"actor": "echo.1", "type_id": type_id}
        for method, path, body, taken in good:
            with self.subTest(path=path, body=body):
                self.assertEqual(self.send(method, path, body, **of), (True, taken))
        for method, path, body in bad:
            with self.subTest(path=path, body=body):
                self.assertEqual(self.send(method, path, body, **of), (False, 400))

    def test_describes_refusals(self):
        path = "/api/v1/kernels/core/axpy/execute"
        for body in (b"{", b'{"input":{}}', b'{"input":{"x":[1],"y":["a"]}}', b'{"in":1}'):
            self.check(path, "post", ask(self.url + path, body))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

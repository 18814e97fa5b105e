"""/openapi.json of a running daemon: sound by a validator of others, and true of what the daemon
answers.

Usage: openapi_test.py KERND PYTHON
PYTHON has the packages of tests/requirements.txt; scripts/test sees to that.
"""

import json
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

import jsonschema

from daemon import running

BINARY, PYTHON = sys.argv[1:3]
PATIENCE_S = 20
JSON = "application/json"


def ask(url, body=None):
    """Status, media type and document."""
    request = urllib.request.Request(url, data=body, headers={"Content-Type": JSON})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return answer.status, answer.headers.get_content_type(), json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers.get_content_type(), json.load(refused)


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
                self.check(path, "post", ask(self.url + path, json.dumps(example).encode()))

    def test_describes_refusals(self):
        path = "/api/v1/kernels/core/axpy/execute"
        for body in (b"{", b'{"input":{}}', b'{"input":{"x":[1],"y":["a"]}}', b'{"in":1}'):
            self.check(path, "post", ask(self.url + path, body))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

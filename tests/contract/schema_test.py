"""Holds the schemas that the daemon publishes against what its codec accepts.

usage: schema_test.py PROGRAM

PROGRAM prints cases, one JSON object a line. A schema must be a valid JSON Schema 2020-12 and must
agree with the codec on every case.
"""

import json
import subprocess
import sys

import jsonschema


def main(program):
    lines = subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines()
    cases = [json.loads(line) for line in lines]
    assert any(c["accepted"] for c in cases) and not all(c["accepted"] for c in cases)
    faults = []
    for case in cases:
        jsonschema.Draft202012Validator.check_schema(case["schema"])
        errors = list(jsonschema.Draft202012Validator(case["schema"]).iter_errors(case["input"]))
        if case["accepted"] != (not errors):
            faults.append(f"{case['name']}: the codec says {case['message'] or 'yes'!r}, "
                          f"the schema {[e.message for e in errors]}")
    print("\n".join(faults) or f"{len(cases)} inputs, on which codec and schema agree")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

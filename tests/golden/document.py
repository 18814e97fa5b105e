"""What the scripts beside this one share: how numbers and golden files are written."""

import json
import pathlib
import platform

import numpy as np

HERE = pathlib.Path(__file__).parent


def shortest(values):
    """Numbers in the shortest decimal form that reads back to the same bits of their own type."""
    if np.issubdtype(values.dtype, np.integer):
        return [int(v) for v in values]
    return [float(str(v)) for v in values]


def write(name, script, seed, cases, oracle=f"NumPy {np.__version__}"):
    document = {"oracle": f"{oracle}, Python {platform.python_version()}",
                "script": f"tests/golden/{script}", "seed": seed, "cases": cases}
    text = json.dumps(document, allow_nan=False, separators=(",", ":"))
    text = text.replace('{"name"', '\n{"name"')
    (HERE / name).write_text(text + "\n")

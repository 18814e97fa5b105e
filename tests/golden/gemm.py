#!/usr/bin/python3
"""Writes core_gemm.json: products by NumPy in f64. `bound` is what an element of an f32 product may
be wrong by: 2 K eps |alpha| |A||B|, and as much for beta C (Higham, Accuracy and Stability, 3.5)."""

import numpy as np
from document import shortest, write

SEED = 20240303


def case(name, a, b, c=None, alpha=1.0, beta=0.0, transpose_a=False, transpose_b=False):
    a, b = np.asarray(a, np.float32), np.asarray(b, np.float32)

    def wire(m):
        return {"shape": list(m.shape), "data": shortest(m.ravel())}
    given = {"a": wire(a.T if transpose_a else a), "b": wire(b.T if transpose_b else b),
             "alpha": alpha, "beta": beta, "transpose_a": transpose_a, "transpose_b": transpose_b}
    x, y = a.astype(np.float64), b.astype(np.float64)
    exact, size = alpha * (x @ y), abs(alpha) * (np.abs(x) @ np.abs(y))
    if c is not None:
        c = np.asarray(c, np.float32)
        given["c"] = wire(c)
        if beta != 0:
            exact, size = exact + beta * c.astype(np.float64), size + np.abs(beta * c)
    bound = 2 * (a.shape[1] + 2) * 2.0**-24 * size + 2.0**-149
    return {"name": name, "input": given, "shape": list(exact.shape),
            "expected": exact.ravel().tolist(), "bound": [float(f"{v:.3g}") for v in bound.ravel()]}


def cases(rng):
    def normal(*shape):
        return rng.standard_normal(shape).astype(np.float32)
    result = [case("one element", [[3]], [[-2]]), case("a row by a column", normal(1, 40), normal(40, 1)),
              case("a column by a row", normal(9, 1), normal(1, 7)),
              case("no inner dimension", np.zeros((2, 0)), np.zeros((0, 3))),
              case("no inner dimension, but C", np.zeros((2, 0)), np.zeros((0, 2)), [[1, 2], [3, 4]],
                   beta=-2.0),
              case("no rows", np.zeros((0, 3)), normal(3, 2)), case("no columns", normal(2, 3), np.zeros((3, 0))),
              case("alpha zero", normal(4, 5), normal(5, 3), normal(4, 3), alpha=0.0, beta=0.5),
              case("beta zero ignores C", normal(4, 5), normal(5, 3), normal(4, 3)),
              case("cancelling", [[1e4, 1, -1e4]], [[1e4], [1], [1e4]]),
              case("duplicates", np.full((3, 30), 0.1), np.full((30, 3), 0.1)),
              case("negative zero", [[-0.0, 0.0]], [[1], [1]]),
              case("denormals", [[1e-40, 1e-42]], [[1], [1]]),
              case("identity", np.eye(6), normal(6, 6))]
    for ta in (False, True):
        for tb in (False, True):
            result.append(case(f"random, transposes {ta} {tb}", normal(11, 17), normal(17, 13),
                               normal(11, 13), 0.75, -1.5, ta, tb))
    return result


if __name__ == "__main__":
    write("core_gemm.json", "gemm.py", SEED, cases(np.random.default_rng(SEED)))

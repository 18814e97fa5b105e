#!/usr/bin/env python3
"""Writes core_gemm.json and core_matmul.json: products by NumPy in f64. `bound` is what an element of
an f32 product may be wrong by: 2 K eps |alpha| |A||B|, and as much for beta C (Higham, Accuracy and
Stability, 3.5). Where every partial sum is an f32, it is 0."""

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
    return {"name": name, "input": given} | answer(exact, error_bound(a.shape[1], size))


def error_bound(inner, size):
    return 2 * (inner + 2) * 2.0**-24 * size + 2.0**-149


def answer(exact, bound):
    return {"expected": exact.ravel().tolist(), "bound": [float(f"{v:.3g}") for v in bound.ravel()]}


def matmul_case(name, a, b, is_exact=False):
    a, b = np.asarray(a, np.float32), np.asarray(b, np.float32)
    x, y = a.astype(np.float64), b.astype(np.float64)
    size = np.abs(x) @ np.abs(y)
    assert not is_exact or size.max(initial=0) < 2**24
    bound = np.zeros_like(size) if is_exact else error_bound(a.shape[1], size)
    given = {"a": shortest(a.ravel()), "b": shortest(b.ravel()), "rows_a": a.shape[0],
             "cols_a": a.shape[1], "cols_b": b.shape[1]}
    return {"name": name, "input": given} | answer(x @ y, bound)


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


def matmul_cases(rng):
    def normal(*shape):
        return rng.standard_normal(shape).astype(np.float32)

    def whole(*shape):
        return rng.integers(-30, 31, shape)
    subnormal = rng.integers(1, 2**23, (3, 4), dtype=np.uint32).view(np.float32)
    largest = np.finfo(np.float32).max
    return [
        matmul_case("nothing at all", np.zeros((0, 0)), np.zeros((0, 0))),
        matmul_case("no rows", np.zeros((0, 3)), normal(3, 2)),
        matmul_case("no columns", normal(2, 3), np.zeros((3, 0))),
        matmul_case("no inner dimension", np.zeros((2, 0)), np.zeros((0, 3)), True),
        matmul_case("one element", [[-0.1]], [[0.7]]),
        matmul_case("a row by a column", normal(1, 50), normal(50, 1)),
        matmul_case("a column by a row", normal(8, 1), normal(1, 9)),
        matmul_case("random", normal(13, 19), normal(19, 11)),
        matmul_case("random integers", whole(17, 40), whole(40, 15), True),
        matmul_case("identity", np.eye(7), whole(7, 5), True),
        matmul_case("a permutation", np.eye(9)[rng.permutation(9)], whole(9, 9), True),
        matmul_case("duplicates", np.full((3, 25), 0.1), np.full((25, 4), 0.3)),
        matmul_case("cancelling", [[1e4, 1, -1e4], [3, 0, -3]], [[1e4], [1], [1e4]]),
        matmul_case("negative zero", [[-0.0, 0.0]], [[1], [-0.0]], True),
        matmul_case("denormals", subnormal, np.ones((4, 2))),
        matmul_case("extremes", [[largest, 0], [0, -largest]], np.eye(2)),
        matmul_case("wide magnitudes", normal(4, 6) * np.float32(1e18), normal(6, 4) * np.float32(1e18)),
        matmul_case("beyond the unrolling of any processor", whole(37, 70), whole(70, 51), True)]


if __name__ == "__main__":
    write("core_gemm.json", "gemm.py", SEED, cases(np.random.default_rng(SEED)))
    write("core_matmul.json", "gemm.py", SEED, matmul_cases(np.random.default_rng(SEED)))

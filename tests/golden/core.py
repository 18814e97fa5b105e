#!/usr/bin/env python3
"""Writes core_axpy.json, core_vector_add.json and core_identity.json beside itself: inputs and what
NumPy makes of them. The seed is fixed; the tests compare bit for bit.

An input with `repeat` stands for its arrays that many times one after the other, as the output does.
"""

import numpy as np
from document import shortest, write

SEED = 20240229
F32 = np.finfo(np.float32)
F64 = np.finfo(np.float64)
TINY32 = np.float32(1e-45)


def axpy(alpha, x, y):
    """The kernel's definition: f64 throughout, rounded once."""
    return (np.float64(alpha) * x.astype(np.float64) + y.astype(np.float64)).astype(np.float32)


def axpy_case(name, alpha, x, y, repeat=1):
    alpha, x, y = np.float32(alpha), np.asarray(x, np.float32), np.asarray(y, np.float32)
    result = axpy(alpha, x, y)
    assert np.isfinite(result).all(), name
    return {"name": name, "repeat": repeat,
            "input": {"alpha": float(str(alpha)), "x": shortest(x), "y": shortest(y)},
            "output": {"result": shortest(result)}}


def vector_add_case(name, a, b, repeat=1):
    a, b = np.asarray(a, np.float32), np.asarray(b, np.float32)
    result = a + b  # the exact sum rounded once, as every IEEE addition
    assert np.isfinite(result).all(), name
    return {"name": name, "repeat": repeat, "input": {"a": shortest(a), "b": shortest(b)},
            "output": {"result": shortest(result)}}


def random_bits(rng, count):
    """Finite f32 of every magnitude."""
    values = rng.integers(0, 2**32, 2 * count, dtype=np.uint32).view(np.float32)
    return values[np.isfinite(values)][:count]


def axpy_cases(rng):
    normal = rng.standard_normal((2, 300)).astype(np.float32)
    close = rng.standard_normal(200).astype(np.float32)
    factor = np.float32(1.0000001)
    cancelled = -(factor * close)
    wide = random_bits(rng, 200) * np.float32(0.25)
    subnormal = rng.integers(1, 2**23, (2, 64), dtype=np.uint32).view(np.float32)
    ties = np.float32(1) + np.arange(64, dtype=np.float32) * F32.eps
    return [
        axpy_case("empty", 2, [], []),
        axpy_case("one element", -3, [1.5], [0.25]),
        axpy_case("random", 0.7, normal[0], normal[1]),
        axpy_case("cancelling, where f32 arithmetic loses every digit", factor, close, cancelled),
        axpy_case("every magnitude", 0.5, wide, wide[::-1]),
        axpy_case("alpha zero", 0, normal[0][:50], normal[1][:50]),
        axpy_case("alpha minus one cancels duplicates", -1, [7.5] * 40, [7.5] * 40),
        axpy_case("negative zero", 1, [-0.0, -0.0, 0.0], [-0.0, 0.0, -0.0]),
        axpy_case("negative zero times minus one", -1, [0.0, -0.0], [-0.0, -0.0]),
        axpy_case("denormals", 0.5, subnormal[0], subnormal[1]),
        axpy_case("smallest denormal", 0.5, [TINY32, TINY32, -TINY32], [0, TINY32, 0]),
        axpy_case("extremes", 1, [F32.max, -F32.max, F32.max], [-F32.max, F32.max, 0]),
        axpy_case("product beyond f32, sum within", 3, [F32.max / 2] * 2, [-F32.max, -F32.max / 2]),
        axpy_case("halfway between two f32", F32.eps / 2, np.ones(64), ties),
        axpy_case("many ranges", 0.3, normal[1], normal[0], repeat=700),
    ]


def vector_add_cases(rng):
    normal = rng.standard_normal((2, 300)).astype(np.float32)
    wide = random_bits(rng, 200) * np.float32(0.25)
    subnormal = rng.integers(1, 2**23, (2, 64), dtype=np.uint32).view(np.float32)
    ties = np.float32(1) + np.arange(64, dtype=np.float32) * F32.eps
    return [
        vector_add_case("empty", [], []),
        vector_add_case("one element", [0.1], [0.2]),
        vector_add_case("random", normal[0], normal[1]),
        vector_add_case("every magnitude", wide, wide[::-1]),
        vector_add_case("duplicates", [0.1] * 40, [0.7] * 40),
        vector_add_case("opposites", normal[0], -normal[0]),
        vector_add_case("neighbours cancel", ties, -np.nextafter(ties, np.float32(2))),
        vector_add_case("negative zero", [-0.0, -0.0, 0.0, 0.0], [-0.0, 0.0, -0.0, 0.0]),
        vector_add_case("denormals", subnormal[0], -subnormal[1]),
        vector_add_case("denormals that add up to a normal number", [F32.tiny - TINY32] * 2,
                        [TINY32, F32.tiny]),
        vector_add_case("smallest denormal", [TINY32, -TINY32, TINY32], [TINY32, TINY32, 1]),
        vector_add_case("extremes", [F32.max, -F32.max, F32.max, F32.max],
                        [-F32.max, 0, -F32.tiny, 2.0**102]),
        vector_add_case("halfway between two f32", ties, [F32.eps / 2] * 64),
        vector_add_case("many ranges", normal[1], normal[0] * np.float32(1e-3), repeat=700),
    ]


def identity_case(name, dtype, values):
    data = shortest(np.asarray(values, dtype))
    names = {np.float32: "f32", np.float64: "f64", np.int32: "i32", np.int64: "i64",
             np.uint8: "u8"}
    return {"name": f"{names[dtype]} {name}", "input": {"dtype": names[dtype], "data": data},
            "output": {"data": data}}


def identity_cases(rng):
    cases = []
    for dtype, limits in ((np.float32, F32), (np.float64, F64)):
        edges = [limits.max, limits.min, limits.tiny, limits.smallest_subnormal, limits.eps, -0.0,
                 0.0, 1.0, -1.0]
        cases += [identity_case("random", dtype, rng.standard_normal(200).astype(dtype)),
                  identity_case("edges", dtype, edges)]
    wide = rng.integers(0, 2**64, 400, dtype=np.uint64).view(np.float64)
    cases.append(identity_case("every magnitude", np.float64, wide[np.isfinite(wide)][:200]))
    cases.append(identity_case("every magnitude", np.float32, random_bits(rng, 200)))
    for dtype in (np.int32, np.int64, np.uint8):
        limits = np.iinfo(dtype)
        random = rng.integers(limits.min, limits.max, 200, dtype=dtype, endpoint=True)
        cases += [identity_case("random", dtype, random),
                  identity_case("edges", dtype, [limits.min, limits.max, 0, 1])]
    for dtype in (np.float32, np.float64, np.int32, np.int64, np.uint8):
        cases += [identity_case("empty", dtype, []), identity_case("one element", dtype, [3]),
                  identity_case("duplicates", dtype, [9] * 30)]
    return cases


if __name__ == "__main__":
    write("core_axpy.json", "core.py", SEED, axpy_cases(np.random.default_rng(SEED)))
    write("core_vector_add.json", "core.py", SEED, vector_add_cases(np.random.default_rng(SEED)))
    write("core_identity.json", "core.py", SEED,
          identity_cases(np.random.default_rng(SEED)))

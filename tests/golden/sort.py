#!/usr/bin/env python3
"""Writes core_sort.json: permutations by numpy.argsort(kind="stable"). Descending is the stable
order of the negated ranks, since NumPy has none."""

import numpy as np
from document import shortest, write

SEED = 20240302
NAMES = {"float32": "f32", "float64": "f64", "int32": "i32", "uint32": "u32"}


def case(name, dtype, keys, descending=False, values=None):
    keys = np.asarray(keys, dtype)
    rank = np.unique(keys, return_inverse=True)[1].astype(np.int64)
    order = np.argsort(-rank if descending else keys, kind="stable")
    result = {"name": f"{NAMES[keys.dtype.name]} {name}",
              "input": {"keys": shortest(keys), "dtype": NAMES[keys.dtype.name],
                        "descending": descending},
              "output": {"keys": shortest(keys[order]), "permutation": [int(i) for i in order]}}
    if values is not None:
        values = np.asarray(values, np.float64)
        result["input"]["values"] = shortest(values)
        result["output"]["values"] = shortest(values[order])
    return result


def cases(rng):
    f32, f64, i32, u32 = np.float32, np.float64, np.int32, np.uint32
    bits = rng.integers(0, 2**32, 200, dtype=u32).view(f32)
    wide = rng.integers(0, 2**64, 100, dtype=np.uint64).view(f64)
    zeros = rng.choice(np.array([0.0, -0.0, 1e-45, -1e-45]), 60)
    result = []
    for down in (False, True):
        way = "descending" if down else "ascending"
        result += [
            case(f"random {way}", f32, rng.standard_normal(150), down, rng.standard_normal(150)),
            case(f"every magnitude {way}", f32, bits[np.isfinite(bits)], down),
            case(f"every magnitude {way}", f64, wide[np.isfinite(wide)], down),
            case(f"both zeros and denormals {way}", f32, zeros, down, np.arange(60)),
            case(f"both zeros {way}", f64, [0.0, -0.0, 5e-324, -5e-324, -0.0, 0.0], down),
            case(f"ties {way}", f32, rng.integers(-3, 3, 100), down, np.arange(100)),
            case(f"random {way}", i32, rng.integers(-2**31, 2**31, 150), down),
            case(f"random {way}", u32, rng.integers(0, 2**32, 150), down),
            case(f"one digit differs {way}", u32, 0x12003456 + (rng.integers(0, 256, 50) << 16),
                 down),
            case(f"edges {way}", i32, [0, -2**31, 2**31 - 1, -1, 1, -2**31], down),
            case(f"edges {way}", u32, [2**32 - 1, 0, 2**31, 2**31 - 1, 0], down),
            case(f"extremes {way}", f32, [np.finfo(f32).max, -np.finfo(f32).max, 0], down),
            case(f"empty {way}", f32, [], down, []), case(f"one element {way}", f32, [-7], down),
            case(f"duplicates {way}", f32, [2.5] * 20, down),
            case(f"already in order {way}", f32, np.arange(40), down)]
    return result


if __name__ == "__main__":
    write("core_sort.json", "sort.py", SEED, cases(np.random.default_rng(SEED)))

#!/usr/bin/env python3
"""Writes core_reduce.json and core_reduce_sum.json: sums by math.fsum, which is exact, the rest by
NumPy. `scale` is what an error is relative to: the sum of the absolute values that were added.
`data` with `repeat` stands for so many copies one after the other."""

import math

import numpy as np
from document import shortest, write

SEED = 20240301
ARG = {"argmin": np.argmin, "argmax": np.argmax}
VALUE = {"min": np.min, "max": np.max}


def expected(op, x):
    exact = [float(v) for v in x]
    if op == "sum":
        return {"value": math.fsum(exact)}, math.fsum(map(abs, exact))
    if op == "mean":
        return {"value": math.fsum(exact) / len(exact)}, math.fsum(map(abs, exact)) / len(exact)
    if op == "norm2":
        value = math.hypot(*exact)
        return {"value": value}, value
    if op in VALUE:
        return {"value": float(VALUE[op](x))}, 0.0
    index = int(ARG[op](x))
    return {"value": float(x[index]), "index": index}, 0.0


def cases_of(name, dtype, values, repeat=1):
    data = np.asarray(values, dtype)
    x = np.tile(data, repeat)
    short = {"float32": "f32", "float64": "f64", "int32": "i32", "int64": "i64", "uint32": "u32",
             "uint64": "u64", "uint8": "u8"}[x.dtype.name]
    ops = ["sum", "norm2"] + (["min", "max", "mean", "argmin", "argmax"] if len(x) else [])
    outputs = []
    for op in ops:
        output, scale = expected(op, x)
        outputs.append({"op": op, "output": output | {"count": len(x)}, "scale": scale})
    return {"name": f"{short} {name}", "dtype": short, "repeat": repeat, "data": shortest(data),
            "results": outputs}


def sum_case(name, values, repeat=1):
    data = np.asarray(values, np.float32)
    x = [float(v) for v in np.tile(data, repeat)]
    return {"name": name, "repeat": repeat, "data": shortest(data),
            "output": {"sum": math.fsum(x), "count": len(x)}, "scale": math.fsum(map(abs, x))}


def sum_cases(rng):
    normal = rng.standard_normal(500).astype(np.float32)
    bits = rng.integers(0, 2**32, 400, dtype=np.uint32).view(np.float32)
    largest = np.finfo(np.float32).max
    return [
        sum_case("empty", []), sum_case("one element", [-0.1]), sum_case("random", normal),
        sum_case("every magnitude", bits[np.isfinite(bits)]), sum_case("duplicates", [0.1] * 333),
        sum_case("negative zero", [-0.0] * 70), sum_case("both zeros", [0.0, -0.0]),
        sum_case("denormals", rng.integers(1, 2**23, 130, dtype=np.uint32).view(np.float32)),
        sum_case("smallest denormal against its opposite", [1e-45, -1e-45, 1e-45]),
        sum_case("extremes", [largest] * 3 + [-largest, 1.0]),
        sum_case("beyond f32", [largest] * 65),
        sum_case("cancelling", np.concatenate([normal, -normal[::-1], [1e-6]])),
        sum_case("what f32 would lose", [2.0**24] + [1] * 64),
        sum_case("one short of the lanes", normal[:63]), sum_case("the lanes", normal[:64]),
        sum_case("one more than the lanes", normal[:65]),
        sum_case("many blocks", normal, 500)]


def cases(rng):
    f32, f64 = np.float32, np.float64
    normal = rng.standard_normal(700)
    result = [cases_of("random", t, normal * 1000) for t in (f32, f64, np.int32, np.int64)]
    result += [
        cases_of("empty", f32, []), cases_of("one element", f32, [-2.5]),
        cases_of("ties", f32, [3, 1, 3, 1, 2] * 9), cases_of("duplicates", f32, [0.1] * 100),
        cases_of("negative zero", f32, [0.0, -0.0, -0.0, 0.0]),
        cases_of("denormals", f32, rng.integers(1, 2**23, 60, dtype=np.uint32).view(f32)),
        cases_of("denormals", f64, rng.integers(1, 2**52, 40, dtype=np.uint64).view(f64)),
        cases_of("cancelling", f32, np.concatenate([normal, -normal, [1e-3]])),
        cases_of("extremes", f32, [3e38, 3e38, -3e38, 1.0]),
        cases_of("squares beyond f64", f64, [3e200, 4e200]),
        cases_of("squares below f64", f64, [3e-200, 4e-200]),
        cases_of("edges", np.int32, [-2**31, 2**31 - 1, -2**31]),
        cases_of("edges", np.int64, [2**62, 2**62 + 1, 2**62 - 1]),
        cases_of("edges", np.uint32, [0, 2**32 - 1, 2**32 - 1]),
        cases_of("edges", np.uint64, [2**64 - 2, 2**64 - 1, 1]),
        cases_of("edges", np.uint8, [255, 0, 255, 0]),
        cases_of("one short of the lanes", f32, normal[:15]),
        cases_of("one more than the lanes", f32, normal[:17]),
        cases_of("many blocks", f32, normal[:300], 700)]
    return result


if __name__ == "__main__":
    write("core_reduce.json", "reduce.py", SEED, cases(np.random.default_rng(SEED)))
    write("core_reduce_sum.json", "reduce.py", SEED, sum_cases(np.random.default_rng(SEED)))

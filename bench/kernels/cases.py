"""What is timed: a kernel's input, and the same work by the library that people would use instead."""

from dataclasses import dataclass
from typing import Callable

import numpy as np
import scipy.fft


@dataclass
class Case:
    kernel: str
    size: str
    body: dict            # the kernel's input
    oracle_name: str
    oracle: Callable      # the same work; all it needs is made already
    reach: str
    bytes_moved: int = 0  # between memory and cores; 0: not what bounds it
    flops: int = 0


def f32(rng, *shape):
    return rng.standard_normal(shape).astype(np.float32)


def elementwise(rng):
    n = 10**7
    x, y = f32(rng, n), f32(rng, n)
    out = np.empty_like(x)
    yield Case("core/axpy", "10⁷ f32", {"alpha": 2, "x": x, "y": y}, "NumPy",
               lambda: np.add(np.multiply(x, np.float32(2), out=out), y, out=out),
               "≥ 70 % of stream", 12 * n)
    many = np.tile(x, 4)  # larger than the caches
    for op, oracle in (("sum", lambda: np.sum(many, dtype=np.float64)), ("min", lambda: np.min(many))):
        yield Case("core/reduce", f"{op} of 4 · 10⁷ f32", {"data": many, "op": op}, "NumPy", oracle,
                   "≥ 70 % of stream", 16 * n)
    yield Case("core/sort", "10⁷ f32", {"keys": x}, "numpy.sort(kind=\"stable\")",
               lambda: np.sort(x, kind="stable"), "≥ 4 × NumPy")


def dense(rng):
    for n in (256, 1024):
        a, b = f32(rng, n, n), f32(rng, n, n)
        yield Case("core/gemm", f"{n} × {n}", {"a": a, "b": b}, "NumPy (its BLAS, one thread)",
                   lambda a=a, b=b: a @ b, "", flops=2 * n**3)
    for n in (65536, 2**20, 10**6, 1_000_003):
        real, imag = f32(rng, n), f32(rng, n)
        whole = (real + 1j * imag).astype(np.complex64)
        yield Case("signal/fft", f"{n:,}".replace(",", " "), {"real": real, "imag": imag},
                   "scipy.fft, one thread", lambda whole=whole: scipy.fft.fft(whole, workers=1),
                   "≤ 3 × SciPy's time")


def all_cases():
    rng = np.random.default_rng(20240229)
    for group in (elementwise, dense):
        yield from group(rng)

#!/usr/bin/env python3
"""Writes signal_fft.json: transforms of f32 numbers by scipy.fft in f64."""

import numpy as np
import scipy
import scipy.fft
from document import shortest, write

SEED = 20240304


def case(name, x, inverse=False, batch=1):
    x = np.asarray(x)
    real, imag = x.real.astype(np.float32).ravel(), x.imag.astype(np.float32).ravel()
    rows = (real + 1j * imag.astype(np.float64)).reshape(batch, -1)
    y = (scipy.fft.ifft if inverse else scipy.fft.fft)(rows).ravel()
    given = {"real": shortest(real), "inverse": inverse, "batch": batch}
    if np.iscomplexobj(x):
        given["imag"] = shortest(imag)
    return {"name": f"{name}, {'inverse' if inverse else 'forward'}", "input": given,
            "output": {"real": shortest(y.real.astype(np.float32)),
                       "imag": shortest(y.imag.astype(np.float32))}}


def cases(rng):
    def noise(n):
        return rng.standard_normal(n) + 1j * rng.standard_normal(n)
    result = [case(f"length {n}", noise(n), inverse)
              for n in (1, 2, 3, 4, 5, 6, 7, 8, 11, 13, 17, 30, 34, 64, 77, 97)
              for inverse in (False, True)]
    result += [case(f"length {n}", noise(n)) for n in (26, 169, 121, 256)]
    result += [case("real", rng.standard_normal(48)), case("large prime", rng.standard_normal(509)),
               case("duplicates", np.full(12, 2.5)), case("negative zero", [-0.0] * 5),
               case("denormals", np.full(9, 1e-44)), case("impulse", np.eye(1, 31).ravel()),
               case("batch", noise(36), False, 3), case("batch of a prime", noise(57), True, 3),
               case("batch of single elements", noise(6), True, 6)]
    return result


if __name__ == "__main__":
    write("signal_fft.json", "fft.py", SEED, cases(np.random.default_rng(SEED)),
          f"SciPy {scipy.__version__}, NumPy {np.__version__}")

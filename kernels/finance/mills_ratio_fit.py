#!/usr/bin/env python3
"""Prints the coefficients of `mills_ratio` in branchless_math.hpp; needs NumPy and SciPy.

The Mills ratio of the normal distribution, m(x) = N(-x) / phi(x) = sqrt(pi / 2) erfcx(x / sqrt(2)),
falls like 1 / x. Hence (x + SHIFT) m(x) is flat and, as a function of t = (x - CENTRE) / (x + CENTRE),
a polynomial of low degree: the form of Shepherd and Laframboise, "Chebyshev approximation of
(1 + 2x) exp(x^2) erfc x in 0 <= x < infinity", Mathematics of Computation 36 (1981). CENTRE and
SHIFT are those that leave the smallest error of degree 16 on 0 ... 38.
"""

import numpy as np
from numpy.polynomial import chebyshev, polynomial
from scipy.special import erfcx

CENTRE, SHIFT, LAST, DEGREE = 4.75, 1.1, 38.0, 16


def x_of(t):
    return CENTRE * (1 + t) / (1 - t)


def target(t):
    x = x_of(t)
    return (x + SHIFT) * np.sqrt(np.pi / 2) * erfcx(x / np.sqrt(2))


if __name__ == "__main__":
    low, high = -1.0, (LAST - CENTRE) / (LAST + CENTRE)
    nodes = np.cos((np.arange(200) + 0.5) * np.pi / 200)
    fitted = chebyshev.Chebyshev.fit((high - low) / 2 * nodes + (high + low) / 2,
                                     target((high - low) / 2 * nodes + (high + low) / 2),
                                     DEGREE, domain=[low, high])
    coefficients = fitted.convert(kind=polynomial.Polynomial).coef
    t = np.linspace(low, high, 100001)
    worst = np.max(np.abs(polynomial.polyval(t, coefficients) / target(t) - 1))
    print(",\n".join(repr(float(c)) for c in coefficients))
    print(f"largest relative error {worst:.2g}")

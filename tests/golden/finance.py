#!/usr/bin/env python3
"""Writes finance_black_scholes.json beside itself: the closed form in f64 with SciPy's normal
distribution, on the f32 numbers that the kernel gets. The seed is fixed.

Each case may differ by half a unit of f32, and amounts of money by 1e-12 of the larger of spot and
strike.
"""

import numpy as np
import scipy
from document import shortest, write
from scipy.stats import norm

SEED = 20240301
INPUTS = ("spot", "strike", "rate", "dividend_yield", "volatility", "expiry")
OUTPUTS = ("price", "delta", "gamma", "vega", "theta", "rho")


def as_f32(values):
    return shortest(np.asarray(values, np.float32))


def closed_form(s, k, r, q, v, t, sign):
    """Black-Scholes-Merton, for a positive v * sqrt(t)."""
    root = np.sqrt(t)
    d1 = (np.log(s / k) + (r - q + v * v / 2) * t) / (v * root)
    d2 = d1 - v * root
    sq, kr = s * np.exp(-q * t), k * np.exp(-r * t)
    n1, n2, density = norm.cdf(sign * d1), norm.cdf(sign * d2), norm.pdf(d1)
    return {"price": sign * (sq * n1 - kr * n2),
            "delta": sign * np.exp(-q * t) * n1,
            "gamma": np.exp(-q * t) * density / (s * v * root),
            "vega": sq * density * root,
            "theta": -sq * density * v / (2 * root) + sign * (q * sq * n1 - r * kr * n2),
            "rho": sign * t * kr * n2}


def limits(s, k, r, q, v, t, sign):
    """The same at v * sqrt(t) = 0 away from the money: N is 0 or 1."""
    sq, kr = s * np.exp(-q * t), k * np.exp(-r * t)
    exercised = (sign * (sq - kr) > 0).astype(float)
    return {"price": sign * (sq - kr) * exercised, "delta": sign * np.exp(-q * t) * exercised,
            "gamma": 0.0, "vega": 0.0, "theta": sign * (q * sq - r * kr) * exercised,
            "rho": sign * t * kr * exercised}


def case(name, formula, kinds, **columns):
    given = {n: np.atleast_1d(np.asarray(columns[n], np.float32)) for n in INPUTS if n in columns}
    terms = [given.get(n, np.zeros(1)).astype(np.float64) for n in INPUTS]
    sign = np.where(np.asarray(kinds) == "call", 1.0, -1.0)
    zero = np.zeros(np.broadcast(*terms, sign).shape)
    found = {n: np.atleast_1d(v + zero) for n, v in formula(*terms, sign).items()}
    assert all(np.isfinite(found[n]).all() for n in OUTPUTS), name
    return {"name": name,
            "input": {n: as_f32(v) for n, v in given.items()} | {"type": list(kinds)},
            "output": {n: [float(f"{v:.13g}") for v in found[n]]
                       for n in OUTPUTS}}


def cases(rng):
    def random(low, high, count=150):
        return rng.uniform(low, high, count)

    kinds = [str(k) for k in rng.choice(["call", "put"], 150)]
    both = ["call", "put"]
    tiny = np.finfo(np.float32).smallest_subnormal
    return [
        case("no options", closed_form, [], spot=[], strike=[100], rate=[0.05], volatility=[0.2],
             expiry=[1]),
        case("one option", closed_form, ["put"], spot=[97], strike=[103], rate=[0.01],
             volatility=[0.35], expiry=[0.4]),
        case("negative zeros", limits, both, spot=[110], strike=[100], rate=[-0.0],
             dividend_yield=[-0.0], volatility=[-0.0], expiry=[-0.0]),
        case("denormal volatility and expiry", limits, both * 2, spot=[90, 90, 110, 110],
             strike=[100], rate=[0], volatility=[tiny], expiry=[tiny]),
        case("denormal strike", closed_form, both, spot=[100], strike=[tiny], rate=[0.05],
             dividend_yield=[0.01], volatility=[0.2], expiry=[1]),
        case("spots and strikes near the largest f32", closed_form, both * 2,
             spot=[1e38, 1e38, 2e38, 3e38], strike=[1e38, 2e38, 1e38, 3e38], rate=[0.01],
             volatility=[0.3], expiry=[0.5]),
        case("longest expiry", closed_form, both, spot=[100], strike=[100], rate=[0.001],
             dividend_yield=[0.002], volatility=[0.05], expiry=[1000]),
        case("textbook", closed_form, both, spot=[100], strike=[100], rate=[0.05],
             volatility=[0.2], expiry=[1]),
        case("Hull's example", closed_form, both, spot=[42], strike=[40], rate=[0.1],
             volatility=[0.2], expiry=[0.5]),
        case("currency option", closed_form, ["call"], spot=[1.6], strike=[1.6], rate=[0.08],
             dividend_yield=[0.11], volatility=[0.141], expiry=[1 / 3]),
        case("random", closed_form, kinds, spot=random(50, 150), strike=random(50, 150),
             rate=random(-0.02, 0.1), dividend_yield=random(0, 0.06),
             volatility=random(0.02, 0.9), expiry=random(0.01, 5)),
        case("one strike and expiry for all", closed_form, ["put"], spot=random(60, 140, 40),
             strike=[100], rate=[0.03], volatility=[0.25], expiry=[0.75]),
        case("one spot, a ladder of strikes", closed_form, ["call"], spot=[100],
             strike=np.linspace(20, 400, 40), rate=[0.03], dividend_yield=[0.01],
             volatility=[0.3], expiry=[2]),
        case("far out of the money", closed_form, both * 4, spot=[100],
             strike=[200, 50, 300, 30, 500, 20, 900, 10], rate=[0], volatility=[0.2],
             expiry=[1]),
        case("nearly no volatility", closed_form, both * 2, spot=[100],
             strike=[99, 99, 101, 101], rate=[0], volatility=[0.001], expiry=[0.25]),
        case("enormous volatility and a long time", closed_form, both, spot=[100], strike=[100],
             rate=[0.02], volatility=[5], expiry=[30]),
        case("negative rates", closed_form, both, spot=[100], strike=[105], rate=[-0.03],
             dividend_yield=[-0.01], volatility=[0.15], expiry=[3]),
        case("at expiry", limits, both * 2, spot=[90, 90, 110, 110], strike=[100], rate=[0.05],
             dividend_yield=[0.02], volatility=[0.2], expiry=[0]),
        case("no volatility", limits, both * 2, spot=[90, 90, 110, 110], strike=[100],
             rate=[0.05], dividend_yield=[0.02], volatility=[0], expiry=[1]),
        case("duplicates", closed_form, ["call"] * 30, spot=[100], strike=[95], rate=[0.01],
             volatility=[0.4], expiry=[0.1]),
        case("one day", closed_form, both, spot=[100], strike=[100.5], rate=[0.05],
             volatility=[0.2], expiry=[1 / 365]),
    ]


if __name__ == "__main__":
    write("finance_black_scholes.json", "finance.py", SEED, cases(np.random.default_rng(SEED)),
          f"SciPy {scipy.__version__}, NumPy {np.__version__}")

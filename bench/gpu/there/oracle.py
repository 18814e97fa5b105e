"""What kernels answer to fresh random inputs, beside what NumPy, SciPy and NetworkX make of the same."""

import itertools
import json
import math
import os
import secrets
import subprocess
from importlib.util import find_spec
from urllib.error import HTTPError

from http_load import BACKENDS, Daemon
from steps import Outcome

try:
    import numpy as np
except ImportError:
    np = None  # then nothing here is called but `check`


def off(found, expected, allowed):
    """The largest error in units of `allowed`, element by element; above 1, or nan: it is wrong. What was
    written as f32 is read as that."""
    found = np.asarray(found, getattr(expected, "dtype", np.float64)).astype(np.float64)
    expected = np.asarray(expected, np.float64)
    if found.shape != expected.shape:
        return math.inf
    error = np.abs(found - expected)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.max(np.where(error == 0, 0, error / allowed), initial=0))


def f32(values):
    return np.asarray(values, np.float32)


def wide(rng, *shape):
    """f32 of some magnitudes, without values that an operation here takes out of range."""
    return f32(rng.standard_normal(shape) * 10.0 ** rng.uniform(-3, 3, shape))


# Each of these yields what the input is for people, that input, and a function that says of an output
# how far off it is, in units of the tolerance that stands beside the oracle in `ORACLES`.

def axpy(rng):
    for size in (1, int(rng.integers(2, 100)), 50_000):
        alpha, x, y = f32(rng.standard_normal()), wide(rng, size), wide(rng, size)
        exact = f32(np.float64(alpha) * x.astype(np.float64) + y.astype(np.float64))
        yield (f"{size} f32", {"alpha": float(alpha), "x": x.tolist(), "y": y.tolist()},
               lambda out, exact=exact: off(out["result"], exact, 0))


def vector_add(rng):
    for size in (1, 50_000):
        a, b = wide(rng, size), wide(rng, size)
        yield (f"{size} f32", {"a": a.tolist(), "b": b.tolist()},
               lambda out, exact=a + b: off(out["result"], exact, 0))


def reduced(op, x):
    """Value, index, and what an error is relative to."""
    exact = x.tolist()
    if op in ("sum", "mean"):
        add = sum if isinstance(exact[0], int) else math.fsum
        count = len(exact) if op == "mean" else 1
        return add(exact) / count, None, add(map(abs, exact)) / count
    if op == "norm2":
        return math.hypot(*exact), None, math.hypot(*exact)
    index = int({"min": np.argmin, "argmin": np.argmin, "max": np.argmax, "argmax": np.argmax}[op](x))
    return float(exact[index]), index if op.startswith("arg") else None, 0


def reduce(rng):
    data = {"f32": wide(rng, 30_001), "f64": rng.standard_normal(30_001),
            "i32": rng.integers(-2**31, 2**31, 30_001), "i64": rng.integers(-2**40, 2**40, 30_001)}
    for (dtype, x), op in itertools.product(data.items(),
                                            ("sum", "mean", "norm2", "min", "max", "argmin", "argmax")):
        value, index, scale = reduced(op, x)
        yield (f"{op} of {x.size} {dtype}", {"data": x.tolist(), "op": op, "dtype": dtype},
               lambda out, value=value, index=index, scale=scale:
               math.inf if index is not None and out["index"] != index
               else off(out["value"], value, 1e-12 * scale))


def reduce_sum(rng):
    x = wide(rng, 30_001)
    exact = x.tolist()
    yield (f"{x.size} f32", {"data": exact},
           lambda out: off(out["sum"], math.fsum(exact), 1e-12 * math.fsum(map(abs, exact))))


def sort(rng):
    keys = {"f32": f32(rng.standard_normal(20_000)), "f64": rng.standard_normal(20_000),
            "i32": rng.integers(-2**31, 2**31, 20_000), "u32": rng.integers(0, 2**32, 20_000),
            "f32 with ties": f32(rng.integers(-50, 50, 20_000))}
    for (name, x), down in itertools.product(keys.items(), (False, True)):
        values = rng.standard_normal(x.size)
        rank = np.unique(x, return_inverse=True)[1].astype(np.int64)
        order = np.argsort(-rank if down else rank, kind="stable")
        yield (f"{x.size} {name}, {'descending' if down else 'ascending'}",
               {"keys": x.tolist(), "dtype": name[:3], "descending": down, "values": values.tolist()},
               lambda out, x=x, values=values, order=order:
               max(off(out["permutation"], order, 0), off(out["keys"], x[order], 0),
                   off(out["values"], values[order], 0)))


def product(a, b):
    """In f64, and what an element of it in f32 may be wrong by."""
    a, b = a.astype(np.float64), b.astype(np.float64)
    return a @ b, 2 * (a.shape[1] + 2) * 2.0**-24 * (np.abs(a) @ np.abs(b))


def gemm(rng):
    for shape, left, right in (((1, 1, 1), False, False), ((65, 129, 33), False, False),
                               ((70, 40, 50), True, False), ((64, 128, 64), False, True),
                               (tuple(map(int, rng.integers(2, 90, 3))), True, True)):
        m, k, n = shape
        a, b, c = (f32(rng.standard_normal(size)) for size in ((m, k), (k, n), (m, n)))
        alpha, beta = (float(f32(v)) for v in rng.uniform(-2, 2, 2))
        exact, bound = product(a, b)
        exact, bound = alpha * exact + beta * c, abs(alpha) * bound + 2.0**-22 * np.abs(beta * c)
        yield (f"{m}×{k} by {k}×{n}",
               {"a": (a.T if left else a).tolist(), "b": (b.T if right else b).tolist(), "c": c.tolist(),
                "alpha": alpha, "beta": beta, "transpose_a": left, "transpose_b": right},
               lambda out, exact=exact, bound=bound: off(out["c"], exact, bound))


def matmul(rng):
    for m, k, n in ((65, 129, 33), tuple(map(int, rng.integers(1, 90, 3)))):
        a, b = f32(rng.standard_normal((m, k))), f32(rng.standard_normal((k, n)))
        exact, bound = product(a, b)
        yield (f"{m}×{k} by {k}×{n}",
               {"a": a.ravel().tolist(), "b": b.ravel().tolist(), "rows_a": m, "cols_a": k, "cols_b": n},
               lambda out, exact=exact, bound=bound: off(out["result"], exact.ravel(), bound.ravel()))


def fft(rng):
    import scipy.fft
    for length, inverse in itertools.product((1, 509, 3 * 5 * 7 * 11, 4096, int(rng.integers(2, 5000))),
                                             (False, True)):
        real, imag = f32(rng.standard_normal((2, 3, length)))
        exact = (scipy.fft.ifft if inverse else scipy.fft.fft)(real + 1j * imag.astype(np.float64)).ravel()
        yield (f"3 × length {length}, {'inverse' if inverse else 'forward'}",
               {"real": real.ravel().tolist(), "imag": imag.ravel().tolist(), "inverse": inverse, "batch": 3},
               lambda out, exact=exact, allowed=1e-5 * np.abs(exact).max():
               max(off(out["real"], exact.real, allowed), off(out["imag"], exact.imag, allowed)))


def closed_form(s, k, r, q, v, t, sign):
    """Black-Scholes-Merton."""
    from scipy.special import ndtr
    root = np.sqrt(t)
    d1 = (np.log(s / k) + (r - q + v * v / 2) * t) / (v * root)
    d2 = d1 - v * root
    sq, kr, density = s * np.exp(-q * t), k * np.exp(-r * t), np.exp(-d1 * d1 / 2) / math.sqrt(2 * math.pi)
    return {"price": sign * (sq * ndtr(sign * d1) - kr * ndtr(sign * d2)),
            "delta": sign * np.exp(-q * t) * ndtr(sign * d1),
            "gamma": np.exp(-q * t) * density / (s * v * root), "vega": sq * density * root,
            "theta": -sq * density * v / (2 * root)
                     + sign * (q * sq * ndtr(sign * d1) - r * kr * ndtr(sign * d2)),
            "rho": sign * t * kr * ndtr(sign * d2)}


def black_scholes(rng):
    size = 5000
    names = ("spot", "strike", "rate", "dividend_yield", "volatility", "expiry")
    ranges = ((50, 150), (50, 150), (-0.02, 0.1), (0, 0.06), (0.05, 0.9), (0.05, 5))
    given = {name: f32(rng.uniform(*span, size)) for name, span in zip(names, ranges)}
    sign = rng.choice([-1.0, 1.0], size)
    exact = closed_form(*(given[name].astype(np.float64) for name in names), sign)
    yield (f"{size} options",
           {name: v.tolist() for name, v in given.items()} | {"type": ["call" if s > 0 else "put" for s in sign]},
           lambda out: max(off(out[name], v, 1e-5 * np.abs(v).max()) for name, v in exact.items()))


def pagerank(rng):
    import networkx as nx
    n = 500
    for directed, weighted, personal in ((True, False, False), (False, False, False), (True, True, True)):
        edges = np.stack([rng.integers(0, n, 4 * n), n * rng.random(4 * n) ** 2], 1).astype(int).tolist()
        weights = f32(rng.exponential(1, len(edges)) if weighted else np.ones(len(edges))).tolist()
        preference = rng.random(n).tolist()
        walk = nx.MultiDiGraph()
        walk.add_nodes_from(range(n))
        for (u, v), weight in zip(edges, weights):
            walk.add_edge(u, v, weight=weight)
            if not directed and u != v:
                walk.add_edge(v, u, weight=weight)
        scores = nx.pagerank(walk, tol=1e-12 / n, max_iter=10_000,
                             personalization=dict(enumerate(preference)) if personal else None)
        graph = {"num_nodes": n, "edges": edges, "directed": directed} | ({"weights": weights} if weighted else {})
        given = {"graph": graph, "tolerance": 1e-12, "max_iterations": 10_000}
        yield (f"{n} nodes, {'directed' if directed else 'undirected'}{', weighted' if weighted else ''}",
               given | ({"personalization": preference} if personal else {}),
               lambda out, exact=[scores[v] for v in range(n)]: off(out["scores"], exact, 1e-10))


def kmeans_off(points, out):
    """By no other program but by what makes it an answer: each label is that of the nearest centroid, each
    centroid the mean of its points."""
    if not out["converged"]:
        return math.inf
    points, centroids, labels = points.astype(np.float64), np.asarray(out["centroids"]), np.asarray(out["labels"])
    distances = ((points[:, None] - centroids) ** 2).sum(2)
    own = distances[np.arange(len(points)), labels]
    means = np.array([points[labels == label].mean(0) for label in range(len(centroids))])
    return max(off(own, distances.min(1), 1e-5 * distances.max()),
               off(centroids, means, 1e-5 * np.abs(points).max()),
               off(out["inertia"], own.sum(), 1e-5 * own.sum()))


def kmeans(rng):
    centres = rng.uniform(-10, 10, (8, 5))
    points = f32(centres[rng.integers(0, 8, 3000)] + rng.standard_normal((3000, 5)))
    given = {"data": points.tolist(), "k": 8, "tolerance": 0, "max_iterations": 1000}
    first = points[rng.choice(len(points), 8, replace=False)].tolist()
    for how in ({"init": "points", "initial_centroids": first}, {"seed": int(rng.integers(2**32))}):
        yield (f"3000 × 5, k = 8, {how.get('init', 'k-means++')}",
               given | how, lambda out: kmeans_off(points, out))


PRODUCT = "2 (K + 2) 2⁻²⁴ of the sum of the products' magnitudes"
SUM = "1e-12 of the sum of magnitudes"
LARGEST = "1e-5 of the largest"

# Kernel, oracle, tolerance, and what the oracle needs beside Python.
ORACLES = (
    ("core/axpy", axpy, "no bit", ("numpy",)),
    ("core/vector-add", vector_add, "no bit", ("numpy",)),
    ("core/reduce", reduce, SUM + ", no bit of an element", ("numpy",)),
    ("core/reduce-sum", reduce_sum, SUM, ("numpy",)),
    ("core/sort", sort, "no bit", ("numpy",)),
    ("core/gemm", gemm, PRODUCT, ("numpy",)),
    ("core/matmul", matmul, PRODUCT, ("numpy",)),
    ("signal/fft", fft, LARGEST, ("numpy", "scipy")),
    ("finance/black-scholes", black_scholes, LARGEST, ("numpy", "scipy")),
    ("graph/pagerank", pagerank, "1e-10", ("numpy", "scipy", "networkx")),
    ("ml/kmeans-cluster", kmeans, LARGEST, ("numpy",)))


def inputs(seed, absent):
    """Kernel, tolerance, and what its oracle yields, of those that need nothing of `absent`. Of a kernel
    the same for the same seed, whatever is absent."""
    for index, (kernel, oracle, tolerance, needs) in enumerate(ORACLES):
        if not absent & set(needs):
            for one in oracle(np.random.default_rng([seed, index])):
                yield kernel, tolerance, *one


def ask(rows, failures, daemon, backend, cases, steps):
    """The worst of a kernel's answers goes to `rows`, by kernel, and there by backend."""
    for kernel, tolerance, what, given, distance in cases:
        if steps.left() <= 0:
            raise RuntimeError("no time left")
        row = rows.setdefault(kernel, {"kernel": kernel, "tolerance": tolerance})
        try:
            answer = daemon.execute(kernel, json.dumps({"input": given}))
            ran_on = answer["metadata"]["backend"]
            if ran_on != backend:
                raise ValueError(f"ran on {ran_on}")
            found = distance(answer["output"])
            row[backend] = max(row.get(backend, 0), found)
            wrong = "" if found <= 1 else f"{found:.3g} × its tolerance off"
        except (HTTPError, ValueError, KeyError, TypeError, IndexError) as failure:
            wrong = f"{type(failure).__name__}: {failure}"
        if wrong:
            failures.append(f"{backend}: {kernel} ({what}): {wrong}")


def check(steps, backends=BACKENDS):
    """A row per kernel, with a cell for each backend."""
    absent = {name for name in ("numpy", "scipy", "networkx") if find_spec(name) is None}
    seed = int(os.environ.get("KERND_SAMPLE_SEED") or secrets.randbits(32))
    cases = list(inputs(seed, absent))
    rows, failures = {}, []
    with open(steps.logs / "oracle.log", "w", encoding="utf-8") as log:
        for backend in backends if cases else ():
            try:
                daemon = Daemon(steps, backend, [kernel for kernel, *_ in ORACLES], log)
                try:
                    ask(rows, failures, daemon, backend, cases, steps)
                finally:
                    daemon.stop()
            except (RuntimeError, OSError, subprocess.SubprocessError) as failure:
                failures.append(f"{backend}: {failure}")
    told = failures[:5] or ([f"{len(cases)} answers right on each backend"] if cases else [])
    if len(failures) > 5:
        told.append(f"and {len(failures) - 5} more")
    if absent:
        told.append(f"there is no {', no '.join(sorted(absent))}")
    state = "failed" if failures else "missing" if absent else "passed"
    return Outcome(state, "; ".join([*told, f"KERND_SAMPLE_SEED={seed}"]), list(rows.values()))

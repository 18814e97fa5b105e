"""What is timed: a kernel's input, and the same work by the library that people would use instead."""

from dataclasses import dataclass
from typing import Callable

import networkx
import numpy as np
import scipy.fft
import scipy.sparse
from scipy.special import ndtr
from sklearn.cluster import KMeans


@dataclass
class Case:
    kernel: str
    size: str
    body: dict            # the kernel's input
    oracle_name: str
    oracle: Callable | list | None  # the same work, all it needs made already, or what to ask the
                                    # bench program for
    reach: str
    bytes_moved: int = 0  # between memory and cores; 0: not what bounds it
    flops: int = 0
    items: int = 0
    one_core: bool = False


def f32(rng, *shape):
    return rng.standard_normal(shape).astype(np.float32)


def elementwise(rng):
    n = 10**7
    x, y = f32(rng, n), f32(rng, n)
    out = np.empty_like(x)
    yield Case("core/axpy", "10⁷ f32", {"alpha": 2, "x": x, "y": y}, "NumPy",
               lambda: np.add(np.multiply(x, np.float32(2), out=out), y, out=out),
               "≥ 70 % of stream", 12 * n)
    yield Case("core/identity", "10⁷ f32; the output is a view of the input", {"data": x}, "", None,
               "≥ 70 % of stream")
    many = np.tile(x, 4)  # larger than the caches
    for op, oracle in (("sum", lambda: np.sum(many, dtype=np.float64)), ("min", lambda: np.min(many))):
        yield Case("core/reduce", f"{op} of 4 · 10⁷ f32", {"data": many, "op": op}, "NumPy", oracle,
                   "≥ 70 % of stream", 16 * n)
    yield Case("core/sort", "10⁷ f32", {"keys": x}, "numpy.sort(kind=\"stable\")",
               lambda: np.sort(x, kind="stable"), "≥ 4 × NumPy")


def dense(rng):
    for n in (256, 512, 1024):
        a, b = f32(rng, n, n), f32(rng, n, n)
        yield Case("core/gemm", f"{n} × {n}", {"a": a, "b": b}, "NumPy (its BLAS, one thread)",
                   lambda a=a, b=b: a @ b, "", flops=2 * n**3)
        yield Case("core/gemm", f"{n} × {n}, one core", {"a": a, "b": b}, "BLIS alone",
                   ["blas", str(n)], "≥ 0.9 × BLIS", flops=2 * n**3, one_core=True)
    for n in (65536, 69_632, 100_003, 2**20, 10**6, 1_000_003):
        real, imag = f32(rng, n), f32(rng, n)
        whole = (real + 1j * imag).astype(np.complex64)
        yield Case("signal/fft", f"{n:,}".replace(",", " "), {"real": real, "imag": imag},
                   "scipy.fft, one thread", lambda whole=whole: scipy.fft.fft(whole, workers=1),
                   "≤ 3 × SciPy's time")


def calls(spot, strike, rate, volatility, expiry):
    """Price and Greeks of calls without dividends, as one writes them with SciPy."""
    root = volatility * np.sqrt(expiry)
    d1 = (np.log(spot / strike) + (rate + volatility**2 / 2) * expiry) / root
    d2 = d1 - root
    discounted = strike * np.exp(-rate * expiry)
    density = np.exp(-d1 * d1 / 2) / np.sqrt(2 * np.pi)
    delta, chance = ndtr(d1), ndtr(d2)
    vega = spot * density * np.sqrt(expiry)
    return (spot * delta - discounted * chance, delta, density / (spot * root), vega,
            -vega * volatility / (2 * expiry) - rate * discounted * chance,
            discounted * expiry * chance)


def options(rng):
    n = 4_000_000
    spot, strike = (rng.uniform(50, 150, n).astype(np.float32) for _ in range(2))
    volatility = rng.uniform(0.1, 0.5, n).astype(np.float32)
    expiry = rng.uniform(0.1, 2, n).astype(np.float32)
    wide = [each.astype(np.float64) for each in (spot, strike, volatility, expiry)]
    yield Case("finance/black-scholes", "4 · 10⁶ options with Greeks",
               {"spot": spot, "strike": strike, "rate": np.full(1, 0.05), "volatility": volatility,
                "expiry": expiry, "type": ["call"]}, "NumPy and scipy.special.ndtr, f64, one thread",
               lambda: calls(wide[0], wide[1], 0.05, wide[2], wide[3]), "≥ 50 M options/s", items=n)


def power_iteration(graph, tolerance):
    """The same iteration with SciPy's sparse product: damping 0.85, uniform start."""
    nodes = graph.shape[0]
    out = np.asarray(graph.sum(axis=1)).ravel()
    share = np.divide(1.0, out, out=np.zeros(nodes), where=out > 0)
    transposed = graph.T.tocsr()

    def run():
        scores = np.full(nodes, 1 / nodes)
        for _ in range(100):
            spread = transposed @ (scores * share)
            fresh = 0.85 * (spread + scores[out == 0].sum() / nodes) + 0.15 / nodes
            change = np.abs(fresh - scores).sum()
            scores = fresh
            if change <= tolerance:
                break
        return scores

    return run


def graphs(rng):
    nodes, edges = 100_000, 1_000_000
    pairs = rng.integers(0, nodes, (edges, 2))
    ones = np.ones(edges)
    graph = scipy.sparse.csr_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(nodes, nodes))
    graph.sum_duplicates()
    graph.data[:] = 1
    body = {"graph": {"num_nodes": nodes, "row_offsets": graph.indptr.astype(np.int64),
                      "col_indices": graph.indices.astype(np.int64)}, "tolerance": 1e-6}
    size = "10⁵ nodes, 10⁶ edges"
    yield Case("graph/pagerank", size, body, "scipy.sparse power iteration",
               power_iteration(graph, 1e-6), "≥ 1 × SciPy")
    network = networkx.from_scipy_sparse_array(graph, create_using=networkx.DiGraph)
    # NetworkX stops at nodes × tol.
    yield Case("graph/pagerank", size, body, "NetworkX",
               lambda: networkx.pagerank(network, tol=1e-6 / nodes), "≥ 20 × NetworkX")


def clusters(rng):
    n, d, k = 100_000, 16, 16
    points, start = f32(rng, n, d), f32(rng, k, d)
    body = {"data": points, "k": k, "init": "points", "initial_centroids": start,
            "max_iterations": 100}
    yield Case("ml/kmeans-cluster", "10⁵ × 16, k 16, same start", body, "scikit-learn, lloyd, one thread",
               lambda: KMeans(k, init=start, n_init=1, max_iter=100, algorithm="lloyd").fit(points),
               "≥ 1 × scikit-learn")


def all_cases():
    rng = np.random.default_rng(20240229)
    for group in (elementwise, dense, options, graphs, clusters):
        yield from group(rng)

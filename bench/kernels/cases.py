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
    bytes_moved: int = 0    # between memory and cores; 0: not what bounds it
    is_least: bool = False  # the kernel moves more bytes than that
    flops: int = 0          # by the textbook's count; 0: likewise
    is_f64: bool = False    # what the flops are done in, or else f32
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
    yield Case("core/vector-add", "10⁷ f32", {"a": x, "b": y}, "NumPy",
               lambda: np.add(x, y, out=out), "≥ 70 % of stream", 12 * n)
    yield Case("core/identity", "10⁷ f32; the output is a view of the input", {"data": x}, "", None,
               "≥ 70 % of stream")
    many = np.tile(x, 4)  # larger than the caches
    for op, oracle in (("sum", lambda: np.sum(many, dtype=np.float64)), ("min", lambda: np.min(many))):
        yield Case("core/reduce", f"{op} of 4 · 10⁷ f32", {"data": many, "op": op}, "NumPy", oracle,
                   "≥ 70 % of stream", 16 * n)
    yield Case("core/reduce-sum", "4 · 10⁷ f32", {"data": many}, "NumPy",
               lambda: np.sum(many, dtype=np.float64), "≥ 70 % of stream", 16 * n)
    # Any sort reads the keys and writes them; more passes move more.
    yield Case("core/sort", "10⁷ f32", {"keys": x}, "numpy.sort(kind=\"stable\")",
               lambda: np.sort(x, kind="stable"), "≥ 4 × NumPy", 2 * 4 * n, is_least=True)


def dense(rng):
    for n in (256, 512, 1024):
        a, b = f32(rng, n, n), f32(rng, n, n)
        yield Case("core/gemm", f"{n} × {n}", {"a": a, "b": b}, "NumPy (its BLAS, one thread)",
                   lambda a=a, b=b: a @ b, "", flops=2 * n**3)
        yield Case("core/gemm", f"{n} × {n}, one core", {"a": a, "b": b}, "BLIS alone",
                   ["blas", str(n)], "≥ 0.9 × BLIS", flops=2 * n**3, one_core=True)
        yield Case("core/matmul", f"{n} × {n}",
                   {"a": a.ravel(), "b": b.ravel(), "rows_a": n, "cols_a": n, "cols_b": n},
                   "NumPy (its BLAS, one thread)", lambda a=a, b=b: a @ b, "", flops=2 * n**3)


def transforms(rng):
    for n in (65536, 69_632, 100_003, 2**20, 10**6, 1_000_003):
        real, imag = f32(rng, n), f32(rng, n)
        whole = (real + 1j * imag).astype(np.complex64)
        yield Case("signal/fft", f"{n:,}".replace(",", " "), {"real": real, "imag": imag},
                   "scipy.fft, one thread", lambda whole=whole: scipy.fft.fft(whole, workers=1),
                   "≤ 3 × SciPy's time", flops=round(5 * n * np.log2(n)), is_f64=True)


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
               lambda: calls(wide[0], wide[1], 0.05, wide[2], wide[3]), "≥ 50 M options/s", items=n,
               bytes_moved=(4 + 6) * 4 * n)


def power_iteration(graph, tolerance):
    """The same iteration with SciPy's sparse product: damping 0.85, uniform start."""
    nodes = graph.shape[0]
    out = np.asarray(graph.sum(axis=1)).ravel()
    share = np.divide(1.0, out, out=np.zeros(nodes), where=out > 0)
    transposed = graph.T.tocsr()

    def run():
        scores = np.full(nodes, 1 / nodes)
        for rounds in range(1, 101):
            spread = transposed @ (scores * share)
            fresh = 0.85 * (spread + scores[out == 0].sum() / nodes) + 0.15 / nodes
            change = np.abs(fresh - scores).sum()
            scores = fresh
            if change <= tolerance:
                break
        return scores, rounds

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
    oracle = power_iteration(graph, 1e-6)
    # Each iteration reads an index of 32 bits per edge, and per node reads the offset, 1 / degree,
    # score and flow and writes score and flow, of 64 bits each; edges find flows in the caches.
    moved = oracle()[1] * (4 * graph.nnz + 6 * 8 * nodes)
    yield Case("graph/pagerank", size, body, "scipy.sparse power iteration, one thread", oracle,
               "≥ 1 × SciPy", moved)
    network = networkx.from_scipy_sparse_array(graph, create_using=networkx.DiGraph)
    # NetworkX stops at nodes × tol.
    yield Case("graph/pagerank", size, body, "NetworkX, one thread",
               lambda: networkx.pagerank(network, tol=1e-6 / nodes), "≥ 20 × NetworkX", moved)


def clusters(rng):
    n, d, k = 100_000, 16, 16
    points, start = f32(rng, n, d), f32(rng, k, d)
    body = {"data": points, "k": k, "init": "points", "initial_centroids": start,
            "max_iterations": 100}
    rounds = KMeans(k, init=start, n_init=1, max_iter=100, algorithm="lloyd").fit(points).n_iter_
    yield Case("ml/kmeans-cluster", "10⁵ × 16, k 16, same start", body, "scikit-learn, lloyd, one thread",
               lambda: KMeans(k, init=start, n_init=1, max_iter=100, algorithm="lloyd").fit(points),
               "≥ 1 × scikit-learn", flops=2 * n * d * k * rounds)  # the products of points and centroids


def all_cases():
    rng = np.random.default_rng(20240229)
    for group in (elementwise, dense, transforms, options, graphs, clusters):
        yield from group(rng)

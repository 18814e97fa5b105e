#!/usr/bin/env python3
"""Writes graph_pagerank.json beside itself: graphs and what NetworkX's PageRank makes of them.

NetworkX stops when the change is below n * tol, the kernel when it is at most its tolerance; the
script gives NetworkX tolerance / n. `iterations` is the smallest max_iter that is enough for it.
The seed is fixed.
"""

import networkx as nx
import numpy as np
import scipy
from document import shortest, write

SEED = 20240304


def as_f32(values):
    return shortest(np.asarray(values, np.float32))


def oracle(graph, n, damping, tolerance, max_iterations, personalization):
    def run(limit):
        return nx.pagerank(graph, alpha=damping, tol=tolerance / max(n, 1), max_iter=limit,
                           weight="weight",
                           personalization=personalization and dict(enumerate(personalization)))

    def converges(limit):
        try:
            run(limit)
        except nx.PowerIterationFailedConvergence:
            return False
        return True

    if n == 0:
        assert run(max_iterations) == {}
        return {"scores": [], "iterations": 0, "converged": True}
    low, high = 1, max_iterations
    assert converges(high)
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if converges(middle) else (middle + 1, high)
    scores = run(max_iterations)
    return {"scores": [float(f"{scores[v]:.15g}") for v in range(n)], "iterations": low,
            "converged": True}


def case(name, n, edges, weights=None, directed=True, damping=0.85, tolerance=1e-6,
         max_iterations=100, personalization=None, rows=False):
    weights = None if weights is None else as_f32(weights)
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(range(n))
    for i, (u, v) in enumerate(edges):
        weight = {} if weights is None else {"weight": float(np.float32(weights[i]))}
        graph.add_edge(u, v, **weight)
        if not directed and u != v:
            graph.add_edge(v, u, **weight)
    given = {"num_nodes": n}
    if rows:
        order = sorted(range(len(edges)), key=lambda e: edges[e][0])
        given["row_offsets"] = np.searchsorted([edges[e][0] for e in order],
                                               np.arange(n + 1)).tolist()
        given["col_indices"] = [edges[e][1] for e in order]
        if weights is not None:
            given["weights"] = [weights[e] for e in order]
    else:
        given |= {"edges": [list(e) for e in edges], "directed": directed}
        if weights is not None:
            given["weights"] = weights
    request = {"graph": given, "damping": damping, "tolerance": tolerance,
               "max_iterations": max_iterations}
    if personalization is not None:
        request["personalization"] = personalization
    return {"name": name, "input": request,
            "output": oracle(graph, n, damping, tolerance, max_iterations,
                             personalization)}


def random_edges(rng, n, count):
    return [(int(u), int(v)) for u, v in zip(rng.integers(0, n, count),
                                             (n * rng.random(count) ** 2).astype(int))]


def cases(rng):
    karate = [(int(u), int(v)) for u, v in nx.karate_club_graph().edges()]
    random = random_edges(rng, 200, 900)
    weights = rng.exponential(1.0, 900)
    preference = [float(f"{p:.6g}") for p in rng.random(200)]
    sparse = random_edges(rng, 150, 120)
    exact = {"tolerance": 1e-13, "max_iterations": 10000}
    return [
        case("no nodes", 0, []),
        case("one node", 1, []),
        case("one node with a loop", 1, [(0, 0)]),
        case("three nodes without edges", 3, []),
        case("path of three", 3, [(0, 1), (1, 2)]),
        case("path of three, to the end", 3, [(0, 1), (1, 2)], **exact),
        case("cycle", 5, [(v, (v + 1) % 5) for v in range(5)]),
        case("star", 5, [(0, v) for v in range(1, 5)], directed=False, **exact),
        case("karate club", 34, karate, directed=False),
        case("karate club, to the end", 34, karate, directed=False, **exact),
        case("loops", 4, [(0, 0), (0, 1), (1, 2), (2, 2), (2, 0), (3, 3)]),
        case("duplicate edges", 3, [(0, 1), (0, 1), (0, 2), (1, 0), (2, 0), (2, 0)]),
        case("weighted duplicates", 3, [(0, 1), (0, 1), (0, 2), (1, 0), (2, 0)],
             [1, 2, 1, 1, 1]),
        case("edges of no weight dangle", 3, [(0, 1), (1, 2), (2, 0)], [1, 1, 0]),
        case("weights of negative zero", 3, [(0, 1), (1, 2), (2, 0), (2, 1)], [1, -0.0, 2, -0.0]),
        case("denormal weights", 3, [(0, 1), (0, 2), (1, 0), (2, 0)], [1e-45, 3e-45, 1e-40, 1e-38]),
        case("weights of every magnitude", 4, [(0, 1), (0, 2), (1, 3), (2, 3), (3, 0), (3, 1)],
             [3e38, 1e-38, 1, 1, 1e20, 3e38], **exact),
        case("the same rank for all, by a complete graph", 12,
             [(u, v) for u in range(12) for v in range(u)], directed=False),
        case("random", 200, random),
        case("random, by rows", 200, random, rows=True),
        case("random and weighted", 200, random, weights, **exact),
        case("random and personalized", 200, random, weights, personalization=preference,
             rows=True),
        case("most nodes dangle", 150, sparse, **exact),
        case("most nodes dangle, one preferred", 150, sparse,
             personalization=[0.0] * 149 + [2.0]),
        case("no damping", 34, karate, directed=False, damping=0),
        case("little damping", 34, karate, directed=False, damping=0.1),
        case("damping near one", 34, karate, directed=False, damping=0.99,
             max_iterations=5000),
    ]


if __name__ == "__main__":
    write("graph_pagerank.json", "graph.py", SEED, cases(np.random.default_rng(SEED)),
          f"NetworkX {nx.__version__}, SciPy {scipy.__version__}, NumPy {np.__version__}")

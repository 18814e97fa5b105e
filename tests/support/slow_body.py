"""A small body that keeps a worker busy: PageRank around a ring, which hardly ever converges."""

import json

ROUTE = "/api/v1/kernels/graph/pagerank/execute"


def slow_body(iterations, nodes=64):
    """About 0.3 µs per iteration on one core; the kernel stops soon when it is asked to."""
    ring = [[i, (i + 1) % nodes] for i in range(nodes)]
    graph = {"num_nodes": nodes, "edges": ring, "directed": True}
    return json.dumps({"input": {"graph": graph, "damping": 0.9999999999, "tolerance": 1e-300,
                                 "personalization": [1] + [0] * (nodes - 1),
                                 "max_iterations": iterations}})

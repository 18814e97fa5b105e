#!/usr/bin/env python3
"""Writes ml_kmeans_cluster.json beside itself: points, first centroids, and what scikit-learn's
Lloyd iteration makes of them in f64. Ties are few and exact in binary, so that both sides see them
as such. The seed is fixed.
"""

import warnings

import numpy as np
import sklearn
from document import shortest, write
from sklearn.cluster import KMeans

SEED = 20240306


def rows_of(values):
    return [shortest(row) for row in np.asarray(values, np.float32)]


def case(name, points, centroids, max_iterations=100, tolerance=1e-4):
    points = np.asarray(points, np.float32)
    centroids = np.asarray(centroids, np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = KMeans(len(centroids), init=centroids.astype(np.float64), n_init=1,
                       max_iter=max_iterations, tol=tolerance,
                       algorithm="lloyd").fit(points.astype(np.float64))
    return {"name": name,
            "input": {"data": rows_of(points), "k": len(centroids), "init": "points",
                      "initial_centroids": rows_of(centroids),
                      "max_iterations": max_iterations, "tolerance": tolerance},
            "output": {"labels": found.labels_.tolist(),
                       "centroids": [[float(f"{v:.12g}") for v in row]
                                     for row in found.cluster_centers_],
                       "inertia": float(f"{found.inertia_:.12g}"),
                       "iterations": int(found.n_iter_)}}


def blobs(rng, count, features, clusters, spread):
    centres = rng.uniform(-10, 10, (clusters, features))
    return centres[rng.integers(0, clusters, count)] + spread * rng.standard_normal(
        (count, features))


def cases(rng):
    triangles = [[0, 0], [.1, .1], [.2, 0], [10, 10], [10.1, 10.1], [10.2, 10]]
    random = blobs(rng, 150, 3, 5, 1.0)
    flat = rng.random((200, 2))
    wide = blobs(rng, 60, 20, 4, 3.0)
    grid = [[x, y] for x in range(4) for y in range(4)]
    twins = np.repeat(blobs(rng, 20, 2, 3, 1.0), 3, axis=0)
    return [
        case("one point", [[3, -4]], [[0, 0]]),
        case("two triangles", triangles, [[0, 0], [10, 10]]),
        case("two triangles from the same side", triangles, [[0, 0], [.1, .1]]),
        case("negative zeros", [[0.0], [-0.0], [4], [-0.0], [0.0]], [[-0.0], [4]]),
        case("denormals", np.array([[1], [2], [3], [900], [901], [902]]) * 1e-42,
             [[1e-42], [9e-40]], tolerance=0),
        case("extremes", [[-3.4e38, 0], [3.4e38, 0], [3.3e38, 1], [1e-45, 2]],
             [[-3.4e38, 0], [3.4e38, 0]]),
        case("duplicates only", [[2.5, -1]] * 7 + [[7, 7]] * 5, [[2.5, -1], [7, 7]]),
        case("one cluster", random, [[0, 0, 0]]),
        case("as many clusters as points", triangles, triangles),
        case("blobs", random, random[:5]),
        case("blobs, to the end", random, random[:5], tolerance=0),
        case("blobs, one iteration", random, random[:5], max_iterations=1),
        case("blobs, three iterations", random, random[-5:], max_iterations=3, tolerance=0),
        case("blobs, at a high tolerance", random, random[:5], tolerance=0.05),
        case("blobs far from the origin", random + 4096, random[:5] + 4096),
        case("no structure", flat, flat[:9], max_iterations=300, tolerance=0),
        case("twenty features, more clusters than lanes", wide, wide[:19]),
        case("a grid, with points between centroids", grid, [[0, 1], [2, 1], [1, 3]],
             max_iterations=1),
        case("every point three times", twins, twins[[0, 3, 6, 9]]),
        case("a cluster that starts empty", triangles + [[30, 0]], [[0, 0], [10, 10], [-99, 0]]),
        case("a line", np.arange(33.0)[:, None], [[0], [1], [2]], tolerance=0),
    ]


if __name__ == "__main__":
    write("ml_kmeans_cluster.json", "ml.py", SEED, cases(np.random.default_rng(SEED)),
          f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}")

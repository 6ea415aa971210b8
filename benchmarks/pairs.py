"""Lengths of shortest ways between random places of Iceland, beside routx.

Run it with ``python -m benchmarks.pairs``. Both read the same extract; routx, written in Rust,
shares no code with osmium or with Vereda. Its own search takes a minute a pair on a whole country,
so that scipy searches the graph that it has read, as it does ours: what is compared is how the
extract is read. routx measures on a sphere, Vereda on the ellipsoid, which alone is some 0.3 % at
these latitudes. Roads for vehicles alone count, by length alone. What differs by more than a tenth
is listed.
"""

from __future__ import annotations

import argparse

import numpy as np
import routx
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from benchmarks.timing import Floor
from geodata.area.geodesy import geodesic
from geodata.arrays import Float64Array, Int64Array
from geodata.sources.area_file import default_roads
from geodata.sources.osm.roads import OsmRoads, read_osm_roads
from tests.support.worlds.packages import ICELAND, packaged

PAIRS, SEED = 200, 12
LOW, HIGH = Floor(least=0.98), Floor(least=1.02, at_most=True)
APART = 0.1
"""Share by which a way has to differ to be listed."""
METRES = 1000.0
"""Of a kilometre, in which routx counts."""
NEAR_M = 1.0
"""Metres between a node of Vereda and that of routx at most."""


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=PAIRS)
    options = parser.parse_args()
    pbf = packaged(*ICELAND)
    rules = default_roads()
    roads = read_osm_roads([pbf], None, rules=rules)
    graph = routx.Graph()
    classes = [name for name, known in rules.classes.items() if known.mode == "road"]
    penalties = [routx.OsmPenalty("highway", name, 1.0) for name in classes]
    access = ["access", "vehicle", "motor_vehicle", "motorcar"]
    profile = routx.OsmCustomProfile("motorcar", penalties, access, disable_restrictions=True)
    graph.add_from_osm_file(str(pbf), profile)
    known = np.array([(node.id, node.lon, node.lat) for node in graph.values()])
    ends, other = chosen(roads, known, 2 * options.pairs)
    own = lengths(roads, ends.reshape(-1, 2))
    theirs = shortest(as_array(graph, known[:, 0]), other.reshape(-1, 2))
    tell(roads, ends.reshape(-1, 2), own, theirs)


def tell(roads: OsmRoads, pairs: Int64Array, own: Float64Array, theirs: Float64Array) -> None:
    """Print the ratios, and each pair that is far from 1."""
    both = np.isfinite(own) & np.isfinite(theirs)
    ratio = own[both] / theirs[both]
    middle = float(np.median(ratio))
    tenth, ninetieth = np.percentile(ratio, [10, 90])
    print(
        f"{both.sum()} of {len(own)} pairs joined by both; only by one: "
        f"vereda {(np.isfinite(own) & ~both).sum()}, routx {(np.isfinite(theirs) & ~both).sum()}"
    )
    print(
        f"median ratio {middle:.4f} ({LOW.verdict(middle)}, {HIGH.verdict(middle)}), "
        f"10% {tenth:.4f}, 90% {ninetieth:.4f}"
    )
    place = roads.nodes[["x", "y"]].to_numpy()
    for row in np.flatnonzero(~both | (np.abs(own / theirs - 1) > APART)).tolist():
        (x1, y1), (x2, y2) = place[pairs[row]]
        print(
            f"{x1:.5f},{y1:.5f} to {x2:.5f},{y2:.5f}: vereda {own[row] / 1000:.1f} km, "
            f"routx {theirs[row] / 1000:.1f}"
        )


def driven(roads: OsmRoads) -> np.ndarray:
    """Links that vehicles take by land."""
    links = roads.links
    return ((links["mode"] == "road") & (links["class"] != "ferry")).to_numpy()


def lengths(roads: OsmRoads, pairs: Int64Array) -> Float64Array:
    """Metres of the shortest way between pairs of nodes."""
    links = roads.links[driven(roads)]
    u, v, metres = (links[name].to_numpy() for name in ("u", "v", "length_m"))
    uv, vu = (np.isfinite(links[name].to_numpy()) for name in ("seconds_uv", "seconds_vu"))
    tail, head = np.r_[u[uv], v[vu]], np.r_[v[uv], u[vu]]
    cost = np.r_[metres[uv], metres[vu]]
    # The shorter of two links between the same nodes.
    order = np.lexsort((cost, head, tail))
    _, first = np.unique(np.stack([tail, head])[:, order], axis=1, return_index=True)
    kept = order[first]
    size = len(roads.nodes)
    graph = csr_array((cost[kept], (tail[kept], head[kept])), shape=(size, size))
    return shortest(graph, pairs)


def as_array(graph: routx.Graph, ids: Float64Array) -> csr_array:
    """The graph that routx has read, its costs in metres; its nodes by their rows."""
    row = {number: at for at, number in enumerate(ids.astype(np.int64).tolist())}
    arcs = [(row[tail], row[edge.to], edge.cost) for tail in row for edge in graph.get_edges(tail)]
    tail, head, cost = np.array(arcs).T
    ends = (tail.astype(np.int32), head.astype(np.int32))
    return csr_array((cost * METRES, ends), shape=(len(row), len(row)))


def shortest(graph: csr_array, pairs: Int64Array) -> Float64Array:
    """Cost of the cheapest way between pairs of nodes."""
    starts, row = np.unique(pairs[:, 0], return_inverse=True)
    cost = np.full(len(pairs), np.inf)
    for at, start in enumerate(starts.tolist()):
        cost[row == at] = dijkstra(graph, indices=start)[pairs[row == at, 1]]
    return cost


def chosen(roads: OsmRoads, known: Float64Array, count: int) -> tuple[Int64Array, Int64Array]:
    """Random nodes of the largest piece that routx has too, by their rows in both."""
    rng = np.random.default_rng(SEED)
    links = roads.links[driven(roads)]
    size = len(roads.nodes)
    ends = np.r_[links["u"], links["v"]]
    joined = csr_array((np.ones(len(links)), (links["u"], links["v"])), shape=(size, size))
    piece = pieces_of(joined)
    largest = np.bincount(piece[ends]).argmax()
    nodes = np.unique(ends[piece[ends] == largest])
    near = cKDTree(known[:, 1:])
    drawn = rng.permutation(nodes)
    places = roads.nodes.loc[drawn, ["x", "y"]].to_numpy(float)
    row = near.query(places)[1]
    lon, lat = known[row, 1], known[row, 2]
    same = np.flatnonzero(geodesic(places[:, 0], places[:, 1], lon, lat) <= NEAR_M)[:count]
    return drawn[same].astype(np.int64), row[same].astype(np.int64)


def pieces_of(graph: csr_array) -> Int64Array:
    """Connected piece of each node."""
    return connected_components(graph, directed=False)[1].astype(np.int64)


if __name__ == "__main__":
    main()

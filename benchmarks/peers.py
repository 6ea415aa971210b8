"""What users would otherwise pick, asked the same questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import igraph
import networkx
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from benchmarks.roads import Roads
from geodata.arrays import BoolArray, Float64Array, Int32Array, Int64Array
from routes.scenario.costs.draws import Draw
from routes.scenario.costs.impedance import SCORES


def scipy_tree(roads: Roads) -> Callable[[], Float64Array]:
    """Distances only, which is the least that scipy can be asked for."""
    graph = _matrix(roads.cost, roads)
    return lambda: dijkstra(graph, indices=roads.source)


def igraph_tree(roads: Roads) -> Callable[[], Float64Array]:
    """Distances by igraph, over undirected roads."""
    arcs = roads.arcs
    once = arcs.along
    ends = np.c_[arcs.tail[once], arcs.head[once]]
    graph = igraph.Graph(n=arcs.n, edges=ends, directed=False)
    seconds = roads.cost[once].tolist()
    return lambda: np.array(graph.distances(roads.source, weights=seconds)[0])


def networkx_tree(roads: Roads) -> Callable[[], Float64Array]:
    """Distances by networkx, over undirected roads."""
    arcs = roads.arcs
    once = arcs.along
    graph = networkx.Graph()
    graph.add_nodes_from(range(arcs.n))
    columns = (column[once].tolist() for column in (arcs.tail, arcs.head, roads.cost))
    graph.add_weighted_edges_from(zip(*columns, strict=True))

    def distances() -> Float64Array:
        distances = networkx.single_source_dijkstra_path_length(graph, roads.source)
        result = np.full(arcs.n, np.inf)
        result[list(distances)] = list(distances.values())
        return result

    return distances


def scipy_corridor(
    roads: Roads, *, slack: float, bounded: bool
) -> Callable[[], tuple[Float64Array, Float64Array]]:
    """Both trees by `min_only`, the second bounded or not; slack, band and spurs by numpy.

    Weighted ends hang on one more node, as scipy knows no entry costs.
    """
    arcs, n = roads.arcs, roads.arcs.n
    ahead = _hung(arcs.tail, arcs.head, roads.cost, roads.origins, roads.entry, n)
    back = _hung(arcs.head, arcs.tail, roads.cost, roads.destinations, roads.ending, n)

    def corridor() -> tuple[Float64Array, Float64Array]:
        home, onward, _ = dijkstra(back, indices=[n], min_only=True, return_predecessors=True)
        best = (home[roads.origins] + roads.entry).min()
        limit = best * (1 + slack) if bounded else np.inf
        out = dijkstra(ahead, indices=[n], min_only=True, limit=limit)
        extra = out[arcs.tail] + roads.cost + home[arcs.head] - best
        within, turns = extra <= slack * best, onward[arcs.head] == arcs.tail
        back_again = np.flatnonzero(within & turns)
        ahead_of = out[arcs.tail[back_again]] + roads.cost[back_again] - best - slack * best
        inside = within & ~turns
        inside[back_again[_goes_on(roads, back_again, ahead_of, home)]] = True
        kept = np.flatnonzero(inside)
        return kept, extra[kept]

    return corridor


def _goes_on(
    roads: Roads, turning: Int64Array, ahead: Float64Array, home: Float64Array
) -> BoolArray:
    """Which arcs that turn back can also be followed by another within the slack."""
    arcs = roads.arcs
    node = arcs.head[turning]
    many = (arcs.start[node + 1] - arcs.start[node]).astype(np.int64)
    own = np.repeat(np.arange(len(turning)), many)
    after = arcs.start[node][own] + np.arange(len(own)) - np.repeat(np.cumsum(many) - many, many)
    onward = ahead[own] + roads.cost[after] + home[arcs.head[after]] <= 0
    onward &= arcs.head[after] != arcs.tail[turning][own]
    leads = np.zeros(len(turning), bool)
    leads[own[onward]] = True
    return leads


def scipy_draws(roads: Roads, draws: Sequence[Draw]) -> Callable[[int], Float64Array]:
    """One draw: the costs by numpy as `routes.scenario.costs.impedance` has them, then a tree."""
    imp, arcs = roads.impedance, roads.arcs
    graph = _matrix(roads.cost, roads)

    def draw(number: int) -> Float64Array:
        sample, rng = draws[number], np.random.default_rng(number)
        flow = sample.profile
        rate = np.array([flow.rates[mode] * sample.pace[kind] for mode, kind in imp.kinds])
        fee = np.array([flow.fees[name] if name else 0.0 for name, _ in imp.tolls])
        presence = np.ones(len(imp.kind))
        for score, column in zip(SCORES, imp.scores, strict=True):
            noisy = column + sample.noise[score].ravel()[imp.cell]
            presence += flow.weights[score] * (1 - np.clip(noisy, 0, 1))
        own = rng.lognormal(0, sample.spread, len(imp.kind))
        graph.data = imp.hours * (rate[imp.kind] * presence * own)[arcs.link]
        graph.data += fee[imp.toll][arcs.link]
        return dijkstra(graph, indices=roads.source)

    return draw


def _matrix(cost: Float64Array, roads: Roads) -> csr_array:
    return csr_array((cost, roads.arcs.head, roads.arcs.start), shape=(roads.arcs.n,) * 2)


def _hung(
    near: Int32Array,
    far: Int32Array,
    cost: Float64Array,
    ends: Int32Array,
    entry: Float64Array,
    n: int,
) -> csr_array:
    tail, head = np.r_[near, np.full(len(ends), n)], np.r_[far, ends]
    graph = csr_array((np.r_[cost, entry], (tail, head)), shape=(n + 1, n + 1))
    graph.indices, graph.indptr = graph.indices.astype(np.int32), graph.indptr.astype(np.int32)
    return graph

"""Alternatives: ways that differ from every better one and hold no needless detour.

Candidates are the plateaus of the two trees: stretches that the tree from the origins and the
tree to the destinations have in common. A path over a plateau is the best path from an origin
to its one end and from its other end to a destination. A candidate is kept when it has

- *bounded cost*: at most ``(1 + slack)`` times the best;
- *limited sharing*: at most `sharing` of its length runs within `NEAR_M`
  (`routes.alternatives.sharing`) of any one alternative that is cheaper. Nearness replaces arcs in
  common, because a mesh is full of near-copies a cell apart that share no arc;
- *local optimality*: every stretch that costs up to ``local * best`` is a cheapest path. The
  T-test looks at the one stretch that reaches ``local * best`` beyond both ends of the plateau: a
  path that passes the test is locally optimal; a path that fails it is not locally optimal at twice
  that length;
- *bounded stretch*: every stretch costs at most ``(1 + detour)`` times the cheapest path between
  its ends. This is exact, not sampled.

Each of these holds but for what two sums of the costs along the path may differ by, which grows
with its arcs (`routes.search.kernels.rounding`).

They are found greedily in order of cost: each is the cheapest that qualifies beside those
before it.

References
----------
Abraham, Delling, Goldberg and Werneck 2013, Alternative routes in road networks, ACM Journal
of Experimental Algorithmics 18 (admissibility, T-test). Cambridge Vehicle Information
Technology 2005, Choice routing (plateaus).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from geodata.arrays import Float64Array, Int32Array
from geodata.computing.tasks import Check, unhindered
from routes.alternatives.criteria import AlternativeCriteria
from routes.alternatives.sharing import mark_beside, sum_to_roots
from routes.search.arcs import Arcs, ArcWeights, lay_out_costs
from routes.search.kernels.rounding import apart_by
from routes.search.refusals import require_apart, require_path
from routes.search.trees import Tree, grow_tree, path_arcs, path_nodes


@dataclass(frozen=True, kw_only=True)
class Alternative:
    """One way from an origin to a destination.

    Parameters
    ----------
    path
        Arcs in the direction of travel.
    cost
        Generalised cost, the cost of ending at the destination included.
    slack
        Cost above the best, as a share of it.
    sharing
        Largest share of its length that runs beside one cheaper alternative.
    plateau
        Cost of the stretch that both trees have in common, as a share of the best cost.
    """

    path: Int32Array
    cost: float
    slack: float
    sharing: float
    plateau: float


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where the nodes and arcs of a network lie.

    Parameters
    ----------
    east, north
        Metres of each node; shape (n,).
    length
        Metres of each arc; shape (m,).
    """

    east: Float64Array
    north: Float64Array
    length: Float64Array


@dataclass(frozen=True, kw_only=True)
class _Plateaus:
    """Plateaus in order of the cost of the path over them; shape (p,) each."""

    first: Int32Array
    last: Int32Array
    total: Float64Array
    cost: Float64Array


def search_plateaus(
    arcs: Arcs,
    cost: npt.ArrayLike,
    origins: npt.ArrayLike,
    destinations: npt.ArrayLike,
    *,
    place: Place,
    criteria: AlternativeCriteria | None = None,
    entry: npt.ArrayLike | None = None,
    check: Check = unhindered,
) -> list[Alternative]:
    """Alternatives from the nearest origin to the nearest destination, cheapest first.

    Parameters
    ----------
    cost
        Cost of each arc, infinite where it is closed; shape (m,).
    place
        Where nodes and arcs lie, by which sharing is measured.
    entry
        Cost of ending at each destination; zero when not given.
    check
        Function called before each tree and each candidate; an exception that it raises ends the
        search.

    Returns
    -------
    The best path, then up to ``criteria.most - 1`` others; fewer when fewer qualify.

    Raises
    ------
    InputError
        When an origin is a destination.
    NoPathError
        When no destination can be reached.

    Examples
    --------
    Two ways from node 0 to node 5 on either side of a hexagon, the second a tenth slower. The
    stretch between nodes 3 and 4 is in both trees, and so a plateau:

    >>> import numpy as np
    >>> from routes.alternatives import Place, search_plateaus
    >>> from routes.search.arcs import Arcs
    >>> u, v = np.array([0, 1, 2, 0, 3, 4], np.int32), np.array([1, 2, 5, 3, 4, 5], np.int32)
    >>> arcs = Arcs.from_links(u, v, 6, uv=np.ones(6, bool), vu=np.ones(6, bool))
    >>> hours = np.array([1.0, 1.0, 1.0, 1.1, 1.1, 1.1])
    >>> east = np.array([0, 1, 3, 1, 3, 4]) * 25_000.0
    >>> north = np.array([0, 1, 1, -1, -1, 0]) * 43_000.0
    >>> place = Place(east=east, north=north, length=np.full(12, 50_000.0))
    >>> ways = search_plateaus(arcs, hours[arcs.link], [0], [5], place=place)
    >>> [round(way.cost, 2) for way in ways]
    [3.0, 3.3]
    >>> arcs.head[ways[1].path].tolist()
    [3, 4, 5]
    """
    search = _Search.between(
        arcs, cost, origins, destinations, entry=entry, place=place, check=check
    )
    return search.run(criteria or AlternativeCriteria())


@dataclass(frozen=True, kw_only=True)
class _Search:
    """What is measured along the tree to the destinations, and along that from the origins.

    Trees add up `weights` in single precision, paths `cost` in double precision.
    """

    arcs: Arcs
    weights: ArcWeights
    cost: Float64Array
    origins: Int32Array
    inbound: Tree
    best: float
    place: Place
    check: Check

    @classmethod
    def between(
        cls,
        arcs: Arcs,
        cost: npt.ArrayLike,
        origins: npt.ArrayLike,
        destinations: npt.ArrayLike,
        *,
        entry: npt.ArrayLike | None,
        place: Place,
        check: Check,
    ) -> _Search:
        """Grow the tree to the destinations; see `search_plateaus`."""
        weights = lay_out_costs(arcs, cost)
        starts, ends = np.asarray(origins, np.int32), np.asarray(destinations, np.int32)
        require_apart(starts, ends)
        check()
        inbound = grow_tree(arcs, weights, ends, entry=entry, reverse=True)
        best = require_path(float(inbound.cost[starts].min()), starts[:3].tolist())
        return cls(
            arcs=arcs, weights=weights, cost=np.asarray(cost, np.float64), origins=starts,
            inbound=inbound, best=best, place=place, check=check,
        )  # fmt: skip

    def run(self, criteria: AlternativeCriteria) -> list[Alternative]:
        """Go through the plateaus in order of cost."""
        self.check()
        origins = self.origins
        limit = self._with_margin(self.best * (1 + criteria.slack))
        out = grow_tree(self.arcs, self.weights, origins, limit=limit, to_go=self.inbound)
        plateaus = _plateaus(self.arcs, self.cost, out, self.inbound)
        start = int(origins[self.inbound.cost[origins].argmin()])
        path = path_arcs(self.arcs, self.inbound, start, reverse=True)
        alternatives = [Alternative(path=path, cost=self.best, slack=0.0, sharing=0.0, plateau=1.0)]
        shared = self._shared(path, plateaus.first, out)
        scale = self.best or 1.0  # Shares of a best cost of zero are shares of 1.
        for row in range(len(plateaus.first)):
            if len(alternatives) == criteria.most:
                break
            if shared[row] > criteria.sharing:
                continue
            self.check()
            first, last = int(plateaus.first[row]), int(plateaus.last[row])
            path = self._path_over(first, out)
            total = float(plateaus.total[row])
            if not self._admissible(path, total, first, last, criteria):
                continue
            alternatives.append(
                Alternative(path=path, cost=total, slack=max((total - self.best) / scale, 0.0),
                            sharing=float(shared[row]), plateau=plateaus.cost[row] / scale)
            )  # fmt: skip
            shared = np.maximum(shared, self._shared(path, plateaus.first, out))
        return alternatives

    def _path_over(self, node: int, out: Tree) -> Int32Array:
        before = path_arcs(self.arcs, out, node)
        return np.append(before, path_arcs(self.arcs, self.inbound, node, reverse=True))

    def _shared(self, path: Int32Array, nodes: Int32Array, out: Tree) -> Float64Array:
        """Share of the path over each node that runs beside another path."""
        near = mark_beside(path_nodes(self.arcs, path), self.place.east, self.place.north)
        ends = near[self.arcs.tail].astype(np.float64) + near[self.arcs.head]
        lengths = np.column_stack([self.place.length, self.place.length * ends / 2])
        total = np.zeros((len(nodes), 2))
        for tree, before in ((out, self.arcs.tail), (self.inbound, self.arcs.head)):
            by = tree.arc
            parent = np.where(by >= 0, before[by], -1).astype(np.int32)
            total += sum_to_roots(parent, np.where((by >= 0)[:, None], lengths[by], 0.0))[nodes]
        return np.asarray(total[:, 1] / np.maximum(total[:, 0], 1e-9))

    def _admissible(
        self, path: Int32Array, total: float, first: int, last: int, criteria: AlternativeCriteria
    ) -> bool:
        """Bounded cost, local optimality by the T-test, then bounded stretch."""
        if total > self.best * (1 + criteria.slack) * (1 + apart_by(len(path))):
            return False
        nodes = path_nodes(self.arcs, path)
        at = np.concatenate([[0.0], np.cumsum(self.cost[path])])
        # A path that visits a node twice crosses itself, and its detour is infinite.
        if len(np.unique(nodes)) < len(nodes):
            return False
        p, q = (int(np.flatnonzero(nodes == node)[0]) for node in (first, last))
        span = criteria.local * self.best
        if at[q] - at[p] < span:
            a = int(np.searchsorted(at, at[q] - span))
            b = int(np.searchsorted(at, at[p] + span, side="right")) - 1
            if a < p and b > q and self._excess(nodes, at, a, b, b)[0] > _rounding(at):
                return False
        return self._straight(nodes, at, p, q, total - self.best, criteria.detour)

    def _straight(
        self, nodes: Int32Array, at: Float64Array, p: int, q: int, dearer: float, detour: float
    ) -> bool:
        """Whether no stretch is a detour; stretches without the plateau are cheapest paths.

        The excess of a stretch, its cost less the cheapest, only grows when the stretch does.
        One tree from node a therefore proves all nodes free of detours up to the first node whose
        own, shorter stretch would be a detour if it had the excess of a; the loop goes on there.
        """
        share = detour / (1 + detour)
        excess_of_all = dearer + _rounding(at)
        a = int(np.searchsorted(-(at[q] - at[: p + 1]) * share, -excess_of_all, side="right"))
        b = int(np.searchsorted((at - at[p]) * share, excess_of_all))
        b = min(b, len(at) - 1)
        while a <= p:
            excess = self._excess(nodes, at, a, q, b) - _rounding(at)
            stretch = at[q : b + 1] - at[a : p + 1, None]
            clear = np.all(np.asarray(excess <= stretch * share), axis=1)
            if not clear[0]:
                return False
            a += len(clear) if clear.all() else int(clear.argmin())
        return True

    def _excess(
        self, nodes: Int32Array, at: Float64Array, a: int, b: int, end: int
    ) -> Float64Array:
        """Cost of the stretches from a to b, ..., end, less the cheapest between their ends."""
        self.check()
        limit = self._with_margin(at[end] - at[a] + float(self.inbound.cost[nodes[end]]))
        tree = grow_tree(self.arcs, self.weights, nodes[[a]], limit=limit, to_go=self.inbound)
        cheapest = tree.cost
        own = at[b : end + 1] - at[a]
        return np.asarray(own - np.minimum(cheapest[nodes[b : end + 1]], own), np.float64)

    def _with_margin(self, limit: float) -> float:
        """How far a tree grows so that it misses no path within a limit."""
        return limit * (1 + self.weights.margin(limit))


def _rounding(at: Float64Array) -> float:
    """By how much two sums of the costs along a path may differ."""
    return apart_by(len(at)) * float(at[-1])


def _plateaus(arcs: Arcs, cost: Float64Array, out: Tree, inbound: Tree) -> _Plateaus:
    """Maximal stretches of arcs that are in both trees."""
    reached = np.flatnonzero(out.arc >= 0)
    by = out.arc[reached]
    both = by[inbound.arc[arcs.tail[by]] == by]
    parent = np.full(arcs.n, -1, np.int32)
    parent[arcs.head[both]] = arcs.tail[both]
    step = np.zeros(arcs.n)
    step[arcs.head[both]] = cost[both]
    along = sum_to_roots(parent, step)
    last = np.setdiff1d(arcs.head[both], arcs.tail[both])
    first = last.copy()
    while len(rows := np.flatnonzero(parent[first] >= 0)):
        first[rows] = parent[first[rows]]
    total = out.cost[first].astype(np.float64) + inbound.cost[first]
    order = np.lexsort((first, total))
    return _Plateaus(
        first=first[order], last=last[order], total=total[order], cost=along[last][order]
    )

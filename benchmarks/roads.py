"""Road-like graphs: a jittered grid with gaps and main roads, the same for the same size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geodata.arrays import BoolArray, Float64Array, Int32Array
from routes.scenario.costs.impedance import Impedance
from routes.search.arcs import Arcs, ArcWeights, lay_out_costs
from routes.search.trees import grow_tree

MEAN_DEGREE = 2.5
"""Arcs per node."""
MAIN = 32
"""Every so many rows and columns there is a main road."""
SPACING_M, MAIN_SPEED, SPEED = 200.0, 25.0, 12.0
"""Metres between nodes; metres per second on main roads and on others."""
ENDS = 16
CELLS, CROSSINGS = 300, 0.001
"""Cells of the grid of scores along a side, and the share of roads that cross a border."""
REGION = 0.1
"""Origins lie in one corner of the map, this share of its width across, destinations in the
opposite one, so that the trees cross all of it.
"""


@dataclass(frozen=True, kw_only=True)
class Roads:
    """A graph and what is asked of it.

    Parameters
    ----------
    arcs
        Both ways of every road, nodes numbered row by row, which is good for every engine.
    cost
        Seconds on each arc.
    source
        The node in the middle.
    origins, entry, destinations, ending
        Ends of a corridor with the costs of starting and of ending there.
    impedance
        What draws of the costs are made from: the same hours, scores, and some crossings.
    """

    arcs: Arcs
    cost: Float64Array
    source: int
    origins: Int32Array
    entry: Float64Array
    destinations: Int32Array
    ending: Float64Array
    impedance: Impedance

    @property
    def weights(self) -> ArcWeights:
        """Costs ready for the engine."""
        weights = lay_out_costs(self.arcs, self.cost)
        _ = weights.forward, weights.backward
        return weights


def roads(size: int, *, seed: int = 1) -> Roads:
    """A graph of about so many nodes."""
    rng = np.random.default_rng(seed)
    side = round(size**0.5)
    n = side * side
    row, column = np.divmod(np.arange(n), side)
    x, y = (at + rng.uniform(-0.4, 0.4, n) for at in (column, row))
    right, up = np.flatnonzero(column < side - 1), np.flatnonzero(row < side - 1)
    u, v = np.r_[right, up], np.r_[right + 1, up + side]
    main = np.r_[row[right] % MAIN == 0, column[up] % MAIN == 0]
    kept = rng.random(len(u)) < MEAN_DEGREE * n / 2 / len(u)
    u, v, main = u[kept].astype(np.int32), v[kept].astype(np.int32), main[kept]
    metres = np.hypot(x[u] - x[v], y[u] - y[v]) * SPACING_M
    seconds = metres / np.where(main, MAIN_SPEED, SPEED) * rng.lognormal(0, 0.3, len(u))
    both = np.ones(len(u), bool)
    arcs = Arcs.from_links(u, v, n, uv=both, vu=both)
    cost = seconds[arcs.link]
    source = int(np.argmin((x - side / 2) ** 2 + (y - side / 2) ** 2))
    cell = row * CELLS // side * CELLS + column * CELLS // side
    joined = np.isfinite(grow_tree(arcs, cost, [source]).cost)
    low = np.flatnonzero(joined & (np.maximum(x, y) < REGION * side))
    high = np.flatnonzero(joined & (np.minimum(x, y) > (1 - REGION) * side))
    return Roads(
        arcs=arcs, cost=cost, source=source,
        origins=rng.choice(low, ENDS, replace=False).astype(np.int32),
        entry=rng.uniform(0, 600, ENDS),
        destinations=rng.choice(high, ENDS, replace=False).astype(np.int32),
        ending=rng.uniform(0, 600, ENDS),
        impedance=_impedance(arcs, cost, main, cell[u]),
    )  # fmt: skip


def _impedance(arcs: Arcs, cost: Float64Array, main: BoolArray, cell: Int32Array) -> Impedance:
    """Scores and crossings by chance; main roads are a class of their own."""
    rng = np.random.default_rng(2)
    return Impedance(
        arcs=arcs,
        hours=(cost / 3600).astype(np.float32),
        kinds=(("road", "local"), ("road", "primary")),
        kind=main.astype(np.int32),
        tolls=(("", ""), ("formal", "")),
        toll=(rng.random(len(main)) < CROSSINGS).astype(np.int32),
        scores=rng.random((2, len(main)), np.float32),
        cell=cell.astype(np.int32),
        cells=CELLS**2,
    )

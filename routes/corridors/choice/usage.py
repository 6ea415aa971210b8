"""Usage: the share of modelled flow on every arc.

A nested choice (McFadden 1978). The upper nest chooses a family of paths, with path-size
factors so that near-copies share instead of adding up (`routes.corridors.choice`). The lower
nest spreads a family's flow over the efficient arcs near its best path. One choice over all arcs
would not do: a mesh has so many paths a hair apart that their number, not their cost, would decide.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from geodata.arrays import Float64Array, Int32Array
from geodata.computing.compiled import kernel
from routes.corridors.choice.logit import load, log_weights
from routes.corridors.families.families import Family, Stage
from routes.search.band import Band
from routes.search.trees import grow_tree

SPREAD = 0.03
"""A family's flow keeps to arcs within this share of its least cost. Assumption."""


def spread_family(band: Band, family: Family, *, theta: float) -> Float64Array:
    """Flow of one unit through a family, per arc of the band.

    Worked stage by stage between gateways: first back from the destination for the weights,
    then forward from the origin for the flow, which is conserved at every node.

    Parameters
    ----------
    theta
        Dispersion, per risk-adjusted hour.
    """
    limit = family.cost * (1 + SPREAD)
    stages = family.stages
    plans = _plan(band, family, stages, limit, theta=theta)
    flow = np.zeros(len(band.cost))
    demand = _at_origin(band, stages[0], plans[0])
    for stage, plan in zip(stages, plans, strict=True):
        loading = load(band.arcs, plan.cost, plan.to_go, plan.ends, plan.weights, demand,
                       theta=theta)  # fmt: skip
        flow += loading.arc
        if stage is stages[-1]:
            break
        passed = plan.passed(band, loading.leaving)
        flow[plan.exits] += passed
        demand = _at(band, band.arcs.head[plan.exits], passed)
    return flow


class Plan:
    """Weights of one stage, and the gateway arcs by which it is left.

    Parameters
    ----------
    exits
        Gateway arcs to the next stage; none for the last stage.
    cost
        Cost of arcs usable in the stage, infinite for others.
    to_go
        Least cost from each node to the end of the whole path.
    theta
        Dispersion, per risk-adjusted hour.
    """

    def __init__(
        self,
        band: Band,
        exits: Int32Array,
        cost: Float64Array,
        to_go: Float64Array,
        after: Plan | None,
        *,
        theta: float,
    ) -> None:
        self.exits, self.cost, self.to_go, self.theta = exits, cost, to_go, theta
        self.ends = np.full(band.arcs.n, -np.inf)
        self.exit_weights = np.zeros(len(exits))
        if after is None:
            last = band.destination_nodes
            np.maximum.at(self.ends, last, -theta * band.ending_costs.astype(float))
        else:
            onward = after.weights[band.arcs.head[exits]]
            # At the very limit there may be no way on, when sums are added up in another order.
            leads = onward > -np.inf
            self.exits = exits = exits[leads]
            self.exit_weights = onward[leads] - theta * band.cost[exits]
            np.logaddexp.at(self.ends, band.arcs.tail[exits], self.exit_weights)
        self.weights: Float64Array = log_weights(band.arcs, cost, to_go, self.ends, theta=theta)

    def passed(self, band: Band, leaving: Float64Array) -> Float64Array:
        """Flow through each exit, of that which leaves the stage at each node: all of it."""
        tail = band.arcs.tail[self.exits]
        share = np.exp(self.exit_weights - self.ends[tail])
        return np.asarray(leaving[tail] * share / np.bincount(tail, share, band.arcs.n)[tail])


def _plan(
    band: Band, family: Family, stages: list[Stage], limit: float, *, theta: float
) -> list[Plan]:
    """Plans of all stages, from the last to the first, returned first to last."""
    plans: list[Plan] = []
    for number in range(len(stages) - 1, -1, -1):
        after = plans[-1] if plans else None
        reached = stages[number].reached
        if after is None:
            exits = np.zeros(0, np.int32)
            ends = band.destination_nodes
            entry = band.ending_costs.astype(float)
        else:
            exits = stages[number + 1].via
            onward = band.cost[exits] + after.to_go[band.arcs.head[exits]]
            exits = exits[reached[band.arcs.tail[exits]] + onward <= limit]
            ends = band.arcs.tail[exits]
            entry = band.cost[exits] + after.to_go[band.arcs.head[exits]]
        back = grow_tree(band.arcs, family.within, ends, entry=entry, reverse=True, limit=limit,
                    to_go=reached)  # fmt: skip
        to_go = back.cost.astype(float)
        usable = _usable(band.arcs.start, band.arcs.head, family.within.cost, reached, to_go, limit)
        plans.append(Plan(band, exits, usable, to_go, after, theta=theta))
    return plans[::-1]


@kernel(nogil=True, error_model="numpy")
def _usable(start: Any, head: Any, cost: Any, reached: Any, to_go: Any, limit: float) -> Any:
    """Cost of arcs on paths within a limit, infinite for others."""
    usable = np.full(len(head), np.inf)
    for i in range(len(start) - 1):
        if np.isfinite(to_go[i]):
            for a in range(start[i], start[i + 1]):
                if np.float64(reached[i]) + cost[a] + to_go[head[a]] <= limit:
                    usable[a] = cost[a]
    return usable


def _at_origin(band: Band, first: Stage, plan: Plan) -> Float64Array:
    """One unit of flow over the origin's nodes, in proportion to their weight."""
    logs = plan.weights[first.nodes] - plan.theta * first.labels
    shares = np.exp(logs - logs.max())
    return _at(band, first.nodes, shares / shares.sum())


def _at(band: Band, nodes: Int32Array, amounts: Float64Array) -> Float64Array:
    """Amounts summed by node of the band."""
    return np.asarray(np.bincount(nodes, amounts, band.arcs.n), np.float64)

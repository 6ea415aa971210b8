"""Generalised cost of an arc, in risk-adjusted hours, for a flow profile or a draw of one.

``cost = hours * rate * (1 + w_r (1 - remoteness) + w_g (1 - weakness)) + fees``

A link that is remote and weakly governed costs its time, one under full state presence up
to ``1 + w_r + w_g`` times that. One compiled pass computes all costs, so that an ensemble can
recompute them for every draw in a few milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from geodata.arrays import Float32Array, Float64Array, Int32Array
from geodata.computing.compiled import kernel
from geodata.network.network import Network
from routes.scenario.costs.draws import Draw, own_factor
from routes.scenario.profiles import Profile
from routes.search.arcs import Arcs
from routes.search.network_arcs import arc_hours

SCORES = ("remoteness", "weakness")


class LinkRows(NamedTuple):
    """Attributes of links that determine their cost; see `Impedance` for each."""

    kind: Int32Array
    toll: Int32Array
    scores: Float32Array
    cell: Int32Array


class Prices(NamedTuple):
    """Rates, fees and weights of a profile, or of a draw of one.

    Parameters
    ----------
    rate, fee
        Hours an hour of travel, by kind of link, and fee in hours, by toll.
    weights
        Weights of the two scores.
    noise
        Noise added to each score, by cell.
    factors, salt
        Values from which the link's own factor is picked, and the salt of the hash that picks it;
        see `own_factor`.
    """

    rate: Float64Array
    fee: Float64Array
    weights: Float64Array
    noise: Float32Array
    factors: Float32Array
    salt: np.uint64


@dataclass(frozen=True, kw_only=True)
class Impedance:
    """Inputs of the costs of arcs, collected once for all profiles and draws.

    Parameters
    ----------
    arcs
        The arcs.
    hours
        Travel time of each arc; shape (m,).
    kinds, kind
        Pairs of mode and class, and the row of each link among them.
    tolls, toll
        Pairs of crossing and class of transfer at which hours are charged, each empty where a link
        has none, and the row of each link among them.
    scores
        Remoteness and weakness of each link; shape (2, links).
    cell, cells
        Cell of the area's grid in which each link begins, and the number of cells.
    """

    arcs: Arcs
    hours: Float32Array
    kinds: tuple[tuple[str, str], ...]
    kind: Int32Array
    tolls: tuple[tuple[str, str], ...]
    toll: Int32Array
    scores: Float32Array
    cell: Int32Array
    cells: int

    @classmethod
    def of(cls, network: Network, arcs: Arcs) -> Impedance:
        """Collect the inputs of a network."""
        links, (rows, columns) = network.links, network.area.shape
        kinds, kind = _pairs(links["mode"], links["class"])
        transfer = (links["mode"] == "transfer").to_numpy()
        tolls, toll = _pairs(links["crossing"], links["class"], where=transfer)
        row, column = network.area.cell_of(network.nodes["x"], network.nodes["y"])
        cell = np.ravel_multi_index((row, column), (rows, columns))
        return cls(
            arcs=arcs,
            hours=arc_hours(network, arcs).astype(np.float32),
            kinds=kinds,
            kind=kind,
            tolls=tolls,
            toll=toll,
            scores=np.stack([links[name].to_numpy(np.float32) for name in SCORES]),
            cell=cell[links["u"].to_numpy()].astype(np.int32),
            cells=rows * columns,
        )

    def cost(self, profile: Profile | Draw) -> Float32Array:
        """Cost of each arc; infinite where the profile does not allow the mode. Shape (m,)."""
        draw = profile if isinstance(profile, Draw) else Draw(profile=profile)
        flow, none = draw.profile, np.zeros(self.cells)
        rate = [
            flow.rates.get(mode, np.inf) * draw.pace.get(name, 1.0) for mode, name in self.kinds
        ]
        fee = [
            (flow.fees[crossing] if crossing else 0.0) + flow.fees.get(transfer, 0.0)
            for crossing, transfer in self.tolls
        ]
        noise = np.stack([draw.noise.get(name, none).ravel() for name in SCORES], dtype=np.float32,
                         casting="same_kind")  # fmt: skip
        weights = np.array([flow.weights[name] for name in SCORES])
        links = LinkRows(self.kind, self.toll, self.scores, self.cell)
        prices = Prices(np.array(rate), np.array(fee), weights, noise, draw.factors,
                        np.uint64(draw.salt))  # fmt: skip
        costs: Float32Array = _costs(self.hours, self.arcs.link, links, prices)
        return costs


def _pairs(
    first: Any, second: Any, *, where: Any = True
) -> tuple[tuple[tuple[str, str], ...], Int32Array]:
    """Pairs of two categories that occur, the second blank unless `where`, and each link's row."""
    names, others = list(first.cat.categories), ["", *second.cat.categories]
    # Few categories have codes of eight bits, which their product overflows.
    row, column = (each.cat.codes.to_numpy(np.int32) for each in (first, second))
    code = row * len(others) + np.where(where, column + 1, 0)
    codes, row = np.unique(code, return_inverse=True)
    pairs = tuple((names[k // len(others)], others[k % len(others)]) for k in codes.tolist())
    return pairs, row.astype(np.int32)


@kernel(nogil=True, error_model="numpy")
def _costs(hours: Any, link: Any, links: Any, prices: Any) -> Any:
    """Cost of each arc, from its travel time in `hours` and its `link`."""
    kind, toll, scores, cell = links
    rate, fee, weights, noise, factors, salt = prices
    factor = np.empty(len(kind), np.float32)
    for k in range(len(kind)):
        presence, at = 1.0, cell[k]
        for s in range(2):
            presence += weights[s] * (1.0 - min(max(scores[s, k] + noise[s, at], 0.0), 1.0))
        factor[k] = rate[kind[k]] * presence * own_factor(factors, k, salt)
    cost = np.empty(len(link), np.float32)
    for a in range(len(link)):
        k = link[a]
        cost[a] = hours[a] * factor[k] + fee[toll[k]]
    return cost

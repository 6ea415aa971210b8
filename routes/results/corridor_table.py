"""The table of corridors: one row a sequence of gateways, with its line and its ends.

All corridors are described in one pass over their paths laid end to end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely

from geodata.arrays import Column, ColumnTable, Float64Array, Int32Array, Int64Array, ObjectArray
from geodata.network.network import Network
from routes.corridors.corridor import Corridor, CorridorKey, corridor_shares
from routes.corridors.loading import SPREAD_SHARE
from routes.search.arcs import Arcs
from routes.search.network_arcs import arc_hours

CORRIDOR_COLUMNS = (
    "id", "rank", "name", "usage", "cost", "hours", "km", "km_road", "km_trail", "km_river",
    "km_sea", "modes", "gateways", "origin", "destination", "countries", "slack",
)  # fmt: skip
MODES_NAMED = ("sea", "river", "road", "trail")
"""Modes in the order in which they are listed for a corridor."""
LEAST_KM = 1.0
"""A mode is listed for a corridor when the corridor follows it at least this far."""


def corridor_table(
    network: Network, arcs: Arcs, corridors: list[Corridor], *, least: float
) -> ColumnTable:
    """One row a gateway sequence, or a pair of ends without a gateway between, most used first.

    The path, cost and ends are those of the origin that uses the sequence most.

    Parameters
    ----------
    least
        Corridors that carry a smaller share of flow are left out, except the most used one.
    """
    shares = corridor_shares(corridors)
    least = min(least, max(shares.values(), default=0.0))
    leading: dict[CorridorKey, Corridor] = {}
    for corridor in sorted(corridors, key=lambda c: (-c.usage, c.cost, c.key)):
        leading.setdefault(corridor.key, corridor)
    kept = [corridor for key, corridor in leading.items() if shares[key] >= least]
    kept.sort(key=lambda c: (-shares[c.key], c.cost, c.key))
    chain = Chain.of(arcs, [corridor.path for corridor in kept])
    ids, names = network.gateway_columns["id"], network.gateway_columns["name"]
    passed = [[ids[row] for row in corridor.gateways] for corridor in kept]
    ends = [(corridor.origin, corridor.destination) for corridor in kept]
    columns: dict[str, Column] = {
        "id": [corridor_id(*pair, listed) for pair, listed in zip(ends, passed, strict=True)],
        "rank": np.arange(1, len(kept) + 1),
        "name": [corridor.key.name(names) for corridor in kept],
        "usage": np.array([shares[corridor.key] for corridor in kept], np.float64),
        "cost": np.array([corridor.cost for corridor in kept], np.float64),
        "hours": chain.sums(arc_hours(network, arcs, chain.arcs)),
        **_lengths(network, chain),
        "gateways": ["; ".join(listed) for listed in passed],
        "origin": [origin for origin, _ in ends],
        "destination": [destination for _, destination in ends],
        "countries": _countries(network, arcs, chain),
        "slack": np.array([corridor.slack for corridor in kept], np.float64),
    }
    return ColumnTable(
        columns={name: columns[name] for name in CORRIDOR_COLUMNS},
        shapes=_lines(network, arcs, chain),
    )


def pair_shares(network: Network, corridors: list[Corridor]) -> list[dict[str, object]]:
    """Usage of corridors by origin and destination, most used first; JSON.

    Of each place of an origin, those below `SPREAD_SHARE` of all flow are left out: the shares of a
    pair may add up to much less than its own. `network.gateways` gives the ids.
    """
    ids = network.gateway_columns["id"]
    shown = [corridor for corridor in corridors if corridor.usage >= SPREAD_SHARE]
    shown.sort(key=lambda c: (c.origin, c.destination, -c.usage, c.gateways))
    return [
        {
            "origin": corridor.origin,
            "destination": corridor.destination,
            "gateways": corridor.key.ids(ids),
            "usage": round(corridor.usage, 6),
            "cost": round(corridor.cost, 4),
        }
        for corridor in shown
    ]


def corridor_id(origin: str, destination: str, gateways: list[str]) -> str:
    """Stable id of a corridor: the same ends and gateways always give the same id."""
    text = "|".join([origin, destination, *gateways])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def path_line(network: Network, arcs: Arcs, path: Int32Array) -> shapely.LineString:
    """The way along some arcs as one line."""
    (line,) = _lines(network, arcs, Chain.of(arcs, [path]))
    assert isinstance(line, shapely.LineString)
    return line


@dataclass(frozen=True, kw_only=True)
class Chain:
    """Paths laid end to end.

    Parameters
    ----------
    arcs, links
        Arcs of all paths, and the link of each.
    begins
        Position where each path begins; no path is empty.
    path
        Number of the path of each arc.
    """

    arcs: Int32Array
    links: Int32Array
    begins: Int64Array
    path: Int64Array

    @classmethod
    def of(cls, arcs: Arcs, paths: Sequence[Int32Array]) -> Chain:
        """Lay some paths over the arcs of a network end to end."""
        counts = np.array([len(path) for path in paths], np.int64)
        chosen = np.concatenate([np.empty(0, np.int32), *paths])
        return cls(
            arcs=chosen,
            links=arcs.link[chosen],
            begins=np.cumsum(counts) - counts,
            path=np.repeat(np.arange(len(paths)), counts),
        )

    def sums(self, values: Float64Array) -> Float64Array:
        """Sum of the values of each path, equal to numpy's sum of that path alone."""
        edges = pairwise([*self.begins.tolist(), len(self.arcs)])
        return np.array([values[begin:end].sum() for begin, end in edges], np.float64)


def _lengths(network: Network, chain: Chain) -> dict[str, Column]:
    """Kilometres in all and by mode, and the modes that are listed."""
    columns = network.link_columns
    metres = columns.values["length_m"][chain.links].astype(np.float64)
    names, count = columns.categories["mode"], len(chain.begins)
    bins = chain.path * len(names) + columns.values["mode"][chain.links]
    by_mode = np.bincount(bins, metres, count * len(names)).reshape(count, len(names)) / 1000
    km = {
        mode: by_mode[:, names.index(mode)] if mode in names else np.zeros(count)
        for mode in MODES_NAMED
    }
    used = np.stack([km[mode] >= LEAST_KM for mode in MODES_NAMED], axis=1).tolist()
    return {
        "km": chain.sums(metres) / 1000,
        **{f"km_{mode}": each for mode, each in km.items()},
        "modes": [
            "+".join(mode for mode, named in zip(MODES_NAMED, row, strict=True) if named)
            for row in used
        ],
    }


def _countries(network: Network, arcs: Arcs, chain: Chain) -> list[str]:
    """Countries of each path in order of passing, each once."""
    columns = network.node_columns
    first = arcs.tail[chain.arcs[chain.begins]]
    codes = columns.values["country"][np.insert(arcs.head[chain.arcs], chain.begins, first)]
    path_of = np.insert(chain.path, chain.begins, np.arange(len(chain.begins)))
    turns = np.ones(len(codes), np.bool_)
    turns[1:] = (codes[1:] != codes[:-1]) | (path_of[1:] != path_of[:-1])
    names = [*columns.categories["country"], ""]
    passed: list[dict[str, None]] = [{} for _ in chain.begins]
    for path, code in zip(path_of[turns].tolist(), codes[turns].tolist(), strict=True):
        passed[path][names[code]] = None
    return [" ".join(name for name in each if name) for each in passed]


def _lines(network: Network, arcs: Arcs, chain: Chain) -> ObjectArray:
    """The way of each path as one line."""
    return network.polylines.joined(chain.links, arcs.along[chain.arcs], chain.begins)

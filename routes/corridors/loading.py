"""Loading: families of near-optimal paths become corridors, whose flow is put on the network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import compress
from typing import Any, NamedTuple

import numpy as np

from geodata.arrays import Float64Array, Int32Array, Int64Array
from geodata.computing.tasks import Check, computed_once, unhindered
from geodata.errors import NoPathError
from routes.corridors.band_lookup import BandLookup
from routes.corridors.choice.family_choice import FamilyChoice
from routes.corridors.choice.usage import spread_family
from routes.corridors.corridor import Corridor, CorridorKey
from routes.corridors.families.families import Families, Family, SearchLimits, find_families
from routes.phrases import listed
from routes.search.arcs import Arcs
from routes.search.band import Band

MOST_STAGES = 1500
"""Stages grown per origin before the list of families is cut."""
EXACT = 1e-9
"""Bound of the relative error of sums in double precision."""
SPREAD_SHARE = 0.004
"""Families below this share are not spread over the map. In a logit the others are scaled up to
one; where the choice is free of scale those are too many, and each keeps to its best path."""
BAND_SHARE = 0.01
"""A link belongs to a corridor's band when it carries this share of the corridor's flow."""


@dataclass(frozen=True, kw_only=True)
class LoadedDemand:
    """The corridors of one demand, and the flow that they put on arcs of the network.

    Parameters
    ----------
    demand, best
        The demand, and its least cost.
    cut
        Whether the search for families of the demand was cut off: other families, as dear as the
        dearest here or dearer, may exist, and when no family is proven cheapest there is no
        corridor.
    links, slack
        Links of the band, and the relative slack of each.
    arcs, usage
        By row in `corridors`, arcs that carry flow of it, and how much; of those that are spread.
    beside
        What the others bring, each along its best path; nothing where those spread carry it all.
    """

    demand: Demand
    best: float
    cut: bool
    corridors: list[Corridor]
    links: Int32Array
    slack: Float64Array
    arcs: dict[int, Int32Array]
    usage: dict[int, Float64Array]
    beside: ArcUsage | None = None


class ArcUsage(NamedTuple):
    """Arcs of the network that carry flow, and how much."""

    arcs: Int32Array
    usage: Float64Array

    @classmethod
    def along(cls, corridors: Sequence[Corridor]) -> ArcUsage:
        """What corridors bring when all of their flow keeps to their best paths."""
        if not corridors:
            return cls(np.zeros(0, np.int32), np.zeros(0))
        arcs, where = np.unique(np.concatenate([each.path for each in corridors]),
                                return_inverse=True)  # fmt: skip
        usage = np.repeat(
            [each.usage for each in corridors], [len(each.path) for each in corridors]
        )
        return cls(arcs, np.asarray(np.bincount(where, usage), np.float64))


class LinkUsage(NamedTuple):
    """Links that carry flow of one corridor, and the flow on each."""

    links: Int32Array
    usage: Float64Array

    @property
    def band(self) -> Int32Array:
        """Links with at least `BAND_SHARE` of the flow on the fullest link."""
        return np.asarray(self.links[self.usage >= BAND_SHARE * self.usage.max()])


@dataclass(kw_only=True)
class Flow:
    """Modelled flow over the whole network.

    Parameters
    ----------
    arcs
        Arcs of the network.
    links
        Number of links.
    corridors
        The corridors of all origins.
    best
        Least cost of each demand.
    demands, begins
        What each demand asks, and the row in `corridors` at which its own begin.
    cut
        Corridors of the demands whose search was cut off.
    spread
        Links of each corridor that is spread over the map, by row in `corridors`.
    """

    arcs: Arcs
    links: int
    corridors: list[Corridor] = field(default_factory=list)
    best: list[float] = field(default_factory=list)
    demands: list[Demand] = field(default_factory=list)
    begins: list[int] = field(default_factory=list)
    cut: list[LoadedDemand] = field(default_factory=list)
    spread: dict[int, LinkUsage] = field(default_factory=dict)

    @computed_once
    def arc(self) -> Float64Array:
        """Share of flow on each arc."""
        return np.zeros(len(self.arcs.head))

    @computed_once
    def slack(self) -> Float64Array:
        """Least relative slack of each link over the origins, NaN outside the bands."""
        return np.full(self.links, np.nan)

    @computed_once
    def corridor(self) -> Int64Array:
        """Row in `corridors` of the spread corridor with most flow on each link, -1 without one.

        Corridors too small to be spread do not count, see `SPREAD_SHARE`.
        """
        leading, most = np.full(self.links, -1), np.zeros(self.links)
        for rows in self.alike().values():
            parts = [self.spread[row] for row in rows]
            flow = np.concatenate([part.usage for part in parts])
            links, where = np.unique(
                np.concatenate([part.links for part in parts]), return_inverse=True
            )
            brought = np.bincount(where, flow)
            more = brought > most[links]
            leading[links[more]], most[links[more]] = rows[0], brought[more]
        return leading

    @computed_once
    def link(self) -> Float64Array:
        """Share of flow on each link, both ways together."""
        return np.asarray(np.bincount(self.arcs.link, self.arc, self.links), np.float64)

    def alike(self) -> dict[CorridorKey, list[int]]:
        """Rows in `corridors` by key, of the corridors that are spread over the map."""
        rows: dict[CorridorKey, list[int]] = {}
        for row in self.spread:
            rows.setdefault(self.corridors[row].key, []).append(row)
        return rows

    def add(self, load: LoadedDemand) -> None:
        """Add the flow and corridors of a demand."""
        for name in ("link", "corridor"):
            self.__dict__.pop(name, None)
        if len(load.links):
            np.fmin.at(self.slack, load.links, load.slack)
        first = len(self.corridors)
        self.corridors += load.corridors
        self.best.append(load.best)
        self.demands.append(load.demand)
        self.begins.append(first)
        if load.cut:
            self.cut.append(load)
        if load.beside is not None:
            np.add.at(self.arc, load.beside.arcs, load.beside.usage)
        for row, arcs in load.arcs.items():
            np.add.at(self.arc, arcs, load.usage[row])
            links, where = np.unique(self.arcs.link[arcs], return_inverse=True)
            usage = np.asarray(np.bincount(where, load.usage[row]), np.float64)
            self.spread[first + row] = LinkUsage(links, usage)


@dataclass(frozen=True, kw_only=True)
class Demand:
    """Flow from one origin.

    Parameters
    ----------
    origin
        Name of the origin.
    destinations
        Name of the destination by node of the network.
    share
        Share of all flow.
    part
        Share of what the whole origin sends to these destinations, for one of several places that
        are an origin together.
    choice
        How it chooses among corridors.
    """

    origin: str
    destinations: Mapping[int, str]
    share: float
    choice: FamilyChoice
    part: float = 1.0

    def hours_sought(self, best: float = np.inf) -> float:
        """Hours above the best path beyond which families are negligible; infinite when unknown."""
        return self.choice.hours_sought(best, part=self.part)


def load_demand(
    lookup: BandLookup,
    band: Band,
    demand: Demand,
    *,
    detail: float,
    check: Check = unhindered,
) -> LoadedDemand:
    """The corridors that a demand takes through its band.

    Parameters
    ----------
    detail
        Families below this share of what the whole origin sends to the destinations of the demand
        are not spread over the links, see `SPREAD_SHARE`. Above 1, none is.
    check
        Function called between steps; an exception that it raises ends the work.
    """
    families = _families(lookup, band, demand, check)
    if not families:
        none = np.empty(0)
        return LoadedDemand(
            demand=demand, best=band.best, cut=True, corridors=[], links=band.link[:0],
            slack=none, arcs={}, usage={},
        )  # fmt: skip
    costs = np.array([family.cost for family in families])
    overlap = lookup.overlap(band, [family.path for family in families])
    choice = demand.choice.agreed(costs, overlap)
    shares = choice.shares(costs, overlap)
    least = detail / demand.part
    shown = shares >= (min(least, shares.max()) if detail <= 1 else np.inf)
    corridors = _corridors(band, demand, families, shares)
    left = choice.scale_free and shown.any()
    load = LoadedDemand(
        demand=demand,
        best=band.best,
        cut=families.cut,
        corridors=corridors,
        links=band.link if shown.any() else band.link[:0],
        slack=(band.slack if shown.any() else band.slack[:0]) / (band.best or 1.0),
        arcs={},
        usage={},
        beside=ArcUsage.along(list(compress(corridors, ~shown))) if left else None,
    )
    scale = 1 / shares[shown].sum() if shown.any() and not left else 1.0
    for row in np.flatnonzero(shown).tolist():
        check()
        units = spread_family(band, families[row], theta=choice.within(families[row].cost))
        used = np.flatnonzero(units)
        load.arcs[row] = band.network_arcs(used)
        load.usage[row] = units[used] * shares[row] * scale * demand.share
    return load


def _families(lookup: BandLookup, band: Band, demand: Demand, check: Check) -> Families:
    """Search for the families that carry more than a negligible share of flow."""
    gates = lookup.gates(band)
    dearest = band.best + max(demand.hours_sought(band.best), band.margin * band.best)
    limits = SearchLimits(most=MOST_STAGES, dearest=dearest, check=check)
    families = find_families(band, gates, limits)
    # Paths may double back only when every path within the slack does, as over a cay.
    if not families and not families.cut:
        families = find_families(band, gates, replace(limits, returning=True))
    if not families and not families.cut:
        remedy = "Every path within the slack passes a gateway more than twice; give more slack."
        raise NoPathError("from", demand.origin, remedy)
    return _within_slack(band, families)


def _within_slack(band: Band, families: Families) -> Families:
    """Families whose best path, added up in double precision, is within the slack.

    The search goes beyond the slack by the error of sums in single precision.
    """
    if not families:
        return families
    after = np.cumsum([len(family.path) for family in families])
    along = np.concatenate([family.path for family in families])
    ending = np.full(band.arcs.n, np.inf)
    np.minimum.at(ending, band.destination_nodes, band.ending_costs)
    costs = np.add.reduceat(band.cost[along], np.append(0, after[:-1]))
    costs += ending[band.arcs.head[along[after - 1]]]
    limit = costs.min() * band.stretch * (1 + EXACT)
    sure = [family for family, cost in zip(families, costs, strict=True) if cost <= limit]
    return Families(sure=tuple(sure), cut=families.cut)


def _corridors(
    band: Band,
    demand: Demand,
    families: Sequence[Family],
    shares: Float64Array,
) -> list[Corridor]:
    """Families as corridors over the arcs of the network."""
    after = np.cumsum([len(family.path) for family in families])
    along = np.concatenate([family.path for family in families])
    paths = np.split(band.network_arcs(along), after[:-1])
    ends = band.network_nodes[band.arcs.head[along[after - 1]]]
    # The best cost of the band is the same sum from the other end, which may be slightly more.
    least = families[0].cost
    return [
        Corridor(
            gateways=family.gateways,
            origin=demand.origin,
            destination=demand.destinations[end],
            usage=share * demand.share,
            cost=family.cost,
            slack=(family.cost - least) / (least or 1.0),
            path=path,
        )
        for family, share, path, end in zip(
            families, shares.tolist(), paths, ends.tolist(), strict=True
        )
    ]


def search_record(flow: Flow) -> dict[str, Any]:
    """Whether all corridors were looked for, or the search was cut off; JSON."""
    none = [load.demand for load in flow.cut if not load.corridors]
    left_out = sum(demand.share for demand in none)
    return {
        "demands": len(flow.best),
        "cut_off": len(flow.cut),
        "unanswered": len(none),
        "usage_unanswered": round(left_out, 6),
        "reading": _cut_words(flow, sorted({demand.origin for demand in none}), left_out),
    }


def _cut_words(flow: Flow, origins: list[str], left_out: float) -> str:
    """A sentence on what a cut-off search leaves open; empty when no search was cut off."""
    if not flow.cut:
        return ""
    words = (
        f"{len(flow.cut)} of {_searches(len(flow.best))} for corridors came to no end: "
        "listed are only those proven cheapest, and usage is shared among them; there may be "
        "others, as dear or dearer."
    )
    if origins:
        words += (
            f" From {listed(origins)} none was proven, so that {left_out:.0%} of flow is left "
            "out: give less slack, or fewer ways at no cost."
        )
    return words


def _searches(count: int) -> str:
    return f"{count:,} {'search' if count == 1 else 'searches'}"

"""Corridors: families of near-optimal paths, named, ranked by usage, drawn by the best path."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geodata.network import Network
from routes.band import Band
from routes.families import Check, Family, Terms, find_families, unhindered
from routes.gateways import gates_of
from routes.remoteness import arc_hours
from routes.search import Arcs
from routes.usage import family_shares, spread_family, theta_for

MOST_STAGES = 1500
"""Stages grown per origin before the list of families is cut."""
NEGLIGIBLE = 5.0
"""Families dearer than the best by this many dispersions (exp(-5) = 0.7 %) are not sought."""
LEAST_PART = 0.135
"""For a part of an origin, two dispersions less at most (ln 0.135): its families carry less."""
SPREAD_SHARE = 0.004
"""Families below this share are not spread over the map; the others are scaled up to one."""
BAND_SHARE = 0.01
"""A link belongs to a corridor's band when it carries this share of the corridor's flow."""
COARSE_M = 10_000.0
"""Edge of the cells in which paths are compared for the path size."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, kw_only=True)
class Corridor:
    """One corridor of one origin.

    Parameters
    ----------
    gateways
        Rows of ``network.gateways`` in order of passing.
    usage
        Share of all modelled flow.
    cost
        Least generalised cost in risk-adjusted hours.
    slack
        Cost above the best corridor of the same origin, as a share of it.
    path
        Arcs of the network on the least-cost path.
    """

    gateways: tuple[int, ...]
    origin: str
    destination: str
    usage: float
    cost: float
    slack: float
    path: Ints


@dataclass(kw_only=True)
class Flow:
    """Modelled flow over the whole network.

    Parameters
    ----------
    arcs
        Arcs of the network.
    arc
        Share of flow on each arc.
    slack
        Least relative slack of each link over the origins, NaN outside the bands.
    corridor
        Per link, row in `corridors` of the one that brings it most flow, -1 for none.
    bands
        Links of the band of each corridor that is spread, by row in `corridors`.
    """

    arcs: Arcs
    arc: Floats
    slack: Floats
    corridor: npt.NDArray[np.int64]
    corridors: list[Corridor] = field(default_factory=list)
    bands: dict[int, npt.NDArray[np.int64]] = field(default_factory=dict)
    _most: Floats = field(init=False)

    def __post_init__(self) -> None:
        self._most = np.zeros(len(self.slack))

    @classmethod
    def empty(cls, arcs: Arcs, links: int) -> Flow:
        """No flow yet."""
        return cls(
            arcs=arcs,
            arc=np.zeros(len(arcs.head)),
            slack=np.full(links, np.nan),
            corridor=np.full(links, -1),
        )

    @cached_property
    def link(self) -> Floats:
        """Share of flow on each link, both ways together."""
        return np.asarray(np.bincount(self.arcs.link, self.arc, len(self.slack)), np.float64)

    def add_band(self, band: Band) -> None:
        """Note the slack of a band's links."""
        relative = band.slack / band.best
        np.fmin.at(self.slack, band.arcs.link, relative)

    def add_family(self, band: Band, flow: Floats, row: int) -> None:
        """Add the flow of one corridor, per arc of its band."""
        self.__dict__.pop("link", None)
        used = np.flatnonzero(flow)
        links = band.arcs.link[used]
        np.add.at(self.arc, band.arc[used] % len(self.arc), flow[used])
        places, where = np.unique(links, return_inverse=True)
        mine = np.bincount(where, flow[used])
        self.bands[row] = places[mine >= BAND_SHARE * mine.max()]
        more = mine > self._most[places]
        self.corridor[places[more]] = row
        self._most[places[more]] = mine[more]


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
        Share of the origin's flow, for one of several places that are an origin together.
    theta, best_share
        Dispersion per risk-adjusted hour, or the share that the best corridor carries.
    """

    origin: str
    destinations: Mapping[int, str]
    share: float
    theta: float | None
    best_share: float | None
    part: float = 1.0


def load_demand(
    network: Network,
    arcs: Arcs,
    band: Band,
    flow: Flow,
    demand: Demand,
    *,
    detail: float,
    check: Check = unhindered,
) -> None:
    """Add the corridors that a demand takes through its band to a flow.

    Parameters
    ----------
    detail
        Families below this share of the origin's flow are not spread over the links; the
        others are scaled up. Above 1, none is.
    check
        Called between steps; what it raises ends the work.
    """
    gates = gates_of(network, band)
    sought = NEGLIGIBLE + np.log(max(demand.part, LEAST_PART))
    dearest = band.limit if demand.theta is None else band.best + sought / demand.theta
    # Only where every path within the slack doubles back, as over a cay, is that allowed.
    terms = Terms(most=MOST_STAGES, dearest=dearest, check=check)
    families = find_families(band, gates, terms) or find_families(
        band, gates, replace(terms, returning=True)
    )
    cells = _coarse_cells(network, band, families)
    theta = demand.theta or theta_for(families, cells, best_share=demand.best_share or 0.5)
    shares = family_shares(families, cells, theta=theta)
    least = detail / demand.part
    spread = shares >= (min(least, shares.max()) if detail <= 1 else np.inf)
    scale = 1 / shares[spread].sum() if spread.any() else 0.0
    flow.add_band(band)
    for family, share, shown in zip(families, shares, spread, strict=True):
        end = int(band.node[band.arcs.head[family.path[-1]]]) % len(network.nodes)
        flow.corridors.append(
            Corridor(
                gateways=family.gateways,
                origin=demand.origin,
                destination=demand.destinations[end],
                usage=float(share * demand.share),
                cost=family.cost,
                slack=family.cost / band.best - 1,
                path=band.arc[family.path] % len(arcs.head),
            )
        )
        if shown:
            check()
            units = spread_family(band, family)
            flow.add_family(band, units * share * scale * demand.share, len(flow.corridors) - 1)


def _coarse_cells(
    network: Network, band: Band, families: list[Family]
) -> list[npt.NDArray[np.int64]]:
    """Coarse cells along each family's best path, one entry for every two kilometres."""
    nodes = band.node % len(network.nodes)
    x, y = (network.nodes[name].to_numpy()[nodes] for name in ("x", "y"))
    east, north = network.area.project(x, y)
    cell = (np.floor(east / COARSE_M) * 100_000 + np.floor(north / COARSE_M)).astype(np.int64)
    metres = network.links["length_m"].to_numpy()[band.arcs.link]
    times = np.maximum(np.rint(metres / 2000).astype(int), 1)
    return [np.repeat(cell[band.arcs.head[f.path]], times[f.path]) for f in families]


def sequence_shares(corridors: list[Corridor]) -> dict[tuple[int, ...], float]:
    """Share of flow by gateway sequence, summed over origins."""
    shares: dict[tuple[int, ...], float] = {}
    for corridor in corridors:
        shares[corridor.gateways] = shares.get(corridor.gateways, 0.0) + corridor.usage
    return shares


def corridor_table(
    network: Network, arcs: Arcs, corridors: list[Corridor], *, least: float
) -> gpd.GeoDataFrame:
    """One row a gateway sequence, most used first.

    The path, cost and ends are those of the origin that uses the sequence most.

    Parameters
    ----------
    least
        Sequences that carry a smaller share of flow are left out.
    """
    shares = sequence_shares(corridors)
    leading: dict[tuple[int, ...], Corridor] = {}
    for corridor in sorted(corridors, key=lambda c: (-c.usage, c.cost, c.gateways)):
        leading.setdefault(corridor.gateways, corridor)
    kept = [corridor for gateways, corridor in leading.items() if shares[gateways] >= least]
    kept.sort(key=lambda c: (-shares[c.gateways], c.cost, c.gateways))
    rows = [
        {"rank": rank, **_row(network, arcs, corridor), "usage": shares[corridor.gateways]}
        for rank, corridor in enumerate(kept, 1)
    ]
    return gpd.GeoDataFrame(
        rows, columns=[*CORRIDOR_COLUMNS, "geometry"], geometry="geometry", crs="OGC:CRS84"
    )


def pair_shares(network: Network, corridors: list[Corridor]) -> list[dict[str, object]]:
    """Usage of every corridor by origin and destination, most used first; JSON.

    Corridors below `SPREAD_SHARE` are left out; `network.gateways` gives the ids.
    """
    ids = network.gateways["id"]
    ranked = sorted(corridors, key=lambda c: (c.origin, c.destination, -c.usage, c.gateways))
    return [
        {
            "origin": corridor.origin,
            "destination": corridor.destination,
            "gateways": "; ".join(ids.iloc[list(corridor.gateways)]),
            "usage": round(corridor.usage, 6),
            "cost": round(corridor.cost, 4),
        }
        for corridor in ranked
        if corridor.usage >= SPREAD_SHARE
    ]


CORRIDOR_COLUMNS = (
    "id", "rank", "name", "usage", "cost", "hours", "km", "km_road", "km_trail", "km_river",
    "km_sea", "modes", "gateways", "origin", "destination", "countries", "slack",
)  # fmt: skip


def _row(network: Network, arcs: Arcs, corridor: Corridor) -> dict[str, object]:
    links = arcs.link[corridor.path]
    metres = network.links["length_m"].to_numpy()[links].astype(float)
    modes = network.links["mode"].cat
    by_mode = np.bincount(modes.codes.to_numpy()[links], metres, len(modes.categories)) / 1000
    total = dict(zip(modes.categories, by_mode.tolist(), strict=True))
    km = {f"km_{mode}": total.get(mode, 0.0) for mode in ("road", "trail", "river", "sea")}
    used = [mode for mode in ("sea", "river", "road", "trail") if km[f"km_{mode}"] >= 1.0]
    ids = network.gateways["id"].iloc[list(corridor.gateways)]
    return {
        "id": corridor_id(corridor.origin, corridor.destination, list(ids)),
        "name": corridor_name(network, corridor),
        "cost": corridor.cost,
        "hours": float(arc_hours(network, arcs, corridor.path).sum()),
        "km": float(metres.sum() / 1000),
        **km,
        "modes": "+".join(used),
        "gateways": "; ".join(ids),
        "origin": corridor.origin,
        "destination": corridor.destination,
        "countries": " ".join(_countries(network, arcs, corridor)),
        "slack": corridor.slack,
        "geometry": path_line(network, arcs, corridor.path),
    }


def corridor_id(origin: str, destination: str, gateways: list[str]) -> str:
    """Stable id of a corridor: the same ends and gateways, the same id."""
    text = "|".join([origin, destination, *gateways])
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def corridor_name(network: Network, corridor: Corridor) -> str:
    """Names of the gateways in order, or of the ends where there is none."""
    names = network.gateways["name"].iloc[list(corridor.gateways)]
    return " - ".join(names) or f"{corridor.origin} - {corridor.destination}"


def _countries(network: Network, arcs: Arcs, corridor: Corridor) -> list[str]:
    passed = network.nodes["country"].iloc[arcs.head[corridor.path]].astype(str)
    return [code for code in pd.unique(passed) if code]


def path_line(network: Network, arcs: Arcs, path: Ints) -> shapely.LineString:
    """The way along some arcs as one line."""
    lines = network.lines(arcs.link[path])
    against = ~arcs.along[path]
    lines[against] = shapely.reverse(lines[against])
    points = shapely.get_coordinates(lines)
    moved = np.r_[True, np.any(np.diff(points, axis=0) != 0, axis=1)]
    return shapely.LineString(points[moved])

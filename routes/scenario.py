"""A scenario: what is asked, checked; and its result."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from importlib.metadata import version
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geodata.area import StudyArea
from geodata.errors import InputError, NoPathError
from geodata.network import Network
from routes.band import Band, check_slack, find_band, to_destinations
from routes.corridors import Flow, corridor_table, load_origin, sequence_shares
from routes.endpoints import Located, locate
from routes.gateways import gateway_usage
from routes.impedance import generalised_cost
from routes.profiles import Profile
from routes.remoteness import network_arcs
from routes.search import Arcs, Tree

SHOWN_USAGE = 0.002
"""Links and corridors below this share of flow are left out of tables."""

LEAST_DENSITY = 1e-5
"""Links below this share of flow add nothing that a map could show."""
PIECES = 8
"""Pieces of a straight stretch that are laid over the grid one by one."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What is asked.

    Parameters
    ----------
    profile
        The flow, with its origins and destinations.
    slack
        How much dearer than the best a path may be, as a share of the best.
    """

    profile: Profile
    slack: float = 0.15

    def record(self) -> dict[str, Any]:
        """All that decides the result, as JSON."""
        profile = self.profile
        ends = {
            name: [asdict(end) for end in group]
            for name, group in (
                ("origins", profile.origins),
                ("destinations", profile.destinations),
            )
        }
        return {
            "profile": profile.name,
            "title": profile.title,
            "slack": self.slack,
            "rates": dict(profile.rates),
            "weights": dict(profile.weights),
            "fees": dict(profile.fees),
            "theta": profile.theta,
            **ends,
            "sources": dict(profile.sources),
        }


@dataclass(frozen=True, kw_only=True)
class Result:
    """The answer to a scenario.

    Parameters
    ----------
    corridors
        Families of paths by gateway sequence, most used first; lines.
    segments
        Links that carry flow; lines.
    gateways
        Gateways that are used; points.
    admin
        Administrative units with scores, usage and exposure; polygons.
    density
        Share of flow per cell width, on the area's grid.
    provenance
        Scenario, inputs, version, licences; JSON.
    """

    corridors: gpd.GeoDataFrame
    segments: gpd.GeoDataFrame
    gateways: gpd.GeoDataFrame
    admin: gpd.GeoDataFrame
    density: npt.NDArray[np.float32]
    area: StudyArea
    provenance: dict[str, Any]


class Router:
    """Answers scenarios on one network, keeping what they share."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self._costs: dict[str, Floats] = {}

    @cached_property
    def arcs(self) -> Arcs:
        """Arcs of the network."""
        return network_arcs(self.network)

    def cost(self, profile: Profile) -> Floats:
        """Generalised cost of each arc for a profile."""
        if profile.name not in self._costs:
            self._costs[profile.name] = generalised_cost(self.network, self.arcs, profile)
        return self._costs[profile.name]

    def flow(self, scenario: Scenario) -> tuple[Flow, list[dict[str, Any]]]:
        """Flow of a scenario, and how its ends were found.

        Raises
        ------
        InputError
            When the slack or an end is wrong.
        NoPathError
            When an origin reaches no destination.
        """
        check_slack(scenario.slack)
        profile, cost = scenario.profile, self.cost(scenario.profile)
        ends = [locate(self.network, e, field="to") for e in profile.destinations]
        starts = [locate(self.network, e, field="from") for e in profile.origins]
        destinations = np.concatenate([end.nodes for end in ends])
        entry = np.concatenate([np.full(len(end.nodes), end.entry) for end in ends])
        home = to_destinations(self.arcs, cost, destinations, entry)
        names = {int(node): end.name for end in ends for node in end.nodes}
        total = sum(start.demand for start in starts)
        flow = Flow.empty(len(self.network.links))
        for start in starts:
            band = self._band(cost, start, destinations, home, scenario.slack)
            load_origin(
                self.network,
                band,
                flow,
                origin=start.name,
                destinations=names,
                demand=start.demand / total,
                theta=profile.theta,
            )
        return flow, [_snapped(self.network, end) for end in (*starts, *ends)]

    def _band(
        self, cost: Floats, start: Located, destinations: npt.NDArray[np.int32], home: Tree,
        slack: float,
    ) -> Band:  # fmt: skip
        try:
            return find_band(self.arcs, cost, start.nodes, destinations, slack=slack, home=home)
        except NoPathError as error:
            raise NoPathError("from", start.name, error.remedy) from error
        except InputError as error:
            raise InputError(error.field, start.name, error.remedy) from error

    def run(self, scenario: Scenario) -> Result:
        """Corridors, usage, gateways and exposure of a scenario."""
        flow, ends = self.flow(scenario)
        network = self.network
        corridors = corridor_table(network, self.arcs, flow.corridors, least=SHOWN_USAGE)
        segments = _segments(network, flow, self.arcs, corridors)
        return Result(
            corridors=corridors,
            segments=segments,
            gateways=gateway_usage(network, sequence_shares(flow.corridors)),
            admin=_admin(network, self.arcs, flow),
            density=_density(network, flow.link),
            area=network.area,
            provenance={
                "vereda": version("vereda"),
                "scenario": scenario.record(),
                "ends": ends,
                "network": network.digest,
                "inputs": network.meta.get("sources", []),
                "usage_listed": float(corridors["usage"].sum()),
                "reading": "Usage is a share of modelled flow, not a probability of trafficking.",
            },
        )


def with_ends(
    profile: Profile, origins: list[Any], destinations: list[Any], *, slack: float
) -> Scenario:
    """A scenario of a profile between ends of one's own; empty lists keep the profile's."""
    return Scenario(profile=profile.between(tuple(origins), tuple(destinations)), slack=slack)


def _snapped(network: Network, end: Located) -> dict[str, Any]:
    return {"name": end.name, "nodes": len(end.nodes), "snap_m": round(end.snap_m, 1)}


def _segments(
    network: Network, flow: Flow, arcs: Arcs, corridors: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """Links above `SHOWN_USAGE`, with their attributes."""
    rows = np.flatnonzero(flow.link >= SHOWN_USAGE)
    links = network.links.iloc[rows]
    leading = [flow.corridors[row].gateways for row in flow.corridor[rows]]
    ids = dict(zip(_sequences(network, corridors), corridors["id"], strict=True))
    hours = (links["seconds_uv"] + links["seconds_vu"]).to_numpy(float) / 7200
    text = ("mode", "class", "ref", "name", "country", "admin1", "crossing", "gateway")
    return gpd.GeoDataFrame(
        {
            "id": [f"L{row}" for row in rows],
            "corridor": [ids.get(gateways, "") for gateways in leading],
            **{column: links[column].astype(str).to_numpy() for column in text},
            "usage": flow.link[rows],
            "slack": flow.slack[rows],
            "hours": hours,
            "km": links["length_m"].to_numpy(float) / 1000,
            "remoteness": links["remoteness"].to_numpy(float),
            "weakness": links["weakness"].to_numpy(float),
        },
        geometry=network.lines(rows),
        crs="OGC:CRS84",
    )


def _sequences(network: Network, corridors: gpd.GeoDataFrame) -> list[tuple[int, ...]]:
    number = {identity: row for row, identity in enumerate(network.gateways["id"])}
    return [tuple(number[i] for i in text.split("; ") if i) for text in corridors["gateways"]]


def _admin(network: Network, arcs: Arcs, flow: Flow) -> gpd.GeoDataFrame:
    """Units with the share of flow whose corridor passes them, and their exposure.

    Exposure is usage times weakness times people.
    """
    unit = pd.Index(network.admin["id"]).get_indexer(network.nodes["admin1"])
    shares = np.zeros(len(network.admin) + 1)
    for corridor in flow.corridors:
        shares[np.unique(unit[arcs.head[corridor.path]])] += corridor.usage
    shares = shares[:-1]
    exposure = shares * network.admin["weakness"] * network.admin["people"]
    return network.admin.assign(usage=shares, exposure=exposure)


def _density(network: Network, usage: Floats) -> npt.NDArray[np.float32]:
    """Share of flow per cell width: usage times the length of way in each cell."""
    area = network.area
    rows = np.flatnonzero(usage >= LEAST_DENSITY)
    points, line = shapely.get_coordinates(network.lines(rows), return_index=True)
    east, north = area.project(*points.T)
    steps = np.flatnonzero(line[1:] == line[:-1])
    metres = np.hypot(np.diff(east), np.diff(north))[steps]
    grid = np.zeros(area.shape)
    left, top = area.transform.c, area.transform.f
    for t in (np.arange(PIECES) + 0.5) / PIECES:
        column = (east[steps] + t * (east[steps + 1] - east[steps]) - left) // area.cell_m
        row = (top - north[steps] - t * (north[steps + 1] - north[steps])) // area.cell_m
        part = usage[rows][line[steps]] * metres / PIECES / area.cell_m
        np.add.at(grid, (row.astype(int), column.astype(int)), part)
    return grid.astype(np.float32)

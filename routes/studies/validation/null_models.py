"""What a model must beat: rules that know nothing of remoteness or governance, up to three.

Each gives a surface on the area's grid like the usage of a result, so that all are judged
by the same rule. Corridor models in print have done no better than straight lines.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from geodata.area.grid import lay_lines
from geodata.arrays import Float64Array
from geodata.network.network import Network
from geodata.network.snapping import Snapper
from routes.corridors.loading import search_record
from routes.results.density import flow_density, lay_links
from routes.router import Router
from routes.scenario.ends.endpoints import Located
from routes.scenario.profiles import Profile
from routes.scenario.scenario import Scenario

STRAIGHT = "straight lines"
BLIND = "shortest paths blind to scores"
ROADS = "random by road density"
NO_ROADS = f"There is no road in the network: the model is not compared with {ROADS}."
MOST_ENDS = 50
"""Points of an origin from which straight lines are drawn."""


class Nulls(NamedTuple):
    """Surfaces by name, and what a search for them that was cut off leaves out, in words."""

    surfaces: dict[str, Float64Array]
    cut_off: str


def blind(profile: Profile) -> Profile:
    """The same flow with hours for its only cost: no weights, no fees, every hour alike.

    Its ends stay, and what lies beyond them.
    """
    return replace(
        profile,
        name=f"{profile.name}, hours only",
        rates=dict.fromkeys(profile.rates, 1.0),
        weights=dict.fromkeys(profile.weights, 0.0),
        fees=dict.fromkeys(profile.fees, 0.0),
    )


def null_surfaces(network: Network, scenario: Scenario, *, router: Router | None = None) -> Nulls:
    """The nulls on the area's grid, by name; of roads and of proven paths only where there are any.

    Parameters
    ----------
    router
        One of the network that others use as well.

    Raises
    ------
    NoPathError
        When no path leads to a destination.
    """
    roads = road_density(network)
    router = router or Router(network)
    fastest, cut_off = shortest_paths(network, scenario, router=router)
    straight = straight_lines(network, scenario, router=router)
    surfaces = {STRAIGHT: straight, BLIND: fastest, ROADS: roads}
    there = {name: surface for name, surface in surfaces.items() if surface.any()}
    return Nulls(surfaces=there, cut_off=cut_off)


def straight_lines(
    network: Network, scenario: Scenario, *, router: Router | None = None
) -> Float64Array:
    """Lines from each origin to the nearest point of every destination.

    An origin's demand is shared alike by its points, and by the destinations of which it takes
    the cheapest. Ends are nodes that the flow may use; between them lines are straight on the
    area's equal-area grid, whatever is closed or to be passed.
    """
    area, profile = network.area, scenario.profile
    sides = (router or Router(network)).ends(scenario)
    starts, ends = ({end.name: end for end in side} for side in sides)
    lines, weights = [], []
    demands = profile.demands()
    # Where all have as many destinations, the digits of a demand stay as they are.
    most = max(len(each.destinations) for each in demands)
    for origin, names, demand in demands:
        for name in names:
            drawn = _lines(network, starts[origin], ends[name])
            lines.append(drawn)
            weights.append(np.full(len(drawn), demand * (most / len(names)) / len(drawn)))
    points = np.concatenate(lines).reshape(-1, 2)
    weight = np.concatenate(weights) / sum(part.sum() for part in weights)
    return lay_lines(area, points, np.repeat(np.arange(len(weight)), 2), weight)


def _lines(network: Network, start: Located, end: Located) -> Float64Array:
    """First and last point of each line, in metres of the grid; shape (lines, 2, 2)."""
    x, y = network.nodes["x"].to_numpy(), network.nodes["y"].to_numpy()
    chosen = np.linspace(0, len(start.nodes) - 1, min(len(start.nodes), MOST_ENDS)).astype(int)
    points = start.nodes[chosen]
    near = Snapper(network.area, x[end.nodes], y[end.nodes]).nearest(x[points], y[points])
    there = end.nodes[near.node]
    first, last = (np.stack(network.area.project(x[n], y[n]), axis=1) for n in (points, there))
    return np.stack([first, last], axis=1)


def timed(scenario: Scenario) -> Scenario:
    """The same scenario when travel time alone decides.

    What is closed stays closed, and what must be passed is passed.
    """
    closed = tuple(edit for edit in scenario.edits if np.isinf(edit.factor))
    return replace(scenario, profile=blind(scenario.profile), edits=closed)


def shortest_paths(
    network: Network, scenario: Scenario, *, router: Router | None = None
) -> tuple[Float64Array, str]:
    """Usage of the same scenario when travel time alone decides; the words of `Nulls`."""
    flow, _ = (router or Router(network)).flow(timed(scenario))
    return flow_density(network, flow.link), search_record(flow)["reading"]


def road_density(network: Network) -> Float64Array:
    """Length of road in each cell, as it is drawn: where anybody drives."""
    roads = np.flatnonzero(network.links["mode"] == "road")
    return lay_links(network, roads, np.ones(len(network.links)))

"""Answers: what a scenario says of the ground, as surfaces on the area's grid.

The nearness of a cell is that of the ways through it. Records are made where loads change hands as
well, so the nearness of gateways is laid around them: what an answer says of a place is the larger
of both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from geodata.arrays import Float64Array
from geodata.network.network import Network
from routes.router import Router
from routes.scenario.profiles import Profile
from routes.scenario.scenario import Scenario
from routes.studies.validation.null_models import timed

USAGE = "usage"
WAY = "nearness by way"
GATEWAY = "nearness of gateways near by"
ANSWER = "way or gateway"
WEIGHTLESS, HOURS = "weights zero", "hours only"
FADE_M = 15_000.0
"""Standard deviation of the Gaussian by which the nearness of a gateway fades with distance: the
length of a sector of the border. Assumption."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Nearness that a scenario gives to cells and gateways.

    Parameters
    ----------
    cell
        On the area's grid.
    gateway
        By row of the network's gateways.
    """

    cell: Float64Array
    gateway: Float64Array

    def around_gateways(self, network: Network) -> Float64Array:
        """Nearness of the gateway that counts most at each cell, faded by its distance."""
        area, points = network.area, network.gateways.geometry
        rows, columns = area.shape
        east, north = area.project(points.x.to_numpy(), points.y.to_numpy())
        middle_east = area.transform.c + (np.arange(columns) + 0.5) * area.cell_m
        middle_north = area.transform.f - (np.arange(rows) + 0.5) * area.cell_m
        surface = np.zeros(area.shape)
        for x, y, nearness in zip(east, north, self.gateway, strict=True):
            across, along = (
                np.exp(-0.5 * ((middles - at) / FADE_M) ** 2)
                for middles, at in ((middle_north, y), (middle_east, x))
            )
            np.maximum(surface, nearness * np.outer(across, along), out=surface)
        return surface

    def surface(self, network: Network) -> Float64Array:
        """The larger of nearness by way and of gateways near by."""
        return np.maximum(self.cell, self.around_gateways(network))

    def surfaces(self, network: Network, usage: Float64Array) -> dict[str, Float64Array]:
        """All that the answer says, `ANSWER` first."""
        around = self.around_gateways(network)
        return {
            ANSWER: np.maximum(self.cell, around),
            WAY: self.cell,
            GATEWAY: around,
            USAGE: usage,
        }


def weightless(profile: Profile) -> Profile:
    """The same flow blind to remoteness and weakness; its rates and fees stay."""
    weights = dict.fromkeys(profile.weights, 0.0)
    return replace(profile, name=f"{profile.name}, weights zero", weights=weights)


def twins(router: Router, scenario: Scenario) -> dict[str, Answer]:
    """Answers of the same scenario with weights zero, and with hours for its only cost.

    Raises
    ------
    NoPathError
        When no path leads to a destination.
    """
    freed = replace(scenario, profile=weightless(scenario.profile))
    return {WEIGHTLESS: _answer(router, freed), HOURS: _answer(router, timed(scenario))}


def _answer(router: Router, scenario: Scenario) -> Answer:
    near = router.nearness(scenario)
    cell = near.cell.nearness.reshape(router.network.area.shape)
    return Answer(cell=cell, gateway=near.gateway.nearness)

"""A scenario: what is asked, checked; and its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np

from geodata.area.study_area import StudyArea
from geodata.arrays import Float32Array
from geodata.errors import InputError
from geodata.spelling import composed
from routes.scenario.edits import Edit
from routes.scenario.profiles import Profile
from routes.search.band import check_slack


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """What is asked.

    Parameters
    ----------
    profile
        The flow, with its origins and destinations.
    slack
        How much dearer than the best a path may be, as a share of the best.
    slack_hours
        The same in risk-adjusted hours; it takes the place of `slack` when given.
    edits
        Things closed, avoided or strengthened.
    via
        Things that every path must pass, in this order.

    Raises
    ------
    InputError
        When the slack is out of range.
    """

    profile: Profile
    slack: float = 0.15
    slack_hours: float | None = None
    edits: tuple[Edit, ...] = ()
    via: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "via", tuple(composed(name) for name in self.via))
        check_slack(self.slack)
        if self.slack_hours is not None and not 0 <= self.slack_hours < np.inf:
            raise InputError("slack_hours", self.slack_hours, "Give hours, zero or more.")

    def record(self) -> dict[str, Any]:
        """All that decides the result, as JSON."""
        profile = self.profile
        return {
            "profile": profile.name,
            "title": profile.title,
            "slack": self.slack,
            "slack_hours": self.slack_hours,
            "edits": [edit.record() for edit in self.edits],
            "via": list(self.via),
            "rates": dict(profile.rates),
            "weights": dict(profile.weights),
            "fees": dict(profile.fees),
            "theta": profile.theta,
            "best_share": profile.best_share,
            "pairs": [pair.record() for pair in profile.pairs],
            "origins": [end.record() for end in profile.origins],
            "destinations": [end.record() for end in profile.destinations],
            "sources": dict(profile.sources),
        }


@dataclass(frozen=True, kw_only=True)
class Result:
    """The answer to a scenario.

    Parameters
    ----------
    corridors
        Families of paths by gateway sequence, most used first; lines.
    bands
        All the ways that the flow of each corridor takes; lines.
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
    bands: gpd.GeoDataFrame
    segments: gpd.GeoDataFrame
    gateways: gpd.GeoDataFrame
    admin: gpd.GeoDataFrame
    density: Float32Array
    area: StudyArea
    provenance: dict[str, Any]

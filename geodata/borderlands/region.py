"""The bundled region: its study area, what it is called, and the bundle that ships with Vereda."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from geodata.area.study_area import StudyArea
from geodata.area.titles import Titles
from geodata.sources.bundle import Bundle

BORDERLANDS = StudyArea(
    name="borderlands",
    bbox=(-92.5, 12.9, -83.0, 18.6),
    countries=("GT", "HN", "BZ", "SV"),
    neighbours=("MX", "NI"),
)

ROAD_NUMBER = re.compile(r"(?:(?:CA|RN|NIC|MX)-\d+[A-Z]?|FTN|LON|PET(?:-\d+)?)\b")
"""Number of a road at the beginning of its route's name."""
ROADLESS_REACH_KM: Mapping[str, float] = {"HN-GD": 10.0}
"""Reach of local roads in the Mosquitia, whose villages are reached by boat and plane."""


@cache
def borderlands() -> Bundle:
    """The bundle of the Guatemala-Honduras borderlands that ships with Vereda."""
    return Bundle.open(Path(__file__).parent)


@cache
def titles() -> Titles:
    """What the bundled region, its countries and its waters are called."""
    text = (Path(__file__).parent / "titles.toml").read_text("utf-8")
    return Titles.read(tomllib.loads(text))

"""The bundled region: its study area, and the bundle that ships with Vereda."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from geodata.sources.area_file import Roads
from geodata.sources.bundle import Bundle
from geodata.sources.study import Study

AREA = Path(__file__).parent / "area.toml"
"""The bundled study area as a file."""
BORDERLANDS = Study.open(AREA).area


@cache
def road_rules() -> Roads:
    """Rules of the roads of the bundled region."""
    return Study.open(AREA).rules


@cache
def borderlands() -> Bundle:
    """The bundle of the Guatemala-Honduras borderlands that ships with Vereda."""
    return Bundle.open(Path(__file__).parent)


COUNTRY_NAMES: Mapping[str, str] = {
    "GT": "Guatemala",
    "HN": "Honduras",
    "BZ": "Belize",
    "SV": "El Salvador",
    "MX": "Mexico",
    "NI": "Nicaragua",
}
WATERS = (
    ("Caribbean Sea", -85.4, 17.9),
    ("Pacific Ocean", -91.3, 13.4),
    ("Gulf of Honduras", -87.5, 16.15),
)

BOATING_WATERS: Mapping[str, tuple[float, float]] = {
    "Livingston (Río Dulce mouth)": (-88.751, 15.828),
    "El Golfete": (-88.87, 15.735),
    "Lake Izabal": (-89.2, 15.5),
    "Bay of Amatique": (-88.68, 15.9),
    "Puerto Cortés": (-87.95, 15.85),
    "Roatán": (-86.55, 16.29),
    "Utila": (-86.93, 16.06),
    "Guanaja": (-85.93, 16.43),
    "Caratasca lagoon": (-83.85, 15.33),
    "Brus lagoon": (-84.58, 15.82),
    "Ibans lagoon": (-84.86, 15.87),
}
"""Waters that a sound network reaches by boat: longitude, latitude."""
OPEN_SEA = (-85.0, 17.0)
"""A place in the open Caribbean: longitude, latitude."""

ABOUT = (
    "Where do illicit flows and migrants cross the borderlands of Guatemala and Honduras by land "
    "and sea? Vereda computes corridors on a network of roads, terrain, rivers and sea, weighed by "
    "remoteness and weakness of governance."
)
REGION = "the borderlands of Guatemala and Honduras"

"""The bundled region: its study area, and the bundle that ships with Vereda."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from geodata.area.study_area import StudyArea
from geodata.sources.bundle import Bundle

BORDERLANDS = StudyArea(
    name="borderlands",
    bbox=(-92.5, 12.9, -83.0, 18.6),
    countries=("GT", "HN", "BZ", "SV"),
    neighbours=("MX", "NI"),
)


@cache
def borderlands() -> Bundle:
    """The bundle of the Guatemala-Honduras borderlands that ships with Vereda."""
    return Bundle.open(Path(__file__).parent)

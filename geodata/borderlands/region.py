"""The bundled region: its study area, its titles, and the bundle that ships with Vereda."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from geodata.area.titles import Titles
from geodata.sources.area_file import Roads
from geodata.sources.layers.bundle import Bundle
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
    remedy = (
        "Restore it by installing Vereda again, or, if the change is meant, derive it anew: "
        "python -m geodata.borderlands.derive --packages DIR."
    )
    return Bundle.open(Path(__file__).parent, remedy=remedy)


@cache
def titles() -> Titles:
    """Names of the bundled region, its countries and its waters."""
    return Study.open(AREA).titles

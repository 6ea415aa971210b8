"""Names of the bundled region stand in its room alone: another one needs no change of code."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

from geodata.borderlands.region import BORDERLANDS, borderlands, titles

ALLOWED = {
    "geodata/borderlands": "the bundled region itself",
    "geodata/area/country_names.toml": "what all countries of the world are called",
    "geodata/sources/download/providers/iso3166.csv": "the codes of all countries of the world",
    "routes/flows": "profiles of flows of the bundled region, to which users link",
}
"""Files and rooms that may have such a name, and why."""
LAYERS = (
    "admin1", "airports", "cays", "crossings", "lakes", "places", "places_extra", "ports", "posts",
    "rivers",
)  # fmt: skip
"""Layers of the region whose names it keeps to itself."""
ELSEWHERE = {"Douglas": "who simplified lines with Peucker"}
"""Names of the region that other things have as well."""
DATA = (".parquet", ".pyc", ".tif", ".png", ".woff2", ".ico", ".nbi", ".nbc")


def region_names() -> re.Pattern[str]:
    """Any code of a country or department of the region, or name of a thing on its map."""
    names = {*BORDERLANDS.countries, *BORDERLANDS.neighbours, *titles().countries.values()}
    names |= {*borderlands().frame("admin1")["iso"]}
    for layer in LAYERS:
        names |= {name for name in borderlands().frame(layer)["name"] if len(name) > 1}
    longest_first = sorted(names - {*ELSEWHERE}, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, longest_first))})\b")


@pytest.mark.parametrize("package", ["cli", "geodata", "routes", "service"])
def test_no_other_room_names_a_place_of_the_region(package: str) -> None:
    home, names = Path(import_module(package).__file__).parent, region_names()
    named = []
    for path in sorted(home.rglob("*")):
        place = path.relative_to(home.parent).as_posix()
        if any(place == each or place.startswith(f"{each}/") for each in ALLOWED):
            continue
        if path.is_file() and path.suffix not in DATA:
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                named += [f"{place}:{number}: {name}" for name in names.findall(line)]
    assert not named, "Give these to geodata/borderlands, or write a sample with XA and XB."


def test_the_names_are_those_of_the_tables() -> None:
    names = region_names()
    assert len(BORDERLANDS.countries) > 1
    port, place, lake = (
        next(name for name in borderlands().frame(layer)["name"] if len(name) > 1)
        for layer in ("ports", "places", "lakes")
    )
    for text in [*BORDERLANDS.countries, *titles().countries.values(), port, place, lake]:
        assert names.search(f"in {text}, say")
    assert not names.search("xHN GThere")

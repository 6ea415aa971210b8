"""Gateways: each by a name and an id of its own, whatever its name is written in."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from geodata.area.study_area import StudyArea
from geodata.builder.gateways import find_gateways

AREA = StudyArea(name="made", bbox=(0, 59, 3, 61), countries=("XA", "XB"), neighbours=())
PLACES = pd.DataFrame(
    [("Ayton", "XA", 900, 1.0, 60.0), ("Beeville", "XB", 900, 2.0, 60.0)],
    columns=["name", "country", "population", "x", "y"],
)
SEA = ""


def gateways(
    *passed: tuple[str, str, str, str, float, float], places: pd.DataFrame = PLACES
) -> tuple[list, gpd.GeoDataFrame]:
    """Those of links: crossing, class, name, countries of the ends as ``XA-XB``, x, y."""
    ends = [(code, x, y) for *_, pair, x, y in passed for code in pair.split("-")]
    nodes = pd.DataFrame(ends, columns=["country", "x", "y"])
    links = pd.DataFrame(
        [(2 * row, 2 * row + 1, *link[:3]) for row, link in enumerate(passed)],
        columns=["u", "v", "crossing", "class", "name"],
    )
    ids, table = find_gateways(links, nodes, places, AREA)
    assert set(table["id"]) == set(ids) - {""} and table["id"].is_unique
    return ids.tolist(), table.set_index("id")


def formal(name: str, x: float, y: float = 60.0, pair: str = "XA-XB") -> tuple:
    return ("formal", "crossing", name, pair, x, y)


def port(name: str, x: float, country: str = "XA") -> tuple:
    return ("", "port", name, f"{country}-{SEA}", x, 60.0)


def test_links_of_one_crossing_are_one_gateway_and_those_of_namesakes_are_not():
    near = 1.5 + 100 / 55_000
    ids, table = gateways(
        formal("Aduana", 1.5), formal("Aduana", near), formal("Aduana", 1.5, 60.5)
    )
    assert ids[0] == ids[1] != ids[2]
    assert set(table["name"]) == {"Aduana", "Aduana 2"}
    ids, table = gateways(formal("Aduana", 1.5), formal("Aduana", 2.5, pair="XB-XC"))
    assert ids == ["formal:XA-XB:aduana", "formal:XB-XC:aduana"]


def test_two_posts_of_one_crossing_are_one_gateway():
    """As on a road whose ways are apart: closing it closes both."""
    assert len(set(gateways(formal("Aduana", 1.5), formal("Aduana", 1.501))[0])) == 1


def test_a_name_that_is_there_once_needs_no_border():
    ids, table = gateways(
        formal("El Salto", 1.5), port("Puerto Ñame", 1.0), port("Tela", 2.0, "XB")
    )
    assert ids == ["formal:el-salto", "port:puerto-name", "port:tela"]
    assert table.loc["port:tela", ["name", "country_b"]].tolist() == ["Tela port", "XB"]
    ids, _ = gateways(port("San Lorenzo", 1.0), port("San Lorenzo", 2.0, "XB"))
    assert ids == ["port:XA:san-lorenzo", "port:XB:san-lorenzo"]


@pytest.mark.parametrize("names", [("แม่สอด", "แม่สาย"), ("Γέφυρα", "Пост"), ("Tamè", "Tamé")])
def test_names_that_ascii_cannot_tell_apart_have_ids_of_their_own(names):
    ids, table = gateways(*(formal(name, x) for name, x in zip(names, (1.5, 2.5), strict=True)))
    assert len(set(ids)) == 2
    assert [table.loc[each, "name"] for each in ids] == list(names)
    # One that comes later, and before them in every order, takes no id of theirs.
    more, _ = gateways(formal("ข", 0.5), formal(names[1], 2.5), formal(names[0], 1.5))
    assert more[1:] == ids[::-1] and more[0] not in ids


def test_ports_without_a_name_are_called_after_the_place_beside_them():
    ids, table = gateways(port("", 1.0), port("", 1.4), port("", 2.0, "XB"), port("Ayton", 0.4))
    assert len(set(ids)) == 4
    assert [table.loc[each, "name"] for each in ids[2:]] == ["Beeville port", "Ayton port"]
    assert all(table.loc[each, "name"].startswith("Ayton port (") for each in ids[:2])


def test_sectors_of_places_whose_names_are_not_ascii_are_told_apart():
    spots = [("informal", "off-road", "", "XA-XB", x, 60.0) for x in (1.0, 2.0)]
    ids, _ = gateways(*spots, places=PLACES.assign(name=["甲", "乙"]))
    assert ids == ["informal:XA-XB:sector-5df68f", "informal:XA-XB:sector-633bdf"]
    assert gateways(spots[1], places=PLACES.assign(name=["甲", "乙"]))[0] == ids[1:]


def test_bearings_are_those_of_the_ground():
    """A degree of longitude is half as wide at 60 degrees north."""
    spots = [(1.4, 60.16), (0.6, 59.84)]
    _, table = gateways(*(("informal", "off-road", "", "XA-XB", x, y) for x, y in spots))
    assert set(table["name"]) == {"Ayton sector (NE)", "Ayton sector (SW)"}


def test_a_network_may_have_no_gateway():
    ids, table = gateways(("", "primary", "Main Street", "XA-XA", 1.0, 60.0))
    assert ids == [""] and table.empty and np.isfinite(table.total_bounds).sum() == 0

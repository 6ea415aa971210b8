"""What lies under the corridors on the map page."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import shapely

from geodata.cartography.basemap import basemap_of
from geodata.network.store import load_network
from service.pages.map_background import ground_text


def test_a_country_that_lies_beyond_the_map_has_no_name_on_it(isle_dir: Path) -> None:
    network = load_network(isle_dir)
    basemap = basemap_of(network)
    _, _, east, north = network.area.bbox
    far = shapely.box(east + 1, north, east + 2, north + 1)
    countries = gpd.GeoDataFrame(
        {"country": [*basemap.countries["country"], "ZZ"]},
        geometry=[*basemap.countries.geometry, far], crs=basemap.countries.crs,
    )  # fmt: skip
    texts = [ground_text(network, base) for base in
             (basemap, replace(basemap, countries=countries))]  # fmt: skip
    named = [
        [each["properties"]["name"] for each in json.loads(text)["features"]
         if each["properties"]["layer"] == "nation"]
        for text in texts
    ]  # fmt: skip
    assert named[0] == named[1] and "ZZ" not in named[1]

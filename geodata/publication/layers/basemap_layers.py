"""The basemap as layers: land by country, and inland water."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.cartography.basemap import basemap_of, clip_areas
from geodata.network.network import Network
from geodata.publication.layers.layer import PublishedLayer


def basemap_layers(network: Network) -> Iterator[PublishedLayer]:
    """Lakes and countries of a network, with outlines as simple as those of maps; all lakes."""
    basemap, area = basemap_of(network), network.area
    lakes = clip_areas(basemap.lakes, area)
    columns = {name: lakes[name].astype(str) for name in ("name", "kind")}
    yield PublishedLayer(
        name="lakes",
        title="Lakes and lagoons",
        description="Inland water of the study area, its outlines simplified as on maps.",
        frame=_numbered("K", columns, lakes),
    )
    land = clip_areas(basemap.countries, area)
    codes = land["country"].astype(str)
    columns = {"name": codes.map(basemap.titles.country), "country": codes}
    yield PublishedLayer(
        name="countries",
        title="Land by country",
        description="Land of all countries in the box of the study area, those that are not "
        "studied among them, its outlines simplified as on maps.",
        frame=_numbered("C", columns, land),
    )


def _numbered(
    letter: str, columns: Mapping[str, pd.Series], shapes: gpd.GeoDataFrame
) -> gpd.GeoDataFrame:
    """A frame whose first column are ids, a letter and the row."""
    table = pd.DataFrame(columns).reset_index(drop=True)
    table.insert(0, "id", [f"{letter}{row}" for row in range(len(table))])
    return gpd.GeoDataFrame(table, geometry=np.asarray(shapes.geometry), crs="OGC:CRS84")

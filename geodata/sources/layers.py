"""What a network is built from: layers in their canonical form, wherever they came from."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

import geopandas as gpd
import pandas as pd

from geodata.area.grid import Raster
from geodata.area.study_area import StudyArea
from geodata.arrays import Float32Array
from geodata.sources.rasters import Heights
from geodata.sources.schema import SCHEMAS, empty


class MappedRoads(Protocol):
    """What readers of roads give.

    Of links ``u v class length_m seconds_uv seconds_vu geometry`` are needed; ``mode surface ref
    name country crossing schematic straight_m`` are empty where they are missing.
    """

    @property
    def nodes(self) -> pd.DataFrame:
        """Columns x and y; kind, country and name where they are known."""
        ...

    @property
    def links(self) -> gpd.GeoDataFrame:
        """One row a link, between rows of `nodes`."""
        ...


class Layers(Protocol):
    """A bundle, or a study: layers by their canonical names."""

    @property
    def layers(self) -> Collection[str]:
        """Names of those that there are."""
        ...

    def frame(self, name: str) -> gpd.GeoDataFrame | pd.DataFrame:
        """A vector layer or table as `geodata.sources.schema.SCHEMAS` has it."""
        ...

    def raster(self, name: str) -> Raster:
        """A raster as its file has it."""
        ...

    def surface(self, name: str, area: StudyArea) -> Float32Array | None:
        """A raster on the grid of an area; None where there is none."""
        ...

    def heights(self, area: StudyArea) -> Heights | None:
        """Heights under lines, where an elevation finer than the grid says them."""
        ...

    def roads(self) -> MappedRoads | None:
        """Roads as they are mapped; None where there are none."""
        ...

    def key(self, name: str) -> str:
        """Hash of all that a layer is made of."""
        ...

    def attributions(self) -> list[dict[str, str]]:
        """Layer, licence, attribution, sha256, package and version of each file."""
        ...

    def licence_texts(self) -> dict[str, str]:
        """Texts of licences by name."""
        ...


def table(layers: Layers, name: str) -> pd.DataFrame:
    """A layer, or one without rows where there is none."""
    return layers.frame(name) if name in layers.layers else empty(SCHEMAS[name])


def shapes(layers: Layers, name: str) -> gpd.GeoDataFrame:
    """A layer with geometry, or one without rows where there is none."""
    frame = table(layers, name)
    assert isinstance(frame, gpd.GeoDataFrame)
    return frame

"""Protocol of the layers from which a network is built, in their canonical form."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

import geopandas as gpd
import pandas as pd

from geodata.area.grid import Raster
from geodata.area.study_area import StudyArea
from geodata.arrays import Float32Array
from geodata.sources.layers.schema import SCHEMAS, empty
from geodata.sources.rasters import Heights


class MappedRoads(Protocol):
    """Roads from a reader.

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
        """Names of the existing layers."""
        ...

    def frame(self, name: str) -> gpd.GeoDataFrame | pd.DataFrame:
        """A vector layer or table with its schema in `geodata.sources.layers.schema.SCHEMAS`."""
        ...

    def raster(self, name: str) -> Raster:
        """A raster as its file has it."""
        ...

    def surface(self, name: str, area: StudyArea) -> Float32Array | None:
        """A raster on the grid of an area; None without such a layer."""
        ...

    def heights(self, area: StudyArea) -> Heights | None:
        """Heights under lines, if an elevation finer than the grid has them."""
        ...

    def roads(self) -> MappedRoads | None:
        """Mapped roads; None without any."""
        ...

    def key(self, name: str) -> str:
        """Hash of all inputs of a layer."""
        ...

    def attributions(self) -> list[dict[str, str]]:
        """Layer, licence, attribution, sha256, package and version of each file."""
        ...

    def licence_texts(self) -> dict[str, str]:
        """Texts of licences by name."""
        ...


def table(layers: Layers, name: str) -> pd.DataFrame:
    """A layer; one without rows if there is no such layer."""
    return layers.frame(name) if name in layers.layers else empty(SCHEMAS[name])


def shapes(layers: Layers, name: str) -> gpd.GeoDataFrame:
    """A layer with geometry; one without rows if there is no such layer."""
    frame = table(layers, name)
    assert isinstance(frame, gpd.GeoDataFrame)
    return frame

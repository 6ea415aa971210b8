"""Collections of features: chosen by row, encoded once."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Mapping
from dataclasses import replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from flask import Flask, current_app

from geodata.area.antimeridian import cut_box, cut_frame
from geodata.area.crs import bounds, wgs84
from geodata.arrays import BoolArray, Int64Array, ObjectArray
from geodata.computing.tasks import computed_once
from geodata.errors import InputError
from geodata.formats.geojson.columns import Cells
from geodata.formats.geojson.features import SEPARATOR, check_ids, encode_features
from geodata.publication.layers.layer import PublishedLayer
from geodata.publication.layers.network_layers import network_layers
from geodata.publication.layers.properties import END, LISTED, START, meaning
from geodata.publication.results.result_layers import result_layers
from service.features import times as moments
from service.features.coordinate_systems import CRS84, CoordinateSystem
from service.features.times import TimeSpan
from service.state import State, make_once
from service.web.requests.query import MOST_DIGITS, read_number

ROLES = {
    "id": "id",
    START: "primary-interval-start",
    END: "primary-interval-end",
}
"""Roles of properties in OGC API - Features Part 5."""


class Collection:
    """A layer as clients see it; immutable.

    Parameters
    ----------
    layer
        Layer whose frame is transformed to WGS 84 here, and encoded at the first request.

    Attributes
    ----------
    layer
        The layer with its frame in WGS 84; longitudes continue across the antimeridian.
    table
        Properties, one row a feature.
    shapes
        Geometries in CRS84, in the same order, cut at the antimeridian.
    """

    def __init__(self, layer: PublishedLayer) -> None:
        self.name, self.title, self.description = layer.name, layer.title, layer.description
        self.layer = replace(layer, frame=wgs84(layer.frame))
        self.kind, self.built = layer.kind, layer.built
        self.frame = cut_frame(self.layer.frame)
        check_ids(self.frame)
        box = bounds(self.layer.frame)
        self.extent = cut_box(box) if box else None
        self.table = pd.DataFrame(self.frame.drop(columns=self.frame.geometry.name))
        self.shapes = np.asarray(self.frame.geometry.array, dtype=object)
        self._row = {str(key): row for row, key in enumerate(self.table["id"])}
        self._lock = threading.Lock()
        self._encoded: Cells | None = None

    def __len__(self) -> int:
        return len(self.table)

    @property
    def slug(self) -> str:
        """Name of the collection without hyphens and dots."""
        return re.sub("[-.]", "_", self.name)

    @computed_once
    def tree(self) -> shapely.STRtree:
        """Index of the shapes."""
        return shapely.STRtree(self.shapes)

    @computed_once
    def types(self) -> dict[str, str]:
        """JSON type of each property, in order."""
        return {str(name): _json_type(column) for name, column in self.table.items()}

    @computed_once
    def listed(self) -> dict[str, list[str]]:
        """The values of each property with few values, in alphabetical order."""
        return {
            name: sorted(self.table[name].dropna().astype(str).unique())
            for name in LISTED
            if name in self.types
        }

    @computed_once
    def times(self) -> TimeSpan | None:
        """Time of each feature, None for a layer without times."""
        return moments.spans(self.table)

    @computed_once
    def interval(self) -> tuple[str, str] | None:
        """First and last moment of all features, None without times."""
        if self.times is None or np.isnat(self.times.begin).all():
            return None
        first, last = np.nanmin(self.times.begin), np.nanmax(self.times.end)
        begun, ended = (f"{np.datetime_as_string(at, unit='s')}Z" for at in (first, last))
        return begun, ended

    @computed_once
    def geometry_format(self) -> str:
        """Kinds of geometry, as a format of OGC API - Features Part 5."""
        kinds = {str(kind).lower() for kind in pd.unique(_kinds(self.shapes))}
        single = sorted({kind.removeprefix("multi") for kind in kinds})
        if len(single) != 1:
            return "geometry-any"
        return "geometry-" + "-or-".join(sorted(kinds, key=len))

    @computed_once
    def digest(self) -> str:
        """Hash of all features."""
        return hashlib.sha256(self._cells().letters.data).hexdigest()[:16]

    def find(self, key: str) -> int | None:
        """The row of an id, None for an unknown id."""
        return self._row.get(key)

    def encoded(self, rows: Int64Array, system: CoordinateSystem | None = None) -> bytes:
        """Features as GeoJSON texts with `SEPARATOR` between them.

        Parameters
        ----------
        rows
            Rows to encode, in order.
        system
            System of the coordinates, by default CRS84.
        """
        if system is None or system.uri == CRS84:
            cells = self._cells()
        else:
            placed = system.place(self.shapes[rows])
            table = self.table.iloc[rows]
            frame = gpd.GeoDataFrame(table, geometry=placed, crs=system.crs)
            cells, rows = encode_features(frame, decimals=system.decimals), np.arange(len(rows))
        return _joined(cells, rows)[: -len(SEPARATOR)]

    def _cells(self) -> Cells:
        with self._lock:
            if self._encoded is None:
                self._encoded = encode_features(self.frame)
            return self._encoded

    def within(self, shape: shapely.Geometry) -> BoolArray:
        """Which features meet a shape in CRS84."""
        met = np.zeros(len(self), bool)
        met[self.tree.query(shape, predicate="intersects")] = True
        return met

    def equal(self, name: str, value: str) -> BoolArray:
        """Whether each feature has a value, parsed from text; a date matches any moment of its day.

        Raises
        ------
        InputError
            When the value is not of the property's type.
        """
        column, kind = self.table[name], self.types[name]
        if name in (START, END):
            at, day = moments.column(column), moments.span(value, value, name)
            return np.asarray((at >= day.begin) & (at <= day.end))
        wanted = _typed(name, value, kind)
        if kind == "number":
            return match_written(column.to_numpy(), float(wanted))
        return np.asarray((column == wanted).fillna(False).to_numpy(bool))


def match_written(values: npt.NDArray[np.generic], wanted: npt.ArrayLike) -> BoolArray:
    """Whether each number is written like `value`: clients have no more digits than were sent."""
    digits = 5e-7 if values.dtype == np.float32 else 5e-12
    return np.asarray(np.isclose(values.astype(float), wanted, rtol=digits, atol=0))


def _joined(cells: Cells, rows: Int64Array) -> bytes:
    """Texts of some rows; rows in sequence are one piece."""
    if not len(rows):
        return b""
    starts, ends = cells.starts[rows], cells.ends[rows]
    if (starts[1:] == ends[:-1]).all():
        return cells.letters[int(starts[0]) : int(ends[-1])].tobytes()
    view = cells.letters.data
    return b"".join(view[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True))


def _kinds(shapes: ObjectArray) -> ObjectArray:
    return np.array([shape.geom_type for shape in shapes if shape is not None], object)


def _json_type(column: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(column.dtype):
        return "boolean"
    if pd.api.types.is_integer_dtype(column.dtype):
        return "integer"
    return "number" if pd.api.types.is_numeric_dtype(column.dtype) else "string"


_INTEGER = re.compile(rf"[+-]?[0-9]{{1,{MOST_DIGITS}}}")
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


def _typed(name: str, value: str, kind: str) -> str | int | bool | float:
    if kind == "boolean":
        # GDAL sends 1 and 0, OWSLib sends True and False.
        if value.lower() not in _TRUTHS:
            raise InputError(name, value, "Give true or false.")
        return _TRUTHS[value.lower()]
    if kind == "string":
        return value
    number, integer = read_number(name, value), kind == "integer"
    if not abs(number) < 1e18 or (integer and not _INTEGER.fullmatch(value.strip())):
        remedy = "Give a number."
        if integer:
            remedy = f"Give a whole number of at most {MOST_DIGITS} digits, below 1e18."
        raise InputError(name, value, remedy)
    return int(value) if integer else number


def property_schema(name: str, kind: str) -> dict[str, object]:
    """JSON schema of one property."""
    title, description, unit = meaning(name)
    schema: dict[str, object] = {"title": title, "type": kind}
    if description:
        schema["description"] = description
    if name in (START, END):
        schema["format"] = "date-time"
    if unit:
        schema["x-ogc-unit"] = unit
    return schema


def collections_of(app: Flask = current_app) -> Mapping[str, Collection]:
    """All collections of an application by name, in the order in which they are listed.

    Raises
    ------
    DataError
        When a result cannot be used.
    """
    return make_once(app, "collections", _read_collections)


def _read_collections(state: State) -> Mapping[str, Collection]:
    layers = [layer for result in state.results.values() for layer in result_layers(result)]
    layers += network_layers(state.network, state.settings.network)
    return {layer.name: Collection(layer) for layer in layers}


def prepare_collections(app: Flask) -> None:
    """Compute lazy values now, so that forked processes share them."""
    for each in collections_of(app).values():
        _ = (each.digest, each.tree, each.types, each.geometry_format)

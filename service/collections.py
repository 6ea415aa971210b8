"""Collections of features, encoded once and served page by page."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geodata.errors import InputError
from geodata.geojson import bounds, features, wgs84
from service.layers import Layer
from service.query import Box

Rows = npt.NDArray[np.int64]

PROPERTIES: Mapping[str, tuple[str, str]] = {
    "id": ("Identifier, stable between runs on the same data", ""),
    "name": ("Name", ""),
    "rank": ("Rank by usage, 1 for the most used", ""),
    "kind": ("Kind", ""),
    "usage": ("Share of modelled flow, 0 to 1; not a probability of trafficking", ""),
    "cost": ("Generalised cost of the best path, in risk-adjusted hours", "h"),
    "slack": ("Cost above the best path, as a share of the best", ""),
    "hours": ("Travel time, along the line", "h"),
    "hours_back": ("Travel time against the line; null where that way is closed", "h"),
    "km": ("Length", "km"),
    "km_road": ("Length by road", "km"),
    "km_trail": ("Length off the road", "km"),
    "km_river": ("Length by river", "km"),
    "km_sea": ("Length by sea", "km"),
    "mode": ("Mode of travel: road, trail, river, sea or transfer", ""),
    "modes": ("Modes of travel in use", ""),
    "class": ("Class of the link within its mode", ""),
    "surface": ("Surface", ""),
    "schematic": ("Whether the line is a sketch between surveyed points", ""),
    "ref": ("Number of the road", ""),
    "country": ("Country, ISO 3166-1 alpha-2", ""),
    "countries": ("Countries passed, in order", ""),
    "country_a": ("Country on one side, empty for the sea", ""),
    "country_b": ("Country on the other side, empty for the sea", ""),
    "admin1": ("Department or district, ISO 3166-2", ""),
    "crossing": ("How the link crosses a land border: formal, informal or not at all", ""),
    "gateway": ("Id of the gateway that the link passes", ""),
    "gateways": ("Ids of the gateways passed, in order", ""),
    "corridor": ("Id of the corridor that brings most flow", ""),
    "origin": ("Where the corridor begins", ""),
    "destination": ("Where the corridor ends", ""),
    "remoteness": ("Remoteness, 0 to 1", ""),
    "weakness": ("Weakness of governance, 0 to 1", ""),
    "exposure": ("Usage times weakness times people", ""),
    "people": ("People in listed places", ""),
}
"""What properties mean, and their unit in UCUM; others are titled by their name."""


@dataclass(frozen=True)
class Page:
    """Some features of a collection, as GeoJSON texts, and how many match in all."""

    texts: list[str]
    matched: int


class Collection:
    """A layer as clients see it; it does not change.

    Parameters
    ----------
    layer
        Its frame, brought to WGS 84 and encoded here once.
    """

    def __init__(self, layer: Layer) -> None:
        self.name, self.title, self.description = layer.name, layer.title, layer.description
        placed = wgs84(layer.frame)
        self.extent = bounds(placed)
        self._table = pd.DataFrame(placed.drop(columns=placed.geometry.name))
        self._shapes = np.asarray(placed.geometry.array, dtype=object)
        self._tree = shapely.STRtree(self._shapes)
        self._texts = list(features(placed))
        self._row = {str(key): row for row, key in enumerate(self._table["id"])}

    def __len__(self) -> int:
        return len(self._texts)

    @cached_property
    def types(self) -> dict[str, str]:
        """JSON type of each property, in order."""
        return {str(name): _json_type(column) for name, column in self._table.items()}

    @cached_property
    def filters(self) -> dict[str, str]:
        """Properties that ``name=value`` selects by; equality means nothing for decimals."""
        return {name: kind for name, kind in self.types.items() if kind != "number"}

    @cached_property
    def geometry_format(self) -> str:
        """Kinds of geometry, as a format of OGC API - Features Part 5."""
        kinds = {str(kind).lower() for kind in pd.unique(_kinds(self._shapes))}
        single = sorted({kind.removeprefix("multi") for kind in kinds})
        if len(single) != 1:
            return "geometry-any"
        return "geometry-" + "-or-".join(sorted(kinds, key=len))

    @cached_property
    def digest(self) -> str:
        """Hash of all features."""
        return hashlib.sha256("\n".join(self._texts).encode()).hexdigest()[:16]

    def find(self, key: str) -> str | None:
        """The feature of an id as GeoJSON text, None when there is none."""
        row = self._row.get(key)
        return None if row is None else self._texts[row]

    def page(
        self, *, limit: int, offset: int, boxes: Iterable[Box], equal: Mapping[str, str]
    ) -> Page:
        """Features from `offset` on that meet the boxes and have the values asked for.

        Raises
        ------
        InputError
            When a value is not of its property's type.
        """
        rows = self._within(list(boxes))
        for name, value in equal.items():
            rows = rows[self._equal(name, value)[rows]]
        chosen = rows[offset : offset + limit]
        return Page([self._texts[row] for row in chosen], len(rows))

    def _within(self, boxes: list[Box]) -> Rows:
        if not boxes:
            return np.arange(len(self))
        found = [self._tree.query(shapely.box(*box), predicate="intersects") for box in boxes]
        return np.unique(np.concatenate(found)).astype(np.int64)

    def _equal(self, name: str, value: str) -> npt.NDArray[np.bool_]:
        column = self._table[name]
        return (column == _typed(name, value, self.filters[name])).to_numpy(bool)


def _kinds(shapes: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    return np.array([shape.geom_type for shape in shapes if shape is not None], object)


def _json_type(column: pd.Series) -> str:
    if pd.api.types.is_bool_dtype(column.dtype):
        return "boolean"
    if pd.api.types.is_integer_dtype(column.dtype):
        return "integer"
    return "number" if pd.api.types.is_float_dtype(column.dtype) else "string"


def _typed(name: str, value: str, kind: str) -> str | int | bool:
    if kind == "boolean":
        if value not in ("true", "false"):
            raise InputError(name, value, "Give true or false.")
        return value == "true"
    if kind == "integer":
        if not value.removeprefix("-").isdecimal() or len(value) > 18:
            raise InputError(name, value, "Give a whole number.")
        return int(value)
    return value


def property_schema(name: str, kind: str) -> dict[str, object]:
    """JSON schema of one property."""
    title, unit = PROPERTIES.get(name, (name.replace("_", " ").capitalize(), ""))
    schema: dict[str, object] = {"title": title, "type": kind}
    if unit:
        schema["x-ogc-unit"] = unit
    return schema

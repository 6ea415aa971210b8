"""Column schemas of the bundle's layers, and the check that a frame fits one.

A schema maps column names to one of

========== ==========================================================
``str``    text, empty where unknown, never null
``int``    whole numbers
``year``   whole numbers or missing
``float``  numbers, finite
``float?`` numbers or missing
``bool``   true or false
``Point``, ``LineString``, ``Polygon``  geometry; Polygon also takes MultiPolygon
========== ==========================================================
"""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd

from geodata.errors import DataError

Schema = Mapping[str, str]

SCHEMAS: dict[str, Schema] = {
    "countries": {"country": "str", "geometry": "Polygon"},
    "territorial": {"country": "str", "geometry": "Polygon"},
    "cays": {"name": "str", "country": "str", "geometry": "Polygon"},
    "coast": {"geometry": "Polygon"},
    "lakes": {"name": "str", "kind": "str", "geometry": "Polygon"},
    "closed_zones": {"name": "str", "geometry": "Polygon"},
    "influence": {"name": "str", "geometry": "Polygon"},
    "rivers": {
        "name": "str",
        "country": "str",
        "kind": "str",
        "navigable": "bool",
        "source": "str",
        "geometry": "LineString",
    },
    "admin1": {"iso": "str", "name": "str", "country": "str", "geometry": "Polygon"},
    "places": {
        "id": "int",
        "name": "str",
        "country": "str",
        "admin1": "str",
        "population": "int",
        "geometry": "Point",
    },
    "trunk": {"id": "int", "geometry": "LineString"},
    "airports": {
        "ident": "str",
        "name": "str",
        "kind": "str",
        "country": "str",
        "x": "float",
        "y": "float",
    },
    "ports": {
        "name": "str",
        "country": "str",
        "x": "float",
        "y": "float",
        "size": "str",
        "source": "str",
    },
    "places_extra": {
        "name": "str",
        "country": "str",
        "population": "int",
        "x": "float",
        "y": "float",
        "source": "str",
        "year": "year",
        "unverified": "bool",
    },
    "crossings": {
        "id": "str",
        "name": "str",
        "border": "str",
        "kind": "str",
        "country_a": "str",
        "town_a": "str",
        "country_b": "str",
        "town_b": "str",
        "x": "float",
        "y": "float",
        "road": "str",
        "source": "str",
        "year": "year",
        "unverified": "bool",
    },
    "informal_counts": {
        "border": "str",
        "country": "str",
        "unit": "str",
        "count": "int",
        "what": "str",
        "source": "str",
        "year": "year",
    },
    "posts": {
        "name": "str",
        "kind": "str",
        "country": "str",
        "admin1": "str",
        "town": "str",
        "x": "float",
        "y": "float",
        "source": "str",
        "year": "year",
        "unverified": "bool",
    },
    "events": {
        "id": "str",
        "date": "str",
        "flow": "str",
        "kind": "str",
        "mode": "str",
        "place": "str",
        "country": "str",
        "admin1": "str",
        "x": "float?",
        "y": "float?",
        "precision": "str",
        "precision_km": "float?",
        "coord_source": "str",
        "quantity_kg": "float?",
        "packages": "float?",
        "persons": "float?",
        "what": "str",
        "note": "str",
        "source": "str",
        "source_date": "str",
    },
    "counts": {
        "id": "str",
        "measure": "str",
        "unit": "str",
        "period": "str",
        "place": "str",
        "country": "str",
        "admin1": "str",
        "value": "float",
        "source": "str",
    },
    "indicators": {
        "iso": "str",
        "name": "str",
        "indicator": "str",
        "value": "str",
        "unit": "str",
        "year": "year",
        "source": "str",
        "note": "str",
    },
    "road_routes": {
        "route": "str",
        "country": "str",
        "class": "str",
        "surface": "str",
        "length_km": "float?",
        "length_basis": "str",
        "source": "str",
        "note": "str",
        "year": "year",
        "unverified": "bool",
    },
    "road_stops": {
        "route": "str",
        "seq": "int",
        "name": "str",
        "kind": "str",
        "x": "float",
        "y": "float",
        "crossing": "str",
        "source": "str",
        "unverified": "bool",
    },
    "distances": {
        "town_a": "str",
        "town_b": "str",
        "km": "float?",
        "hours": "float?",
        "mode": "str",
        "source": "str",
        "note": "str",
        "year": "year",
        "use_for_check": "str",
    },
}

EVIDENCE = ("events", "counts")
"""Layers of events and counts on record: shown, and validated with; no score reads them."""
LAYER_OF = {"admin": "admin1", "airstrips": "airports", "road_skeleton": "trunk"}
"""Name of the canonical layer of a role, where the two differ."""

GEOMETRY = {
    "Point": {"Point"},
    "LineString": {"LineString"},
    "Polygon": {"Polygon", "MultiPolygon"},
}
TRUTH = {"true": True, "false": False, "yes": True, "no": False}


_DTYPES = {"int": "int64", "year": "Int64", "float": "float64", "float?": "float64", "bool": "bool"}


def empty(schema: Schema) -> gpd.GeoDataFrame | pd.DataFrame:
    """A frame of a schema without a row."""
    table = pd.DataFrame(
        {
            name: pd.Series([], dtype=_DTYPES.get(kind, "object"))
            for name, kind in schema.items()
            if name != "geometry"
        }
    )
    if "geometry" not in schema:
        return table
    return gpd.GeoDataFrame(table, geometry=gpd.GeoSeries([], crs="OGC:CRS84"))


def check(frame: pd.DataFrame, schema: Schema, layer: str) -> None:
    """Refuse a frame whose columns or values do not fit the schema.

    Raises
    ------
    DataError
        With the name of the layer, the column and the value.
    """
    missing = [name for name in schema if name not in frame.columns]
    if missing:
        remedy = f"The layer lacks this column; it needs {', '.join(schema)}."
        raise DataError(f"layer {layer}", missing[0], remedy)
    for name, kind in schema.items():
        fault = _fault(frame[name], kind)
        if fault:
            raise DataError(f"layer {layer}, column {name}", fault, f"Expected {kind}.")


def _fault(column: pd.Series, kind: str) -> str:
    """What is wrong with a column, or ''."""
    if kind in GEOMETRY:
        return _geometry_fault(column, kind)
    if kind == "year":
        return "" if str(column.dtype) == "Int64" else str(column.dtype)
    if column.isna().any() and kind != "float?":
        return f"a missing value in row {int(np.argmax(column.isna().to_numpy()))}"
    if kind == "str":
        return "" if pd.api.types.is_string_dtype(column.dtype) else str(column.dtype)
    if kind == "bool":
        return "" if pd.api.types.is_bool_dtype(column.dtype) else str(column.dtype)
    if kind == "int":
        return "" if pd.api.types.is_integer_dtype(column.dtype) else str(column.dtype)
    if not pd.api.types.is_numeric_dtype(column.dtype):
        return str(column.dtype)
    return "an infinite value" if np.isinf(column.to_numpy(float)).any() else ""


def _geometry_fault(column: pd.Series, kind: str) -> str:
    if not isinstance(column, gpd.GeoSeries):
        return str(column.dtype)
    others = set(column.geom_type) - GEOMETRY[kind]
    return f"{others.pop()}" if others else ""


def parse_columns(table: pd.DataFrame, schema: Schema, layer: str) -> pd.DataFrame:
    """A table read as text, its columns turned into the types of the schema.

    Raises
    ------
    DataError
        With the name of the layer, the column and the first text that is not of its type.
    """
    result = table.copy()
    for name, kind in schema.items():
        if name in result.columns and kind != "str":
            result[name] = _parsed(table[name], kind, f"layer {layer}, column {name}")
    return result


def _parsed(text: pd.Series, kind: str, field: str) -> pd.Series:
    if kind == "bool":
        value = text.str.lower().map(TRUTH)
        _refuse(text, value.isna(), field, "Use true or false.")
        return value.astype(bool)
    number = pd.to_numeric(text, errors="coerce")
    blank = text.str.strip() == ""
    allowed = blank if kind in ("year", "float?") else blank & False
    _refuse(text, number.isna() & ~allowed, field, "Use a number.")
    if kind in ("int", "year"):
        integral = number.isna() | (number == number.round())
        _refuse(text, ~integral, field, "Use a whole number.")
        return number.astype("int64" if kind == "int" else "Int64")
    return number.astype(float)


def _refuse(text: pd.Series, bad: pd.Series, field: str, remedy: str) -> None:
    if bad.any():
        raise DataError(field, str(text[bad].iloc[0]), remedy)

"""GeoJSON of users (RFC 7946, and the older kind that names a CRS)."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any, Never

import numpy as np
import shapely
from pyproj import CRS

from geodata.errors import DataError
from geodata.sources.userfiles.formats.crs import crs_of, to_degrees
from geodata.sources.userfiles.formats.text import read_text
from geodata.sources.userfiles.layer import MOST_ROWS, UserLayer, columns_of
from geodata.sources.userfiles.source import Source

_GEOMETRIES = (
    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon",
    "GeometryCollection",
)  # fmt: skip
_NONE = "It cannot be read as GeoJSON"
_EXPORT = "Save the layer as GeoJSON."
_MOST_DIGITS = 1000
"""Of a whole number; Python reads few more, and says so in words for programmers."""
_FEATURE = 'Write {"type": "Feature", "geometry": ..., "properties": {...}}.'


def read_geojson(source: Source) -> UserLayer:
    """Features of a FeatureCollection, or of one Feature or geometry.

    Raises
    ------
    InputError, DataError, OSError
        When it cannot be read; the message names the line or the feature.
    """
    record = _parsed(read_text(source), source)
    features = _features(record, source)
    if not features:
        raise source.refusal("It has no features.")
    if len(features) > MOST_ROWS:
        raise source.refusal(f"It has more than {MOST_ROWS:,} features; give fewer.")
    rows = [f"feature {number}" for number in range(1, len(features) + 1)]
    properties = [_properties(*each, source) for each in zip(features, rows, strict=True)]
    shapes = np.empty(len(features), object)
    for at, (feature, row) in enumerate(zip(features, rows, strict=True)):
        shapes[at] = _shape(feature.get("geometry"), row, source)
    return UserLayer(
        name=source.path.name,
        rows=rows,
        shapes=to_degrees(shapes, _crs(record, source), source),
        columns=columns_of(properties),
    )


def _parsed(text: str, source: Source) -> dict[str, Any]:
    def refuse(constant: str) -> Never:
        raise ValueError(f"{constant} is no number in JSON")

    try:
        record = json.loads(
            text, parse_constant=refuse, parse_int=_read_integer, object_pairs_hook=_unique
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise source.refusal(f"{_NONE}: {where}: {error.msg}. {_EXPORT}") from error
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise source.refusal(f"{_NONE}: {reason[:80]}. {_EXPORT}") from error
    if not isinstance(record, dict):
        raise source.refusal(f"{_NONE}: it is no JSON object. {_EXPORT}")
    return record


def _read_integer(text: str) -> int:
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"it has a number of {len(text):,} digits")
    return int(text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys are all different: of two values either may be meant."""
    record = dict(pairs)
    if len(record) < len(pairs):
        times = Counter(key for key, _ in pairs)
        twice = next(key for key, count in times.items() if count > 1)
        raise ValueError(f"an object has the key {twice[:40]!r} twice")
    return record


def _features(record: dict[str, Any], source: Source) -> list[dict[str, Any]]:
    kind = record.get("type")
    if kind == "FeatureCollection":
        features = record.get("features")
        if not isinstance(features, list):
            raise source.refusal('A FeatureCollection has a list of "features".')
        for number, feature in enumerate(features, 1):
            if not isinstance(feature, dict) or feature.get("type") != "Feature":
                where = f"{source.path.name}, feature {number}"
                raise DataError(where, _kind(feature), _FEATURE)
        return features
    if kind == "Feature":
        return [record]
    if isinstance(kind, str) and kind in _GEOMETRIES:
        return [{"type": "Feature", "geometry": record, "properties": None}]
    raise source.refusal(f"{_NONE}: its type is {str(kind)[:40]!r}. {_EXPORT}")


def _kind(feature: Any) -> str:
    own = feature.get("type") if isinstance(feature, dict) else type(feature).__name__
    return str(own)[:40]


def _properties(feature: dict[str, Any], row: str, source: Source) -> dict[str, Any]:
    properties = feature.get("properties")
    if properties is None:
        return {}
    if not isinstance(properties, dict):
        raise DataError(f"{source.path.name}, {row}, properties", _kind(properties), _FEATURE)
    return properties


def _shape(geometry: Any, row: str, source: Source) -> Any:
    if geometry is None:
        return None
    where = f"{source.path.name}, {row}, geometry"
    if not isinstance(geometry, dict) or geometry.get("type") not in _GEOMETRIES:
        raise DataError(where, _kind(geometry), f"Write one of {', '.join(_GEOMETRIES)}.")
    try:
        return shapely.from_geojson(json.dumps(geometry))
    except (shapely.errors.GEOSException, RecursionError) as error:
        shown = str(geometry.get("coordinates", geometry))[:60]
        remedy = f"Write the coordinates of a {geometry['type']} as lists of [lon, lat]."
        raise DataError(where, shown, remedy) from error


def _crs(record: dict[str, Any], source: Source) -> CRS:
    """The CRS that an old file names; WGS 84 as the standard has it where none is named."""
    member = record.get("crs")
    if member is None:
        return CRS.from_epsg(4326)
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(name, str):
        remedy = "Its crs is given by no name, and links are not followed. Save it in WGS 84."
        raise source.refusal(remedy)
    return crs_of(name, source)

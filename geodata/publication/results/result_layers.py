"""Layers of a result directory, checked before they are shown."""

from __future__ import annotations

from collections.abc import Iterator

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj.exceptions import ProjError

from geodata.area.box import MOST_DEGREES
from geodata.area.crs import wgs84
from geodata.errors import DataError
from geodata.publication.layers.layer import PublishedLayer
from geodata.publication.layers.network_layers import id_first
from geodata.publication.layers.properties import END, START
from geodata.publication.results.reading import ServedResult, read_layer

APART = (
    "Usage: the share of flow that passes. Nearness: how close the cheapest path through here "
    "comes to the best one, 1 if it costs as little, also where no flow passes."
)
"""What tells usage and nearness apart."""
RESULT_LAYERS = {
    "corridors": (
        "corridors",
        "Corridors",
        "Families of near-optimal paths that pass the same gateways, most used first. Usage is "
        "the share of modelled flow, not a probability of trafficking.",
    ),
    "segments": (
        "segments",
        "Segments of corridors",
        "Links that carry modelled flow, with the corridor that brings them most of it. The "
        "nearness of links without flow is in nearness.tif, by cell.",
    ),
    "corridor-gateways": (
        "gateways",
        "Gateways in use",
        "Gateways that corridors of the result pass, with the share of flow through each.",
    ),
    "near-gateways": (
        "near_gateways",
        "Gateways by nearness",
        f"Gateways near to a best path, in use or not. {APART}",
    ),
    "corridor-places": (
        "places",
        "Places by nearness",
        f"Places, by how close the cheapest path through each comes to the best. {APART}",
    ),
    "corridor-admin": (
        "admin",
        "Exposure by district",
        "Departments and districts with their scores, the share of flow that passes, their "
        f"exposure, usage times weakness times people, and their nearness. {APART}",
    ),
}
"""Collections of a result: its layer, title, description."""
_NEEDED = {
    "corridors": ("id", "name", "usage", "hours", "km"),
    "segments": ("id", "usage"),
    "corridor-gateways": ("id", "name", "usage"),
    "near-gateways": ("id", "name", "usage", "nearness"),
    "corridor-places": ("id", "name", "nearness"),
    "corridor-admin": ("id", "usage", "exposure", "nearness"),
}
"""Columns without which they cannot be drawn."""
_NUMBERS = ("usage", "hours", "km", "exposure", "nearness")
"""Those of them that are numbers from 0 on."""
_SHAPES = {
    "corridors": ("LineString", "MultiLineString"),
    "segments": ("LineString", "MultiLineString"),
    "corridor-gateways": ("Point",),
    "near-gateways": ("Point",),
    "corridor-places": ("Point",),
    "corridor-admin": ("Polygon", "MultiPolygon"),
}
"""Kinds of geometry that they are drawn by."""
_LARGEST = 1e15
"""A number of theirs at most."""


def result_layers(result: ServedResult) -> Iterator[PublishedLayer]:
    """Vector layers of a result.

    Raises
    ------
    DataError
        When a file of the result is missing or cannot be read.
    """
    which = "" if result.first else f" ({result.name})"
    for kind, (stem, title, description) in RESULT_LAYERS.items():
        yield PublishedLayer(
            name=f"{result.prefix}{kind}",
            title=f"{title}{which}",
            description=f"{description} The flow: {result.title}.",
            frame=id_first(_result_frame(result, kind, stem)),
            group=result.group,
        )


def _result_frame(result: ServedResult, kind: str, stem: str) -> gpd.GeoDataFrame:
    frame = read_layer(result.files["corridors.gpkg"], stem)
    wanting = [name for name in _NEEDED[kind] if name not in frame.columns]
    if wanting or not frame["id"].is_unique or frame["id"].isna().any():
        what = f"no column {wanting[0]}" if wanting else "a feature without an id of its own"
        raise _unusable(stem, f"It has {what}.")
    if kind == "corridors" and frame.empty:
        reason = "It has none: no search for corridors came to its end. Give less slack."
        raise _unusable(stem, reason)
    if not pd.api.types.is_string_dtype(frame["id"].dtype):
        raise _unusable(stem, "Its ids are to be text.")
    for name in set(_NEEDED[kind]) & set(_NUMBERS):
        column = frame[name]
        numbers = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
        if not numbers or not column.between(0, _LARGEST).all():
            raise _unusable(stem, f"Column {name} holds what is no number from 0 on.")
    for key, column in frame.items():
        if key not in ("geometry", START, END) and not _is_plain(column):
            raise _unusable(stem, f"Column {key} holds neither numbers nor texts.")
    return _placed_soundly(frame, stem, _SHAPES[kind])


def _is_plain(column: pd.Series) -> bool:
    """Whether a column holds numbers, truths or texts, as far as it is filled."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return True
    return pd.api.types.infer_dtype(column, skipna=True) in ("string", "empty")


def _placed_soundly(frame: gpd.GeoDataFrame, stem: str, kinds: tuple[str, ...]) -> gpd.GeoDataFrame:
    """Features in degrees, each with a shape of some kinds on earth."""
    if not isinstance(frame, gpd.GeoDataFrame) or frame.crs is None:
        raise _unusable(stem, "It does not say where on earth its features are.")
    try:
        placed = wgs84(frame)
    except ProjError as error:
        raise _unusable(stem, "It does not say where on earth its features are.") from error
    shapes = placed.geometry.to_numpy()
    if (~np.isin(placed.geom_type, kinds) | shapely.is_empty(shapes)).any():
        raise _unusable(stem, f"Its shapes are to be {' or '.join(kinds)}.")
    if not (np.abs(shapely.get_coordinates(shapes)) <= (MOST_DEGREES, 90)).all():
        raise _unusable(stem, "Its shapes lie nowhere on earth.")
    return placed


def _unusable(stem: str, reason: str) -> DataError:
    remedy = "Write the result again: vereda corridors --output DIR --overwrite."
    return DataError("result", stem, f"{reason} {remedy}")

"""GeoPackage, shapefile and FlatGeobuf by box, through GDAL.

Their first bytes are looked at before GDAL opens them, so that no other of its drivers can take
them.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pyogrio
from pyproj import CRS

from geodata.area.box import Box
from geodata.errors import VeredaError
from geodata.sources.userfiles.formats.crs import crs_of
from geodata.sources.userfiles.formats.geopackage import check_geopackage
from geodata.sources.userfiles.formats.packed import check_flatgeobuf, check_shapefile
from geodata.sources.userfiles.formats.wkb import shapes_of
from geodata.sources.userfiles.source import Source
from geodata.sources.vectors.files.boxes import boxes_of
from geodata.sources.vectors.files.crs import check_bounds
from geodata.sources.vectors.files.features import (
    SMALL,
    UNREADABLE,
    BoxReader,
    Choice,
    FeatureNames,
    Features,
    as_column,
    unreadable_error,
)

_DOUBLE_ENCODED = re.compile("[\u00c2\u00c3][\u0080-\u00bf\u20ac\u201a-\u2122]")
"""Pattern of UTF-8 that was read as Latin-1."""


def gdal_reader(check: Callable[[Source], None], kind: str) -> BoxReader:
    """A reader through GDAL of files that a check has passed."""

    def read(
        source: Source, box: Box | None, stated: CRS | None, used: Choice
    ) -> tuple[Features, CRS | None]:
        check(source)
        info = layer_info(source)
        own = crs_of(info["crs"], source) if info["crs"] else None
        crs = own if own is not None else stated
        if not info["features"]:
            raise source.refusal("It has no features.")
        bounds = info["total_bounds"]
        if bounds is not None:
            check_bounds(bounds, crs, source)
        small = 0 <= info["features"] <= SMALL
        boxes = [None] if box is None or crs is None or small else boxes_of(box, crs)
        # Features of a GeoPackage have numbers of their own, others are counted.
        first = 0 if kind == "geopackage" else 1
        return _features(source, info, boxes, used, first=first), own

    return read


def layer_info(source: Source) -> dict[str, Any]:
    """Properties of the one layer of a file that has a geometry, by GDAL."""
    path = str(source.path.absolute())
    if "!" in path or path.startswith("/vsi") or path.lower().endswith(".zip"):
        raise source.refusal("Rename it: its path has a sign of addresses in it.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            names = [str(name) for name, geometry in pyogrio.list_layers(path) if geometry]
            layer = source.one_layer(names)
            info: dict[str, Any] = pyogrio.read_info(
                path, layer=layer, force_feature_count=True, force_total_bounds=True
            )
    except UNREADABLE as error:
        if isinstance(error, VeredaError):
            raise
        raise unreadable_error(source, error) from error
    return {**info, "layer": layer}


def _features(
    source: Source, info: dict[str, Any], boxes: Sequence[Box | None], used: Choice, *, first: int
) -> Features:
    headings: Sequence[str] = [str(name) for name in info["fields"]]
    # Without an encoding any text may show which it is, and headings are as doubtful as texts.
    chosen = None if _has_no_encoding(source) else used(headings)
    read = partial(_read_box, source, info["layer"], chosen)
    parts = [read(box) for box in boxes]
    if chosen is None and _is_double_encoded(parts):
        parts = [read(box, encoding="UTF-8") for box in boxes]
    names = [str(name) for name in parts[0].names]
    fids = np.concatenate([part.fids for part in parts])
    blobs = np.concatenate([part.blobs for part in parts])
    columns = zip(*(part.values for part in parts), strict=True)
    values = [np.concatenate(column) for column in columns]
    fids, once = np.unique(fids, return_index=True)
    rows = FeatureNames("feature", fids + first)
    return Features(
        rows=rows,
        shapes=shapes_of(blobs[once].tolist(), rows, source),
        columns=[
            (name, as_column(column[once])) for name, column in zip(names, values, strict=True)
        ],
        every=names if chosen is None else headings,
    )


class _Part(NamedTuple):
    """Features of a layer that meet a box, as pyogrio returns them."""

    names: Any
    fids: Any
    blobs: Any
    values: Any


def _read_box(
    source: Source,
    layer: str,
    names: Sequence[str] | None,
    box: Box | None,
    *,
    encoding: str | None = None,
) -> _Part:
    # pyogrio refuses tuples with names.
    edges = None if box is None else tuple(box)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            meta, fids, blobs, values = pyogrio.raw.read(
                str(source.path.absolute()), layer=layer, columns=names, bbox=edges,
                encoding=encoding, return_fids=True, datetime_as_string=True, force_2d=True,
            )  # fmt: skip
    except UNREADABLE as error:
        raise unreadable_error(source, error) from error
    if blobs is None:
        raise source.refusal("It has no geometry.")
    return _Part(meta["fields"], fids, blobs, values)


def _has_no_encoding(source: Source) -> bool:
    """Whether a file does not say its encoding: a shapefile without a .cpg."""
    return source.path.suffix.lower() == ".shp" and ".cpg" not in _beside(source)


def _is_double_encoded(parts: Sequence[_Part]) -> bool:
    """Whether texts look like UTF-8 that was read as Latin-1."""
    texts = (
        str(text)
        for part in parts
        for column in part.values
        if column.dtype == object
        for text in column[:10_000]
    )
    return any(_DOUBLE_ENCODED.search(text) for text in texts)


def _check_shapefile(source: Source) -> None:
    check_shapefile(source)
    if ".shx" not in _beside(source):
        raise source.refusal(f"There is no {source.path.stem}.shx beside it: keep them together.")


def _beside(source: Source) -> set[str]:
    """Suffixes of the files beside a shapefile that are not empty."""
    return {
        path.suffix.lower()
        for path in source.path.absolute().parent.iterdir()
        if path.stem == source.path.stem and path.is_file() and path.stat().st_size
    }


CHECKS: dict[str, Callable[[Source], None]] = {
    "geopackage": check_geopackage,
    "shapefile": _check_shapefile,
    "flatgeobuf": check_flatgeobuf,
}
"""By kind of the files that GDAL reads: refuses what another of its drivers could take."""

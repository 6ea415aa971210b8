"""Coordinate systems of vector files: that of the file, that of its layer, and whether it fits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pyproj import CRS
from pyproj.exceptions import CRSError

from geodata.errors import DataError
from geodata.sources.area_file import Layer
from geodata.sources.userfiles.crs import UNSAID
from geodata.sources.userfiles.source import Source

_MOST_DEGREES = (360.0, 90.0)
_SLACK = 1e-6


def layer_crs(text: str, layer: Layer) -> CRS:
    """The CRS that a layer gives."""
    try:
        return CRS.from_user_input(text)
    except CRSError as error:
        remedy = "Give a code such as EPSG:4326 or EPSG:32616."
        raise DataError(f"layer {layer.label}, crs", text, remedy) from error


def is_degrees(text: str, layer: Layer) -> bool:
    """Whether a CRS is that of longitudes and latitudes in WGS 84."""
    return layer_crs(text, layer).equals("EPSG:4326", ignore_axis_order=True)


def crs_of_file(layer: Layer, own: CRS | None, stated: CRS | None, source: Source) -> CRS:
    """The CRS of the file, or the one that the layer gives where the file has none."""
    if own is None and stated is None:
        if source.path.suffix.lower() == ".shp":
            remedy = (
                f"There is no {source.path.stem}.prj beside it: put it there, or give "
                'crs = "EPSG:..." for the layer.'
            )
            raise source.refusal(remedy)
        raise source.refusal(f'{UNSAID} Or give crs = "EPSG:..." for the layer.')
    if own is not None and stated is not None and not own.equals(stated, ignore_axis_order=True):
        remedy = (
            f"The file {source.path.name} says {own.name}. A layer is not moved by naming another "
            "one: take crs out, or mend the file."
        )
        raise DataError(f"layer {layer.label}, crs", layer.crs, remedy)
    crs = own if own is not None else stated
    assert crs is not None
    return crs


def check_bounds(bounds: Sequence[float], crs: CRS | None, source: Source) -> None:
    """Refuse coordinates that are no degrees under a CRS of degrees, and the other way round."""
    if crs is None or not np.isfinite(bounds).all():
        return
    most = np.array([*_MOST_DEGREES] * 2)
    beyond = np.abs(np.asarray(bounds)) > most + _SLACK
    shown = ", ".join(f"{each:g}" for each in bounds)
    field = f"{source.field}, file {source.path.name}, bounds"
    if crs.is_geographic and beyond.any():
        west, south, east, north = bounds
        swapped = max(abs(west), abs(east)) <= 90 and max(abs(south), abs(north)) <= 180
        hint = " Longitude and latitude look swapped." if swapped else ""
        remedy = (
            f"It is labelled {crs.name}, which is in degrees, and these are none: give it the "
            f"coordinate system in which it was made.{hint}"
        )
        raise DataError(field, shown, remedy)
    half = np.array([180.0, 90.0] * 2)
    if crs.is_projected and (np.abs(np.asarray(bounds)) <= half).all() and any(bounds):
        remedy = (
            f"It is labelled {crs.name}, which is in metres, and these look like degrees: give it "
            "the coordinate system in which it was made."
        )
        raise DataError(field, shown, remedy)

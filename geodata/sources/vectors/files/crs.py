"""Coordinate systems of vector files: that of the file, that of its layer, and whether it fits."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from pyproj import CRS

from geodata.errors import DataError
from geodata.sources.area_file import Layer, crs_of_file, stated_crs
from geodata.sources.userfiles.formats.crs import UNSAID
from geodata.sources.userfiles.source import Source

_MOST_DEGREES = (360.0, 90.0)
_SLACK = 1e-6


def is_degrees(layer: Layer) -> bool:
    """Whether a layer states longitudes and latitudes in WGS 84, or nothing."""
    stated = stated_crs(layer)
    return stated is None or stated.equals("EPSG:4326", ignore_axis_order=True)


def require_crs(layer: Layer, own: CRS | None, source: Source) -> CRS:
    """The CRS of a file, or the one that its layer states where the file has none.

    Raises
    ------
    DataError
        When neither file nor layer states a CRS, or the two contradict each other.
    """
    crs = crs_of_file(layer, own, name=source.path.name)
    if crs is not None:
        return crs
    if source.path.suffix.lower() == ".shp":
        remedy = (
            f"There is no {source.path.stem}.prj beside it: put it there, or give "
            'crs = "EPSG:..." for the layer.'
        )
        raise source.refusal(remedy)
    raise source.refusal(f'{UNSAID} Or give crs = "EPSG:..." for the layer.')


def check_bounds(bounds: Sequence[float], crs: CRS | None, source: Source) -> None:
    """Refuse coordinates that are no degrees under a CRS of degrees, and the other way round.

    Parameters
    ----------
    bounds
        Least x and y, greatest x and y, in units of `crs`.
    crs
        None where none is known: nothing is refused then.
    source
        The file, which the error names.

    Raises
    ------
    DataError
        With both bounds and what the coordinates look like.
    """
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

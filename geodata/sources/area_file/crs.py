"""Coordinate systems: the one that a layer states, beside the one that its file has."""

from __future__ import annotations

from pyproj import CRS
from pyproj.exceptions import CRSError

from geodata.errors import DataError
from geodata.sources.area_file.layer import Layer


def stated_crs(layer: Layer) -> CRS | None:
    """The CRS that a layer states; None for a layer without `crs`.

    Raises
    ------
    DataError
        When the text is not a coordinate reference system.
    """
    if not layer.crs:
        return None
    try:
        return CRS.from_user_input(layer.crs)
    except CRSError as error:
        remedy = "Give a code such as EPSG:4326, EPSG:32616 or ESRI:54009."
        raise DataError(f"layer {layer.label}, crs", layer.crs, remedy) from error


def crs_of_file(layer: Layer, own: CRS | None, *, name: str) -> CRS | None:
    """The CRS of a file, or the one that its layer states where the file has none.

    Parameters
    ----------
    own
        CRS of the file, or None.
    name
        Name of the file.

    Raises
    ------
    DataError
        When the layer contradicts the file.
    """
    stated = stated_crs(layer)
    if own is None or stated is None:
        return stated if own is None else own
    if not own.equals(stated, ignore_axis_order=True):
        remedy = (
            f"The file {name} says {own.name}. A layer is not moved by naming another one: take "
            "crs out, or mend the file."
        )
        raise DataError(f"layer {layer.label}, crs", layer.crs, remedy)
    return own

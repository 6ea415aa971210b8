"""Files of users' rasters: supported formats, position, and meaning of their numbers.

GDAL chooses a driver by the content of a file, and some drivers open addresses and other files
named inside. Each file is therefore opened only with the driver of its suffix, and a virtual raster
only after a check that all files it names lie beside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import rasterio
from affine import Affine
from pyproj import CRS
from pyproj.exceptions import CRSError
from rasterio.errors import RasterioError
from rasterio.windows import Window

from geodata.arrays import BoolArray, Float32Array, Float64Array
from geodata.computing.tasks import computed_once
from geodata.errors import DataError
from geodata.sources.area_file import UNITS, Layer, crs_of_file
from geodata.sources.rasters.virtual import check_virtual

DRIVERS = {
    ".tif": "GTiff", ".tiff": "GTiff", ".vrt": "VRT", ".asc": "AAIGrid", ".hgt": "SRTMHGT",
    ".bil": "EHdr", ".flt": "EHdr",
}  # fmt: skip
"""Drivers of GDAL by suffix."""
BESIDE = (".hdr", ".prj", ".tfw", ".xml", ".ovr", ".msk", ".clr", ".stx", ".txt", ".pdf", ".csv")
"""Suffixes of files that lie beside rasters in a folder and are not rasters."""
_SAVE = "Save it as GeoTIFF (.tif)."
_SETTINGS = {"CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none", "GDAL_HTTP_MAX_RETRY": "0"}
"""No address is opened, whatever a file says."""
_EAST, _NORTH = 360.0, 90.0
_SAME_DEGREES = 1e-6
_LEAST_METRES = 1e-3
_CREDIBLE = {
    "elevation": (-1000.0, 9000.0),
    "depth": (-12_000.0, 9000.0),
    "population": (0.0, 1e9),
    "friction": (1e-6, 1e4),
}
"""Bounds of valid values by role; values beyond are undeclared nodata values."""


class Rows(NamedTuple):
    """Rows or columns of a window, from the first one to the one after the last."""

    first: int
    end: int

    @property
    def extent(self) -> int:
        """How many they are."""
        return self.end - self.first


@dataclass(frozen=True, kw_only=True)
class RasterBand:
    """A band of a raster that has been looked at; its pixels are read by window.

    Parameters
    ----------
    layer
        What it is of the study.
    path
        Its file.
    shape
        Rows and columns.
    blocks
        Rows and columns of what the file unpacks at once.
    transform
        From column and row to coordinates of `crs`.
    crs
        Coordinate reference system.
    scale, offset
        From stored numbers to values in the unit of the role.
    """

    layer: Layer
    path: Path
    shape: tuple[int, int]
    blocks: tuple[int, int]
    transform: Affine
    crs: CRS
    scale: float
    offset: float

    @property
    def field(self) -> str:
        """Name in errors."""
        return self.layer.field_of(self.path)

    @computed_once
    def period(self) -> float | None:
        """Columns after which longitudes come again, None where they are no degrees."""
        if not self.crs.is_geographic or self.transform.b or self.transform.d:
            return None
        return 360.0 / abs(self.transform.a)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """The file, open.

        Raises
        ------
        DataError
            When the file can no longer be read.
        """
        with _open(self.layer, self.path) as source:
            yield Reader(band=self, source=source)


@dataclass(frozen=True, kw_only=True)
class Reader:
    """Windows of an open band."""

    band: RasterBand
    source: Any

    def values(self, rows: Rows, columns: Rows) -> Float32Array:
        """Values of a window, NaN where there is none.

        Raises
        ------
        DataError
            When the file is damaged, or a value is out of range.
        """
        stored, known = self._stored(rows, columns)
        values = np.where(known, stored, np.nan).astype(np.float64)
        values = values * self.band.scale + self.band.offset
        self._check(values, rows.first, columns.first)
        return values.astype(np.float32)

    def _stored(self, rows: Rows, columns: Rows) -> tuple[Any, BoolArray]:
        layer = self.band.layer
        window = Window(columns.first, rows.first, columns.extent, rows.extent)
        try:
            values = self.source.read(layer.band, window=window, masked=True)
        except (RasterioError, OSError) as error:
            remedy = (
                f"Rows {rows.first} to {rows.end} cannot be read: the file is cut off or damaged."
            )
            raise DataError(self.band.field, "damaged", remedy) from error
        stored = values.data
        known = ~np.ma.getmaskarray(values)
        if stored.dtype.kind == "f":
            known &= np.isfinite(stored)
        if layer.nodata is not None:
            known &= ~_equal(stored, layer.nodata)
        return stored, known

    def _check(self, values: Any, row: int, column: int) -> None:
        """Refuse a value out of range: an undeclared nodata value, or a mistake."""
        credible = _CREDIBLE.get(self.band.layer.role)
        if credible is None:
            return
        least, most = credible
        wrong = (values < least) | (values > most)
        if not wrong.any():
            return
        down, across = np.unravel_index(int(np.argmax(wrong)), values.shape)
        value = float(values[down, across])
        stored = (value - self.band.offset) / self.band.scale
        remedy = (
            f"Values of {self.band.layer.role} lie between {least:,g} and {most:,g}. "
            f"If it stands for none, give nodata = {stored:g}; else mend the raster."
        )
        field = f"{self.band.field}, row {row + down}, column {column + across}"
        raise DataError(field, value, remedy)


def _equal(stored: Any, nodata: float) -> BoolArray:
    """Which pixels have the value that stands for no data, compared in the type of the file."""
    if stored.dtype.kind == "f":
        with np.errstate(over="ignore"):
            return np.asarray(stored == stored.dtype.type(nodata))
    return np.asarray(stored == nodata)


def bands(layer: Layer) -> list[RasterBand]:
    """The bands of a layer, one a file, each looked at.

    Raises
    ------
    DataError
        When a file cannot be read, does not say where it lies, or contradicts itself.
    """
    files = layer.files()
    several = len(files) > 1
    rasters = [path for path in files if not (several and _is_beside(path))]
    if not rasters:
        names = ", ".join(path.name for path in files[:3])
        raise DataError(f"layer {layer.label}, path", names, f"There is no raster. {_SAVE}")
    return [_band(layer, path) for path in rasters]


def _is_beside(path: Path) -> bool:
    return path.suffix.lower() in BESIDE or path.name.lower().endswith(".aux.xml")


@contextmanager
def _open(layer: Layer, path: Path) -> Iterator[Any]:
    field = layer.field_of(path)
    driver = _driver(layer, path)
    if driver == "VRT":
        check_virtual(path, field=field, drivers=DRIVERS)
    with rasterio.Env(**_SETTINGS):
        try:
            source = rasterio.open(path.absolute(), driver=driver)
        except (RasterioError, OSError, ValueError) as error:
            reason = " ".join(str(error).split()).replace(str(path.absolute()), path.name)[:120]
            remedy = f"It cannot be read as {driver} ({reason}). {_SAVE}"
            raise DataError(field, str(path), remedy) from error
        with source:
            yield source


def _driver(layer: Layer, path: Path) -> str:
    suffix = f".{layer.format.lower().lstrip('.')}" if layer.format else path.suffix.lower()
    field = layer.field_of(path)
    if suffix == ".zip":
        raise DataError(
            field,
            str(path),
            'Unzip it, and name the raster inside; or say format = "zip" of a shapefile.',
        )
    if suffix not in DRIVERS:
        remedy = f"Rasters that are read end in {', '.join(DRIVERS)}. {_SAVE}"
        raise DataError(field, str(path), remedy)
    if str(path.absolute()).startswith("/vsi"):
        raise DataError(field, str(path), "Name a file of this machine.")
    if not path.stat().st_size:
        raise DataError(field, str(path), "The file is empty.")
    return DRIVERS[suffix]


def _band(layer: Layer, path: Path) -> RasterBand:
    field = layer.field_of(path)
    with _open(layer, path) as source:
        if layer.band > source.count:
            remedy = f"It has {source.count}: give one of 1 to {source.count}."
            raise DataError(f"{field}, band", layer.band, remedy)
        kind = np.dtype(source.dtypes[layer.band - 1])
        if kind.kind not in "fiu":
            raise DataError(field, str(kind), "Give a band of numbers.")
        if source.tags(ns="OVERVIEWS").get("OVERVIEW_FILE"):
            raise DataError(field, "OVERVIEW_FILE", f"It names another file. {_SAVE}")
        crs = _crs(layer, source, path)
        _check_place(source, crs, field)
        factor = UNITS.get(layer.role, {}).get(layer.unit or "", 1.0)
        scale, offset = source.scales[layer.band - 1], source.offsets[layer.band - 1]
        if not scale or not np.isfinite([scale, offset]).all():
            remedy = f"Its scale and offset make no values of its numbers: mend them. {_SAVE}"
            raise DataError(f"{field}, scale and offset", f"{scale:g}, {offset:g}", remedy)
        return RasterBand(
            layer=layer,
            path=path,
            shape=source.shape,
            blocks=source.block_shapes[layer.band - 1],
            transform=source.transform,
            crs=crs,
            scale=scale * factor,
            offset=offset * factor,
        )


def _crs(layer: Layer, source: Any, path: Path) -> CRS:
    """The CRS of the file, or the one that the layer gives where the file has none."""
    own, field = None, layer.field_of(path)
    if source.crs:
        try:
            own = CRS.from_wkt(source.crs.to_wkt())
        except (CRSError, RasterioError) as error:
            raise DataError(f"{field}, crs", str(source.crs)[:60], _SAVE) from error
    crs = crs_of_file(layer, own, name=path.name)
    if crs is None:
        remedy = 'It does not say its coordinate system: give crs = "EPSG:..." for the layer.'
        raise DataError(f"{field}, crs", None, remedy)
    if not (crs.is_geographic or crs.is_projected):
        remedy = 'It is no system of degrees or metres: give crs = "EPSG:..." for the layer.'
        raise DataError(f"{field}, crs", crs.name, remedy)
    return crs


def _check_place(source: Any, crs: CRS, field: str) -> None:
    """Refuse a raster that does not say where it lies, or says it in other units than its CRS."""
    if source.transform.is_identity:
        remedy = "It does not say where it lies: georeference it, or keep its .tfw beside it."
        raise DataError(field, "no position", remedy)
    a, b, c, d, e, f = source.transform[:6]
    if not np.isfinite([a, b, c, d, e, f]).all() or a * e == b * d:
        remedy = "Its pixels have no size, so that it lies nowhere: georeference it anew."
        raise DataError(f"{field}, transform", f"{a:g}, {b:g}, {c:g}, {d:g}, {e:g}, {f:g}", remedy)
    rows, columns = source.shape
    across, down = np.array([0.0, columns, 0.0, columns]), np.array([0.0, 0.0, rows, rows])
    x, y = transform_points(source.transform, across, down)
    left, bottom, right, top = x.min(), y.min(), x.max(), y.max()
    numbers = f"{left:g}, {bottom:g}, {right:g}, {top:g}"
    if crs.is_geographic:
        slack = 2 * max(abs(source.transform.a), abs(source.transform.e))
        if (
            max(abs(left), abs(right)) > _EAST + slack
            or max(abs(bottom), abs(top)) > _NORTH + slack
        ):
            remedy = (
                f"It is labelled {crs.name}, which is in degrees, and these are none: give it the "
                "coordinate system in which it was made."
            )
            raise DataError(f"{field}, bounds", numbers, remedy)
    elif max(abs(source.transform.a), abs(source.transform.e)) < _LEAST_METRES or (
        max(abs(left), abs(right)) <= _EAST / 2 and max(abs(bottom), abs(top)) <= _NORTH
    ):
        remedy = (
            f"It is labelled {crs.name}, which is no system of degrees, and these look like "
            "degrees: give it the coordinate system in which it was made."
        )
        raise DataError(f"{field}, bounds", numbers, remedy)


def transform_points(
    transform: Affine, x: Float64Array, y: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """Points through a transform."""
    a, b, c, d, e, f = (float(each) for each in transform[:6])
    # What lies nowhere is infinite, and so are both of its coordinates.
    with np.errstate(invalid="ignore"):
        return a * x + b * y + c, d * x + e * y + f

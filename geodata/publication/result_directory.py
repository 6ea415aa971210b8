"""Files out: single layers in common formats, and the directory of a result.

A file is written in a hidden directory beside its place and then put there; a
result directory likewise. What is at the place is therefore whole, always.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Protocol

import geopandas as gpd
import numpy as np
import pyogrio
import rasterio

from geodata.area.study_area import StudyArea
from geodata.arrays import Float32Array
from geodata.cartography.qgis import qml
from geodata.cartography.result_styles import BANDS, DENSITY, VECTOR_STYLES, RasterStyle
from geodata.errors import InputError
from geodata.formats.files.layouts import Layout
from geodata.formats.files.store import digests, whole_directory, whole_file
from geodata.formats.geojson.features import pieces
from geodata.formats.geopackage import write_geopackage

LAYERS = ("corridors", "segments", "gateways", "admin")
"""The vector layers of a result."""

RESULT_FILES = (
    *(f"{name}{suffix}" for name in LAYERS for suffix in (".geojson", ".qml")),
    "corridors.gpkg",
    "density.tif",
    "density.qml",
    "map.png",
    "result.json",
)
"""All that a result directory holds."""
RESULT = Layout(mark="result.json", files=RESULT_FILES)
VALIDATION = Layout(
    mark="validation.json", files=("validation.csv", "validation.json", "validation.png")
)
"""What a validation's directory holds."""

# From the bottom up: QGIS lists the layers of a file in the order they were written.
_GPKG_ORDER = ("admin", "bands", "segments", "corridors", "gateways")
_NODATA = -9999.0
_OVERVIEW_CELLS = 1024


class ResultLayers(Protocol):
    """What is written: frames in WGS 84, a raster on the area's grid, provenance.

    `corridors` are lines with ``id rank name usage``, `bands` the lines of all the ways that
    each takes, `segments` lines with
    ``id corridor mode usage``, `gateways` points with ``id name kind usage``,
    `admin` polygons with ``id name country weakness remoteness``; further
    columns are scalars and are written as they are.
    """

    @property
    def corridors(self) -> gpd.GeoDataFrame:
        """Families of paths."""

    @property
    def bands(self) -> gpd.GeoDataFrame:
        """All the ways that each family takes."""

    @property
    def segments(self) -> gpd.GeoDataFrame:
        """Links within the slack."""

    @property
    def gateways(self) -> gpd.GeoDataFrame:
        """Crossings, ports and landings."""

    @property
    def admin(self) -> gpd.GeoDataFrame:
        """Administrative units with their scores."""

    @property
    def density(self) -> Float32Array:
        """Share of flow through each cell of the grid."""

    @property
    def area(self) -> StudyArea:
        """Study area."""

    @property
    def provenance(self) -> Mapping[str, object]:
        """Scenario, seed, inputs, licences."""


def write_result(
    layers: ResultLayers,
    directory: str | Path,
    *,
    draw: Callable[[Path], None],
    overwrite: bool = False,
) -> Path:
    """Write a result directory, whole or not at all.

    Parameters
    ----------
    layers
        The result.
    directory
        Where; its parents are made as needed.
    draw
        Writes the map to the path it is given; see
        `geodata.cartography.printed.result_map.draw_map`.
    overwrite
        Replace a result that is already there.

    Returns
    -------
    Path
        The directory, holding `RESULT_FILES`.

    Raises
    ------
    InputError
        When something is in the way that is not a result, or is one and
        `overwrite` is false, or holds files that are not of the result.
    """
    target = Path(directory)
    with whole_directory(target, RESULT, overwrite=overwrite) as fresh:
        _write_files(layers, fresh)
        draw(fresh / "map.png")
        # Last, so that it can tell the hash of everything else.
        record = {**layers.provenance, "files": digests(fresh)}
        write_json(record, fresh / "result.json")
    return target


def _write_files(layers: ResultLayers, directory: Path) -> None:
    """Everything but the map and the record."""
    frames: dict[str, gpd.GeoDataFrame] = {name: getattr(layers, name) for name in LAYERS}
    styles = {name: qml(VECTOR_STYLES[name]) for name in LAYERS}
    for name, frame in frames.items():
        _write_geojson(frame, directory / f"{name}.geojson", name)
        _write_text(directory / f"{name}.qml", styles[name])
    packed, dressed = {**frames, "bands": layers.bands}, {**styles, "bands": qml(BANDS)}
    write_geopackage(
        {name: packed[name] for name in _GPKG_ORDER}, directory / "corridors.gpkg", styles=dressed
    )
    _write_raster(layers.density, layers.area, directory / "density.tif", DENSITY.title)
    _write_text(directory / "density.qml", qml(DENSITY))


def write_features(frame: gpd.GeoDataFrame, path: str | Path) -> Path:
    """Write one layer in the format that the suffix names.

    Parameters
    ----------
    frame
        Features with a CRS; GeoJSON and GeoPackage are brought to WGS 84.
    path
        Ends in ``.geojson``, ``.gpkg``, ``.parquet`` or ``.fgb``; replaced when
        it is there already.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    InputError
        For any other suffix, or a frame without a CRS.
    """
    target = Path(path)
    write = _FORMATS.get(target.suffix.lower())
    if write is None:
        known = ", ".join(_FORMATS)
        raise InputError("path", str(target), f"Name a file that ends in one of {known}.")
    with whole_file(target) as partial:
        write(frame, partial, target.stem)
    return target


def _write_geojson(frame: gpd.GeoDataFrame, path: Path, name: str) -> None:
    with path.open("wb") as file:
        file.writelines(pieces(frame))


def _write_gpkg(frame: gpd.GeoDataFrame, path: Path, name: str) -> None:
    styles = {name: qml(VECTOR_STYLES[name])} if name in VECTOR_STYLES else {}
    write_geopackage({name: frame}, path, styles=styles)


def _write_parquet(frame: gpd.GeoDataFrame, path: Path, name: str) -> None:
    frame.to_parquet(path, index=False, compression="zstd", schema_version="1.1.0")


def _write_flatgeobuf(frame: gpd.GeoDataFrame, path: Path, name: str) -> None:
    pyogrio.write_dataframe(frame, path, driver="FlatGeobuf", layer=name)


_FORMATS: Mapping[str, Callable[[gpd.GeoDataFrame, Path, str], None]] = {
    ".geojson": _write_geojson,
    ".gpkg": _write_gpkg,
    ".parquet": _write_parquet,
    ".fgb": _write_flatgeobuf,
}


def write_raster(
    values: Float32Array,
    area: StudyArea,
    path: str | Path,
    *,
    style: RasterStyle | None = None,
) -> Path:
    """Write values on the area's grid as GeoTIFF, and a style as QML beside it.

    Parameters
    ----------
    values
        Of the shape of the area's grid, row 0 north; NaN where unknown.
    area
        Gives the CRS and the transform.
    path
        The ``.tif``.
    style
        Its title becomes the description of the band.

    Raises
    ------
    InputError
        When the values are not on the area's grid.
    """
    target = Path(path)
    if values.shape != area.shape:
        raise InputError("values", values.shape, f"Give an array of shape {area.shape}.")
    with whole_file(target) as partial:
        _write_raster(values, area, partial, style.title if style else target.stem)
    if style:
        with whole_file(target.with_suffix(".qml")) as partial:
            _write_text(partial, qml(style))
    return target


def _write_raster(values: Float32Array, area: StudyArea, path: Path, title: str) -> None:
    known = np.isfinite(values)
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        height=area.shape[0],
        width=area.shape[1],
        count=1,
        dtype="float32",
        crs=area.crs.to_wkt(),
        transform=area.transform,
        nodata=_NODATA,
        compress="deflate",
        predictor=3,
        tiled=True,
        blockxsize=256,
        blockysize=256,
    ) as raster:
        raster.write(np.where(known, values, _NODATA).astype(np.float32), 1)
        raster.set_band_description(1, title)
        raster.update_tags(1, **_statistics(values[known]))
        if max(area.shape) > _OVERVIEW_CELLS:
            raster.build_overviews([2, 4, 8], rasterio.enums.Resampling.average)


def _statistics(values: Float32Array) -> dict[str, str]:
    """Measure what GDAL and QGIS read before they stretch a band."""
    if not values.size:
        return {}
    exact = values.astype(np.float64)
    measures = {
        "MINIMUM": exact.min(),
        "MAXIMUM": exact.max(),
        "MEAN": exact.mean(),
        "STDDEV": exact.std(),
    }
    return {f"STATISTICS_{name}": f"{value:.9g}" for name, value in measures.items()}


def write_json(content: Mapping[str, object], path: Path) -> Path:
    """Write a mapping as indented JSON with sorted keys; NaN and infinity become null."""
    text = json.dumps(_jsonable(content), indent=2, sort_keys=True, ensure_ascii=False)
    _write_text(path, text + "\n")
    return path


def _jsonable(value: object) -> object:
    """Express a value in JSON's own types."""
    if isinstance(value, Mapping):
        return {str(key): _jsonable(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _jsonable(value.tolist())
    if isinstance(value, list | tuple):
        return [_jsonable(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted(str(item) for item in value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int | bool):
        return value
    if isinstance(value, Path | date):
        return str(value)
    raise InputError("provenance", value, "Give texts, numbers, lists and mappings.")


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")

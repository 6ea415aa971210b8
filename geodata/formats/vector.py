"""Frames as files: GeoJSON, GeoPackage, GeoParquet, FlatGeobuf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import geopandas as gpd
import pyogrio

from geodata.errors import InputError
from geodata.formats.files.store import whole_file
from geodata.formats.geojson.features import pieces
from geodata.formats.geopackage import write_geopackage


def write_features(frame: gpd.GeoDataFrame, path: str | Path, *, style: str = "") -> Path:
    """Write one layer in the format that the suffix names.

    Parameters
    ----------
    frame
        Features with a CRS; GeoJSON and GeoPackage are brought to WGS 84.
    path
        Ends in ``.geojson``, ``.gpkg``, ``.parquet`` or ``.fgb``; replaced when
        it is there already.
    style
        QML, which a GeoPackage keeps for QGIS; other formats have no place for it.

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
        write(frame, partial, target.stem, style)
    return target


def write_geojson(frame: gpd.GeoDataFrame, path: Path, name: str = "", style: str = "") -> None:
    """Write GeoJSON to a path that nothing else is at yet; it holds neither name nor style."""
    with path.open("wb") as file:
        file.writelines(pieces(frame))


def _write_gpkg(frame: gpd.GeoDataFrame, path: Path, name: str, style: str) -> None:
    write_geopackage({name: frame}, path, styles={name: style} if style else {})


def _write_parquet(frame: gpd.GeoDataFrame, path: Path, name: str, style: str) -> None:
    frame.to_parquet(path, index=False, compression="zstd", schema_version="1.1.0")


def _write_flatgeobuf(frame: gpd.GeoDataFrame, path: Path, name: str, style: str) -> None:
    pyogrio.write_dataframe(frame, path, driver="FlatGeobuf", layer=name)


_FORMATS: Mapping[str, Callable[[gpd.GeoDataFrame, Path, str, str], None]] = {
    ".geojson": write_geojson,
    ".gpkg": _write_gpkg,
    ".parquet": _write_parquet,
    ".fgb": _write_flatgeobuf,
}

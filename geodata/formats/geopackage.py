"""Layers in one GeoPackage that carries its own QGIS styles."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio

from geodata.area.crs import wgs84
from geodata.formats.files.disks import require_room

# Written in place of the clock, so that the same layers give the same bytes.
_MOMENT = "2000-01-01T00:00:00.000Z"
_GEOMETRY_COLUMN = "geom"
# Newer versions make the GDAL inside QGIS 3.22 warn; nothing here needs them.
_VERSION = "1.2"
# Counters in the header of an SQLite file (https://www.sqlite.org/fileformat2.html): of changes,
# of the schema, and the change for which the size in the header holds. GDAL commits from threads
# of its own, as often as they please; when set to fixed values, they do not show this.
_COUNTERS = (24, 40, 92)

_STYLE_TABLE = """
CREATE TABLE layer_styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    f_table_catalog TEXT(256),
    f_table_schema TEXT(256),
    f_table_name TEXT(256),
    f_geometry_column TEXT(256),
    styleName TEXT(30),
    styleQML TEXT,
    styleSLD TEXT,
    useAsDefault BOOLEAN,
    description TEXT,
    owner TEXT(30),
    ui TEXT(30),
    update_time DATETIME DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now'))
)
"""
_REGISTER_STYLES = """
INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)
VALUES ('layer_styles', 'attributes', 'layer_styles', 'QGIS styles of the layers', ?)
"""
_INSERT_STYLE = """
INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,
    styleName, styleQML, styleSLD, useAsDefault, description, owner, update_time)
VALUES ('', '', ?, ?, ?, ?, '', 1, '', '', ?)
"""


def write_geopackage(
    layers: Mapping[str, gpd.GeoDataFrame], path: Path, *, styles: Mapping[str, str]
) -> None:
    """Write frames as the layers of one new GeoPackage, in WGS 84.

    Parameters
    ----------
    layers
        Frames by name of layer, in the order in which QGIS is to list them.
    path
        The file, which must not exist yet.
    styles
        QML texts by name of layer; each becomes the layer's default style.

    Raises
    ------
    InputError
        When a frame has no CRS.
    """
    for name, frame in layers.items():
        # GDAL reports what it does to a mixed frame; here the type is decided beforehand.
        pyogrio.write_dataframe(
            _plain(wgs84(frame)),
            path,
            layer=name,
            driver="GPKG",
            append=path.exists(),
            geometry_type=_geometry_type(frame),
            promote_to_multi=_geometry_type(frame).startswith("Multi"),
            layer_options={"GEOMETRY_NAME": _GEOMETRY_COLUMN},
            dataset_options={} if path.exists() else {"VERSION": _VERSION},
        )
    require_room(path.parent, path.stat().st_size)
    with closing(sqlite3.connect(path)) as store:
        if styles:
            _add_styles(store, styles)
        store.execute("UPDATE gpkg_contents SET last_change = ?", (_MOMENT,))
        store.commit()
        store.execute("VACUUM")
        _check_whole(store, layers)
    _settle_counters(path)


def _check_whole(store: sqlite3.Connection, layers: Mapping[str, gpd.GeoDataFrame]) -> None:
    """Refuse a file that lacks features, or places in its indexes.

    Raises
    ------
    sqlite3.DatabaseError
        When something is missing.
    """
    for name, frame in layers.items():
        shapes = int((~(frame.geometry.isna() | frame.geometry.is_empty)).sum())
        wanted = {name: len(frame), f"rtree_{name}_{_GEOMETRY_COLUMN}": shapes}
        # GDAL's own table of counts has, up to GDAL 3.9, nothing on a layer without features.
        if any(_count(store, table) != rows for table, rows in wanted.items()):
            raise sqlite3.DatabaseError(f"the layer {name} could not be written whole")


def _count(store: sqlite3.Connection, table: str) -> int:
    return int(store.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0])


def _settle_counters(path: Path) -> None:
    """Begin all counters of a database at 1: no program has it open that could miss a change."""
    with path.open("r+b") as file:
        for place in _COUNTERS:
            file.seek(place)
            file.write((1).to_bytes(4, "big"))


def _add_styles(store: sqlite3.Connection, styles: Mapping[str, str]) -> None:
    store.execute(_STYLE_TABLE)
    store.execute(_REGISTER_STYLES, (_MOMENT,))
    rows = [(name, _GEOMETRY_COLUMN, name, text, _MOMENT) for name, text in styles.items()]
    store.executemany(_INSERT_STYLE, rows)


def _geometry_type(frame: gpd.GeoDataFrame) -> str:
    """Find the type that holds every feature; single and multi together make multi."""
    types = {str(kind) for kind in frame.geometry.geom_type.dropna()}
    singles = {kind.removeprefix("Multi") for kind in types}
    if len(singles) != 1:
        return "Unknown"
    single = singles.pop()
    return single if types == {single} else f"Multi{single}"


def _plain(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Drop the index, and keep text columns that hold nothing as text."""
    empty = [
        name
        for name in frame.columns
        if name != frame.geometry.name and frame[name].dtype == object and frame[name].isna().all()
    ]
    return frame.reset_index(drop=True).astype(dict.fromkeys(empty, pd.StringDtype()))

"""Layers of users' GeoPackages, by SQLite: rows are read and nothing else is opened.

A layer may be a view, and a column may be computed: a small file can then give values without end.
They are counted while they come.

A table of attributes, such as the ``layer_styles`` that QGIS writes, is no layer.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from pyproj import CRS

from geodata.errors import DataError
from geodata.sources.userfiles.formats.crs import UNSAID, crs_of, to_degrees
from geodata.sources.userfiles.formats.wkb import shapes_of
from geodata.sources.userfiles.layer import MOST_ROWS, UserLayer
from geodata.sources.userfiles.source import Source

_MAGIC = b"SQLite format 3\0"
_LAYERS = """
SELECT g.table_name, g.column_name, g.srs_id FROM gpkg_geometry_columns AS g
JOIN gpkg_contents AS c ON lower(c.table_name) = lower(g.table_name)
WHERE lower(c.data_type) = 'features' ORDER BY c.rowid
"""
_CRS = """
SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys
WHERE srs_id = ?
"""
_ENVELOPES = (0, 32, 48, 48, 64)
"""Bytes of the box in a header, by the kind of box."""
_LONGEST = 64 * 1024**2
"""Bytes of one value; those of a row together take no more than a whole layer may."""
_LOOSE = 2
"""Values may take so many times the bytes that a file may: in a view they are computed."""
_EACH = 64
"""Bytes of memory that a value takes besides its letters or bytes, and its place in the row."""
_SECONDS = 60.0
"""Time that a view may take."""


def read_geopackage(source: Source) -> UserLayer:
    """Features of the only layer, or of the named one.

    Raises
    ------
    InputError, DataError, OSError
        When it cannot be read, or has several layers and the source names none.
    """
    check_geopackage(source)
    with _database(source) as database:
        layers = {str(table): (column, srs) for table, column, srs in database.execute(_LAYERS)}
        table = source.one_layer(list(layers))
        column, srs = layers[table]
        crs = _crs(database, srs, source)
        names, rows = _rows(database, table, source)
    if not rows:
        raise source.refusal(f"Its layer {table} has no features.")
    if column not in names:
        raise source.refusal(f"Its layer {table} has no column {column}.")
    numbers = [f"feature {number}" for number in range(1, len(rows) + 1)]
    values = dict(zip(names, zip(*rows, strict=True), strict=True))
    blobs = [_wkb(blob, row, source) for blob, row in zip(values[column], numbers, strict=True)]
    return UserLayer(
        name=source.path.name,
        rows=numbers,
        shapes=to_degrees(shapes_of(blobs, numbers, source), crs, source),
        columns=[(name, values[name]) for name in names if name != column],
    )


def check_geopackage(source: Source) -> None:
    """Refuse a file that does not begin like a GeoPackage.

    Raises
    ------
    InputError, DataError, OSError
        As `Source.check`, and when it is not a GeoPackage.
    """
    source.check(source.path)
    with source.path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            raise source.refusal("It is no GeoPackage. Save the layer as one.")


@contextmanager
def _database(source: Source) -> Iterator[sqlite3.Connection]:
    """The file, opened read-only, with changes that an open QGIS has not yet written into it.

    Half-written changes are not read: a journal beside the file shows SQLite whether the writing
    program still works or was stopped.
    """
    path = source.path.resolve()
    waiting = [Path(f"{path}{suffix}") for suffix in ("-wal", "-journal")]
    unwritten = any(each.is_file() and each.stat().st_size for each in waiting)
    how = "mode=ro" if unwritten else "immutable=1"
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?{how}", uri=True)) as database:
            _bound(database)
            yield database
    except sqlite3.Error as error:
        hint = "Open it in QGIS and close it, or save" if unwritten else "Save"
        remedy = f"It cannot be read as a GeoPackage ({error}). {hint} the layer again."
        raise source.refusal(remedy) from error


def _bound(database: sqlite3.Connection) -> None:
    """Bound what the definitions in a file may do and how long they may take."""
    database.text_factory = lambda text: text.decode("utf-8", "replace")
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    database.execute("PRAGMA trusted_schema = OFF")
    latest = time.monotonic() + _SECONDS
    database.set_progress_handler(lambda: time.monotonic() > latest, 100_000)


def _rows(
    database: sqlite3.Connection, table: str, source: Source
) -> tuple[list[str], list[tuple[Any, ...]]]:
    """Names of the columns of a layer, and its rows."""
    quoted, most = table.replace('"', '""'), _LOOSE * source.most
    columns = database.execute(f'SELECT * FROM "{quoted}" LIMIT 0').description
    # SQLite gives rows whole, so that their length is limited before they are read.
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, min(_LONGEST, most // len(columns)))
    rows, size = [], 0
    for row in database.execute(f'SELECT * FROM "{quoted}"'):
        rows.append(row)
        size += _EACH * len(row) + sum(len(each) for each in row if isinstance(each, str | bytes))
        if len(rows) > MOST_ROWS:
            raise source.refusal(f"It has more than {MOST_ROWS:,} features; give fewer.")
        if size > most:
            raise source.refusal(
                f"Its layer takes more than {most // 1024**2} MiB; give fewer rows."
            )
    return [name for name, *_ in columns], rows


def _crs(database: sqlite3.Connection, srs: int, source: Source) -> CRS:
    row = database.execute(_CRS, (srs,)).fetchone()
    authority, code, definition = row or ("", "", "undefined")
    if "undefined" in str(definition).lower():
        raise source.refusal(UNSAID)
    known = str(authority).upper() in ("EPSG", "ESRI", "OGC")
    return crs_of(f"{authority}:{code}" if known else str(definition), source)


def _wkb(blob: Any, row: str, source: Source) -> bytes | None:
    """The WKB within a GeoPackage's geometry, None where there is none."""
    if blob is None:
        return None
    kind = (blob[3] >> 1) & 7 if isinstance(blob, bytes) and len(blob) > 8 else 7
    if kind >= len(_ENVELOPES) or blob[:2] != b"GP" or blob[3] & 0x20:
        where = f"{source.path.name}, {row}, geometry"
        raise DataError(where, str(blob)[:20], "It is no geometry of a GeoPackage; save it again.")
    return bytes(blob[8 + _ENVELOPES[kind] :])

"""Tables of a PostGIS database: the rows that touch the area, by psycopg, put into one file.

The rows are a copy with hash, date and licence like any other download, so that the same build
gives the same network later, without the database. Nothing is written there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from geodata.area.box import Box
from geodata.entries.spelling import suggestion
from geodata.errors import DataError, InputError, UnreachableError
from geodata.sources.download.cache import CachedFile, CacheEntry
from geodata.sources.download.downloader import Downloader, not_cached
from geodata.sources.download.hosts.partial import Partial, Version
from geodata.sources.download.providers.providers import Remote
from geodata.sources.download.providers.tiles import halves
from geodata.sources.fetched.addresses import Database, redact, table_name

MARGIN_DEGREES = 0.25
"""Margin around the area, because readers need features a few cells beyond its edge."""
_AT_ONCE = 10_000
"""Number of rows fetched at a time."""
_CONNECT_SECONDS = 10
_STEP_DEGREES = 0.5
"""Sides of the area are followed in such steps, lest a projection bend rows out of it."""
_QUERY = re.compile(r"\s*(?:select|with|table|values)\b", re.IGNORECASE)
_NAMES = re.compile(r'"((?:[^"]|"")+)"|([^\s."]+)')
_SHAPES = ("geometry", "geography")
_PLAIN = ("int2", "int4", "int8", "float4", "float8", "bool", "text", "varchar", "bpchar", "name")
"""Types that come as they are; decimal numbers come as floating ones, all others as text."""


@dataclass(frozen=True, kw_only=True)
class TableRemote(Remote):
    """Rows of a database.

    Parameters
    ----------
    label
        How errors call the layer.
    table
        ``schema.table``, or a query; the only table with a geometry where it is empty.
    box
        Rows that touch it come, or all.
    shaped
        Whether rows have a geometry.
    """

    label: str
    table: str
    box: Box | None
    shaped: bool

    @property
    def place(self) -> str:
        """Host and name of the database, to be shown."""
        return redact(self.url).partition(":")[2].lstrip("/")

    @property
    def field(self) -> str:
        """Name in errors."""
        return f"layer {self.label}, database {self.place}"


def table_remote(
    remote: Remote, *, label: str, table: str, box: Box | None, shaped: bool
) -> TableRemote:
    """The rows of a table that an area needs.

    Raises
    ------
    InputError
        When the library that reads databases is not installed.
    """
    if find_spec("psycopg") is None:
        remedy = "PostGIS needs the extra: pip install 'vereda[postgis]'."
        raise InputError(f"layer {label}, url", redact(remote.url), remedy)
    name = f"{table_name(table)}.{'parquet' if shaped else 'csv'}"
    return TableRemote(
        url=remote.url, name=name, kind="parquet" if shaped else "csv", licence=remote.licence,
        attribution=remote.attribution, sha256=remote.sha256, label=label, table=table, box=box,
        shaped=shaped,
    )  # fmt: skip


def get_table(downloader: Downloader, wanted: TableRemote) -> tuple[Path, CachedFile]:
    """The rows as one file of the cache; without asking, those that came the last time.

    Raises
    ------
    InputError, DataError, UnreachableError
        As `Downloader.get`.
    """
    edges = "" if wanted.box is None else ",".join(f"{edge:.10g}" for edge in wanted.box)
    entry = CacheEntry(downloader.cache, f"{wanted.url}#{wanted.table}#{edges}#{wanted.shaped}")
    if downloader.offline:
        cached = entry.cached()
        if cached is None:
            raise not_cached(wanted.url)
        return entry.file(cached), cached
    with entry.locked(say=downloader.say, check=downloader.check):
        cached = _fetched(downloader, entry, wanted)
    return entry.file(cached), cached


def _fetched(downloader: Downloader, entry: CacheEntry, wanted: TableRemote) -> CachedFile:
    part = Partial(entry.home)
    part.begin(Version())
    with _connected(wanted, downloader.patience.total) as connection, _in_words(wanted, connection):
        frame = _Table(connection, wanted, downloader).read()
    if isinstance(frame, gpd.GeoDataFrame):
        frame.to_parquet(part.path, write_covering_bbox=True)
    else:
        frame.to_csv(part.path, index=False)
    digest = part.digest("sha256")
    if wanted.sha256 and wanted.sha256 != digest:
        remedy = "The table has changed since; leave the sha256 out, or give the new one."
        raise DataError(f"{wanted.field}, sha256", digest[:12], remedy)
    return downloader.keep(entry, part, wanted, source=wanted.url)


@contextmanager
def _connected(wanted: TableRemote, seconds: float) -> Iterator[Any]:
    """A connection that only reads, and ends queries that take more than so many seconds."""
    import psycopg

    parts = Database.of(wanted.url)
    more: dict[str, Any] = (
        {} if "connect_timeout" in parts.url else {"connect_timeout": _CONNECT_SECONDS}
    )
    try:
        connection = psycopg.connect(parts.url, application_name="vereda", **more)
    except (psycopg.Error, ValueError, UnicodeError) as error:
        reason = parts.without_secrets(" ".join(str(error).split()))[:200]
        remedy = (
            f"It cannot be reached ({reason}). Check that it runs, its name, and who may read it: "
            "a password belongs into PGPASSWORD or ~/.pgpass."
        )
        raise UnreachableError(f"layer {wanted.label}, database", wanted.place, remedy) from None
    with connection:
        connection.read_only = True
        connection.execute(f"SET statement_timeout = {max(int(seconds * 1000), 1)}")
        yield connection


@contextmanager
def _in_words(wanted: TableRemote, connection: Any) -> Iterator[None]:
    """Errors of a database as errors of Vereda, in one line."""
    import psycopg

    try:
        yield
    except psycopg.errors.UndefinedTable:
        connection.rollback()
        raise _no_table(wanted, _tables(connection)) from None
    except psycopg.Error as error:
        message = error.diag.message_primary or str(error)
        reason = Database.of(wanted.url).without_secrets(" ".join(message.split()))[:200]
        remedy = f"The database refuses it: {reason}. Mend the table, the query or the rights."
        if isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
            remedy = f"The connection is lost ({reason}). Try again later."
            raise UnreachableError(wanted.field, wanted.table, remedy) from None
        raise DataError(wanted.field, wanted.table, remedy) from None


def _tables(connection: Any) -> list[str]:
    """Tables that have a geometry and may be read."""
    rows = connection.execute(
        "SELECT DISTINCT n.nspname, c.relname FROM pg_attribute a"
        " JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        " JOIN pg_type t ON t.oid = a.atttypid WHERE t.typname = ANY(%s)"
        " AND c.relkind = ANY('{r,v,m,f,p}') AND has_table_privilege(c.oid, 'SELECT')"
        " ORDER BY 1, 2",
        [list(_SHAPES)],
    )
    return [f"{schema}.{name}" for schema, name in rows]


def _no_table(wanted: TableRemote, known: Sequence[str]) -> DataError:
    guess = suggestion(wanted.table, known)
    shown_names = ", ".join(known[:10]) or "none that may be read"
    remedy = f'{guess}Give layer = "schema.table"; tables with a geometry: {shown_names}.'
    return DataError(wanted.field, wanted.table or None, remedy)


class _Table:
    """A table or query of a database that is connected."""

    def __init__(self, connection: Any, wanted: TableRemote, downloader: Downloader) -> None:
        from psycopg import sql

        self._sql = sql
        self._connection, self._wanted, self._downloader = connection, wanted, downloader
        self._source = self._from(wanted.table)
        self._columns = self._described()
        self._shape = self._shape_column() if wanted.shaped else ""

    def _from(self, table: str) -> Any:
        """Table or query for the clause FROM."""
        sql = self._sql
        if _QUERY.match(table):
            return sql.SQL("({}) AS rows").format(sql.SQL(table.rstrip().rstrip(";")))
        if not table:
            known = _tables(self._connection)
            if len(known) != 1:
                raise _no_table(self._wanted, known)
            return sql.Identifier(*known[0].split(".", 1))
        names = [one.replace('""', '"') or other for one, other in _NAMES.findall(table)]
        if not 1 <= len(names) <= 2:
            raise _no_table(self._wanted, _tables(self._connection))
        return sql.Identifier(*names)

    def _described(self) -> dict[str, str]:
        """Names and types of the columns."""
        cursor = self._ask("SELECT * FROM {source} LIMIT 0")
        kinds = [(column.name, column.type_code) for column in cursor.description]
        names = dict(
            self._connection.execute(
                "SELECT oid::int8, typname FROM pg_type WHERE oid = ANY(%s)",
                [[code for _, code in kinds]],
            ).fetchall()
        )
        return {name: names.get(code, "") for name, code in kinds}

    def _ask(self, text: str, **parts: Any) -> Any:
        # Numbers are written into the text: with parameters, a % of a query would be taken for
        # one.
        return self._connection.execute(self._sql.SQL(text).format(source=self._source, **parts))

    def _shape_column(self) -> str:
        shapes = [name for name, kind in self._columns.items() if kind in _SHAPES]
        if len(shapes) == 1:
            return shapes[0]
        remedy = (
            "It has no geometry: name a table that has one, or a query that makes one, as SELECT "
            "*, ST_Point(x, y, 4326) AS place FROM ..."
        )
        if shapes:
            remedy = f"It has several geometries ({', '.join(shapes)}): name a query of one."
        raise self._refusal(remedy)

    def read(self) -> pd.DataFrame:
        """The rows that touch the box, as the database gives them."""
        if not self._wanted.shaped:
            rows = self._rows(self._sql.SQL(""))
            if rows.empty:
                raise self._refusal("It has no rows.")
            return rows
        srid = self._srid()
        frame = self._rows(self._touching(srid))
        shapes = shapely.from_wkb(frame.pop(self._shape))
        frame = gpd.GeoDataFrame(frame, geometry=shapes, crs=self._crs(srid))
        placed = frame.geometry.notna()
        if not placed.any():
            remedy = "It has nothing in the area: name the table of this area, or leave it out."
            raise self._refusal(remedy)
        if not placed.all():
            lost = int((~placed).sum())
            self._downloader.say(
                f"{self._wanted.label}: {lost:,} rows without a geometry are left out"
            )
        return frame[placed].reset_index(drop=True)

    def _expressions(self) -> Iterator[Any]:
        sql = self._sql
        for name, kind in self._columns.items():
            column = sql.Identifier(name)
            if name == self._shape:
                shape = "ST_AsBinary(ST_CurveToLine(ST_Force2D({0}::geometry)), 'NDR') AS {0}"
                yield sql.SQL(shape).format(column)
            elif kind in _PLAIN:
                yield column
            elif kind not in _SHAPES:
                cast = sql.SQL("float8" if kind == "numeric" else "text")
                yield sql.SQL("{}::{} AS {}").format(column, cast, column)

    def _srid(self) -> int:
        """Number of the coordinate system of the geometry."""
        row = self._ask(
            "SELECT ST_SRID({shape}::geometry) FROM {source} WHERE {shape} IS NOT NULL LIMIT 1",
            shape=self._sql.Identifier(self._shape),
        ).fetchone()
        if row is None:
            raise self._refusal("It has no rows.")
        return int(row[0])

    def _crs(self, srid: int) -> CRS | None:
        row = self._connection.execute(
            "SELECT auth_name, auth_srid, srtext FROM spatial_ref_sys WHERE srid = %s", [srid]
        ).fetchone()
        for text in (f"{row[0]}:{row[1]}", row[2]) if row else ():
            try:
                return CRS.from_user_input(text)
            except CRSError:
                continue
        return None

    def _touching(self, srid: int) -> Any:
        """A condition that an index on the geometry answers."""
        sql, box = self._sql, self._wanted.box
        if box is None or not srid:
            return sql.SQL("")
        envelope = "ST_Segmentize(ST_MakeEnvelope({}, {}, {}, {}, 4326), {})"
        flat = self._columns[self._shape] == "geometry"
        towards = f"ST_Transform({envelope}, {srid})" if flat else f"{envelope}::geography"
        south, north = max(box.south - MARGIN_DEGREES, -90.0), min(box.north + MARGIN_DEGREES, 90.0)
        parts = [
            sql.SQL("{} && " + towards).format(
                sql.Identifier(self._shape),
                *map(sql.Literal, (west, south, east, north, _STEP_DEGREES)),
            )
            for west, east in halves(box.west - MARGIN_DEGREES, box.east + MARGIN_DEGREES)
        ]
        return sql.SQL(" WHERE {} IS NULL OR {}").format(
            sql.Identifier(self._shape), sql.SQL(" OR ").join(parts)
        )

    def _rows(self, condition: Any) -> pd.DataFrame:
        sql = self._sql
        columns = sql.SQL(", ").join(self._expressions())
        query = sql.SQL("SELECT {} FROM {}{}").format(columns, self._source, condition)
        meter, size = self._downloader.meter(self._wanted.name), 0
        rows: list[tuple[Any, ...]] = []
        with self._connection.cursor(name="vereda") as cursor:
            cursor.execute(query, binary=True)
            names = [column.name for column in cursor.description]
            while more := cursor.fetchmany(_AT_ONCE):
                self._downloader.check()
                rows += more
                size += sum(len(value) for row in more for value in row if _is_long(value))
                meter(size, None)
                if size > self._downloader.bytes_left:
                    remedy = "It grows beyond the limit; raise that with --most, or give a query."
                    raise InputError(self._wanted.field, f"{size / 1e6:,.0f} MB", remedy)
        return pd.DataFrame(rows, columns=names)

    def _refusal(self, remedy: str) -> DataError:
        return DataError(self._wanted.field, self._wanted.table or None, remedy)


def _is_long(value: object) -> bool:
    return isinstance(value, bytes | str)

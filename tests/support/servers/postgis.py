"""A PostgreSQL with PostGIS of its own, on loopback, for as long as tests need it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import geopandas as gpd
import psycopg

PROGRAMS = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
INSTALLED = bool(PROGRAMS) and any(
    Path("/usr/share/postgresql").glob("*/extension/postgis.control")
)
PASSWORD = "pa:ss w@rd"
"""Signs in it have to be written as percents in an address."""
WRITTEN = "pa%3Ass%20w%40rd"


@contextmanager
def postgis() -> Iterator[str]:
    """Address of a database with the extension, whose user has a password."""
    home = Path(tempfile.mkdtemp(prefix="postgis-"))
    # It refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(home, user)
    programs, port = PROGRAMS[-1].parent, _free_port()
    (home / "word").write_text(PASSWORD)
    (home / "word").chmod(0o644)
    try:
        _run(user, programs / "initdb", "--pgdata", home / "data", "--username", "vereda",
             "--auth", "scram-sha-256", "--pwfile", home / "word", "--no-sync")  # fmt: skip
        _run(user, programs / "pg_ctl", "--pgdata", home / "data", "--wait", "--silent",
             "--log", home / "log", "--options",
             f"-c listen_addresses=127.0.0.1 -c port={port} -c fsync=off "
             f"-c unix_socket_directories={home}", "start")  # fmt: skip
        address = f"postgresql://vereda:{WRITTEN}@127.0.0.1:{port}/postgres"
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION postgis")
        yield address
    finally:
        _run(user, programs / "pg_ctl", "--pgdata", home / "data", "--mode", "immediate",
             "--silent", "stop", check=False)  # fmt: skip
        shutil.rmtree(home, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _run(user: str | None, *words: object, check: bool = True) -> None:
    subprocess.run(
        [*map(str, words)], user=user, check=check, cwd="/", stdout=subprocess.DEVNULL
    )  # fmt: skip


def put(connection: psycopg.Connection, name: str, frame: gpd.GeoDataFrame, srid: int) -> None:
    """Make a table of a frame, with an index on its geometry."""
    others = [str(column) for column in frame.columns if column != frame.geometry.name]
    kinds = {"O": "text", "i": "integer", "f": "numeric", "b": "boolean"}
    columns = ", ".join(f'"{each}" {kinds.get(frame[each].dtype.kind, "text")}' for each in others)
    connection.execute(f"CREATE TABLE {name} ({columns}, geom geometry(Geometry, {srid}))")
    slots = ", ".join(["%s"] * len(others) + [f"ST_GeomFromWKB(%s, {srid})"])
    with connection.cursor() as cursor:
        cursor.executemany(
            f"INSERT INTO {name} VALUES ({slots})",
            [
                [*(row[each] for each in others), shape.wkb if shape else None]
                for row, shape in zip(
                    frame[others].astype(object).to_dict("records"), frame.geometry, strict=True
                )
            ],
        )
    connection.execute(f"CREATE INDEX ON {name} USING gist (geom)")

"""Polylines against shapely, line by line."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from geodata.errors import DataError
from geodata.network.network import Network
from geodata.network.polylines import Polylines

POINT = st.tuples(st.floats(-180, 180), st.floats(-90, 90))
LINES = st.lists(st.lists(POINT, min_size=2, max_size=5).map(shapely.LineString), max_size=6)


def same(lines: np.ndarray, wanted: np.ndarray) -> bool:
    return shapely.to_wkb(lines).tolist() == shapely.to_wkb(wanted).tolist()


@given(LINES)
def test_lines_come_back_as_they_were(lines: list[shapely.LineString]) -> None:
    shapes = np.array([*lines, None], object)[:-1]
    rows = np.arange(len(shapes))[::-1]
    assert same(Polylines.of(shapes).lines(rows), shapes[rows])


def test_the_store_holds_the_lines_that_shapely_reads(network: Network, network_dir: Path) -> None:
    """Blocks of many sizes: the file is read in pieces."""
    wanted = gpd.read_parquet(network_dir / "links.parquet", columns=["geometry"]).geometry
    rows = np.arange(0, len(wanted), 7)
    assert same(network.lines(rows), wanted.to_numpy()[rows])
    assert len(network.polylines.start) == len(wanted) + 1


def test_a_chain_is_followed_both_ways_and_passes_no_point_twice_in_a_row() -> None:
    shapes = shapely.from_wkt(
        ["LINESTRING (0 0, 1 0)", "LINESTRING (2 1, 1 0)", "LINESTRING (2 1, 3 1, 3 2)"]
    )
    rows, along = np.array([0, 1, 2, 2, 1]), np.array([True, False, True, False, True])
    chains = Polylines.of(shapes).joined(rows, along, np.array([0, 3]))
    assert [chain.wkt for chain in chains] == [
        "LINESTRING (0 0, 1 0, 2 1, 3 1, 3 2)", "LINESTRING (3 2, 3 1, 2 1, 1 0)"
    ]  # fmt: skip


@pytest.mark.parametrize(
    "shape", ["POINT (1 2)", "LINESTRING Z (0 0 1, 1 1 1)", "LINESTRING EMPTY", None]
)
def test_a_store_of_anything_else_is_refused(tmp_path: Path, shape: str | None) -> None:
    path = tmp_path / "links.parquet"
    line = shapely.LineString([(0, 0), (1, 1)])
    shapes = [line, shape and shapely.from_wkt(shape)]
    gpd.GeoDataFrame(geometry=shapes, crs="OGC:CRS84").to_parquet(path)
    with pytest.raises(DataError, match="not lines of two coordinates"):
        Polylines.read(path)


def test_a_store_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "links.parquet"
    path.write_bytes(b"PAR1" + b"x" * 500 + b"PAR1")
    with pytest.raises(DataError, match="not lines"):
        Polylines.read(path)
    for geometry in ([1, 2], ["a", "b"]):
        pd.DataFrame({"geometry": geometry}).to_parquet(path)
        with pytest.raises(DataError, match="not lines"):
            Polylines.read(path)
    pd.DataFrame({"u": [1, 2]}).to_parquet(path)
    with pytest.raises(DataError, match="not lines"):
        Polylines.read(path)
    for far in (1e300, 1e6):
        lines = [shapely.LineString([(0, 0), (far, 1)])]
        gpd.GeoDataFrame(geometry=lines, crs="OGC:CRS84").to_parquet(path)
        with pytest.raises(DataError, match="not lines"):
            Polylines.read(path)


def test_a_store_of_no_lines_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "links.parquet"
    gpd.GeoDataFrame(geometry=[], crs="OGC:CRS84").to_parquet(path)
    assert Polylines.read(path).start.tolist() == [0]

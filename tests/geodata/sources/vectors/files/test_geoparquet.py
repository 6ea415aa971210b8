"""GeoParquet whose rows have no boxes: looked through in groups; what meets a box is kept."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.area.box import Box
from geodata.errors import DataError
from geodata.sources.area_file import Layer
from geodata.sources.vectors.files import geoparquet, read_file

BOX = Box(-89.0, 14.0, -88.0, 15.0)


@pytest.fixture(scope="module")
def points() -> gpd.GeoDataFrame:
    """A row of points along a parallel, each with its number; some have no place."""
    x = np.linspace(-100, -80, 2001)
    frame = gpd.GeoDataFrame(
        {"number": np.arange(1, 2002), "text": "x" * 50, "half": pd.array([1, None] * 1000 + [1])},
        geometry=shapely.points(x, 14.5), crs="EPSG:4326",
    )  # fmt: skip
    frame.loc[[0, 700], "geometry"] = None
    return frame


def layer(path: Path) -> Layer:
    return Layer(role="places", path=(str(path),))


@pytest.mark.parametrize("crs", [4326, 32616])
def test_no_more_is_held_than_what_meets_the_box(tmp_path, points, monkeypatch, crs):
    path = tmp_path / "points.parquet"
    points.to_crs(crs).to_parquet(path, row_group_size=300, index=True)
    small = read_file(layer(path), path, BOX)
    monkeypatch.setattr(geoparquet, "SMALL", 0)
    monkeypatch.setattr(geoparquet, "_AT_ONCE", 64)
    monkeypatch.setattr(gpd, "read_parquet", lambda *_, **__: pytest.fail("it is read as a whole"))
    seen: list[int] = []
    real = geoparquet.pa.concat_tables
    monkeypatch.setattr(
        geoparquet.pa,
        "concat_tables",
        lambda tables: seen.append(sum(map(len, tables))) or real(tables),
    )
    rows = read_file(layer(path), path, BOX)
    columns = dict(rows.columns)
    assert rows.headings == ["number", "text", "half"]
    assert columns["number"].tolist() == [1, 701, *range(1101, 1202)]
    assert [rows.rows[at] for at in (0, 1, 2)] == ["feature 1", "feature 701", "feature 1101"]
    assert list(rows.rows) == list(small.rows) and len(rows) == 103 <= seen[0] < 110
    np.testing.assert_array_equal(columns["number"], dict(small.columns)["number"])
    assert shapely.equals_exact(rows.shapes[2:], small.shapes[2:], 1e-9).all()


@pytest.mark.parametrize("encoding", ["WKB", "geoarrow"])
def test_large_files_are_read_however_their_shapes_are_written(
    tmp_path, points, monkeypatch, encoding
):
    path = tmp_path / "lines.parquet"
    lines = points.iloc[1100:1103].set_geometry(shapely.linestrings([[(-89, 14), (-88, 15)]] * 3))
    lines.set_crs(4326).to_parquet(path, geometry_encoding=encoding)
    monkeypatch.setattr(geoparquet, "SMALL", 0)
    assert dict(read_file(layer(path), path, BOX).columns)["number"].tolist() == [1101, 1102, 1103]


def test_only_columns_that_are_used_are_read(tmp_path, points):
    for name, more in (("plain", {}), ("boxed", {"write_covering_bbox": True})):
        path = tmp_path / f"{name}.parquet"
        points.to_parquet(path, **more)
        rows = read_file(layer(path), path, BOX, used=lambda headings: headings[:1])
        assert [heading for heading, _ in rows.columns] == ["number"]
        assert rows.headings == ["number", "text", "half"]
        assert len(read_file(layer(path), path, None, used=lambda _: [])) == len(points)


def test_what_is_labelled_wrongly_is_refused_though_nothing_meets_the_box(
    tmp_path, points, monkeypatch
):
    monkeypatch.setattr(geoparquet, "SMALL", 0)
    path = tmp_path / "metres.parquet"
    points.to_crs(32616).set_crs(4326, allow_override=True).to_parquet(path)
    with pytest.raises(DataError, match="which is in degrees, and these are none"):
        read_file(layer(path), path, BOX)
    points[:0].to_parquet(path)
    with pytest.raises(DataError, match="no features"):
        read_file(layer(path), path, BOX)

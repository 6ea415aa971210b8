"""Results read back: whole, or refused with the file that is not."""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import signal
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pytest
import rasterio
import shapely

from geodata.errors import DataError
from geodata.formats.files.seals import Seal
from geodata.network.network import Network
from geodata.publication.results import reading
from geodata.publication.results.reading import (
    check_files,
    read_density,
    read_layer,
    read_nearness,
    read_record,
)
from geodata.publication.results.result_files import RESULT_FILES


@pytest.fixture
def result(result_dir: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(result_dir, tmp_path / "out"))


def test_a_result_tells_the_hash_of_each_of_its_files(result: Path) -> None:
    record = read_record(result)
    assert set(record["files"]) == set(RESULT_FILES) - {"result.json"}
    check_files(result, record)


@pytest.mark.parametrize("name", ["corridors.gpkg", "map.png", "admin.qml"])
def test_a_file_that_is_missing_cut_off_or_changed_is_named(result: Path, name: str) -> None:
    record, content = read_record(result), (result / name).read_bytes()
    for spoilt in (content[:-1], content[:50] + b"?" + content[51:], None):
        (result / name).unlink()
        if spoilt is not None:
            (result / name).write_bytes(spoilt)
        with pytest.raises(DataError) as raised:
            check_files(result, record)
        assert raised.value.value == name
        (result / name).write_bytes(content)


def test_copies_of_killed_readers_are_swept(
    result: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    package = check_files(result, read_record(result))["corridors.gpkg"]
    child = os.fork()
    if not child:
        reading._check_table = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        try:
            read_layer(package, "segments")
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    (left,) = scratch.iterdir()
    assert [*left.iterdir()]
    assert len(read_layer(package, "segments"))
    assert [*scratch.iterdir()] == []


def test_a_result_without_hashes_is_to_be_computed_again(result: Path) -> None:
    record = read_record(result)
    for wrong in ({}, [], None):
        with pytest.raises(DataError, match="vereda corridors"):
            check_files(result, {**record, "files": wrong})
    # A name in the record never leads out of the directory.
    with pytest.raises(DataError, match="missing"):
        check_files(result, {"files": {"../../etc/passwd": "0"}})


def rewrite(result: Path, name: str, content: bytes) -> None:
    """Put other content into a file of a result, and its hash into the record."""
    (result / name).write_bytes(content)
    record = read_record(result)
    record["files"][name] = hashlib.sha256(content).hexdigest()
    (result / "result.json").write_text(json.dumps(record))


@pytest.mark.parametrize("value", [math.nan, math.inf, -5, 1.5, "7", "0.5", True, None, 10**400])
def test_nearness_that_no_search_gives_is_refused(
    result: Path, network: Network, value: object
) -> None:
    near = json.loads((result / "near_gateways.geojson").read_text())
    read_nearness(result, network)
    near["features"][0]["properties"]["nearness"] = value
    rewrite(result, "near_gateways.geojson", json.dumps(near).encode())
    with pytest.raises(DataError, match=r"near_gateways\.geojson"):
        read_nearness(result, network)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("nearness.tif", 1.5),
        ("nearness.tif", math.inf),
        ("density.tif", -1),
        ("density.tif", math.inf),
    ],
)
def test_rasters_that_no_search_gives_are_refused(
    result: Path, network: Network, name: str, value: float
) -> None:
    with rasterio.open(result / name, "r+") as raster:
        values = raster.read(1)
        values[0, 0] = value
        raster.write(values, 1)
    read = read_density if name == "density.tif" else read_nearness
    with pytest.raises(DataError, match="changed"):
        read(result, network)
    rewrite(result, name, (result / name).read_bytes())
    with pytest.raises(DataError, match="It has values that are not"):
        read(result, network)


@pytest.mark.parametrize("name", ["density.tif", "near_gateways.geojson"])
def test_files_that_the_record_does_not_list_are_no_result(
    result: Path, network: Network, name: str
) -> None:
    record = read_record(result)
    del record["files"][name]
    (result / "result.json").write_text(json.dumps(record))
    with pytest.raises(DataError, match=r"result\.json does not list it"):
        (read_density if name == "density.tif" else read_nearness)(result, network)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_shape_that_is_none_is_told_with_its_layer(tmp_path: Path) -> None:
    """A line of one point can be written by others, and none can be made of it."""
    path = tmp_path / "corridors.gpkg"
    line = shapely.LineString([(0, 0), (1, 1)])
    gpd.GeoDataFrame({"geometry": [line]}, crs=4326).to_file(path, layer="corridors")
    with closing(sqlite3.connect(path)) as rows, rows:
        for (made,) in rows.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            rows.execute(f'DROP TRIGGER "{made}"')
        (blob,) = rows.execute("SELECT geom FROM corridors").fetchone()
        head = blob[: len(blob) - len(shapely.to_wkb(line))]
        one = bytes.fromhex("010200000001000000") + bytes(16)
        rows.execute("UPDATE corridors SET geom = ?", (head + one,))
    seal = Seal(path, hashlib.sha256(path.read_bytes()).hexdigest())
    with pytest.raises(DataError, match="cannot be read") as raised:
        read_layer(seal, "corridors")
    assert raised.value.value == "corridors"

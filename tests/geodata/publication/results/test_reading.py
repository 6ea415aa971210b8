"""Results read back: whole, or refused with the file that is not."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from geodata.errors import DataError
from geodata.formats.files.seals import Seal
from geodata.publication.results.reading import check_files, read_layer, read_record
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


def test_a_result_without_hashes_is_to_be_computed_again(result: Path) -> None:
    record = read_record(result)
    for wrong in ({}, [], None):
        with pytest.raises(DataError, match="vereda corridors"):
            check_files(result, {**record, "files": wrong})
    # A name in the record never leads out of the directory.
    with pytest.raises(DataError, match="missing"):
        check_files(result, {"files": {"../../etc/passwd": "0"}})


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

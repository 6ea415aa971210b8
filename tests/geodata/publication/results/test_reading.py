"""Results read back: whole, or refused with the file that is not."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from geodata.errors import DataError
from geodata.publication.results import reading
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
        read_layer(package, "segments")
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

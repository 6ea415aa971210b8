"""Disks that are full, and files that may not grow: told as such, whatever wrote, and nothing lost.

Files of a child process are kept from growing beyond some size, which any user may do; where a
disk can be mounted, one that is too small is filled as well.
"""

from __future__ import annotations

import errno
import os
import resource
import shutil
import subprocess
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import rasterio
from matplotlib.figure import Figure

from cli import main
from geodata.cartography.drawing import save_png
from geodata.errors import DataError
from geodata.formats.files.disks import translate_disk_errors
from geodata.formats.files.store import whole_file
from geodata.formats.geotiff import write_band
from geodata.formats.tiles.pmtiles import write_archive
from geodata.formats.tiles.pyramid import Pyramid, Tileset, Zooms
from geodata.formats.vector import write_features
from geodata.publication.results import result_directory as writers
from geodata.publication.results.result_directory import write_result
from service.access.tokens import add
from tests.support.storing import hidden_in
from tests.support.worlds.result_sample import sample

SHARES = (0.02, 0.4, 0.9, 1.4, 2.6)
"""Of the size of what is written: the largest leave room for all but the last."""


def draw(path: Path) -> None:
    figure = Figure(figsize=(2, 2))
    figure.figimage(np.random.default_rng(1).random((200, 200)))
    save_png(figure, path, dpi=100)


def write_picture(path: Path) -> None:
    with whole_file(path) as partial:
        draw(partial)


def write_tiles(path: Path) -> None:
    tileset = Tileset("all", "All", [Pyramid("gateways", sample().gateways)])
    with whole_file(path) as partial:
        write_archive(tileset, partial, zooms=Zooms(least=5, most=7), metadata={})


def write_surface(path: Path) -> None:
    noise = np.random.default_rng(1).random(sample().area.shape, np.float32)
    with whole_file(path) as partial:
        write_band(noise, sample().area, partial, "Noise")


def write_tokens(path: Path) -> None:
    # It grows with every one, from the beginning.
    path.unlink(missing_ok=True)
    for number in range(20):
        add(path, str(number), scopes=["read"], days=1)


WRITERS: dict[str, Callable[[Path], object]] = {
    "out": lambda path: write_result(sample(), path, draw=draw, overwrite=True),
    "a.tif": write_surface,
    "a.gpkg": lambda path: write_features(sample().segments, path),
    "a.fgb": lambda path: write_features(sample().segments, path),
    "a.parquet": lambda path: write_features(sample().segments, path),
    "a.geojson": lambda path: write_features(sample().segments, path),
    "a.pmtiles": write_tiles,
    "a.png": write_picture,
    "tokens.json": write_tokens,
}


def in_child(work: Callable[[], object], most: int | None) -> tuple[int, str]:
    """Number of the error with which something ends in a child, and what it names; 0 for none.

    Parameters
    ----------
    most
        Bytes of a file at most.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        message = "-1 "
        try:
            if most is not None:
                resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
            work()
            message = "0 "
        except OSError as error:
            message = f"{error.errno} {error.filename}"
        except BaseException:
            message += traceback.format_exc()
        finally:
            os.write(writing, message.encode()[:4000])
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        number, _, name = pipe.read().decode().partition(" ")
    assert os.waitpid(child, 0)[1] == 0
    return int(number), name


def sizes(place: Path) -> list[int]:
    return [path.stat().st_size for path in place.parent.rglob("*") if path.is_file()]


def held_in(home: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()
    }


@pytest.mark.trials
@pytest.mark.parametrize("name", list(WRITERS))
def test_files_that_may_not_grow(tmp_path: Path, name: str) -> None:
    place = tmp_path / "home" / name
    place.parent.mkdir()
    WRITERS[name](place)
    largest = max(sizes(place))
    before = held_in(place.parent)
    seen = set()
    for share in SHARES:
        number, named = in_child(lambda: WRITERS[name](place), int(largest * share))
        assert number in (0, errno.EFBIG), named
        seen.add(number)
        if number:
            assert named == str(place)
        if name != "tokens.json":
            # Old or new, which are the same.
            assert held_in(place.parent) == before
        assert hidden_in(place.parent) == []
    assert errno.EFBIG in seen


@contextmanager
def disk(place: Path, size: int) -> Iterator[bool]:
    """Mount a disk of a size in bytes; whether that is allowed."""
    place.mkdir(exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    mounted = (
        bool(shutil.which("mount"))
        and not subprocess.run(command, capture_output=True, check=False).returncode
    )
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", str(place)], check=True)


@pytest.mark.parametrize("name", list(WRITERS))
def test_disks_that_are_too_small(tmp_path: Path, name: str) -> None:
    (tmp_path / "home").mkdir()
    WRITERS[name](tmp_path / "home" / name)
    needed = sum(sizes(tmp_path / "home" / name))
    for share in SHARES:
        pages = 3 + int(needed * share) // 4096
        with disk(tmp_path / "disk", pages * 4096) as mounted:
            if not mounted:
                # That of `test_files_that_may_not_grow` is all that can be had here.
                return
            place = tmp_path / "disk" / name
            number, named = in_child(lambda place=place: WRITERS[name](place), None)
            assert number in (0, errno.ENOSPC), named
            if number:
                assert named == str(place)
                assert name == "tokens.json" or not place.exists()
            elif name != "tokens.json":
                # What was written is all of it.
                home = tmp_path / "home"
                assert held_in(place.parent) == held_in(home)
            assert hidden_in(place.parent) == []


def test_a_raster_that_nobody_can_read_is_not_hashed(tmp_path: Path, monkeypatch) -> None:
    def cut(values: object, area: object, path: Path, title: str) -> None:
        usual(values, area, path, title)
        os.truncate(path, path.stat().st_size // 2)

    usual = writers.write_band
    monkeypatch.setattr(writers, "write_band", cut)
    with pytest.raises(OSError, match="out") as failure:
        write_result(sample(), tmp_path / "out", draw=draw)
    assert failure.value.errno == errno.EIO
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "error",
    [
        rasterio.errors.RasterioIOError("x"),
        OSError("encoder error -2 when writing image file"),
        OSError(errno.ENOSPC, "No space left on device"),
    ],
)
def test_words_of_libraries_become_errors_of_the_system(tmp_path: Path, error: Exception) -> None:
    with (
        pytest.raises(OSError, match="the place") as raised,
        translate_disk_errors(Path("the place"), tmp_path),
    ):
        raise error
    assert raised.value.errno in (errno.ENOSPC, errno.EIO) and raised.value.filename == "the place"


def test_other_errors_are_left_alone(tmp_path: Path) -> None:
    for error in (DataError("a", "b", "c."), ValueError("a"), FileNotFoundError(2, "a", "/b")):
        with pytest.raises(type(error)) as raised, translate_disk_errors(Path("place"), tmp_path):
            raise error
        assert raised.value is error


def test_the_command_line_tells_it_in_one_line(tmp_path: Path, monkeypatch, capsys) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(SystemExit) as end:
        main.run(["corridors", "--output", str(tmp_path / "out")])
    assert end.value.code == 5
    complaint = capsys.readouterr().err
    assert complaint.count("\n") == 1 and "No space left" in complaint and "out" in complaint

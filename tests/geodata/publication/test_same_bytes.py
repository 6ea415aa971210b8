"""The same layers give the same bytes: under load, in every language, whatever the settings."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from geodata.formats.vector import write_features
from geodata.publication.results.result_directory import write_result
from geodata.publication.results.result_files import RESULT_FILES
from tests.support.load import load
from tests.support.worlds.result_sample import sample

WRITE = """
import os, sys
from pathlib import Path
os.umask(int(sys.argv[2], 8))
import pyogrio  # Before the library that draws, as in the commands.
from geodata.cartography.printed.result_map import draw_map
from geodata.publication.results.result_directory import write_result
from tests.support.worlds.result_sample import bundled_basemap, sample

base = bundled_basemap()
write_result(sample(), Path(sys.argv[1]), draw=lambda path: draw_map(
    sample(), base, path, title="Título: office", subtitle="ñandú", attribution=base.attribution))
"""
SETTINGS = """
font.family: serif
font.size: 30
savefig.bbox: tight
lines.antialiased: False
axes.facecolor: red
"""


def digests(directory: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in directory.iterdir()
    }


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb", ".parquet"])
def test_a_layer_repeats_under_load(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"layer{suffix}"
    seen = set()
    with load():
        for _ in range(10):
            write_features(sample().gateways, path)
            seen.add(hashlib.sha256(path.read_bytes()).hexdigest())
    assert len(seen) == 1


def test_the_counters_of_a_geopackage_tell_nothing_of_how_it_was_written(tmp_path: Path) -> None:
    head = write_features(sample().gateways, tmp_path / "layer.gpkg").read_bytes()[:100]
    for place in (24, 40, 92):
        assert int.from_bytes(head[place : place + 4], "big") == 1
    with closing(sqlite3.connect(tmp_path / "layer.gpkg")) as rows:
        assert rows.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_result_repeats_under_load(tmp_path: Path) -> None:
    with load():
        seen = [
            digests(
                write_result(
                    sample(), tmp_path / str(turn), draw=lambda path: path.write_bytes(b"map")
                )
            )
            for turn in range(4)
        ]
    assert all(each == seen[0] for each in seen)


@pytest.mark.trials
def test_a_result_is_the_same_in_every_language_and_under_all_settings(tmp_path: Path) -> None:
    (tmp_path / "matplotlibrc").write_text(SETTINGS)
    locales = tmp_path / "locales"
    locales.mkdir()
    if shutil.which("localedef"):
        # Where it cannot be made, that process runs in the language that there is.
        name = str(locales / "es_GT.UTF-8")
        subprocess.run(["localedef", "-i", "es_GT", "-f", "UTF-8", name],
                       capture_output=True, check=False)  # fmt: skip
    spanish = {"LOCPATH": str(locales), "LC_ALL": "es_GT.UTF-8", "TZ": "America/Guatemala",
               "PYTHONHASHSEED": "1", "GDAL_NUM_THREADS": "4", "OMP_NUM_THREADS": "1",
               "SOURCE_DATE_EPOCH": "1"}  # fmt: skip
    runs = [
        _write(tmp_path / "plain", tmp_path / "home", {"LC_ALL": "C.UTF-8"}, umask="022"),
        _write(tmp_path / "spanish", tmp_path, spanish, umask="077"),
        _write(tmp_path / "posix", tmp_path / "home",
               {"LC_ALL": "POSIX", "TZ": "Asia/Tokyo", "MPLCONFIGDIR": str(tmp_path)}, umask="002"),
    ]  # fmt: skip
    for run in runs:
        _, complaint = run.communicate(timeout=600)
        assert run.returncode == 0, complaint
    plain = digests(tmp_path / "plain")
    assert set(plain) == set(RESULT_FILES)
    assert digests(tmp_path / "spanish") == plain
    assert digests(tmp_path / "posix") == plain


def _write(target: Path, cwd: Path, settings: dict[str, str], *, umask: str) -> subprocess.Popen:
    """Write the sample in a process of its own."""
    cwd.mkdir(exist_ok=True)
    usual = {name: value for name, value in os.environ.items() if name not in ("LANG", "LC_CTYPE")}
    root = str(Path(__file__).parents[3])
    return subprocess.Popen([sys.executable, "-c", WRITE, str(target), umask], cwd=cwd, text=True,
                            env={**usual, "PYTHONPATH": root, **settings},
                            stderr=subprocess.PIPE)  # fmt: skip

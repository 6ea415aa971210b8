"""Real QGIS opens a result and a comparison, and draws them as they were meant."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from geodata.publication.comparisons import write_comparison
from geodata.publication.results.result_directory import write_result
from tests.support.desktop import run_qgis
from tests.support.desktop.run_qgis import QGIS_PYTHON, run
from tests.support.worlds.result_sample import compared, sample

RENDER = Path(__file__).parents[1] / "support" / "desktop" / "render.py"


@pytest.fixture(scope="module", autouse=True)
def installed():
    if not Path(QGIS_PYTHON).exists() or run("-c", "import qgis.core").returncode:
        pytest.skip("QGIS is not installed: apt-get install qgis python3-qgis")


@pytest.fixture(scope="module")
def result(tmp_path_factory, installed):
    directory = tmp_path_factory.mktemp("qgis") / "result"
    return write_result(sample(), directory, draw=lambda path: path.write_bytes(b""))


def test_qgis_opens_and_draws_a_result_with_its_styles(result, tmp_path):
    done = run(RENDER, result, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"geopackage.png", "geojson.png"}


def test_qgis_opens_and_draws_a_comparison_with_its_styles(tmp_path):
    home = write_comparison(
        compared(), {}, tmp_path / "moved", draw=lambda path: path.write_bytes(b""), overwrite=False
    )
    (tmp_path / "drawn").mkdir()
    done = run(RENDER, home, tmp_path / "drawn")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((tmp_path / "drawn").iterdir())) == 2


def test_the_check_notices_a_missing_style(result, tmp_path):
    bare = Path(shutil.copytree(result, tmp_path / "bare"))
    (bare / "gateways.qml").unlink()
    done = run(RENDER, bare, tmp_path)
    assert done.returncode == 1
    assert "geojson gateways: is drawn by singleSymbol" in done.stdout


def test_qgis_is_asked_again_when_it_crashes(tmp_path, monkeypatch):
    crashing = tmp_path / "python3"
    crashing.write_text('#!/bin/sh\n[ -e "$1" ] && exit 0\ntouch "$1"\nkill -SEGV $$\n')
    crashing.chmod(0o755)
    monkeypatch.setattr(run_qgis, "QGIS_PYTHON", crashing)
    assert run(tmp_path / "crashed").returncode == 0

"""Real QGIS opens a result and a comparison, and draws them as they were meant."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from geodata.publication.comparisons import write_comparison
from geodata.publication.result_directory import write_result
from tests.support.result_sample import compared, sample

QGIS_PYTHON = "/usr/bin/python3"
ATTEMPTS = 3
RENDER = Path(__file__).parents[1] / "support" / "render.py"


def run(*arguments):
    """Run QGIS's own Python without a screen and without our environment's packages.

    When QGIS itself crashes, which it does now and then, nothing was said of what it was given: it
    is asked again, and a third time. What makes it crash always is a fault.
    """
    hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PROJ_LIB", "PROJ_DATA", "GDAL_DATA")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    environment["QT_QPA_PLATFORM"] = "offscreen"
    for _ in range(ATTEMPTS):
        done = subprocess.run(
            [QGIS_PYTHON, *map(str, arguments)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        if done.returncode >= 0:
            break
    return done


@pytest.fixture(scope="module", autouse=True)
def qgis():
    if not Path(QGIS_PYTHON).exists() or run("-c", "import qgis.core").returncode:
        pytest.skip("QGIS is not installed: apt-get install qgis python3-qgis")


@pytest.fixture(scope="module")
def result(tmp_path_factory, qgis):
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

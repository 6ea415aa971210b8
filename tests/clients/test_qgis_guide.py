"""``docs/guide-qgis.md`` followed to the letter, with the real QGIS and the real GDAL."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tests.support.desktop.run_qgis import QGIS_PYTHON, run

pytestmark = pytest.mark.trials

SUPPORT = Path(__file__).parents[1] / "support" / "desktop"
GUIDE = SUPPORT.parents[2] / "docs/guide-qgis.md"
MADE = "vereda build --output network\nvereda corridors --network network --output out\n"
"""What the fixtures of all tests have run already."""
EMPTY = 1


def blocks(language: str) -> list[str]:
    """Blocks of code of the guide."""
    return re.findall(rf"^```{language}\n(.*?)^```", GUIDE.read_text("utf-8"), re.M | re.S)


@pytest.fixture(scope="module")
def desk(network_dir: Path, result_dir: Path, tmp_path_factory) -> Path:
    """A directory as the first commands of the guide leave it."""
    if not Path(QGIS_PYTHON).exists() or run("-c", "import qgis.core").returncode:
        pytest.skip("QGIS is not installed: apt-get install qgis python3-qgis")
    for command in ("curl", "ogr2ogr", "ogrinfo"):
        if shutil.which(command) is None:
            pytest.skip(f"{command} is not installed: apt-get install curl gdal-bin")
    directory = tmp_path_factory.mktemp("guide")
    (directory / "network").symlink_to(network_dir)
    (directory / "out").symlink_to(result_dir)
    return directory


@pytest.fixture(scope="module")
def port(desk: Path) -> Iterator[str]:
    """The service as the guide starts it, but for the port, which may be taken."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = str(free.getsockname()[1])
    making, serving, *_ = blocks("bash")
    assert making == MADE
    arguments = serving.replace("8000", number).split()
    assert arguments.pop(0) == "vereda"
    code = "import sys; from cli.main import run; run(sys.argv[1:])"
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=desk, stdout=subprocess.DEVNULL
    )
    try:
        for _ in range(1500):
            try:
                urlopen(f"http://127.0.0.1:{number}/health", timeout=60).close()
                break
            except OSError:
                assert process.poll() is None
                time.sleep(0.2)
        yield number
    finally:
        process.terminate()
        process.wait(timeout=300)


@pytest.fixture(scope="module")
def followed(desk: Path, port: str) -> dict[str, Any]:
    """What came of all the other blocks."""
    hidden = ("GDAL_DATA", "PROJ_DATA", "PROJ_LIB")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    for block in blocks("bash")[2:]:
        done = subprocess.run(
            ["bash", "-e", "-c", block.replace("8000", port)], cwd=desk, env=environment,
            capture_output=True, text=True, timeout=900, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    code = "".join(blocks("python")).replace("8000", port).replace('"out/', f'"{desk}/out/')
    (desk / "console.py").write_text(code)
    done = run(
        SUPPORT / "follow_guide.py",
        desk / "vereda.qgs", desk / "segments.qlr", desk /
        "console.py", desk,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    outcome: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return outcome


@pytest.mark.client
def test_the_project_opens_with_every_layer_styled_and_drawn(
    followed: dict[str, Any], port: str
) -> None:
    assert followed["opened"]
    # In degrees a map is squashed the more, the farther it is from the equator.
    assert followed["system"].startswith("Vereda borderlands: Lambert azimuthal equal-area")
    with urlopen(f"http://127.0.0.1:{port}/collections", timeout=300) as answer:
        names = [each["id"] for each in json.load(answer)["collections"]]
    assert set(followed["layers"]) == {f"vereda_{name.replace('-', '_')}" for name in names}
    for name in names:
        layer = followed["layers"][f"vereda_{name.replace('-', '_')}"]
        url = f"http://127.0.0.1:{port}/collections/{name}/items?limit=1"
        with urlopen(url, timeout=300) as answer:
            assert layer["count"] == json.load(answer)["numberMatched"]
        assert layer["provider"] == "OAPIF"
        assert followed["drawn"][f"vereda_{name.replace('-', '_')}"] > EMPTY
    assert followed["layers"]["vereda_roads"]["renderer"] == "categorizedSymbol"
    assert followed["layers"]["vereda_corridors"]["renderer"] == "graduatedSymbol"
    shown = ["corridor_gateways", "segments", "lakes", "admin", "countries"]
    assert followed["shown"] == [f"vereda_{name}" for name in shown]
    assert followed["project"] > 100


@pytest.mark.client
def test_layers_tell_what_their_fields_are_and_whose_data_they_show(
    followed: dict[str, Any], port: str
) -> None:
    with urlopen(f"http://127.0.0.1:{port}/collections/segments/schema", timeout=300) as answer:
        schema = json.load(answer)["properties"]
    segments = followed["layers"]["vereda_segments"]
    titles = {each["title"] for each in schema.values() if "title" in each}
    assert {alias.partition(" (")[0] for alias in segments["aliases"]} <= titles
    assert {"Usage", "Hours (h)", "Length (km)", "Mode of travel"} <= set(segments["aliases"])
    alone = {f"vereda_{name}" for name in ("posts", "events", "counts")}
    for name, layer in followed["layers"].items():
        assert all(layer["aliases"])
        title, tip = layer["called"]
        assert title
        assert title in tip
        assert layer["rights"] and layer["licences"]
        if name not in alone:
            assert "© OpenStreetMap contributors" in " ".join(layer["rights"])
            assert {"ODbL-1.0", "CC-BY-4.0"} <= set(layer["licences"])
    assert "ODbL-1.0" in followed["credit"]
    _, tip = followed["layers"]["vereda_corridors"]["called"]
    assert re.fullmatch(r"<b>.+ - .+</b><br>\d+(\.\d)?% of modelled flow", tip)


@pytest.mark.client
def test_times_are_set_but_hide_nothing_until_asked(followed: dict[str, Any]) -> None:
    active, years = followed["timed"]
    assert not active
    assert years == [2020, None]


@pytest.mark.client
def test_modes_are_a_style_away(followed: dict[str, Any]) -> None:
    usual, modes = followed["layers"]["vereda_segments"], followed["by mode"]
    assert usual["renderer"] == "graduatedSymbol"
    assert modes == usual | {"renderer": "categorizedSymbol"}


@pytest.mark.client
def test_a_layer_comes_by_definition_and_from_the_console(followed: dict[str, Any]) -> None:
    segments = followed["layers"]["vereda_segments"]
    assert followed["definition"] == [segments]
    assert followed["console"]["count"] == segments["count"] > 1000
    assert followed["console"]["renderer"] == "categorizedSymbol"
    assert followed["segments"] > 100


@pytest.mark.client
def test_the_commands_fetch_what_they_say(followed: dict[str, Any], desk: Path) -> None:
    corridors = json.loads((desk / "out/corridors.geojson").read_text())["features"]
    rows = [each["properties"] for each in corridors]
    wanted = [row["id"] for row in rows if row["usage"] > 0.005 and row["km_sea"] > 0]
    by_sea = json.loads((desk / "by-sea.geojson").read_text())["features"]
    shares = [each["properties"]["usage"] for each in by_sea]
    assert shares == sorted(shares, reverse=True)
    assert sorted(each["id"] for each in by_sea) == sorted(wanted)
    # More than a page.
    assert len(wanted) > 10
    since = json.loads((desk / "posts-since-2020.geojson").read_text())
    years = {each["properties"]["year"] for each in since["features"]}
    assert years >= {2020, 2025}
    assert min(years) == 2020
    assert (desk / "customs.gpkg").stat().st_size > 50_000
    assert (desk / "roads.parquet").read_bytes()[:4] == b"PAR1"


def test_the_share_of_flow_that_is_listed_is_as_it_says(result_dir: Path) -> None:
    listed = json.loads((result_dir / "result.json").read_text("utf-8"))["usage_listed"]
    assert f"{listed:.0%} here" in GUIDE.read_text("utf-8")


def test_the_pictures_of_the_guide_are_there() -> None:
    for picture in re.findall(r"!\[.*?\]\((.*?)\)", GUIDE.read_text("utf-8")):
        assert (GUIDE.parent / picture).stat().st_size > 50_000

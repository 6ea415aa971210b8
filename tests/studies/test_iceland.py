"""Iceland from a short area file and one extract: every command, the service, and its clients."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pytest
from click.testing import CliRunner

from cli.main import vereda
from cli.shell.console import Session
from tests.clients.test_qgis_files import RENDER
from tests.support.desktop.run_qgis import QGIS_PYTHON, run
from tests.support.mapbook import LEAST_USED, MOST_USED, SHARP, Visit, count
from tests.support.servers.running import Running

pytestmark = [pytest.mark.studies, pytest.mark.client]

AREA = """\
[area]
name = "iceland"
bbox = [-25.0, 63.2, -13.2, 66.7]
countries = ["IS"]
cell_m = 4000.0

[[layer]]
role = ["roads", "coast", "lakes", "rivers", "admin", "places", "ports", "airstrips", "posts"]
path = "{pbf}"
"""
ENDS = ("--profile", "cocaine-north", "--from", "-13.4,66.4", "--to", "Reykjavík")
"""A made-up flow from a point at sea."""
FOREIGN = re.compile(r"Guatemala|Honduras|Belize|borderlands|Caribbean|Izabal")
SUPPORT = Path(__file__).parents[1] / "support" / "desktop"
DRAW = """
import os, sys
from pathlib import Path
sys.path.insert(0, {support!r})
from follow_guide import draw
from qgis.core import QgsApplication, QgsProject
application = QgsApplication([], False)
application.initQgis()
project = QgsProject.instance()
assert project.read({project!r})
nodes = project.layerTreeRoot().findLayers()
shown = [node.layer() for node in nodes if node.isVisible()]
assert all(each.isValid() for each in shown)
degrees = int(project.crs().isGeographic())
print(len(shown), draw(shown, Path({picture!r})), degrees, flush=True)
os._exit(0)
"""
MOST = 20_000
"""Features of a collection that QGIS reads whole here: it takes minutes for the links."""


def does(*words: object) -> str:
    ran = CliRunner().invoke(vereda, [*map(str, words)], obj=Session(), catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return str(ran.stdout)


@pytest.fixture(scope="module")
def iceland(iceland_pbf, tmp_path_factory) -> Path:
    """A folder with the area's file, its network, and a result."""
    folder: Path = tmp_path_factory.mktemp("iceland")
    (folder / "area.toml").write_text(AREA.format(pbf=iceland_pbf))
    does("build", "--area", folder / "area.toml", "--output", folder / "network")
    question = ("corridors", "--network", folder / "network", *ENDS)
    does(*question, "--output", folder / "out")
    return folder


def test_twenty_lines_are_enough(iceland) -> None:
    assert len((iceland / "area.toml").read_text().splitlines()) <= 20


def test_the_network_is_iceland(iceland) -> None:
    summary = json.loads(does("--json", "inspect", iceland / "network"))
    counts = summary["counts"]
    assert counts["nodes"]["junction"] > 100_000 and counts["links"]["road"] > 100_000
    scores = does("inspect", iceland / "network", "--scores")
    assert "Akureyri" in scores or "Norðurland" in scores
    assert "OpenStreetMap" in does("sources", "--network", iceland / "network")
    assert not FOREIGN.search(scores)


def test_corridors_land_and_drive(iceland) -> None:
    corridors = gpd.read_file(iceland / "out" / "corridors.geojson")
    assert corridors["usage"].sum() == pytest.approx(1.0, abs=0.02)
    assert (corridors["km_sea"] > 0).all() and (corridors["km_road"] > 300).all()
    # Roads of OpenStreetMap have bends: vertices at every few hundred metres.
    longest = corridors.geometry.iloc[0]
    vertices = sum(len(part.coords) for part in getattr(longest, "geoms", [longest]))
    assert vertices > 2_000
    assert (iceland / "out" / "map.png").stat().st_size > 100_000


def test_every_command_that_takes_a_network_or_a_result_answers(iceland) -> None:
    ask = ("--network", iceland / "network", *ENDS)
    does("inspect", iceland / "network", "--checks")
    does("inspect", iceland / "network", "--distances")
    does("inspect", iceland / "out")
    short = ("--network", iceland / "network", "--profile", "migrants-north")
    towns = ("--from", "Egilsstaðir", "--to", "Reykjavík")
    does("alternatives", *short, *towns, "--map", iceland / "ways.png")
    does("chokepoints", *ask, "--least", 0.2, "--map", iceland / "cut.png")
    table = iceland / "indices.csv"
    does("sensitivity", *ask, "--slack", 0.02, "--samples", 4, "--output", table)
    with table.open(newline="") as rows:
        assert {"kind", "name"} <= set(next(csv.reader(rows)))
    for picture in ("ways.png", "cut.png"):
        assert (iceland / picture).stat().st_size > 50_000


def test_events_on_the_ring_road_are_told_from_chance(iceland) -> None:
    segments = gpd.read_file(iceland / "out" / "segments.geojson")
    used = segments[segments["mode"] == "road"].nlargest(40, "usage").geometry
    points = used.to_crs(3057).centroid.to_crs(4326)
    lines = [f"{point.x:.5f},{point.y:.5f},2020-01-01" for point in points]
    (iceland / "events.csv").write_text("\n".join(["lon,lat,date", *lines]))
    output = does(
        "validate", iceland / "out", "--network", iceland / "network",
        "--events", iceland / "events.csv", "--output", iceland / "validation",
    )  # fmt: skip
    assert "40" in output
    assert {path.suffix for path in (iceland / "validation").iterdir()} >= {".png", ".json"}


def test_tiles_hold_the_island(iceland) -> None:
    words = ("tiles", "--network", iceland / "network", "--result", iceland / "out")
    does(*words, "--max-zoom", 7, "--output", iceland / "iceland.pmtiles")
    assert (iceland / "iceland.pmtiles").stat().st_size > 500_000


@pytest.fixture(scope="module")
def served(iceland) -> Iterator[Running]:
    """`vereda serve`, as a program of its own."""
    network, result = (str(iceland / name) for name in ("network", "out"))
    service = Running(iceland, "--network", network, "--result", result)
    yield service
    service.stop()


def test_the_service_knows_only_iceland(served) -> None:
    _, listed, _ = served.ask("/collections")
    for name in (each["id"] for each in listed["collections"]):
        _, page, _ = served.ask(f"/collections/{name}/items?limit=200")
        assert page["type"] == "FeatureCollection"
        assert not FOREIGN.search(json.dumps(page, ensure_ascii=False)), name
    for address in ("/", "/about", "/map", "/map/ground", "/api", "/qgis/vereda.qgs"):
        status, answer, _ = served.ask(address, Accept="text/html, */*;q=0.5")
        text = answer.decode() if isinstance(answer, bytes) else json.dumps(answer)
        assert status == 200 and not FOREIGN.search(text), address
    status, live, _ = served.ask("/corridors?profile=migrants-north&from=Akureyri&to=Selfoss")
    assert status == 200 and live["features"]


def test_the_map_page_draws_it_in_both_languages(browser, served) -> None:
    for language, heading in (("en", "Corridors"), ("es", "Corredores")):
        with Visit(browser, served.url, link=f"#lang={language}", **SHARP) as visit:
            assert visit.complaints == []
            pixels = visit.pixels()
            assert count(pixels, MOST_USED) + count(pixels, LEAST_USED) > 200
            text = visit.page.text_content("body")
            assert heading in text and "Reykjavík" in text and not FOREIGN.search(text)
            assert all(url.startswith((served.url, "blob:", "data:")) for url in visit.requests)


@pytest.fixture(scope="module")
def qgis() -> None:
    """Where there is no QGIS, what it does is skipped."""
    if not Path(QGIS_PYTHON).exists() or run("-c", "import qgis.core").returncode:
        pytest.skip("QGIS is not installed: apt-get install qgis python3-qgis")


@pytest.mark.usefixtures("qgis")
def test_qgis_opens_geopackage_and_geojson_with_their_styles(iceland, tmp_path) -> None:
    done = run(RENDER, iceland / "out", tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"geopackage.png", "geojson.png"}


@pytest.mark.usefixtures("qgis")
def test_qgis_draws_the_project(iceland, served) -> None:
    project = iceland / "vereda.qgs"
    project.write_bytes(served.ask("/qgis/vereda.qgs")[1])
    picture = str(iceland / "project.png")
    done = run("-c", DRAW.format(support=str(SUPPORT), project=str(project), picture=picture))
    assert done.returncode == 0, done.stdout + done.stderr
    layers, colours, degrees = map(int, done.stdout.splitlines()[-1].split())
    assert layers == 5 and colours > 100
    # In degrees, Iceland would be drawn more than twice as wide as it is.
    assert not degrees


@pytest.mark.usefixtures("qgis")
def test_qgis_reads_the_collections(served) -> None:
    counts = {}
    for name in (each["id"] for each in served.ask("/collections")[1]["collections"]):
        matched = served.ask(f"/collections/{name}/items?limit=1")[1]["numberMatched"]
        if 0 < matched <= MOST:
            counts[name] = matched
    assert {"corridors", "segments", "lakes", "countries", "admin"} <= set(counts)
    done = run(SUPPORT / "read_in_qgis.py", served.url + "/", *counts)
    assert done.returncode == 0, done.stdout + done.stderr
    layers = json.loads(done.stdout.splitlines()[-1])
    assert {name: layer["read"] for name, layer in layers.items()} == counts

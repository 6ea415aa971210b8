"""A city on a border from a short area file and two extracts of different dates, end to end."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from click.testing import CliRunner

from cli.main import vereda
from cli.shell.console import Session
from geodata.cartography.basemap import basemap_of, borders, detail_factor, project_basemap
from geodata.network.network import Network
from geodata.network.store import load_network
from service.app import create_app
from service.state import Settings

pytestmark = pytest.mark.studies

AREA = """\
[area]
name = "monaco"
bbox = [7.395, 43.722, 7.455, 43.756]
countries = ["MC", "FR"]
cell_m = 100.0

[[layer]]
role = ["roads", "places", "crossings", "ports", "posts"]
path = ["new.osm.pbf", "old.osm.pbf"]

[[layer]]
role = "coast"
path = "old.osm.pbf"

[[layer]]
role = "admin"
path = "new.osm.pbf"
"""
EXTRACTS = {
    "new": ("quackosm", "tests/test_files/monaco.osm.pbf"),
    "old": ("osrm-bindings", "test/data/monaco.osm.pbf"),
}
ENDS = ("--from", "La Turbie", "--to", "Monaco", "--profile", "migrants-north", "--slack", 0.6)
FOREIGN = re.compile(r"Guatemala|Honduras|Belize|borderlands|Caribbean|Izabal")


def does(*words: object) -> str:
    ran = CliRunner().invoke(vereda, [*map(str, words)], obj=Session(), catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    return str(ran.stdout)


@pytest.fixture(scope="module")
def city(packaged, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("city")
    for name, member in EXTRACTS.items():
        shutil.copy(packaged(*member), folder / f"{name}.osm.pbf")
    (folder / "area.toml").write_text(AREA)
    built = json.loads(
        does("--json", "build", "--area", folder / "area.toml", "--output", folder / "network")
    )
    (folder / "built.json").write_text(json.dumps(built))
    question = ("corridors", "--network", folder / "network", *ENDS)
    does(*question, "--output", folder / "out")
    return folder


@pytest.fixture(scope="module")
def network(city) -> Network:
    return load_network(city / "network")


def test_twenty_lines_are_enough_and_what_is_derived_is_said(city) -> None:
    assert len(AREA.splitlines()) <= 20
    built = json.loads((city / "built.json").read_text())
    notes = {note["layer"]: note for note in built["lacking"]}
    assert notes["crossings"]["done"] == "derived"
    assert any("stay islands" in remark for remark in built["remarks"])


def test_land_that_no_unit_covers_is_of_the_other_country(network) -> None:
    towns = network.nodes[network.nodes["kind"] == "place"].set_index("name")["country"]
    assert towns.to_dict() == {"Monaco": "MC", "Beausoleil": "FR", "La Turbie": "FR",
                               "Cap-d'Ail": "FR"}  # fmt: skip
    # The extract has no unit of France: its land is one.
    assert "FR" in set(network.admin["id"])
    assert network.titles.countries == {"FR": "France", "MC": "Monaco"}
    assert network.titles.words["es"]["country.MC"] == "Mónaco"


def test_crossings_are_where_roads_meet_the_border_each_by_its_road(network) -> None:
    gateways = network.gateways
    formal = gateways[gateways["kind"] == "formal"]
    assert len(formal) > 20 and formal["name"].is_unique
    assert {"Beausoleil", "Monaco, Boulevard Rainier III"} <= set(formal["name"])
    assert (formal["country_a"] == "FR").all() and (formal["country_b"] == "MC").all()
    land = gpd.GeoDataFrame(network.layers["countries"]).set_index("country").geometry
    border = land["MC"].boundary.intersection(land["FR"].boundary.buffer(1e-6))
    assert shapely.distance(formal.geometry.to_numpy(), border).max() < 200 / 80_000
    # A border of some kilometres has sectors of a few hundred metres.
    assert 5 <= (gateways["kind"] == "informal").sum() <= 20


def test_a_map_of_a_city_shows_what_one_of_a_region_leaves_out(network) -> None:
    assert detail_factor(network.area) == pytest.approx(0.0048, abs=2e-4)
    projected = project_basemap(basemap_of(network), network.area)
    kept = {code: land.area / 1e6 for code, land in projected.countries.items()}
    assert kept == pytest.approx({"MC": 1.66, "FR": 9.1}, rel=0.02)
    _, inland = borders(projected)
    assert 4_500 < inland.length < 7_000


def test_the_result_and_the_service_are_of_the_city_alone(city) -> None:
    result = json.loads((city / "out" / "result.json").read_text())
    assert (city / "out" / "map.png").stat().st_size > 100_000
    assert "ODbL-1.0" in json.dumps(result) and not FOREIGN.search(json.dumps(result))
    corridors = gpd.read_file(city / "out" / "corridors.geojson")
    assert corridors["usage"].sum() == pytest.approx(1.0, abs=1e-6)
    jobs = city / "jobs"
    app = create_app(Settings(network=city / "network", result=(city / "out",), jobs=jobs))
    visitor = app.test_client()
    for address in ("/map", "/about", "/api", "/map/ground", "/qgis/vereda.qgs"):
        answer = visitor.get(address)
        assert answer.status_code == 200 and not FOREIGN.search(answer.text), address
    answer = visitor.get("/corridors?from=La%20Turbie&to=Monaco&profile=migrants-north")
    assert answer.status_code == 200 and answer.json["features"]

"""``vereda area init`` and ``check``, and ``vereda build --area``."""

import gzip
import json
import os
import re
import signal
import subprocess
from pathlib import Path

import geopandas as gpd
import mapbox_vector_tile
import numpy as np
import pyproj
import pytest
import shapely
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from pmtiles.reader import MmapSource, Reader, all_tiles

from cli.main import vereda
from cli.shell.console import Session
from geodata.errors import DataError, InputError
from geodata.network.store import load_network
from geodata.publication.results.result_files import LAYERS
from geodata.sources.area_file import read_area_file
from service.app import create_app
from service.pages.sketch import WIDTH, sketch_of
from service.state import Settings
from tests.support.servers.running import START
from tests.support.worlds.made_study import write_area, write_layers
from tests.support.worlds.osm_files import node, road, write_osm

ROLES = ("coast", "admin", "lakes", "places")


def ran(*words: str | Path):
    return CliRunner().invoke(vereda, [*map(str, words)], obj=Session())


def record(*words: str | Path):
    result = ran("--json", *words)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return json.loads(result.stdout), result.exit_code


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Path:
    """A folder with a made study and its network."""
    folder = tmp_path_factory.mktemp("study")
    write_layers(folder)
    path = write_area(folder, *ROLES)
    seen, code = record("build", "--area", path, "--output", folder / "network")
    assert code == 0 and "countries" in seen["steps"]["made"]
    return folder


def test_a_new_file_is_one_that_can_be_read_and_fetched(tmp_path):
    path = tmp_path / "area.toml"
    assert ran("area", "init", path, "--iso", "GT", "--iso", "HN").exit_code == 0
    area = read_area_file(path)
    assert area.area.iso == ("GT", "HN") and area.area.name == "area"
    assert {layer.role for layer in area.layers} >= {"roads", "coast", "elevation", "population"}
    assert all(layer.provider for layer in area.layers)
    again = ran("area", "init", path, "--iso", "GT").exception
    assert isinstance(again, InputError) and "--overwrite" in again.remedy


def test_a_new_file_has_the_box_that_is_given(tmp_path):
    path = tmp_path / "fiji.toml"
    words = ("--bbox=176.5,-20,182,-15", "--countries", "FJ", "--cell", "1000", "--name", "isles")
    assert ran("area", "init", path, *words).exit_code == 0
    area = read_area_file(path).area
    assert (area.box, area.countries) == ((176.5, -20.0, 182.0, -15.0), ("FJ",))
    assert (area.name, area.cell_m) == ("isles", 1000.0)


@pytest.mark.parametrize(
    ("words", "field", "remedy"),
    [
        ((), "iso", "Say where"),
        (("--bbox=1,2,3",), "bbox", "four numbers"),
        (("--bbox=-88,14,-90,16",), "bbox", "[-90, 14, -88, 16]"),
        (("--bbox=1,2,3,4", "--iso", "HN"), "bbox", "Give either"),
        (("--iso", "Honduras"), "iso[0]", "XA-01"),
        (("--iso", "HN", "--name", "a b"), "name", "letters and digits"),
    ],
)
def test_what_cannot_be_an_area_is_refused_by_its_option(tmp_path, words, field, remedy):
    error = ran("area", "init", tmp_path / "area.toml", *words).exception
    assert isinstance(error, InputError) and error.field == field and remedy in error.remedy
    assert not (tmp_path / "area.toml").exists()


def test_a_check_tells_what_is_there_and_what_is_missing(built):
    seen, code = record("area", "check", built / "area.toml")
    assert code == 0 and not seen["faults"]
    assert seen["area"]["countries"] == ["XA", "XB"]
    layers = {each["layer"]: each for each in seen["layers"]}
    assert layers["places"]["rows"] == 3 and layers["coast"]["crs"] == "EPSG:4326"
    assert 0.5 < layers["coast"]["share"] < 0.6
    assert {each["layer"] for each in seen["lacking"]} >= {"roads", "posts", "elevation"}
    assert seen["memory_mb"] > 100 and seen["seconds"] > 0
    text = ran("area", "check", built / "area.toml").stdout
    assert "roads: left out" in text and "of one processor" in text


def test_a_check_names_every_layer_that_cannot_be_used(tmp_path):
    write_layers(tmp_path)
    layers = {
        "elevation": 'path = "none.tif"',
        "rivers": 'provider = "geofabrik"',
        "indicators": 'path = "bad.csv"',
    }
    (tmp_path / "bad.csv").write_text("iso,indicator,value,year\n,hdi,0.5,2010\n")
    path = write_area(tmp_path, *ROLES, layers=layers)
    seen, code = record("area", "check", path)
    assert code == 3 and len(seen["faults"]) == 3
    assert "run vereda fetch" in seen["faults"][1]
    assert {each["layer"] for each in seen["layers"] if each["rows"]} == set(ROLES)


def test_an_area_without_roads_or_posts_is_built_and_says_so(built):
    network = load_network(built / "network")
    assert network.area.name == "made" and set(network.admin["id"]) == {"XA-1", "XA-2", "XB-1"}
    assert "reach" in network.meta["scores"]["missing"]["weakness_land"]
    assert set(network.surfaces) == {"land", "remoteness", "weakness"}
    assert network.links[["remoteness", "weakness"]].notna().all().all()
    assert network.gateways["kind"].isin(["informal", "landing"]).all()
    result = ran(
        "corridors", "--network", built / "network", "--profile", "migrants-north",
        "--from", "Aton", "--to", "Bton", "--output", built / "out",
    )  # fmt: skip
    assert result.exit_code == 0, result.exception


def test_one_changed_layer_is_all_that_is_made_again(built, tmp_path):
    write_layers(tmp_path)
    path = write_area(tmp_path, *ROLES)
    words = ("build", "--area", path, "--output", tmp_path / "network", "--overwrite")
    assert set(record(*words)[0]["steps"]["made"]) >= {"ground", "mesh_of_land", "places"}
    before = load_network(tmp_path / "network").digest
    files = [load_network(folder / "network").meta["checksums"] for folder in (built, tmp_path)]
    assert files[0] == files[1]
    assert record(*words)[0]["steps"]["made"] == []
    frame = gpd.read_file(tmp_path / "places.gpkg").assign(population=[50, 50, 90_000])
    frame.to_file(tmp_path / "places.gpkg")
    assert record(*words)[0]["steps"]["made"] == ["places"]
    assert load_network(tmp_path / "network").digest != before
    assert "made" not in record(*words, "--afresh")[0]["steps"]["kept"]


def test_a_build_that_is_killed_leaves_the_last_network_whole(built, tmp_path):
    before = load_network(built / "network").digest
    words = [*START, "-v", "build", "--area", built / "area.toml",
             "--output", built / "network", "--overwrite", "--steps", tmp_path]  # fmt: skip
    with subprocess.Popen(
        [*map(str, words)], stderr=subprocess.PIPE, text=True, env={**os.environ}
    ) as build:
        assert build.stderr is not None
        for line in build.stderr:
            if "ground" in line or "writing" in line:
                build.send_signal(signal.SIGKILL)
                break
        build.wait()
    assert build.returncode == -signal.SIGKILL
    assert load_network(built / "network").digest == before
    seen, code = record(
        "build", "--area", built / "area.toml", "--output", built / "network", "--overwrite",
        "--steps", tmp_path,
    )  # fmt: skip
    assert code == 0 and "countries" in seen["steps"]["kept"]
    assert load_network(built / "network").digest == before


def test_an_area_that_is_not_there_or_has_no_countries_is_refused(tmp_path):
    error = ran(
        "build", "--area", tmp_path / "none.toml", "--output", tmp_path / "network"
    ).exception
    assert isinstance(error, InputError) and "no such file" in error.remedy
    path = tmp_path / "area.toml"
    path.write_text('[area]\nname = "x"\nbbox = [0.0, 0.0, 1.0, 1.0]\n')
    error = ran("build", "--area", path, "--output", tmp_path / "n").exception
    assert isinstance(error, DataError) and error.field == "area.countries"


TURN = 179.4


def wrapped(folder: Path, east: float) -> Path:
    """A made study so far to the east, its files with longitudes from -180 to 180, and a road."""
    write_layers(folder)
    for role in ROLES:
        frame = gpd.read_file(folder / f"{role}.gpkg")
        parts = [
            frame.geometry.intersection(half).translate(east - turn)
            for half, turn in ((shapely.box(-1, -1, 180 - east, 2), 0),
                               (shapely.box(180 - east, -1, 2, 2), 360))
        ]  # fmt: skip
        both = [shapely.union(*pair) for pair in zip(*parts, strict=True)]
        frame.set_geometry(both, crs=4326).to_file(folder / f"{role}.gpkg")
    nodes = [
        node(at, (x + east + 180) % 360 - 180, 0.3 + at / 100)
        for at, x in enumerate((0.3, 0.45, 0.55, 0.7), 1)
    ]
    write_osm(folder / "r.osm.pbf", *nodes, road(1, [1, 2, 3, 4]))
    path = write_area(folder, *ROLES, layers={"roads": 'path = "r.osm.pbf"'})
    text = path.read_text().replace("cell_m = 2000.0", "cell_m = 5000.0")
    text = text.replace("[0.0, 0.0, 1.0, 1.0]", f"[{east}, 0.0, {east + 1}, 1.0]")
    path.write_text(text)
    return path


def test_an_area_across_the_antimeridian_is_built_as_any_other(tmp_path):
    networks = []
    for east in (0.0, TURN):
        folder = tmp_path / str(east)
        folder.mkdir()
        words = ("--area", wrapped(folder, east), "--output", folder / "network")
        assert record("build", *words)[1] == 0
        networks.append(load_network(folder / "network"))
    near, far = networks
    assert far.meta["counts"] == near.meta["counts"]
    assert far.nodes["x"].between(TURN, TURN + 1).all()
    np.testing.assert_allclose(far.nodes["x"], near.nodes["x"] + TURN, atol=1e-6)
    for column in ("length_m", "seconds_uv", "remoteness"):
        np.testing.assert_allclose(far.links[column], near.links[column], rtol=1e-4, atol=1e-4)
    ends = ("--from", "Aton", "--to", "Bton", "--output", tmp_path / "out")
    network, out = tmp_path / str(TURN) / "network", tmp_path / "out"
    words = ("corridors", "--network", network, "--profile", "migrants-north", *ends)
    assert record(*words)[1] == 0
    west, _, east, _ = json.loads((out / "corridors.geojson").read_text())["bbox"]
    assert TURN < west < 180 and -180 < east < TURN - 359
    for name in LAYERS:
        x = shapely.get_coordinates(gpd.read_file(out / f"{name}.geojson").geometry)[:, 0]
        assert (abs(x) <= 180).all()
    _check_tiles(network, out)
    _check_service(create_app(Settings(network=network, result=(out,), jobs=tmp_path / "jobs")))


def _check_tiles(network: Path, out: Path) -> None:
    """Tiles on both sides, with land that reaches from one to the other and no farther."""
    target = out.parent / "made.pmtiles"
    words = ("--network", network, "--result", out, "--output", target, "--max-zoom", "9")
    assert record("tiles", *words)[1] == 0
    with target.open("rb") as file:
        header = Reader(MmapSource(file)).header()
        tiles = dict(all_tiles(MmapSource(file)))
    assert (header["min_lon_e7"], header["max_lon_e7"]) == (-1_800_000_000, 1_800_000_000)
    assert abs(header["center_lon_e7"]) > 1_790_000_000
    assert {x for z, x, _ in tiles if z == 9} == {0, 511}
    for x in (0, 511):
        layers = mapbox_vector_tile.decode(gzip.decompress(tiles[9, x, 255]))
        assert layers["land"]["features"] and layers["units"]["features"]


def _check_service(app: Flask) -> None:
    """Features east of the antimeridian are there, and the ground is no band around the world."""
    client = app.test_client()
    for box in ("-180,0,-179.7,1", "180,0,180.3,1"):
        assert client.get(f"/collections/places/items?bbox={box}").json["numberMatched"] == 1
    _check_shapes_in_all_systems(client)
    ends = client.get("/corridors?profile=migrants-north&from=Aton&to=Bton").json["ends"]
    assert sorted(end["x"] > 0 for end in ends) == [False, True]
    assert all(179 < abs(end["x"]) <= 180 for end in ends)
    extent = client.get("/collections/segments").json["extent"]["spatial"]["bbox"][0]
    assert extent[0] > 179 and extent[2] < -179
    tiles = client.get("/tiles/network").json
    assert (tiles["bounds"][0], tiles["bounds"][2]) == (-180, 180) and abs(tiles["center"][0]) > 179
    ground = [
        shapely.geometry.shape(feature["geometry"])
        for feature in client.get("/map/ground").json["features"]
    ]
    west, _, east, _ = shapely.bounds(shapely.get_parts(ground)).T
    assert west.min() > 179 and east.max() < 181 and ((west < 180) & (east > 180)).any()
    drawn = [re.split("[MLZ ]", corridor.path)[1::2] for corridor in sketch_of(app).corridors]
    assert drawn and all(0 < float(x) < WIDTH for line in drawn for x in line)


def _check_shapes_in_all_systems(client: FlaskClient) -> None:
    """All places lie in a shape across, whatever its coordinates are in."""
    home, path = "http://www.opengis.net/def/crs/", "/collections/places/items"
    own = client.get("/collections/places").json["crs"][-1]
    metres = pyproj.Transformer.from_crs("OGC:CRS84", "EPSG:3857").transform(0.1, 0.1)[0] * 10
    shapes = {
        f"{home}OGC/1.3/CRS84": shapely.box(179, 0, 181, 1),
        f"{home}EPSG/0/4326": shapely.box(0, 179, 1, 181),
        f"{home}EPSG/0/3857": shapely.box(179 * metres, 0, 181 * metres, metres),
        own: shapely.box(-90_000, -90_000, 90_000, 90_000),
    }
    for system, shape in shapes.items():
        query = {"filter": f"S_INTERSECTS(geometry, {shape.wkt})", "filter-crs": system}
        assert client.get(path, query_string=query).json["numberMatched"] == 3, system
    query = {"bbox": "-90000,-90000,90000,90000", "bbox-crs": own}
    assert client.get(path, query_string=query).json["numberMatched"] == 3


def test_a_build_names_what_it_leaves_out(tmp_path):
    write_layers(tmp_path)
    strips = {"name": ["Good strip", "Sea strip"], "kind": "small_airport", "country": "XA"}
    gpd.GeoDataFrame(strips, geometry=shapely.points([0.3, 0.95], [0.3, 0.95]), crs=4326).to_file(
        tmp_path / "airstrips.gpkg"
    )
    (tmp_path / "i.csv").write_text("iso,indicator,value\nXA-1,hdi,0.5\nZZ-1,hdi,0.5\n")
    layers = {"indicators": 'path = "i.csv"'}
    path = write_area(tmp_path, *ROLES, "airstrips", layers=layers)
    assert record("build", "--area", path, "--output", tmp_path / "network")[0]["remarks"] == [
        "1 of 2 airports lie too far from land and roads to be joined, and are left out: "
        "Sea strip.",
        "1 of 2 rows of indicators are of units that the area does not have, and count for "
        "nothing: ZZ-1.",
    ]


def test_a_build_says_what_became_of_the_roads_and_says_it_again(built, tmp_path):
    write_osm(tmp_path / "r.osm.pbf", node(1, 0.3, 0.3), node(2, 0.7, 0.4), road(1, [1, 2, 3]),
              road(2, [1]), road(3, [1, 2], oneway="yes", highway="tertiary"))  # fmt: skip
    write_layers(tmp_path)
    path = write_area(tmp_path, *ROLES, layers={"roads": 'path = "r.osm.pbf"'})
    words = ("build", "--area", path, "--output", tmp_path / "network", "--overwrite")
    first = record(*words)[0]["remarks"]
    assert "1 ways end early: the files lack 1 of their nodes" in first[0]
    assert "1 ways of one node are left out." in first
    assert record(*words)[0]["remarks"] == first
    links = load_network(tmp_path / "network").links
    one_way = links[(links["class"] == "tertiary") | (links["class"] == "crossing")]
    assert (np.isfinite(one_way["seconds_uv"]) ^ np.isfinite(one_way["seconds_vu"])).any()


def test_a_network_across_the_antimeridian_is_read_back(tmp_path):
    islands = [shapely.box(177.5, -18.2, 178.6, -17.4), shapely.box(-180.0, -17.0, -179.8, -16.7)]
    land = gpd.GeoDataFrame({"country": ["FJ", "FJ"]}, geometry=islands, crs=4326)
    land.to_file(tmp_path / "land.gpkg")
    (tmp_path / "area.toml").write_text(
        '[area]\nname = "isles"\nbbox = [177.0, -18.5, 181.0, -16.5]\ncell_m = 8000.0\n'
        '[[layer]]\nrole = "countries"\npath = "land.gpkg"\n'
    )
    network = tmp_path / "network"
    assert record("build", "--area", tmp_path / "area.toml", "--output", network)[1] == 0
    nodes = load_network(network).nodes
    assert nodes["x"].max() > 180.1 and nodes["x"].min() > 176

"""Layers that cannot be meant: refused in a line, and nothing that is stored is lost."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from click.testing import CliRunner

from cli.main import vereda
from cli.shell.console import Session
from cli.shell.exit_codes import EXIT_CODES
from geodata.errors import VeredaError
from geodata.network.store import load_network
from tests.support.servers.running import START
from tests.support.worlds.made_study import UNITS, write_area, write_layers
from tests.support.worlds.osm_files import node, road, write_osm

ROLES = ("coast", "admin", "lakes", "places")
GRID = Affine(0.02, 0, -0.2, 0, -0.02, 1.2)
STRETCH = (node(1, 0.3, 0.3), node(2, 0.7, 0.4))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a made study and its network."""
    folder = tmp_path_factory.mktemp("study")
    write_layers(folder)
    result = ran("build", "--area", write_area(folder, *ROLES), "--output", folder / "network")
    assert result.exit_code == 0, result.exception
    return folder


def ran(*words: str | Path):
    return CliRunner().invoke(vereda, ["--json", *map(str, words)], obj=Session())


def towns(**columns: object) -> gpd.GeoDataFrame:
    table = {"name": ["Aton", "Bton"], "population": [30_000, 50], **columns}
    return gpd.GeoDataFrame(table, geometry=shapely.points([0.3, 0.7], [0.3, 0.4]), crs=4326)


def units(**columns: object) -> gpd.GeoDataFrame:
    shapes = [shape for *_, shape in UNITS.values()]
    table = {"iso": list(UNITS), "name": list("abc"), "country": ["XA", "XA", "XB"], **columns}
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4326)


def crossing(x: float, y: float) -> gpd.GeoDataFrame:
    table = {"id": ["g"], "name": ["The Gate"], "country_a": ["XA"], "country_b": ["XB"]}
    return gpd.GeoDataFrame(table, geometry=[shapely.Point(x, y)], crs=4326)


def truncated(path: Path) -> None:
    write_osm(path, *STRETCH, road(1, [1, 2]))
    path.write_bytes(path.read_bytes()[:-20])


def bare_shapefile(path: Path) -> None:
    towns().to_file(path)
    path.with_suffix(".prj").unlink()


def raster(path: Path, value: float = 1.0, *, crs: str | None = "EPSG:4326") -> None:
    values = np.full((1, 70, 70), value, np.float32)
    with rasterio.open(path, "w", driver="GTiff", height=70, width=70, count=1, dtype="float32",
                       crs=crs, transform=GRID) as file:  # fmt: skip
        file.write(values)


def csv(*rows: str) -> Callable[[Path], object]:
    return lambda path: path.write_text("\n".join(("iso,indicator,value,year", *rows)) + "\n")


def itself(path: Path) -> None:
    path.write_text("id,name,country_a,country_b,lon,lat\ng,Gate,XA,XA,0.5,0.5\n")


def misnamed(path: Path) -> None:
    path.write_text("id,name,pais_a,pais_b,lon,lat\ng,Gate,XA,XB,0.5,0.5\n")


def osm(*objects: object) -> Callable[[Path], object]:
    return lambda path: write_osm(path, *objects)


def saved(frame: gpd.GeoDataFrame, **options: object) -> Callable[[Path], object]:
    return lambda path: frame.to_file(path, **options)


FAULTS = {
    "truncated PBF": ("roads", "x.osm.pbf", truncated, "x.osm.pbf", "Fetch it again"),
    "HTML as PBF": ("roads", "x.osm.pbf", lambda path: path.write_text("<!DOCTYPE html>"),
                    "x.osm.pbf", "page"),
    "empty PBF": ("roads", "x.osm.pbf", Path.touch, "x.osm.pbf", "empty file"),
    "directory as PBF": ("roads", "x.osm.pbf", Path.mkdir, "roads", "no file in this folder"),
    "unsorted ids": ("roads", "x.osm.pbf", osm(road(2, [1, 2]), *STRETCH), "x.osm.pbf",
                     "osmium sort"),
    "negative ids": ("roads", "x.osm.pbf", osm(node(-1, 0.3, 0.3), STRETCH[1], road(1, [-1, 2])),
                     "x.osm.pbf", "osmium renumber"),
    "latitude past 90": ("roads", "x.osm.pbf", osm(STRETCH[0], node(2, 0.7, 95.0), road(1, [1, 2])),
                         "x.osm.pbf", "latitudes from -90 to 90"),
    "relations only": ("roads", "x.osm.pbf", osm(), "x.osm.pbf", "of one place"),
    "one node twice": ("roads", "x.osm.pbf", osm(STRETCH[0], road(1, [1, 1])), "x.osm.pbf",
                       "of one place"),
    "no .prj": ("places", "x.shp", bare_shapefile, "x.shp", "no x.prj beside it"),
    "projected, labelled WGS 84": (
        "places", "x.gpkg", saved(towns().to_crs(32631).set_crs(4326, allow_override=True)),
        "file x.gpkg", "labelled WGS 84"),
    "NaN people": ("places", "x.gpkg", saved(towns(population=[5.0, np.nan])),
                   "x.gpkg, feature 2, population", "Give a number"),
    "negative people": ("places", "x.gpkg", saved(towns(population=[5, -3])),
                        "x.gpkg, feature 2, population", "0 or more"),
    "negative people on a grid": ("population", "x.tif", lambda path: raster(path, -5.0),
                                  "file x.tif, row", "nodata = -5"),
    "an indicator in words": ("indicators", "x.csv", csv("XA-1,hdi,high,2019"),
                              "x.csv, line 2, value", "hold numbers"),
    "a crossing to itself": ("crossings", "x.csv", itself, "x.csv, line 2, country_b",
                             "the one on its other side"),
    "a column of another name": ("crossings", "x.csv", misnamed, "column country_a",
                                 'rename = { country_a = "..." }'),
    "a unit twice": ("admin", "x.gpkg", saved(units(iso=["XA-1", "XA-1", "XB-1"])),
                     "x.gpkg, feature 2, iso", "give each its own"),
    "an empty layer": ("admin", "x.gpkg", saved(units().iloc[:0], geometry_type="Polygon"),
                       "x.gpkg", "no features"),
    "no CRS": ("elevation", "x.tif", lambda path: raster(path, crs=None), "file x.tif, crs",
               'give crs = "EPSG:..."'),
    "no value in the area": ("elevation", "x.tif", lambda path: raster(path, np.nan), "file x.tif",
                             "mend nodata or band"),
    "a directory as a raster": ("elevation", "x.tif", Path.mkdir, "elevation",
                                "no file in this folder"),
}  # fmt: skip


@pytest.mark.trials
@pytest.mark.parametrize("fault", FAULTS)
def test_a_layer_that_cannot_be_meant_is_refused_in_a_line(built, fault) -> None:
    role, name, write, where, remedy = FAULTS[fault]
    before = load_network(built / "network").digest
    write(built / name)
    try:
        others = [each for each in ROLES if each != role]
        area = write_area(built, *others, layers={role: f'path = "{name}"'})
        refused = ran("build", "--area", area, "--output", built / "network", "--overwrite")
    finally:
        remove(built / name)
    error = refused.exception
    assert isinstance(error, VeredaError) and EXIT_CODES[type(error)] in (2, 3)
    assert where in str(error) and remedy in str(error) and "\n" not in str(error)
    assert load_network(built / "network").digest == before


def test_a_check_tells_all_faults_at_once(built) -> None:
    chosen = ("HTML as PBF", "an indicator in words", "no CRS")
    layers = {}
    for number, fault in enumerate(chosen):
        role, name, write, *_ = FAULTS[fault]
        write(built / f"{number}{name}")
        layers[role] = f'path = "{number}{name}"'
    checked = ran("area", "check", write_area(built, *ROLES, layers=layers))
    assert checked.exit_code == 3
    lines = json.loads(checked.stdout)["faults"]
    assert len(lines) == len(chosen)
    assert all(FAULTS[fault][4] in line for fault, line in zip(chosen, lines, strict=True))


def test_a_check_names_a_raster_without_a_value_in_the_area(built) -> None:
    raster(built / "v.tif", np.nan)
    raster(built / "w.tif", 3.0)
    layers = {"elevation": 'path = "v.tif"', "lights": 'path = "w.tif"'}
    checked = ran("area", "check", write_area(built, *ROLES, layers=layers))
    assert checked.exit_code == 3
    (line,) = json.loads(checked.stdout)["faults"]
    assert "v.tif" in line and "no value in the area" in line and "mend nodata or band" in line


def test_a_check_tells_a_fault_of_the_area_once(built) -> None:
    towns().to_file(built / "z.gpkg")
    others = [each for each in ROLES if each != "admin"]
    area = write_area(
        built, *others, layers={"admin": 'path = "z.gpkg"\nrename = { iso = "name" }'}
    )
    checked = ran("area", "check", area)
    (line,) = json.loads(checked.stdout)["faults"]
    assert line.startswith("area: z.gpkg, feature 1, geometry")


def remove(path: Path) -> None:
    for each in path.parent.glob(f"{path.stem.partition('.')[0]}.*"):
        shutil.rmtree(each) if each.is_dir() else each.unlink()


def test_a_crossing_beyond_its_limit_says_how_far(built) -> None:
    write_osm(built / "r.osm.pbf", *STRETCH, road(1, [1, 2]))
    crossing(0.5, 0.6).to_file(built / "c.gpkg")
    layers = {"roads": 'path = "r.osm.pbf"', "crossings": 'path = "c.gpkg"'}
    area = write_area(built, *ROLES, layers=layers)
    error = ran("build", "--area", area, "--output", built / "network", "--overwrite").exception
    assert isinstance(error, VeredaError) and error.value == "The Gate"
    assert "km away, beyond the limit of 10 km" in error.remedy


def test_the_shell_gets_one_line_and_no_traceback(built) -> None:
    raster(built / "x.tif", crs=None)
    area = write_area(built, *ROLES, layers={"elevation": 'path = "x.tif"'})
    words = [*START, "build", "--area", str(area), "--output", str(built / "other")]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    assert ended.returncode == 3 and ended.stdout == ""
    (line,) = [each for each in ended.stderr.splitlines() if "x.tif" in each]
    assert 'give crs = "EPSG:..."' in line and "Traceback" not in ended.stderr
    assert not (built / "other").exists()
    remove(built / "x.tif")

"""A study: its layers in their canonical form, what is derived, and what is left out."""

import hashlib
import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import rasterio
import shapely
from affine import Affine
from pyproj import Geod

from geodata.borderlands.region import AREA, BORDERLANDS, borderlands
from geodata.builder.build import all_places, read_study_grid, road_network_of
from geodata.errors import DataError
from geodata.formats.steps import Steps
from geodata.sources.study import Study
from tests.geodata.sources.rasters.made import write
from tests.support.worlds.made_study import COAST, LAKE, write_area, write_layers
from tests.support.worlds.osm_files import boundary, node, way, write_osm

ALL = ("coast", "admin", "lakes", "places")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    write_layers(folder)
    return folder


def test_the_bundled_region_reads_as_its_bundle_does(bundle):
    study = Study.open(AREA)
    assert study.area == BORDERLANDS
    for name in ("countries", "lakes", "places", "crossings", "indicators", "ports", "rivers"):
        own, other = study.frame(name), bundle.frame(name)
        pd.testing.assert_frame_equal(pd.DataFrame(own), pd.DataFrame(other)[list(own.columns)])
    for name in ("elevation", "landcover"):
        np.testing.assert_array_equal(
            study.surface(name, study.area), bundle.surface(name, study.area)
        )
    # A study tells the role of each layer as well: its name may be another.
    credited = [{key: each[key] for key in each if key != "role"} for each in study.attributions()]
    assert credited == bundle.attributions()
    assert study.licence_texts() == bundle.licence_texts()


def test_land_is_that_within_the_coast_each_piece_to_its_country(folder):
    study = Study.open(write_area(folder, *ALL))
    land = study.frame("countries").set_index("country").geometry
    assert list(land.index) == ["XA", "XB"]
    union = shapely.union_all(land.to_numpy())
    assert union.symmetric_difference(COAST - LAKE).area < 1e-9
    # What no unit covers, a strip at the coast, is of the country beside it.
    assert land["XB"].covers(shapely.Point(0.79, 0.5))
    assert study.area.countries == ("XA", "XB") and study.area.neighbours == ()


def test_points_are_told_their_country_and_unit(folder):
    places = Study.open(write_area(folder, *ALL)).frame("places").set_index("name")
    assert list(places["country"]) == ["XA", "XA", "XB"]
    assert list(places["admin1"]) == ["XA-1", "XA-1", "XB-1"]
    towns = gpd.read_file(folder / "places.gpkg").assign(country=["XA", "XA", "XB"])
    towns.to_file(folder / "towns.gpkg")
    layers = {"places": 'path = "towns.gpkg"'}
    towns = Study.open(write_area(folder, "coast", "admin", "lakes", layers=layers)).frame("places")
    assert list(towns["admin1"]) == ["XA-1", "XA-1", "XB-1"]


def test_countries_that_are_not_studied_are_neighbours_unless_none_are_wanted(folder):
    study = Study.open(write_area(folder, *ALL, keys='countries = ["XA"]'))
    assert study.area.neighbours == ("XB",)
    grid = read_study_grid(study, study.area)
    strip = grid.country == 1
    assert strip.any() and strip.sum() < (grid.country == 0).sum() / 4
    alone = Study.open(write_area(folder, *ALL, keys='countries = ["XA"]\nneighbours = []'))
    grid = read_study_grid(alone, alone.area)
    # Land abroad is neither walked nor sailed.
    row, column = alone.area.cell_of(0.65, 0.5)
    assert grid.country[row, column] == -1 and grid.water[row, column] == 0


def test_without_a_coast_land_ends_with_the_units_and_without_both_it_is_everywhere(folder):
    units = Study.open(write_area(folder, "admin")).frame("countries")
    assert units.total_bounds == pytest.approx([0.05, 0.0, 0.78, 1.0])
    one = Study.open(write_area(folder, keys='countries = ["XA"]'))
    assert one.frame("countries").total_bounds == pytest.approx([0, 0, 1, 1])
    assert list(one.frame("admin1")["iso"]) == ["XA"]
    assert {note.layer for note in one.notes()} >= {"countries", "roads", "posts", "elevation"}


@pytest.mark.parametrize("keys", ['countries = ["XA", "XB"]', ""])
def test_a_country_without_a_unit_is_one_unit_and_said_to_be(folder, keys):
    halves = [shapely.box(0, 0, 0.5, 1), shapely.box(0.5, 0, 1, 1)]
    land = gpd.GeoDataFrame({"country": ["XA", "XB"]}, geometry=halves, crs=4326)
    land.to_file(folder / "land.gpkg")
    gpd.read_file(folder / "admin.gpkg").query("country == 'XA'").to_file(folder / "west.gpkg")
    layers = {"countries": 'path = "land.gpkg"', "admin": 'path = "west.gpkg"'}
    study = Study.open(write_area(folder, layers=layers, keys=keys))
    assert study.area.countries == ("XA", "XB")
    assert list(study.frame("admin1")["iso"]) == ["XA-1", "XA-2", "XB"]
    assert study.remarks == ["XB has no administrative unit in the layer admin, and is one unit."]


def test_what_an_extract_has_nothing_of_is_lacking(folder):
    write_osm(
        folder / "bare.osm.pbf", node(1, 0.3, 0.3, place="town", name="Aton"),
        node(2, 0.7, 0.4, amenity="police"), way(1, [1, 2], highway="primary"),
    )  # fmt: skip
    roles = ("places", "posts", "crossings", "roads")
    layers = dict.fromkeys(roles, 'path = "bare.osm.pbf"')
    study = Study.open(write_area(folder, "coast", "admin", layers=layers))
    lacking = {note.layer for note in study.notes()}
    assert "crossings" in lacking and not lacking & {"places", "posts", "roads", "admin1"}
    # Crossings are then where main roads meet a border.
    area = study.area
    roads = road_network_of(study, read_study_grid(study, area), all_places(study), study.rules)
    assert list(roads.links["name"][roads.links["crossing"] == "formal"]) == ["Aton"]


def test_what_nothing_parts_or_names_is_refused(folder):
    with pytest.raises(DataError, match="Give the countries"):
        _ = Study.open(write_area(folder)).area
    study = Study.open(write_area(folder, "coast", keys='countries = ["XA", "XB"]'))
    with pytest.raises(DataError, match="nothing parts them"):
        study.frame("countries")


def test_an_area_may_be_told_by_codes(folder):
    path = write_area(folder, *ALL)
    path.write_text(path.read_text().replace("bbox = [0.0, 0.0, 1.0, 1.0]", 'iso = ["XA-1"]'))
    area = Study.open(path).area
    west, south, east, north = area.bbox
    assert west < 0.05 < 0.5 < east and south < 0.0 and 0.5 < north < 0.9
    assert area.countries == ("XA",) and area.neighbours == ("XB",)
    path.write_text(path.read_text().replace("XA-1", "XA-7"))
    with pytest.raises(DataError, match="Did you mean 'XA-"):
        _ = Study.open(path).area


def test_an_area_may_be_told_by_a_polygon(folder):
    outline = shapely.Polygon([(0.15, 0.15), (0.45, 0.15), (0.3, 0.55)])
    gpd.GeoDataFrame(geometry=[outline], crs=4326).to_crs(3857).to_file(folder / "outline.gpkg")
    path = write_area(folder, *ALL)
    text = path.read_text().replace("bbox = [0.0, 0.0, 1.0, 1.0]", 'polygon = "outline.gpkg"')
    path.write_text(text)
    study = Study.open(path)
    assert study.area.bbox == pytest.approx((0.15, 0.15, 0.45, 0.55), abs=1e-6)
    grid = read_study_grid(study, study.area)
    square = grid.studied.sum() * study.area.cell_m**2
    assert square == pytest.approx(
        abs(Geod(ellps="WGS84").geometry_area_perimeter(outline)[0]), rel=0.03
    )
    assert not grid.water.any()


@pytest.mark.parametrize("cells", [20, 200])
def test_classes_of_land_cover_that_nobody_knows_are_told_with_the_tables(folder, cells):
    place = Affine(1.2 / cells, 0, -0.1, 0, -1.2 / cells, 1.1)
    with rasterio.open(
        folder / "cover.tif", "w", driver="GTiff", height=cells, width=cells, count=1,
        dtype="uint8", crs="EPSG:4326", transform=place,
    ) as file:  # fmt: skip
        file.write(np.full((1, cells, cells), 77, np.uint8))
    layers = {"landcover": 'path = "cover.tif"'}
    study = Study.open(write_area(folder, "coast", "admin", layers=layers))
    with pytest.raises(DataError, match=r"layer landcover, classes: 77\.0\. .*\"worldcover\""):
        study.surface("landcover", study.area)


def test_a_coarse_raster_is_checked_as_a_fine_one_is(folder):
    place, heights = Affine(0.1, 0, -0.2, 0, -0.1, 1.2), np.full((14, 14), 100, np.int16)
    heights[:, 6] = -32768
    layers = {"elevation": 'path = "coarse.tif"'}
    path = write_area(folder, "coast", "admin", layers=layers)
    study = Study.open(path)
    write(folder / "coarse.tif", heights, place, "EPSG:4326")
    with pytest.raises(DataError, match=r"row 0, column 6: -32768\.0. .*nodata = -32768"):
        study.surface("elevation", study.area)
    write(folder / "coarse.tif", heights, place, "EPSG:4326", nodata=-32768)
    assert np.nanmin(study.surface("elevation", study.area)) == 100
    # What lies far from the area says nothing of it.
    wide = np.full((20, 2000), 100, np.int16)
    wide[:, -1] = -32768
    write(folder / "coarse.tif", wide, place, "EPSG:4326")
    assert np.nanmin(Study.open(path).surface("elevation", study.area)) == 100


def test_slopes_are_of_the_finest_elevation_wherever_it_is_named(folder):
    coarse, fine = np.full((14, 14), 7.0), np.tile(np.arange(280.0), (280, 1)) * 20
    write(folder / "coarse.tif", coarse, Affine(0.1, 0, -0.2, 0, -0.1, 1.2), "EPSG:4326")
    write(folder / "fine.tif", fine, Affine(0.005, 0, -0.2, 0, -0.005, 1.2), "EPSG:4326")
    second = '[[layer]]\nrole = "elevation"\npath = "fine.tif"'
    layers = {"elevation": f'path = "coarse.tif"\n{second}'}
    study = Study.open(write_area(folder, "coast", "admin", layers=layers))
    slope = study.surface("slope", study.area)
    assert slope is not None and np.nanmedian(slope) > 0.02
    assert study.heights(study.area) is not None


@pytest.mark.parametrize(
    ("title", "words"),
    [('regoin = "x"', "Did you mean 'region'?"), ("countries = 5", "countries: Input should")],
)
def test_a_title_that_is_none_is_told_by_its_key(folder, title, words):
    path = write_area(folder, "coast", "admin")
    path.write_text(f"{path.read_text()}[titles]\n{title}\n")
    with pytest.raises(DataError, match=r"titles: '\[titles\]'") as caught:
        _ = Study.open(path).titles
    assert words in caught.value.remedy and "http" not in caught.value.remedy


def test_a_layer_that_is_not_the_listed_one_is_refused(folder):
    digest = hashlib.sha256((folder / "coast.gpkg").read_bytes()).hexdigest()
    layers = {"coast": f'path = "coast.gpkg"\nsha256 = "{digest}"'}
    study = Study.open(write_area(folder, "admin", layers=layers))
    assert len(study.frame("countries")) == 2
    assert {"layer": "coast", "sha256": digest}.items() <= study.attributions()[1].items()
    layers = {"coast": f'path = "coast.gpkg"\nsha256 = "{"0" * 64}"'}
    with pytest.raises(DataError, match=r"layer coast, file coast\.gpkg"):
        Study.open(write_area(folder, "admin", layers=layers)).frame("countries")


def test_only_what_depends_on_a_changed_layer_is_read_again(folder, tmp_path):
    write_layers(tmp_path)
    path = write_area(tmp_path, *ALL)

    def steps_of() -> set[str]:
        study = Study.open(path, steps=Steps(directory=tmp_path / "steps"))
        grid = read_study_grid(study, study.area, steps=study.steps)
        assert grid.studied.any() and len(study.frame("places")) == 3
        return set(study.steps.made)

    assert steps_of() == {"countries", "lakes", "admin1", "places", "ground"}
    assert steps_of() == set()
    frame = gpd.read_file(tmp_path / "places.gpkg").assign(population=[1, 2, 3])
    frame.to_file(tmp_path / "places.gpkg")
    assert steps_of() == {"places"}
    smaller = gpd.GeoDataFrame(
        {"name": ["Pond"], "kind": ["lake"]}, geometry=[shapely.box(0.2, 0.6, 0.3, 0.7)], crs=4326
    )
    smaller.to_file(tmp_path / "lakes.gpkg")
    # Units too, since a country without a unit is one with all of its land.
    assert steps_of() == {"lakes", "countries", "admin1", "ground", "places"}


def test_what_changes_a_layer_changes_its_key(folder, tmp_path):
    """Also cells, to which margins are measured, and files that are read with another one."""

    def key(name, *roles, **more):
        return Study.open(write_area(folder, *roles, **more)).key(name)

    one, other = (key("places", "coast", "places", keys=f'countries = ["{code}"]')
                  for code in ("XA", "XB"))  # fmt: skip
    assert one != other
    one, other = (key("admin1", "coast", keys=f'countries = ["{code}"]') for code in ("XA", "XB"))
    assert one != other
    path = write_area(folder, *ALL)
    before = Study.open(path).key("places")
    path.write_text(path.read_text().replace("cell_m = 2000.0", "cell_m = 4000.0"))
    assert Study.open(path).key("places") != before
    towns = gpd.read_file(folder / "places.gpkg")
    towns.to_file(tmp_path / "towns.shp")
    layers = {"places": f'path = "{tmp_path / "towns.shp"}"'}
    before = key("places", "coast", "admin", layers=layers)
    content = (tmp_path / "towns.dbf").read_bytes()
    (tmp_path / "towns.dbf").write_bytes(content.replace(b"30000", b"40000"))
    assert (tmp_path / "towns.dbf").read_bytes() != content
    assert key("places", "coast", "admin", layers=layers) != before


def test_a_raster_of_another_name_is_read_again(folder, tmp_path):
    """A tile of SRTM is georeferenced by its name, and names of Copernicus tell what is sea."""
    metres = np.full((1201, 1201), 300, ">i2").tobytes()
    layers = {"elevation": f'path = "{tmp_path}"'}
    known = {}
    for name in ("N00E000.hgt", "N00E001.hgt"):
        (tmp_path / name).write_bytes(metres)
        study = Study.open(write_area(folder, "coast", "admin", layers=layers))
        known[name] = (study.key("elevation"), study.key("places"))
        (tmp_path / name).unlink()
    (one, places), (other, same) = known.values()
    assert one != other and places == same


def test_an_extract_of_parts_of_units_says_so_and_has_its_one_country(tmp_path):
    corners = [(0.1, 0.1), (0.8, 0.1), (0.8, 0.9), (0.1, 0.9)]
    write_osm(
        tmp_path / "a.osm.pbf",
        *(node(number, *corner) for number, corner in enumerate(corners, 1)),
        way(1, [1, 2, 3, 4, 1], natural="coastline"),
        boundary(1, [99], "Cortés", ISO3166_2="XA-1"),
    )
    layers = dict.fromkeys(("coast", "admin"), 'path = "a.osm.pbf"')
    study = Study.open(write_area(tmp_path, keys='countries = ["XA"]', layers=layers))
    assert list(study.frame("countries")["country"]) == ["XA"]
    assert list(study.frame("admin1")["iso"]) == ["XA"]
    assert len(study.remarks) == 1 and study.remarks[0].endswith("made of: Cortés.")


def test_fiji_across_the_antimeridian_has_a_grid_within_a_percent_of_its_area(tmp_path):
    home = Path(pyogrio.__file__).parent / "tests/fixtures/naturalearth_lowres"
    world = gpd.read_file(home / "naturalearth_lowres.shp")
    fiji = world[world["iso_a3"] == "FJI"]
    assert fiji.total_bounds[2] - fiji.total_bounds[0] == 360
    fiji.assign(country="FJ")[["country", "geometry"]].to_file(tmp_path / "land.gpkg")
    text = '[area]\nname = "fiji"\niso = ["FJ"]\ncell_m = 1000.0\n[[layer]]\nrole = "countries"\n'
    (tmp_path / "area.toml").write_text(f'{text}path = "land.gpkg"\n')
    study = Study.open(tmp_path / "area.toml")
    west, _, east, _ = study.area.bbox
    assert 176 < west < 178 and 180 < east < 182
    grid = read_study_grid(study, study.area)
    geod = Geod(ellps="WGS84")
    wanted = sum(abs(geod.geometry_area_perimeter(part)[0]) for part in fiji.geometry.iloc[0].geoms)
    assert grid.studied.sum() * study.area.cell_m**2 == pytest.approx(wanted, rel=0.01)
    x, _ = study.area.centres()
    row, column = study.area.cell_of(-179.9, -16.5)
    assert x[row, column] == pytest.approx(180.1, abs=0.01)
    study.area.require(-179.9, -16.5, field="from")


def test_a_manifest_lists_licences_and_hashes(folder):
    digest = hashlib.sha256((folder / "coast.gpkg").read_bytes()).hexdigest()
    entry = {"file": "coast.gpkg", "licence": "CC0-1.0", "attribution": "Us", "sha256": digest}
    lines = [f"{key} = {json.dumps(value)}" for key, value in entry.items()]
    (folder / "SOURCES.toml").write_text("[[layer]]\n" + "\n".join(lines) + "\n")
    study = Study.open(write_area(folder, "coast", "admin", keys='manifest = "SOURCES.toml"'))
    admin, coast = study.attributions()
    assert (coast["licence"], coast["attribution"]) == ("CC0-1.0", "Us")
    assert admin["licence"] == "not stated"
    assert set(study.licence_texts()) == {"CC0-1.0"}
    (folder / "SOURCES.toml").write_text('[[layer]]\nlicence = "CC0-1.0"\n')
    study = Study.open(write_area(folder, "coast", "admin", keys='manifest = "SOURCES.toml"'))
    with pytest.raises(DataError, match="for each file"):
        study.attributions()


def test_the_bundle_is_one_of_layers(bundle):
    assert borderlands() is bundle and bundle.roads() is None


@pytest.mark.parametrize("roles", [("coast", "admin"), ("admin",), ("countries",)])
@pytest.mark.parametrize("neighbours", ["", "neighbours = []"])
def test_a_box_with_latitude_first_is_refused_where_its_countries_lie(tmp_path, roles, neighbours):
    """Of 15 degrees north and 80 west the wrong order is a box in the Antarctic."""
    write_layers(tmp_path)
    for name in ("coast", "admin"):
        frame = gpd.read_file(tmp_path / f"{name}.gpkg").translate(-80, 15)
        there = gpd.read_file(tmp_path / f"{name}.gpkg").set_geometry(frame)
        there.to_file(tmp_path / f"{name}.gpkg")
    land = gpd.read_file(tmp_path / "admin.gpkg").dissolve("country", as_index=False)
    land[["country", "geometry"]].to_file(tmp_path / "countries.gpkg")
    file = write_area(tmp_path, *roles, keys=f'countries = ["XA", "XB"]\n{neighbours}')
    right = file.read_text().replace("[0.0, 0.0, 1.0, 1.0]", "[-80.0, 15.0, -79.0, 16.0]")
    file.write_text(right)
    assert Study.open(file).area.countries == ("XA", "XB")
    file.write_text(right.replace("-80.0, 15.0, -79.0, 16.0", "15.0, -80.0, 16.0, -79.0"))
    with pytest.raises(DataError) as refused:
        _ = Study.open(file).area
    assert refused.value.field == "area.bbox"
    assert "perhaps [-80, 15, -79, 16]. In it lie XA, XB." in refused.value.remedy
    assert refused.value.value == [15.0, -80.0, 16.0, -79.0]

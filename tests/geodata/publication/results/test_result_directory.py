"""Files out: what is in them, that they are whole, and that they repeat to the byte."""

from __future__ import annotations

import json
import sqlite3
import time
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely

from geodata.cartography.qgis import qml
from geodata.cartography.styles.result_styles import DENSITY, NEARNESS
from geodata.errors import DataError, InputError
from geodata.formats.geojson.features import collection
from geodata.formats.geotiff import write_band
from geodata.formats.vector import write_features
from geodata.publication.results.result_directory import write_result
from geodata.publication.results.result_files import LAYERS, RESULT_FILES
from tests.support.load import load
from tests.support.worlds.result_sample import sample


def draw(path):
    path.write_bytes(b"map")


@pytest.fixture
def layers():
    return sample()


@pytest.fixture
def written(layers, tmp_path):
    return write_result(layers, tmp_path / "result", draw=draw)


def frame_of(*shapes, **columns):
    columns = columns or {"id": [f"f{index}" for index in range(len(shapes))]}
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=4326)


# GeoJSON


def test_geojson_reads_back_as_it_was(written, layers):
    for name in LAYERS:
        back = gpd.read_file(written / f"{name}.geojson")
        frame = getattr(layers, name)
        assert list(back["id"]) == list(frame["id"])
        measure = "nearness" if name == "places" else "usage"
        assert np.allclose(back[measure].astype(float), frame[measure], atol=1e-6)
        assert (
            shapely.hausdorff_distance(back.geometry.to_numpy(), frame.geometry.to_numpy()).max()
            < 1e-6
        )


def test_geojson_follows_the_rfc(written):
    content = json.loads((written / "gateways.geojson").read_text(encoding="utf-8"))
    assert list(content) == ["type", "bbox", "features"]
    west, south, east, north = content["bbox"]
    assert -92.5 < west < east < -83 and 12.9 < south < north < 18.6
    first = content["features"][0]
    assert first["id"] == first["properties"]["id"]
    assert first["geometry"]["coordinates"] == [-88.384, 15.586]


def test_geojson_keeps_six_decimals_and_no_idle_zeros():
    text = collection(frame_of(shapely.Point(-88.12345678, 15.0), shapely.Point(-0.0000001, 1)))
    assert "[-88.123457,15]" in text
    assert "[0,1]" in text


def test_geojson_winds_polygons_by_the_right_hand():
    ring = shapely.box(0, 0, 3, 3, ccw=False) - shapely.box(1, 1, 2, 2)
    shape = json.loads(collection(frame_of(ring)))["features"][0]["geometry"]
    outer, hole = (shapely.LinearRing(part) for part in shape["coordinates"])
    assert outer.is_ccw and not hole.is_ccw


def test_geojson_holds_every_kind_of_shape():
    line = shapely.LineString([(0, 0), (1, 1)])
    shapes = [
        shapely.Point(1, 2),
        line,
        shapely.box(0, 0, 1, 1),
        shapely.MultiPoint([(0, 1), (2, 3)]),
        shapely.MultiLineString([line, [(2, 2), (3, 3)]]),
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(3, 3, 4, 4)]),
        shapely.LineString(),
        None,
    ]
    features = json.loads(collection(frame_of(*shapes)))["features"]
    for shape, feature in zip(shapes[:6], features, strict=False):
        assert shapely.equals(shapely.geometry.shape(feature["geometry"]), shape)
    assert [feature["geometry"] for feature in features[6:]] == [None, None]


def test_geojson_writes_scalars_plainly():
    columns = {
        "id": ["a", "b"],
        "share": np.array([0.1, np.nan], np.float32),
        "whole": [1.0, np.inf],
        "count": [3, 4],
        "flag": [True, False],
        "text": ['say "sí"', None],
        "when": pd.to_datetime(["2026-01-02", None]),
    }
    points = [shapely.Point(0, 0)] * 2
    text = collection(gpd.GeoDataFrame(columns, geometry=points, crs=4326))
    assert '"share":0.1,"whole":1.0,"count":3,"flag":true,"text":"say \\"sí\\""' in text
    assert '"when":"2026-01-02T00:00:00"' in text
    assert '"share":null,"whole":null,"count":4,"flag":false,"text":null,"when":null' in text


def test_geojson_of_nothing_is_an_empty_collection(layers):
    content = json.loads(collection(layers.corridors.iloc[:0]))
    assert content == {"type": "FeatureCollection", "features": []}


def test_geojson_brings_metres_to_degrees(layers):
    metric = layers.gateways.to_crs(layers.area.crs)
    assert json.loads(collection(metric))["bbox"] == json.loads(collection(layers.gateways))["bbox"]


def test_geojson_refuses_what_it_cannot_say():
    point = shapely.Point(0, 0)
    with pytest.raises(DataError, match=r"column modes: .*flat"):
        collection(frame_of(point, id=["a"], modes=[["road", "sea"]]))
    with pytest.raises(DataError, match=r"column id: 'a'.*id of its own"):
        collection(frame_of(point, point, id=["a", "a"]))
    with pytest.raises(InputError, match=r"crs: None.*set_crs"):
        collection(gpd.GeoDataFrame({"id": ["a"]}, geometry=[point]))
    with pytest.raises(InputError, match=r"GeometryCollection.*explode"):
        collection(frame_of(shapely.GeometryCollection([point])))


def test_geojson_of_fifty_thousand_lines_takes_seconds():
    random = np.random.default_rng(1)
    steps = random.normal(0, 0.01, (50_000, 6, 2))
    lines = shapely.linestrings(steps.cumsum(axis=1) + np.array([-88, 15]))
    frame = frame_of(*lines, id=[f"s{index}" for index in range(50_000)], mode="road")
    frame["usage"] = random.random(50_000).astype(np.float32)
    start = time.process_time()
    text = collection(frame)
    # Twenty times what it takes of a processor would be the plain encoder.
    assert time.process_time() - start < 10
    assert text.count('"Feature"') == 50_000


# GeoPackage and GeoTIFF


def test_geopackage_carries_layers_and_default_styles(written, layers):
    package = written / "corridors.gpkg"
    named = gpd.list_layers(package)["name"]
    assert set(named) == {*LAYERS, "bands", "layer_styles"}
    assert len(gpd.read_file(package, layer="segments")) == len(layers.segments)
    with sqlite3.connect(package) as store:
        rows = store.execute(
            "SELECT f_table_name, f_geometry_column, useAsDefault, styleQML FROM layer_styles"
        ).fetchall()
        columns = dict(
            store.execute("SELECT table_name, column_name FROM gpkg_geometry_columns").fetchall()
        )
    store.close()
    assert {row[0]: row[1] for row in rows} == columns
    assert all(default == 1 and "<qgis" in text for *_, default, text in rows)
    assert {row[0]: row[3] for row in rows}["admin"] == (written / "admin.qml").read_text()


@pytest.mark.parametrize("style", [DENSITY, NEARNESS], ids=["density", "nearness"])
def test_surfaces_lie_on_the_grid_with_statistics(written, layers, style):
    values = getattr(layers, style.layer)
    with rasterio.open(written / f"{style.layer}.tif") as raster:
        assert raster.shape == layers.area.shape
        assert raster.transform == layers.area.transform
        assert raster.crs.to_wkt().count("Azimuthal")
        assert (raster.read(1) == values).all()
        assert raster.descriptions == (style.title,)
        tags = raster.tags(1)
        assert float(tags["STATISTICS_MAXIMUM"]) == pytest.approx(values.max())
    assert (written / f"{style.layer}.qml").read_text("utf-8") == qml(style)
    assert not list(written.glob("*.aux.xml"))


def test_raster_marks_the_unknown_and_refuses_another_grid(layers, tmp_path):
    values = layers.density.copy()
    values[0, 0] = np.nan
    path = tmp_path / "score.tif"
    write_band(values, layers.area, path, "Score")
    with rasterio.open(path) as raster:
        assert raster.read(1, masked=True).mask.sum() == 1
    with pytest.raises(InputError, match=r"values: .*Give an array of shape"):
        write_band(values[1:], layers.area, path, "Score")


# The directory


def test_result_directory_holds_exactly_its_files(written):
    assert {entry.name for entry in written.iterdir()} == set(RESULT_FILES)
    content = json.loads((written / "result.json").read_text(encoding="utf-8"))
    assert content["missing"] is None
    assert content["weights"] == [0.5, 0.25]


def test_two_writes_are_the_same_to_the_byte(written, layers, tmp_path):
    time.sleep(1.1)  # GeoPackages are dated to the second
    with load():
        again = write_result(layers, tmp_path / "again", draw=draw)
    for name in RESULT_FILES:
        assert (written / name).read_bytes() == (again / name).read_bytes(), name


def test_a_result_is_replaced_only_when_asked(written, layers):
    with pytest.raises(InputError, match=r"holds a result.json already"):
        write_result(layers, written, draw=draw)
    (written / "corridors.geojson").write_text("old")
    (written / "density.tif.aux.xml").write_text("left by QGIS")
    write_result(layers, written, draw=draw, overwrite=True)
    assert {entry.name for entry in written.iterdir()} == set(RESULT_FILES)
    assert (written / "corridors.geojson").stat().st_size > 1000
    assert [entry.name for entry in written.parent.iterdir()] == ["result"]


def test_foreign_directories_and_files_are_left_alone(written, layers, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match=r"home.*no result.json"):
        write_result(layers, home, draw=draw, overwrite=True)
    with pytest.raises(InputError, match=r"It is a file"):
        write_result(layers, home / "thesis.txt", draw=draw, overwrite=True)
    (written / "project.qgz").write_text("mine")
    with pytest.raises(InputError, match=r"Move project.qgz elsewhere"):
        write_result(layers, written, draw=draw, overwrite=True)
    assert (home / "thesis.txt").read_text() == "mine"


def test_a_failure_leaves_what_was_there(written, layers):
    before = (written / "result.json").read_bytes()

    def fail(path):
        raise OSError("disk full")

    with pytest.raises(OSError, match=r"disk full"):
        write_result(layers, written, draw=fail, overwrite=True)
    assert (written / "result.json").read_bytes() == before
    assert [entry.name for entry in written.parent.iterdir()] == ["result"]


def test_an_empty_result_is_still_a_result(layers, tmp_path):
    nothing = replace(
        layers,
        corridors=layers.corridors.iloc[:0],
        segments=layers.segments.iloc[:0],
        gateways=layers.gateways.iloc[:0],
        density=np.zeros_like(layers.density),
    )
    path = write_result(nothing, tmp_path / "nothing", draw=draw)
    back = gpd.read_file(path / "corridors.gpkg", layer="corridors")
    assert len(back) == 0 and "usage" in back.columns


# Single layers


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".parquet", ".fgb"])
def test_a_layer_is_written_by_its_suffix(layers, tmp_path, suffix):
    path = write_features(layers.corridors, tmp_path / f"corridors{suffix}")
    first = path.read_bytes()
    assert write_features(layers.corridors, path).read_bytes() == first
    if suffix == ".parquet":
        back = gpd.read_parquet(path)
    else:
        back = gpd.read_file(path, layer="corridors")
    assert sorted(back["id"]) == sorted(layers.corridors["id"])
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_an_unknown_suffix_is_named_with_the_known_ones(layers, tmp_path):
    with pytest.raises(InputError, match=r"corridors.shp.*\.geojson, \.gpkg, \.parquet, \.fgb"):
        write_features(layers.corridors, tmp_path / "corridors.shp")

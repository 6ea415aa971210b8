"""Vector layers of any format in their canonical form, and what is refused with the remedy."""

from __future__ import annotations

import os
import signal
import tempfile
import warnings
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely

from geodata.area.box import Box
from geodata.area.study_area import StudyArea
from geodata.errors import DataError, VeredaError
from geodata.sources.area_file import Layer
from geodata.sources.layers.schema import SCHEMAS, check
from geodata.sources.vectors import crs_names, read_vector
from geodata.sources.vectors.files.files import vector_files
from geodata.sources.vectors.files.zipped import unzipped
from geodata.sources.vectors.reading import check_shared

BOX = Box(-89.0, 14.0, -87.5, 15.2)
AREA = StudyArea(name="test", bbox=BOX, countries=(), neighbours=(), cell_m=2000.0)
NAME = {"admin": "admin1", "airstrips": "airports"}


def read(role, *paths, area=AREA, **options):
    layer = Layer(role=role, path=tuple(map(str, paths)), **options)
    name = NAME.get(role, role)
    frame = read_vector(layer, area, schema=SCHEMAS[name])
    check(frame, SCHEMAS[name], name)
    return frame


def refusal(role, *paths, **options) -> str:
    with pytest.raises(VeredaError) as caught:
        read(role, *paths, **options)
    message = str(caught.value)
    assert "\n" not in message
    assert f"layer {role}" in message or "file" in message or ".gpkg" in message or "," in message
    return message


def places(**columns) -> gpd.GeoDataFrame:
    table = {
        "name": ["Copán", "Ocotepeque", "Lejos"],
        "country": ["HN", "HN", "PA"],
        "population": [30_000, 12_000, 5],
        **columns,
    }
    points = shapely.points([(-88.8, 14.8), (-88.6, 14.4), (-80.0, 8.0)])
    return gpd.GeoDataFrame(table, geometry=points, crs="EPSG:4326")


def admin(**columns) -> gpd.GeoDataFrame:
    table = {"code": ["HN-CP", "HN-OC"], "unit": ["Copán", "Ocotepeque"], **columns}
    areas = [shapely.box(-89, 14.5, -88, 15), shapely.box(-89, 14, -88, 14.5)]
    return gpd.GeoDataFrame(table, geometry=areas, crs="EPSG:4326")


RENAMED = {"iso": "code", "name": "unit"}


def write(frame, path, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pyogrio.write_dataframe(frame, path, **options)
    return path


@pytest.mark.parametrize(
    "suffix", [".gpkg", ".shp", ".geojson", ".fgb", ".parquet", ".csv", ".kml"]
)
@pytest.mark.parametrize("crs", [4326, 32616])
def test_every_format_gives_the_same_frame(tmp_path, suffix, crs):
    frame = places().to_crs(crs)
    path = tmp_path / f"towns{suffix}"
    options = {"crs": f"EPSG:{crs}"} if suffix == ".csv" else {}
    if suffix in (".geojson", ".kml"):
        frame = frame.to_crs(4326)
    if suffix == ".parquet":
        frame.to_parquet(path)
    elif suffix == ".csv":
        xy = shapely.get_coordinates(np.asarray(frame.geometry))
        table = pd.DataFrame(frame.drop(columns="geometry")).assign(x=xy[:, 0], y=xy[:, 1])
        table.to_csv(path, index=False, sep=";", decimal=",")
    else:
        driver = {"driver": "KML"} if suffix == ".kml" else {}
        write(frame.rename(columns={"name": "town"}), path, **driver)
        options["rename"] = {"name": "town"}
        if suffix == ".shp":
            options["rename"]["population"] = "population"
    got = read("places", path, **options)
    assert list(got["name"]) == ["Copán", "Ocotepeque"]
    assert list(got["population"]) == [30_000, 12_000]
    assert list(got["id"]) == [1, 2]
    assert got.crs.to_epsg() == 4326
    np.testing.assert_allclose(
        shapely.get_coordinates(np.asarray(got.geometry)), [(-88.8, 14.8), (-88.6, 14.4)], atol=1e-6
    )


def test_a_large_file_is_read_by_box(tmp_path, monkeypatch):
    monkeypatch.setattr("geodata.sources.vectors.files.gdal.SMALL", 0)
    rng = np.random.default_rng(0)
    xy = np.c_[rng.uniform(-180, 180, 50_000), rng.uniform(-80, 80, 50_000)]
    frame = gpd.GeoDataFrame(
        {"name": "p", "population": np.arange(50_000)}, geometry=shapely.points(xy), crs=4326
    )
    inside = ((xy > np.array(BOX[:2])) & (xy < np.array(BOX[2:]))).all(axis=1)
    read_rows = []
    plain = pyogrio.raw.read

    def counted(*args, **kwargs):
        result = plain(*args, **kwargs)
        read_rows.append(len(result[1]))
        return result

    monkeypatch.setattr("pyogrio.raw.read", counted)
    for crs in (4326, 3857):
        path = write(frame.to_crs(crs), tmp_path / f"p{crs}.gpkg")
        got = read("places", path)
        assert set(np.flatnonzero(inside)) <= set(got["population"])
        assert len(got) <= 3 * inside.sum() + 10
    assert max(read_rows) < 100


def test_of_a_large_format_only_columns_that_are_used_are_read_and_all_are_told(
    tmp_path, monkeypatch
):
    plain, columns = pyogrio.raw.read, []

    def counted(*args, **kwargs):
        result = plain(*args, **kwargs)
        columns.append(list(result[0]["fields"]))
        return result

    monkeypatch.setattr("pyogrio.raw.read", counted)
    frame = places(other_tags="x" * 100, Nombre="N").rename(columns={"name": "pueblo"})
    path = write(frame, tmp_path / "a.gpkg")
    assert list(read("places", path)["name"]) == ["N", "N"]
    assert columns == [["country", "population", "Nombre"]]
    message = refusal("places", path, rename={"name": "town"})
    assert "Columns of a.gpkg: pueblo, country, population, other_tags, Nombre" in message


def test_geoparquet_is_read_by_box_where_it_can_be(tmp_path):
    plain, covered = tmp_path / "plain.parquet", tmp_path / "covered.parquet"
    places().to_parquet(plain)
    places().to_parquet(covered, write_covering_bbox=True, schema_version="1.1.0")
    for path in (plain, covered):
        assert list(read("places", path)["name"]) == ["Copán", "Ocotepeque"]


def test_across_the_antimeridian(tmp_path):
    fiji = StudyArea(
        name="fiji", bbox=(177.0, -19.0, 182.0, -16.0), countries=(), neighbours=(), cell_m=5000.0
    )
    west = shapely.box(178, -18, 180, -17)
    east = shapely.box(-180, -18, -179, -17)
    frame = gpd.GeoDataFrame(
        {"iso": ["FJ-X", "FJ-E", "TO-1"], "name": ["both", "east", "far"]},
        geometry=[shapely.MultiPolygon([west, east]), east, shapely.box(-175, -19, -174, -18)],
        crs=4326,
    )
    path = write(frame, tmp_path / "fiji.gpkg", geometry_type="MultiPolygon", promote_to_multi=True)
    for small in (200_000, 0):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("geodata.sources.vectors.files.gdal.SMALL", small)
            got = read("admin", path, area=fiji)
        assert list(got["name"]) == ["both", "east"]
        assert got.geometry.bounds["minx"].tolist() == [178, 180]
        assert got.geometry.bounds["maxx"].tolist() == [181, 181]


def test_columns_are_renamed_and_classes_translated(tmp_path):
    frame = admin(kind=["x", "y"])
    path = write(frame, tmp_path / "a.gpkg")
    got = read("admin", path, rename=RENAMED)
    assert list(got["iso"]) == ["HN-CP", "HN-OC"] and list(got["country"]) == ["", ""]
    posts = places(tipo=["POL", "MIL", "POL"])
    path = write(posts, tmp_path / "posts.gpkg")
    table = {"POL": "police headquarters", "MIL": ""}
    got = read("posts", path, rename={"kind": "tipo"}, classes=table)
    assert list(got["kind"]) == ["police headquarters"]
    assert (got["x"].iloc[0], got["y"].iloc[0]) == (-88.8, 14.8)
    message = refusal("posts", path, rename={"kind": "tipo"}, classes={"POL": "police"})
    assert "feature 2, kind, classes: 'MIL'. The table lacks it" in message


def test_wrong_names_get_the_nearest_right_one(tmp_path):
    path = write(admin(), tmp_path / "a.gpkg")
    assert "rename.isoo: 'code'. Did you mean 'iso'?" in refusal(
        "admin", path, rename={"isoo": "code"}
    )
    message = refusal("admin", path, rename={"iso": "cod", "name": "unit"})
    assert "rename.iso: 'cod'. Did you mean 'code'?" in message
    message = refusal("admin", path, rename={"name": "unit"})
    assert "column iso: 'missing'" in message and "code, unit" in message


def test_well_known_headings_need_no_renaming(tmp_path):
    bounds = admin().rename(columns={"code": "shapeISO", "unit": "shapeName"})
    path = write(bounds, tmp_path / "geoBoundaries-HND-ADM1.geojson")
    assert list(read("admin", path)["iso"]) == ["HN-CP", "HN-OC"]
    (tmp_path / "airports.csv").write_text(
        "id,ident,type,name,latitude_deg,longitude_deg,iso_country\n"
        "1,MHCG,small_airport,Copán,14.9,-88.9,HN\n2,XXXX,heliport,Far,50,8,DE\n"
    )
    got = read("airstrips", tmp_path / "airports.csv")
    assert got.iloc[0].to_dict() == {
        "ident": "MHCG", "name": "Copán", "kind": "small_airport", "country": "HN",
        "x": -88.9, "y": 14.9,
    }  # fmt: skip
    assert len(got) == 1


def test_a_crs_is_taken_from_the_file_and_given_only_where_it_has_none(tmp_path):
    path = write(places(), tmp_path / "a.gpkg")
    assert "The file a.gpkg says WGS 84" in refusal("places", path, crs="EPSG:32616")
    assert len(read("places", path, crs="EPSG:4326")) == 2
    bare = write(places().set_crs(None, allow_override=True), tmp_path / "b.gpkg")
    assert 'give crs = "EPSG:..."' in refusal("places", bare)
    assert len(read("places", bare, crs="EPSG:4326")) == 2


def test_a_shapefile_without_prj(tmp_path):
    path = write(places(), tmp_path / "a.shp")
    path.with_suffix(".prj").unlink()
    assert "There is no a.prj beside it" in refusal("places", path)
    assert len(read("places", path, crs="EPSG:4326")) == 2
    path.with_suffix(".shx").unlink()
    assert "There is no a.shx beside it" in refusal("places", path)


@pytest.mark.parametrize(
    ("written", "cpg"),
    [("ISO-8859-1", "ISO-8859-1"), ("UTF-8", "UTF-8"), ("ISO-8859-1", None), ("UTF-8", None)],
)
def test_texts_of_shapefiles(tmp_path, written, cpg):
    path = write(places(), tmp_path / "a.shp", encoding=written)
    beside = path.with_suffix(".cpg")
    beside.write_text(cpg) if cpg else beside.unlink(missing_ok=True)
    dbf = path.with_suffix(".dbf")
    content = bytearray(dbf.read_bytes())
    content[29] = 0
    dbf.write_bytes(content)
    assert list(read("places", path)["name"]) == ["Copán", "Ocotepeque"]


def test_texts_that_are_not_what_the_cpg_says(tmp_path):
    path = write(places(), tmp_path / "a.shp", encoding="ISO-8859-1")
    path.with_suffix(".cpg").write_text("UTF-8")
    try:
        got = read("places", path)
    except VeredaError as error:
        assert "a.cpg" in str(error)
    else:
        assert list(got["name"]) == ["Copán", "Ocotepeque"]


def test_metres_labelled_degrees_and_degrees_labelled_metres(tmp_path):
    metres = places().to_crs(32616).set_crs(4326, allow_override=True)
    for suffix in (".gpkg", ".parquet"):
        path = tmp_path / f"m{suffix}"
        metres.to_parquet(path) if suffix == ".parquet" else write(metres, path)
        message = refusal("places", path)
        assert "labelled WGS 84, which is in degrees, and these are none" in message
    degrees = write(places().set_crs(32616, allow_override=True), tmp_path / "d.gpkg")
    assert "these look like degrees" in refusal("places", degrees)
    turned = places().set_geometry(shapely.points([(14.8, -98.8), (14.4, -98.6), (8, -95.0)]))
    path = write(turned.set_crs(4326), tmp_path / "t.gpkg")
    assert "Longitude and latitude look swapped" in refusal("places", path)


def test_nothing_in_the_file_or_in_the_area(tmp_path):
    path = write(places().iloc[:0], tmp_path / "a.gpkg", geometry_type="Point")
    assert "It has no features" in refusal("places", path)
    path = write(places().iloc[2:], tmp_path / "b.gpkg")
    assert "It has nothing in the area" in refusal("places", path)


def test_rows_without_a_place(tmp_path):
    frame = places()
    frame.loc[1, "geometry"] = None
    assert "feature 2, geometry: None. This row has no place" in refusal(
        "places", write(frame, tmp_path / "a.gpkg")
    )
    with np.errstate(invalid="ignore"):
        line = shapely.LineString([(-89, 14), (np.nan, 15), (-88, 15)])
    river = gpd.GeoDataFrame({"name": ["Ulúa"]}, geometry=[line], crs=4326)
    river.to_parquet(tmp_path / "b.parquet")
    assert "feature 1, geometry: 'NaN'. A coordinate of this row is no number" in refusal(
        "rivers", tmp_path / "b.parquet"
    )


def test_codes_of_units_are_given_once(tmp_path):
    path = write(admin(code=["HN-CP", "HN-CP"]), tmp_path / "a.gpkg")
    message = refusal("admin", path, rename=RENAMED)
    assert "a.gpkg, feature 2, iso: 'HN-CP'. a.gpkg, feature 1 has the same iso" in message


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (-4, "'-4'. Give 0 or more"),
        (np.nan, "None. Give a number"),
        (np.inf, "inf. Give a finite"),
        (1e300, "1e+300. Give a number of at most"),
    ],
)
def test_numbers_of_people_that_cannot_be(tmp_path, value, reason):
    frame = places(population=[30_000.0, value, 5.0])
    assert f"a.gpkg, feature 2, population: {reason}" in refusal(
        "places", write(frame, tmp_path / "a.gpkg")
    )


def test_indicators_are_numbers(tmp_path):
    path = tmp_path / "i.csv"
    path.write_text("iso,indicator,value,year\nHN-CP,hdi,0.61,2019\nHN-OC,hdi,0.58,2019\n")
    assert list(read("indicators", path)["value"]) == ["0.61", "0.58"]
    path.write_text("iso,indicator,value\nHN-CP,hdi,0.61\nHN-OC,hdi,low\n")
    message = refusal("indicators", path)
    assert "i.csv, line 3, value: 'low'. This column is to hold numbers" in message


def test_an_indicator_twice_is_told_also_where_nobody_says_its_source(tmp_path):
    path = tmp_path / "i.csv"
    path.write_text("iso,indicator,value,year\nHN-CP,hdi,0.61,2019\nHN-CP,hdi,0.58,2019\n")
    assert "i.csv, line 3, iso: 'HN-CP'. i.csv, line 2 has the same" in refusal("indicators", path)


def test_a_code_in_two_layers_is_told():
    layers = [Layer(role="admin", path="a"), Layer(role="admin", path="b")]
    frame = admin().rename(columns={"code": "iso"})
    with pytest.raises(DataError, match=r"layers of admin, iso: 'HN-CP'\. Two of its 2 layers"):
        check_shared(layers, [frame, frame.iloc[:1]])
    check_shared(layers, [frame.iloc[:1], frame.iloc[1:]])


def test_indicators_in_columns_of_their_own(tmp_path):
    path = write(admin(pobreza=[61.5, np.nan], idh=[0.6, 0.7]), tmp_path / "a.gpkg")
    rename = {"iso": "code", "name": "unit", "poverty_rate": "pobreza", "hdi": "idh"}
    got = read("indicators", path, rename=rename)
    assert list(zip(got["iso"], got["indicator"], got["value"], strict=True)) == [
        ("HN-CP", "poverty_rate", "61.5"), ("HN-CP", "hdi", "0.6"), ("HN-OC", "hdi", "0.7"),
    ]  # fmt: skip
    text = write(admin(pobreza=["alta", "baja"]), tmp_path / "t.gpkg")
    message = refusal("indicators", text, rename={"iso": "code", "poverty_rate": "pobreza"})
    assert "feature 1, value: 'alta'" in message


def test_shapes_of_another_kind(tmp_path):
    lines = admin().assign(geometry=admin().boundary)
    path = write(lines, tmp_path / "a.gpkg")
    message = refusal("admin", path, rename=RENAMED)
    assert "feature 1, geometry: 'LineString'. Give areas" in message
    assert "Give points" in refusal("posts", path, rename={"name": "unit"})
    inside = read("posts", write(admin(), tmp_path / "b.gpkg"), rename={"name": "unit"})
    assert list(inside["x"]) == [-88.5, -88.5]


def test_shapes_that_cross_themselves_are_mended(tmp_path):
    bow = shapely.Polygon([(-89, 14), (-88, 15), (-88, 14), (-89, 15), (-89, 14)])
    path = write(admin().iloc[:1].assign(geometry=[bow]), tmp_path / "a.gpkg")
    (shape,) = read("admin", path, rename=RENAMED).geometry
    assert shape.is_valid and shape.area == pytest.approx(0.5)


def test_lines_of_several_parts_are_several_rows(tmp_path):
    parts = shapely.MultiLineString([[(-89, 14), (-88.5, 14.5)], [(-88.4, 14.5), (-88, 15)]])
    frame = gpd.GeoDataFrame({"nombre": ["Lempa"], "navigable": [1]}, geometry=[parts], crs=4326)
    got = read("rivers", write(frame, tmp_path / "r.gpkg"))
    assert list(got["name"]) == ["Lempa", "Lempa"] and got["navigable"].all()


def test_codes_of_countries(tmp_path):
    path = write(places(country=["HND", "HND", "PAN"]), tmp_path / "a.gpkg")
    assert "feature 1, country: 'HND'. Give two capital letters" in refusal("places", path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.gpkg", b"<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>"),
        ("a.shp", b"<?xml version='1.0'?><OGRVRTDataSource/>"),
        ("a.fgb", b'{"type": "gdal_streamed_alg"}'),
        ("a.parquet", b"<html></html>"),
        ("a.vrt", b"<OGRVRTDataSource/>"),
        ("a.geojson", b"<html></html>"),
        ("a.gpkg", b""),
    ],
)
def test_a_file_is_what_it_is_called(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    message = refusal("places", tmp_path / name)
    assert "Save" in message or "empty" in message


def test_parquet_without_geometry(tmp_path):
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "a.parquet")
    assert "is Parquet and no GeoParquet" in refusal("places", tmp_path / "a.parquet")


def test_shapes_that_are_none_in_parquet(tmp_path):
    places().to_parquet(tmp_path / "a.parquet")
    table = pq.read_table(tmp_path / "a.parquet")
    broken = table.set_column(
        table.schema.get_field_index("geometry"), "geometry", pa.array([b"junk"] * len(table))
    )
    pq.write_table(broken.replace_schema_metadata(table.schema.metadata), tmp_path / "a.parquet")
    assert "It cannot be read (ParseException" in refusal("places", tmp_path / "a.parquet")


def test_the_layer_of_several_is_named(tmp_path):
    path = write(places(), tmp_path / "a.gpkg", layer="towns")
    write(admin(), path, layer="units", append=False)
    assert "It has 2 layers; name one of them: a.gpkg#towns or a.gpkg#units" in refusal(
        "places", path
    )
    assert len(read("places", path, layer="towns")) == 2
    assert "a.gpkg#town'. Its layers are: towns, units" in refusal("places", path, layer="town")


def test_several_files_are_one_layer(tmp_path):
    write(admin().iloc[:1], tmp_path / "a.shp")
    write(admin().iloc[1:], tmp_path / "b.shp")
    got = read("admin", tmp_path, rename=RENAMED)
    assert list(got["iso"]) == ["HN-CP", "HN-OC"]


def test_names_of_coordinate_systems(tmp_path):
    metres = places().to_crs(32616)
    metres.to_parquet(tmp_path / "a.parquet")
    write(metres, tmp_path / "b.gpkg")
    write(places(), tmp_path / "c.geojson")
    layer = Layer(role="places", path=str(tmp_path))
    assert crs_names(layer) == ["EPSG:32616", "EPSG:4326"]


def test_rows_in_one_place_are_all_read_across_the_antimeridian(tmp_path):
    area = StudyArea(
        name="isles", bbox=(179.0, -17.0, 181.0, -16.0), countries=(), neighbours=(), cell_m=2000.0
    )
    points = shapely.points([(179.9, -16.5), (179.9, -16.5), (-179.9, -16.5), (0.0, 0.0)])
    frame = gpd.GeoDataFrame(
        {"name": list("abcd"), "population": 1}, geometry=points, crs="EPSG:4326"
    )
    wide = shapely.box(-180, -17, 180, -16)
    frame.to_parquet(tmp_path / "places.parquet", write_covering_bbox=True)
    assert list(read("places", tmp_path / "places.parquet", area=area)["name"]) == list("abc")
    zones = gpd.GeoDataFrame({"name": ["z"]}, geometry=[wide], crs="EPSG:4326")
    zones.to_parquet(tmp_path / "zones.parquet", write_covering_bbox=True)
    (zone,) = read("closed_zones", tmp_path / "zones.parquet", area=area).geometry
    # It reaches round the earth, as Antarctica does, and so lies on both sides.
    assert zone.is_valid and zone.covers(shapely.box(*area.bbox))


def zipped(archive, *files):
    with zipfile.ZipFile(archive, "w") as packed:
        for path in files:
            packed.write(path, f"some folder/{path.name}")
    return archive


def shapefile(folder, stem, frame):
    write(frame, folder / f"{stem}.shp")
    return sorted(folder.glob(f"{stem}.*"))


def test_a_shapefile_in_a_zip_is_read_as_it_is_beside_it(tmp_path):
    parts = shapefile(tmp_path, "towns", places().to_crs(32616))
    archive = zipped(tmp_path / "towns.zip", *parts)
    plain, packed = read("places", tmp_path / "towns.shp"), read("places", archive)
    assert packed.equals(plain)
    layer = Layer(role="places", path=(str(archive),))
    assert crs_names(layer) == ["EPSG:32616"]


def test_what_a_killed_reader_unpacked_goes_with_the_next(tmp_path, monkeypatch):
    archive = zipped(tmp_path / "towns.zip", *shapefile(tmp_path, "towns", places()))
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    reader = os.fork()
    if not reader:
        try:
            with unzipped(Layer(role="places", path=(str(archive),)), archive):
                os.kill(os.getpid(), signal.SIGKILL)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(reader, 0)[1]) == -signal.SIGKILL
    assert list(scratch.rglob("towns.shp"))
    assert len(read("places", archive)) == 2
    assert list(scratch.iterdir()) == []


def test_one_of_several_shapefiles_in_a_zip_is_named(tmp_path):
    parts = [part for stem in ("towns", "farms") for part in shapefile(tmp_path, stem, places())]
    archive = zipped(tmp_path / "all.zip", *parts)
    assert len(read("places", archive, layer="farms")) == 2
    assert "shapefiles farms, towns: name one as layer" in refusal("places", archive)
    assert "name one as layer" in refusal("places", archive, layer="forts")


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.gpkg", b"SQLite format 3", "no shapefile: unzip it"),
        ("../a.shp", b"", "leads out of the archive"),
        ("a.shp", b"<OGRVRTDataSource>", "It is no shapefile"),
        ("a.vrt", b"<OGRVRTDataSource>", "no shapefile: unzip it"),
    ],
)
def test_nothing_else_in_a_zip_is_opened(tmp_path, name, content, reason):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as packed:
        packed.writestr(name, content)
    message = refusal("places", tmp_path / "x.zip")
    assert reason in message and "x.zip" in message and "vereda-" not in message


def test_parts_keep_the_names_that_their_owner_gave_them(tmp_path):
    for stem in ("Límites", "道路"):
        archive = zipped(tmp_path / "x.zip", *shapefile(tmp_path, stem, places()))
        assert len(read("places", archive, layer=stem)) == 2


def test_an_archive_beside_what_was_in_it_is_not_read_again(tmp_path):
    folder = tmp_path / "towns"
    folder.mkdir()
    zipped(folder / "towns.zip", *shapefile(folder, "towns", places()))
    assert [path.name for path in vector_files(Layer(role="places", path=(str(folder),)))] == [
        "towns.shp"
    ]


@pytest.mark.parametrize("how", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_damaged_zip_is_said_whatever_is_broken(tmp_path, how):
    with zipfile.ZipFile(tmp_path / "x.zip", "w", how) as packed:
        packed.writestr("a.shp", bytes(range(256)) * 40)
    content = bytearray((tmp_path / "x.zip").read_bytes())
    content[40:80] = bytes(40)
    (tmp_path / "x.zip").write_bytes(content)
    message = refusal("places", tmp_path / "x.zip")
    assert "damaged" in message and "Pack it again" in message


def test_a_name_that_is_no_text_is_said(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as packed:
        packed.writestr("ñ.shp", b"")
    content = (tmp_path / "x.zip").read_bytes().replace("ñ".encode(), b"\xff\xff")
    (tmp_path / "x.zip").write_bytes(content)
    assert "damaged" in refusal("places", tmp_path / "x.zip")


def test_what_is_no_zip_is_said(tmp_path):
    (tmp_path / "x.zip").write_bytes(b"<html>")
    assert "damaged" in refusal("places", tmp_path / "x.zip")


def test_events_need_no_place_and_have_dates_in_one_form(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text(
        "fecha,lon,lat,flow\n13/02/2016,-88.8,14.8,gold\n2017,,,gold\n2018,-70,5,gold\n"
    )
    got = read("events", path)
    assert got["date"].tolist() == ["2016-02-13", "2017"]
    assert got["x"].tolist()[0] == -88.8 and np.isnan(got["y"].tolist()[1])
    path.write_text("fecha_hora,lon,lat\n2016-02-13,-88.8,14.8\n")
    assert read("events", path)["date"].tolist() == ["2016-02-13"], "as --events reads it"
    path.write_text("day,lon,lat\n2016-02-13,-88.8,14.8\n")
    assert "column date: 'missing'" in refusal("events", path)
    path.write_text("fecha,lon,lat\nsometime,-88.8,14.8\n")
    assert "events.csv, line 2, date: 'sometime'" in refusal("events", path)

"""Map layers of every kind that is read: all their points, their local days, their faults."""

from __future__ import annotations

import json
import sqlite3
import struct
import tracemalloc
import unicodedata

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geodata.errors import DataError, InputError
from geodata.sources.userfiles.events import read_events
from geodata.sources.userfiles.formats import markup
from geodata.sources.userfiles.points import read_points
from geodata.sources.userfiles.reader import read_layer
from geodata.sources.userfiles.source import Source, is_source
from geodata.sources.vectors.files.gdal import CHECKS
from tests.support.reading import points_of

HEADER = "47500001e6100000"
ARC = f"010800000003000000{struct.pack('<6d', -88, 15, -87, 15, -87, 16).hex()}"
"""A geometry of a GeoPackage, and well-known binary of one with a curve, as hex."""

KINDS = ["a.geojson", "A.JSON", "a.gpkg", "A.GPKG", "a.shp", "A.SHP", "a.fgb", "a.kml", "a.gpx"]


@pytest.fixture
def save(tmp_path):
    """Save two points with local times as a file of a kind."""

    def save(name, *, crs="EPSG:4326"):
        path = tmp_path / name
        local = pd.to_datetime(["2016-03-01T22:00:00-06:00", "2017-05-04T23:30:00-06:00"])
        frame = gpd.GeoDataFrame(
            {"name": ["Copán", "b"], "fecha": local},
            geometry=shapely.points([-88.5, -87.25], [15.5, 14.125]), crs="EPSG:4326",
        ).to_crs(crs)  # fmt: skip
        kind = path.suffix.lower()
        if kind == ".shp":
            frame["fecha"] = local.date
        if kind in (".json", ".geojson"):
            frame["fecha"] = [day.isoformat() for day in local]
        if kind == ".kml":
            marks = (f"<Placemark><TimeStamp><when>{day.isoformat()}</when></TimeStamp><Point>"
                     f"<coordinates> {at.x},{at.y},0 </coordinates></Point></Placemark>"
                     for day, at in zip(local, frame.geometry, strict=True))  # fmt: skip
            path.write_text('<kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder>'
                            f'{"".join(marks)}</Folder></Document></kml>')  # fmt: skip
        elif kind == ".gpx":
            marks = (f'<wpt lat="{at.y}" lon="{at.x}"><time>{day.isoformat()}</time></wpt>'
                     for day, at in zip(local, frame.geometry, strict=True))  # fmt: skip
            path.write_text('<gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1">'
                            f'{"".join(marks)}</gpx>')  # fmt: skip
        else:
            drivers = {".json": "GeoJSON", ".gpkg": "GPKG", ".shp": "ESRI Shapefile"}
            plain = {"SPATIAL_INDEX": "NO"} if kind == ".fgb" else {}
            frame.to_file(path.with_suffix(kind), driver=drivers.get(kind), **plain)
            for part in tmp_path.glob("A.*"):
                part.rename(tmp_path / part.name.upper())
        return path

    return save


@pytest.mark.parametrize("name", KINDS)
def test_points_and_local_days_are_read_from_every_kind(save, name):
    path = save(name)
    assert points_of(path) == [[-88.5, 15.5], [-87.25, 14.125]]
    events = read_events(path)
    assert events.x.tolist() == [-88.5, -87.25]
    assert events.date.tolist() == ["2016-03-01", "2017-05-04"]


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.shp", "a.fgb"])
@pytest.mark.parametrize("crs", ["EPSG:32616", "EPSG:3857", "OGC:CRS84"])
def test_other_crs_come_in_degrees(tmp_path, name, crs):
    frame = gpd.GeoDataFrame(geometry=shapely.points([[-88.5, 15.5]]), crs="EPSG:4326")
    frame.to_crs(crs).to_file(tmp_path / name, **({"RFC7946": "NO"} if "json" in name else {}))
    assert points_of(tmp_path / name)[0] == pytest.approx([-88.5, 15.5])


@pytest.mark.parametrize("name", ["a.geojson", "a.gpkg", "a.fgb"])
def test_all_points_count_and_heights_do_not(tmp_path, name):
    many = [[-88.5, 15.5, 100.0], [-87.25, 14.125, 0.0]]
    shapes = [shapely.MultiPoint(many), shapely.Point(-88, 15, 3), None]
    frame = gpd.GeoDataFrame({"year": [2016, 2017, 2018]}, geometry=shapes, crs="EPSG:4326")
    frame.to_file(tmp_path / name, **({"SPATIAL_INDEX": "NO"} if name == "a.fgb" else {}))
    points = read_points(Source.parse(tmp_path / name, field="from"))
    assert points.coordinates == [[-88.5, 15.5], [-87.25, 14.125], [-88, 15]]
    assert points.left_out == 1
    events = read_events(tmp_path / name)
    assert events.date.tolist() == ["2016", "2016", "2017"]
    assert events.left_out == {"undated": 0, "without a place": 1}


def test_lines_areas_and_collections_give_points_inside(tmp_path):
    path = tmp_path / "a.geojson"
    area = shapely.box(-89, 15, -88, 16)
    mixed = shapely.GeometryCollection([shapely.Point(-87, 14), shapely.MultiPoint([(-86, 13)])])
    line = shapely.LineString([(-88, 14), (-87, 14)])
    path.write_text(gpd.GeoSeries([area, mixed, line, mixed.buffer(0)], crs=4326).to_json())
    points = points_of(path)
    assert points[1:3] == [[-87, 14], [-86, 13]]
    assert area.contains(shapely.Point(points[0])) and line.distance(shapely.Point(points[3])) == 0


@pytest.mark.parametrize(
    "record",
    [
        {"type": "Point", "coordinates": [-88.5, 15.5, 7]},
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [-88.5, 15.5]}},
    ],
)
def test_a_single_feature_or_geometry_is_read(tmp_path, record):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(record))
    assert points_of(path) == [[-88.5, 15.5]]


def collection(*geometries: object, **more: object) -> str:
    features = [{"type": "Feature", "properties": {}, "geometry": each} for each in geometries]
    return json.dumps({"type": "FeatureCollection", "features": features, **more})


PLACED = {"type": "Point", "coordinates": [-88.5, 15.5]}
BROKEN = {
    "no JSON": ("{", "cannot be read as GeoJSON: line 1, column 2"),
    "a list": ("[]", "no JSON object"),
    "another type": ('{"type": "Topology"}', "its type is 'Topology'"),
    "no type": ('{"features": []}', "its type is 'None'"),
    "ESRI": ('{"geometryType": "esriGeometryPoint", "features": []}', "its type is 'None'"),
    "no features": (collection(), "It has no features"),
    "features of another kind": ('{"type":"FeatureCollection","features":{}}', "has a list of"),
    "a feature of another kind": (
        '{"type":"FeatureCollection","features":[3]}', "feature 1: 'int'"),
    "properties of another kind": (
        '{"type":"Feature","geometry":null,"properties":[1]}', "feature 1, properties: 'list'"),
    "words": (collection(PLACED, {"type": "Point", "coordinates": ["a", 1]}), "feature 2, geom"),
    "one number": (collection({"type": "Point", "coordinates": [1]}), "feature 1, geometry"),
    "no coordinates": (collection({"type": "Point"}), "feature 1, geometry"),
    "a number of many digits": (
        '{"type":"Feature","geometry":{"type":"Point","coordinates":[-88,15]},"properties":{"a":'
        + "9" * 5000 + "}}", "it has a number of 5,000 digits"),
    "a key twice": (
        '{"type":"Point","coordinates":[-80,10],"coordinates":[-88,15]}', "'coordinates' twice"),
    "an unknown geometry": (collection({"type": "Circle"}), "feature 1, geometry: 'Circle'"),
    "a type that is a list": (collection({"type": []}), "feature 1, geometry"),
    "not a number": ('{"type":"Point","coordinates":[NaN, 1]}', "NaN is no number"),
    "a huge number": ('{"type":"Point","coordinates":[1e999, 1]}', "feature 1"),
    "many digits": ('{"type":"Point","coordinates":[' + "9" * 5000 + ", 1]}", "GeoJSON"),
    "deep": ("[" * 100_000, "GeoJSON"),
    "deep shapes": ('{"type":"GeometryCollection","geometries":[' * 9000, "GeoJSON"),
    "off the earth": (collection({"type": "Point", "coordinates": [-188, 15]}), "-188.0"),
    "swapped": (collection({"type": "Point", "coordinates": [15, -98]}), "look swapped"),
    "a linked CRS": (
        collection(PLACED, crs={"type": "link", "properties": {"href": "x"}}), "links"),
    "an unknown CRS": (
        collection(PLACED, crs={"type": "name", "properties": {"name": "EPSG:99"}}), "not known"),
    "a CRS that is a file": (
        collection(PLACED, crs={"type": "name", "properties": {"name": "+init=/etc/x:1"}}),
        "not known"),
    "a CRS of heights": (
        collection(PLACED, crs={"type": "name", "properties": {"name": "EPSG:5703"}}),
        "gives no degrees"),
    "a CRS from the middle of the earth": (
        collection(PLACED, crs={"type": "name", "properties": {"name": "EPSG:4978"}}),
        "gives no degrees"),
    "empty": (collection(None, {"type": "Point", "coordinates": []}), "holds no geometry"),
}  # fmt: skip


@pytest.mark.parametrize(
    "name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "http://www.opengis.net/def/crs/OGC/1.3/CRS84",
             "https://www.opengis.net/def/crs/EPSG/0/4326", "EPSG:4326"],
)  # fmt: skip
def test_a_crs_by_any_of_its_names(tmp_path, name):
    path = tmp_path / "a.json"
    path.write_text(collection(PLACED, crs={"type": "name", "properties": {"name": name}}))
    assert points_of(path) == [[-88.5, 15.5]]


@pytest.mark.parametrize("name", BROKEN)
def test_broken_geojson_is_told_in_words(tmp_path, name):
    text, words = BROKEN[name]
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        points_of(path)
    assert words in str(caught.value) and "\n" not in str(caught.value)


@pytest.fixture
def package(save):
    return save("a.gpkg")


def test_a_table_of_styles_is_no_layer_and_of_two_layers_one_is_named(package):
    styles = pd.DataFrame({"f_table_name": ["a"], "styleQML": ["<qgis/>"]})
    gpd.GeoDataFrame(styles).to_file(package, layer="layer_styles", mode="a", driver="GPKG")
    assert len(points_of(package)) == 2
    second = gpd.GeoDataFrame(geometry=shapely.points([[-87, 14]]), crs=4326)
    second.to_file(package, layer="dos y más")
    with pytest.raises(DataError, match=r"2 layers; name one of them: a.gpkg#a or a.gpkg#dos y"):
        points_of(package)
    assert points_of(f"{package}#dos y más") == [[-87, 14]]
    assert len(read_events(f"{package}#a")) == 2
    spread = unicodedata.normalize("NFD", f"{package}#dos y más")
    assert points_of(spread) == [[-87, 14]], "an accent may stand behind its letter"
    with pytest.raises(InputError, match="Its layers are: a, dos y más"):
        points_of(f"{package}#layer_styles")
    assert is_source(f"{package}#a") and not is_source("Puerto #2, HN")


def test_a_number_sign_in_the_name_of_a_file_is_its_own(save, tmp_path):
    path = save("a.gpkg")
    assert len(points_of(path.rename(tmp_path / "b.gpkg#c.gpkg"))) == 2


def test_what_an_open_program_has_not_written_into_a_geopackage_counts(package):
    with sqlite3.connect(package) as writer:
        writer.execute("PRAGMA journal_mode = WAL")
        writer.execute("PRAGMA wal_autocheckpoint = 0")
        writer.create_function("ST_IsEmpty", 1, lambda _: 1)
        for name, _ in writer.execute(
            "SELECT name, 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'a'"
        ).fetchall():
            writer.execute(f'DROP TRIGGER "{name}"')
        writer.execute("DELETE FROM a WHERE fid = 2")
        writer.commit()
        assert points_of(package) == [[-88.5, 15.5]]
    writer.close()


def test_what_a_stopped_program_has_half_written_is_not_read(package, tmp_path):
    before = points_of(package)
    writer = sqlite3.connect(package, isolation_level=None)
    writer.executescript(_without_triggers(writer))
    writer.execute("PRAGMA cache_size = 1")
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("DELETE FROM a WHERE fid = 2")
    # More than the cache holds, so that some of it is in the file before all of it is.
    writer.execute("CREATE TABLE more (value)")
    writer.executemany("INSERT INTO more VALUES (zeroblob(?))", [(5000,)] * 60)
    half = tmp_path / "half.gpkg"
    for suffix in ("", "-journal"):
        half.with_name(f"{half.name}{suffix}").write_bytes(
            package.with_name(f"{package.name}{suffix}").read_bytes()
        )
    for path in (package, half):
        with pytest.raises(DataError, match="Open it in QGIS and close it"):
            points_of(path)
    writer.execute("ROLLBACK")
    writer.close()
    assert points_of(package) == before
    with sqlite3.connect(half) as other:
        assert other.execute("SELECT count(*) FROM a").fetchone() == (2,)
    other.close()
    assert points_of(half) == before


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM gpkg_contents", "no layer of features"),
        ("DROP TABLE gpkg_geometry_columns", "no such table"),
        ("UPDATE gpkg_geometry_columns SET column_name = 'shape'", "has no column shape"),
        ("UPDATE a SET geom = x'4750'", "feature 1, geometry"),
        ("UPDATE a SET geom = 'POINT (1 1)'", "feature 1, geometry"),
        ("UPDATE a SET geom = x'47500001E6100000010100' WHERE fid = 2", "feature 2, geometry"),
        (f"UPDATE a SET geom = x'{HEADER}{ARC}' WHERE fid = 2", "feature 2, geometry"),
        (f"UPDATE a SET geom = x'{HEADER}010700000001000000{ARC}'", "feature 1, geometry"),
        ("DELETE FROM gpkg_spatial_ref_sys", "Say which CRS"),
        ("UPDATE gpkg_spatial_ref_sys SET organization = 'x', definition = 'y'", "not known"),
        ("DELETE FROM a", "has no features"),
        ("DROP TABLE a; CREATE TABLE a AS SELECT 1 AS geom", "feature 1, geometry"),
        ("DROP TABLE a; CREATE VIEW a AS WITH RECURSIVE n(geom) AS (SELECT 1 UNION ALL SELECT "
         "geom + 1 FROM n) SELECT max(geom) AS geom FROM n", "interrupted"),
        ("DROP TABLE a; CREATE VIEW a AS SELECT zeroblob(999999999) AS geom", "too big"),
        ("DROP TABLE a; CREATE VIEW a AS SELECT load_extension('x') AS geom", "GeoPackage"),
    ],
)  # fmt: skip
def test_broken_geopackages_are_told_in_words(package, monkeypatch, statement, words):
    monkeypatch.setattr("geodata.sources.userfiles.formats.geopackage._SECONDS", 0.2)
    with sqlite3.connect(package) as database:
        database.executescript(f"PRAGMA foreign_keys = OFF; {_without_triggers(database)}")
        database.executescript(statement)
    database.close()
    with pytest.raises(DataError) as caught:
        points_of(package)
    assert words in str(caught.value) and "\n" not in str(caught.value)


ENDLESS = "WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n) SELECT"


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (f"{ENDLESS} zeroblob(400000) AS geom FROM n", "takes more than 1 MiB"),
        (f"{ENDLESS} {', '.join(f'k AS c{n}' for n in range(500))}, k AS geom FROM n", "1 MiB"),
        (f"{ENDLESS} {', '.join(f'k || 1 AS c{n}' for n in range(60))}, k AS geom FROM n", "1 MiB"),
        (f"SELECT {', '.join(f'zeroblob(400000) AS c{n}' for n in range(500))}, 1 AS geom", "big"),
    ],
    ids=["many rows", "many columns", "short texts", "one row"],
)
def test_a_view_ends_once_its_values_are_too_many(package, monkeypatch, view, words):
    monkeypatch.setattr("geodata.sources.userfiles.source.MOST_BYTES", 2**19)
    with sqlite3.connect(package) as database:
        database.executescript(f"PRAGMA foreign_keys = OFF; {_without_triggers(database)}")
        database.executescript(f"DROP TABLE a; CREATE VIEW a AS {view}")
    database.close()
    tracemalloc.start()
    with pytest.raises(DataError, match=words):
        points_of(package)
    assert tracemalloc.get_traced_memory()[1] < 4 * 2**20
    tracemalloc.stop()


def _without_triggers(database: sqlite3.Connection) -> str:
    triggers = database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
    return ";".join(f'DROP TRIGGER "{name}"' for (name,) in triggers)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("name", ["a.gpkg", "a.shp", "a.fgb", "a.kml", "a.gpx", "a.geojson"])
def test_files_that_are_cut_off_are_told_in_words_or_read_short(save, name, share):
    path = save(name)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    try:
        assert len(points_of(path)) <= 2
    except DataError as error:
        assert "\n" not in str(error)


def test_parts_of_a_shapefile_belong_together(save):
    path = save("a.shp")
    for suffix, words in ((".prj", "no a.prj beside it"), (".shx", "no a.shx beside it")):
        part = path.with_suffix(suffix)
        data = part.read_bytes()
        part.unlink()
        with pytest.raises(DataError, match=words):
            points_of(path)
        part.write_bytes(data)
    path.with_suffix(".dbf").unlink()
    assert len(points_of(path)) == 2
    with pytest.raises(DataError, match="Name one of: date"):
        read_events(path)


def test_a_gpx_of_waypoints_and_tracks_has_two_layers(tmp_path):
    path = tmp_path / "a.gpx"
    place = '<trkpt lat="15" lon="-88"/><trkpt lat="15" lon="-87"/>'
    path.write_text(f'<gpx><wpt lat="15.5" lon="-88.5"/><trk><trkseg>{place}</trkseg></trk></gpx>')
    with pytest.raises(DataError, match=r"a.gpx#waypoints or a.gpx#tracks"):
        points_of(path)
    assert points_of(f"{path}#waypoints") == [[-88.5, 15.5]]
    assert points_of(f"{path}#tracks")[0][1] == 15


@pytest.mark.parametrize(
    "course",
    ["<rte>{}</rte>", "<trk><trkseg>{}</trkseg></trk>", "<trk><trkseg/><trkseg>{}</trkseg></trk>"],
)
def test_a_course_of_one_point_in_a_gpx_is_a_point(tmp_path, course):
    path = tmp_path / "a.gpx"
    tag = "rtept" if "rte" in course else "trkpt"
    place = f'<{tag} lat="15" lon="-88"/>'
    path.write_text(f"<gpx>{course.format(place)}</gpx>")
    assert points_of(path) == [[-88, 15]]
    path.write_text(f"<gpx>{course.format('')}</gpx>")
    with pytest.raises(DataError, match="geometry"):
        points_of(path)


def test_kml_of_many_shapes(tmp_path):
    path = tmp_path / "a.kml"
    shapes = (
        "<MultiGeometry><Point><coordinates>-88,15</coordinates></Point>"
        "<Point><coordinates>-87,14</coordinates></Point></MultiGeometry>",
        "<Polygon><outerBoundaryIs><LinearRing><coordinates>-89,15 -88,15 -88,16 -89,15"
        "</coordinates></LinearRing></outerBoundaryIs></Polygon>",
        "<name>nowhere</name>",
        "<gx:Track><gx:coord>-88 14 3</gx:coord><gx:coord>-87 14 3</gx:coord></gx:Track>",
    )
    marks = "".join(f"<Placemark>{shape}</Placemark>" for shape in shapes)
    path.write_text(f'<kml xmlns:gx="http://www.google.com/kml/ext/2.2">{marks}</kml>')
    points = read_points(Source.parse(path, field="from"))
    assert points.coordinates[:2] == [[-88, 15], [-87, 14]]
    assert len(points.coordinates) == 4 and points.left_out == 1


def test_every_position_of_a_placemark_counts(tmp_path):
    path = tmp_path / "a.kml"
    path.write_text(
        "<kml><Placemark><TimeStamp><when>2016</when></TimeStamp><Point><coordinates>-88,15 -87,14"
        "</coordinates></Point><Point><coordinates>-86,13</coordinates></Point></Placemark></kml>"
    )
    assert points_of(path) == [[-88, 15], [-87, 14], [-86, 13]]
    assert read_events(path).x.tolist() == [-88, -87, -86]


@pytest.mark.parametrize("name", ["a.geojson", "a.shp", "a.kml", "a.fgb"])
def test_the_only_layer_is_called_as_its_file_is(save, name):
    path = save(name)
    assert points_of(f"{path}#a") == points_of(path)
    with pytest.raises(InputError, match=r"Its layers are: a\."):
        points_of(f"{path}#other")


def test_a_track_that_has_just_begun_is_a_point(tmp_path):
    (tmp_path / "a.kml").write_text(
        '<kml xmlns:gx="http://www.google.com/kml/ext/2.2"><Placemark><gx:Track>'
        "<gx:coord>-88 14 3</gx:coord></gx:Track></Placemark></kml>"
    )
    assert points_of(tmp_path / "a.kml") == [[-88, 14]]


@pytest.mark.parametrize(
    ("name", "text", "columns"),
    [
        ("a.kml", "<kml><Placemark><name>A</name><description>police</description><Point>"
         "<coordinates>-88,15</coordinates></Point></Placemark></kml>",
         {"name": "A", "description": "police"}),
        ("a.gpx", '<gpx><wpt lat="15" lon="-88"><name>A</name><desc>by day</desc><sym>Flag</sym>'
         "<type>police</type></wpt></gpx>",
         {"name": "A", "desc": "by day", "sym": "Flag", "type": "police"}),
    ],
)  # fmt: skip
def test_what_a_format_itself_says_of_a_point_is_columns(tmp_path, name, text, columns):
    path = tmp_path / name
    path.write_text(text)
    layer = read_layer(Source.parse(path, field="path"))
    assert {heading: values[0] for heading, values in layer.columns} == columns


def test_columns_that_qgis_adds_to_a_gpx_are_read(tmp_path):
    (tmp_path / "a.gpx").write_text(
        '<gpx xmlns:ogr="http://osgeo.org/gdal"><wpt lat="15.5" lon="-88.1"><extensions>'
        "<ogr:fecha>2016/03/01</ogr:fecha></extensions></wpt></gpx>"
    )
    assert read_events(tmp_path / "a.gpx").date.tolist() == ["2016-03-01"]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.gpx", '<gpx><wpt lat="15,5" lon="-88,1"/></gpx>', "'-88,1,15,5'. Write degrees with"),
        ("a.gpx", '<gpx><wpt lat="15.5"/></gpx>', "',15.5'. Write degrees with"),
        ("a.kml", "<kml><Placemark><Point><coordinates>-88.1, 15.5</coordinates></Point>"
         "</Placemark></kml>", "'-88.1,'. Write coordinates as longitude,latitude"),
        ("a.kml", "<kml><Placemark><LineString><coordinates>-88,15</coordinates></LineString>"
         "</Placemark></kml>", "Give a line two positions"),
    ],
)  # fmt: skip
def test_a_position_that_is_none_is_told_with_what_its_format_wants(tmp_path, name, text, words):
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError) as caught:
        points_of(tmp_path / name)
    assert f"{name}, feature 1, geometry" in str(caught.value) and words in str(caught.value)


@pytest.mark.parametrize("encoding", [None, b"", b"System", b"ANSI 1252", b"UTF-8\r\n"])
def test_a_shapefile_is_read_whatever_its_encoding_is_called(tmp_path, encoding):
    """QGIS leaves the .cpg empty where the encoding is that of the system."""
    path = tmp_path / "a.shp"
    place = gpd.points_from_xy([-88.5], [15.5])
    gpd.GeoDataFrame({"fecha": ["2016-03-01"]}, geometry=place, crs=4326).to_file(path)
    (tmp_path / "a.cpg").unlink()
    if encoding is not None:
        (tmp_path / "a.cpg").write_bytes(encoding)
    assert read_events(path).date.tolist() == ["2016-03-01"]


MARKUP = {
    "nothing": ("", "empty"),
    "no XML": ("lon,lat", "It is no KML"),
    "another root": ("<gpx/>", "its root is 'gpx'"),
    "no placemarks": ("<kml/>", "no placemarks"),
    "a link": ("<kml><NetworkLink><href>http://x/</href></NetworkLink></kml>", "not followed"),
    "entities": ('<!DOCTYPE kml [<!ENTITY a "b">]><kml>&a;</kml>', "DOCTYPE"),
    "an unknown encoding": ('<?xml version="1.0" encoding="x"?><kml/>', "It is no KML"),
    "blanks": ("<kml><Placemark><Point><coordinates>-88, 15</coordinates></Point></Placemark>"
               "</kml>", "feature 1, geometry"),
    "words": ("<kml><Placemark><Point><coordinates>a,b</coordinates></Point></Placemark></kml>",
              "feature 1, geometry"),
    "a line of one": ("<kml><Placemark><LineString><coordinates>-88,15</coordinates></LineString>"
                      "</Placemark></kml>", "feature 1, geometry"),
    "not a number": ("<kml><Placemark><Point><coordinates>nan,nan</coordinates></Point>"
                     "</Placemark></kml>", "feature 1"),
    "deep": ("<kml><Placemark>" + "<MultiGeometry>" * 20_000 + "</MultiGeometry>" * 20_000
             + "</Placemark></kml>", "feature 1, geometry"),
}  # fmt: skip


@pytest.mark.parametrize("name", MARKUP)
def test_broken_kml_is_told_in_words(tmp_path, name):
    text, words = MARKUP[name]
    path = tmp_path / "a.kml"
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        points_of(path)
    assert words in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("header", [0, 8, 1 << 20, (1 << 24) + 5])
def test_what_only_begins_as_a_packed_layer_is_refused(tmp_path, header):
    flat = b"fgb\x03fgb\x01" + struct.pack("<I", header) + b"<OGRVRTDataSource/>" * 9
    (tmp_path / "a.fgb").write_bytes(flat)
    (tmp_path / "a.shp").write_bytes(b"\x00\x00\x27\x0a" + bytes(96))
    for suffix in (".shx", ".prj"):
        (tmp_path / f"a{suffix}").write_bytes(b"x")
    for name in ("a.fgb", "a.shp"):
        with pytest.raises(DataError):
            points_of(tmp_path / name)


def test_features_with_keys_of_their_own_take_no_more_than_their_keys(tmp_path):
    many = 20_000
    point = {"type": "Point", "coordinates": [-88, 15]}
    features = [
        {"type": "Feature", "geometry": point, "properties": {"date": "2016", f"key {at}": at}}
        for at in range(many)
    ]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    tracemalloc.start()
    assert len(read_events(path)) == many
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    # Rows times columns would take 3 GB.
    assert most < 200e6
    columns = read_layer(Source.parse(path, field="path")).columns
    assert len(columns) == many + 1
    heading, values = columns[2]
    assert (heading, len(values), values[:3]) == ("key 1", many, [None, 1, None])
    path.write_text(path.read_text().replace('"date"', '"day"'))
    with pytest.raises(DataError, match=r"and 19,961 more\. Name one of") as raised:
        read_events(path)
    assert len(str(raised.value)) < 2_000


def test_dates_of_kml_are_those_of_the_placemark_itself(tmp_path):
    path = tmp_path / "a.kml"
    point = "<Point><coordinates>-88,15</coordinates></Point>"
    look = "<{0}><TimeStamp><when>2001</when></TimeStamp></{0}>"
    path.write_text(
        f"<kml><Placemark>{look.format('LookAt')}{look.format('Camera')}{point}"
        "<TimeSpan><begin>2016</begin></TimeSpan>"
        f"<Placemark>{point}<TimeStamp><when>2017</when></TimeStamp></Placemark></Placemark>"
        f"<Placemark>{point}<Placemark>{look.format('Folder')}</Placemark></Placemark></kml>"
    )
    events = read_events(path)
    assert events.date.tolist() == ["2016", "2017"]
    assert events.left_out == {"undated": 1, "without a place": 1}


def test_placemarks_within_placemarks_are_visited_once(tmp_path, monkeypatch):
    depth, visits = 150, []
    path = tmp_path / "a.kml"
    mark = "<Placemark><Point><coordinates>-88,15</coordinates>"
    path.write_text(f"<kml>{mark * depth}{'</Point></Placemark>' * depth}</kml>")
    name = markup._name
    monkeypatch.setattr(markup, "_name", lambda element: visits.append(1) or name(element))
    assert len(read_layer(Source.parse(path, field="path"))) == depth
    assert len(visits) < 40 * depth


@pytest.mark.parametrize("crs", ["\ud800", "EPSG:\udfff"])
def test_a_crs_that_is_no_text_is_refused(tmp_path, crs):
    path = tmp_path / "a.geojson"
    member = {"type": "name", "properties": {"name": crs}}
    feature = {"type": "Feature", "geometry": {"type": "Point", "coordinates": [0, 0]}}
    path.write_text(json.dumps({**feature, "crs": member}))
    with pytest.raises(DataError, match="Its CRS is not known"):
        read_layer(Source.parse(path, field="path"))


def test_a_prj_in_another_encoding_is_refused_in_words(save):
    path = save("a.shp")
    beside = path.with_suffix(".prj")
    beside.write_bytes(beside.read_bytes().replace(b"GCS_WGS_1984", b"GCS_M\xe9xico"))
    source = Source.parse(path, field="path")
    with pytest.raises(DataError, match=r"a\.prj is no text in UTF-8"):
        read_layer(source)
    with pytest.raises(DataError, match=r"a\.prj is no text in UTF-8"):
        CHECKS["shapefile"](source)

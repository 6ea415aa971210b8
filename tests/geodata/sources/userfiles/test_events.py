"""Files of events: what is read, what is counted as left out, and what is refused.

The points are made up for these tests and stand for nothing that happened.
"""

from __future__ import annotations

import json
import tracemalloc
import unicodedata
from datetime import date

import geopandas as gpd
import pandas as pd
import pytest
import shapely

from geodata.errors import DataError, InputError
from geodata.formats.files.store import sha256
from geodata.sources.userfiles.events import read_events

TABLE = """id,lon,lat,event_date
a,-88.5,15.5,2016-03-01
b,-88.6,15.6,2017-05
c,-88.7,15.7,2018
d,,,2018
e,-88.8,15.8,
"""


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "events.csv"
    path.write_text(TABLE)
    return path


@pytest.fixture
def frame() -> gpd.GeoDataFrame:
    points = shapely.points([-88.5, -88.6, -88.7], [15.5, 15.6, 15.7])
    dates = pd.to_datetime(["2016-03-01", "2017-05-04", None])
    return gpd.GeoDataFrame({"date": dates}, geometry=points, crs="EPSG:4326")


def test_a_table_is_read_and_rows_without_date_or_place_are_counted(table):
    events = read_events(table)
    assert events.x.tolist() == [-88.5, -88.6, -88.7]
    assert events.date.tolist() == ["2016-03-01", "2017-05", "2018"]
    assert events.period == ("2016-03-01", "2018")
    assert events.left_out == {"undated": 1, "without a place": 1}
    assert (events.file, events.sha256) == ("events.csv", sha256(table))


@pytest.mark.parametrize(
    "text",
    [
        "X,Y,Date\n-88.5,15.5,2016-03-01\n",
        "longitude;latitude;fecha\n-88.5;15.5;2016-03-01\n",
        "\ufefflon,lat,date\n-88.5,15.5,2016-03-01T10:00:00Z\n",
        'note,x,y,date\n"two\nlines, quoted",-88.5,15.5,2016-03-01\n',
        "LONGITUD;LATITUD;Año\n-88,5;15,5;2016-03-01\n",
        "Lat.\tLng\tFecha del hecho\n15.5\t-88.5\t01/03/2016\n15\t-88\t13/3/2016 10:00\n",
    ],
)
def test_tables_of_many_hands(tmp_path, text):
    path = tmp_path / "events.csv"
    path.write_text(text, encoding="utf-8")
    events = read_events(path)
    assert (events.x[0], events.y[0], events.date[0]) == (-88.5, 15.5, "2016-03-01")


@pytest.mark.parametrize("name", ["events.geojson", "events.gpkg"])
def test_map_layers_are_read(tmp_path, frame, name):
    frame.to_file(tmp_path / name)
    events = read_events(tmp_path / name)
    assert events.y.tolist() == pytest.approx([15.5, 15.6])
    assert events.date.tolist() == ["2016-03-01", "2017-05-04"]
    assert events.left_out["undated"] == 1


def test_a_layer_in_metres_comes_in_degrees(tmp_path, frame):
    frame.to_crs("EPSG:32616").to_file(tmp_path / "events.gpkg")
    assert read_events(tmp_path / "events.gpkg").x.tolist() == pytest.approx([-88.5, -88.6])


def test_years_as_numbers_and_missing_geometry(tmp_path, frame):
    years = frame.assign(year=[2016, 2017, 2018]).drop(columns="date")
    years.loc[1, "geometry"] = None
    years.to_file(tmp_path / "events.gpkg")
    events = read_events(tmp_path / "events.gpkg")
    assert events.date.tolist() == ["2016", "2018"]
    assert events.left_out == {"undated": 0, "without a place": 1}


def test_since_leaves_out_what_came_before(table):
    later = read_events(table).since("2017-05")
    assert later.date.tolist() == ["2017-05", "2018"]
    assert later.left_out["before 2017-05"] == 1
    # A year counts as its first day: nobody knows that it came after.
    assert read_events(table).since("2018-02-01").date.tolist() == []
    with pytest.raises(InputError, match="YYYY-MM-DD"):
        later.since("spring")
    with pytest.raises(InputError, match="since"):
        later.since("")


WRONG = [
    ("a,b,c\n1,2,3\n", "columns", "Columns there are: a, b, c"),
    ("lon,when,date\n1,2,3\n", "columns", "longitude and latitude"),
    ("lon,lat,day\n-88.5,15.5,3\n", "columns", "Name one of: date"),
    ("", "events", "The file is empty"),
    ("x,y,date\n-88.5,15.5,2016-13-01\n", "line 2, date: '2016-13-01'", "YYYY-MM-DD"),
    ("x,y,date\n-88.5,15.5,2016\n-88.5,15.5,01/02/2016\n", "line 3, date: '01/02/2016'",
     "Day and month cannot be told apart"),
    ("x;y;date\n-88,5;15,5,0;2016\n", "line 2, y: '15,5,0'", "no other separator"),
    ("x,y,date\n-88.5,,2016\n", "line 2, y: ''", "leave both empty"),
    ("x,y,date\n-88.5,nan,2016\n", "line 2, y: 'nan'", "WGS 84 degrees"),
    ("x,y,date\n415000,1714000,2016\n", "line 2, longitude: 415000.0", "These look like metres"),
    ("x,y,date\n-88.5\n", "line 2, y: ''", "leave both empty"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "field", "remedy"), WRONG)
def test_a_wrong_table_names_column_row_value_and_remedy(tmp_path, text, field, remedy):
    path = tmp_path / "events.csv"
    path.write_text(text)
    with pytest.raises(DataError) as caught:
        read_events(path)
    assert field in str(caught.value) and remedy in str(caught.value)


def test_wrong_layers_name_feature_and_remedy(tmp_path, frame):
    path = tmp_path / "areas.geojson"
    frame.set_geometry(shapely.buffer(frame.geometry.array, 0.1), crs=frame.crs).to_file(path)
    with pytest.raises(DataError, match=r"areas.geojson, feature 1, geometry: 'Polygon'. Give p"):
        read_events(path)
    record = json.loads(path.read_text())
    record["features"] = []
    path.write_text("{" + json.dumps(record))
    with pytest.raises(DataError, match="cannot be read as GeoJSON: line 1"):
        read_events(path)


def test_every_point_of_a_multipoint_is_an_event(tmp_path):
    path = tmp_path / "events.geojson"
    points = {"type": "MultiPoint", "coordinates": [[-88, 15], [-87, 14, 300]]}
    feature = {"type": "Feature", "properties": {"Fecha": "2016-03-01"}, "geometry": points}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    events = read_events(path)
    assert events.x.tolist() == [-88, -87] and events.date.tolist() == ["2016-03-01"] * 2


def test_a_geopackage_of_two_layers_is_refused(tmp_path, frame):
    path = tmp_path / "two.gpkg"
    for layer in ("one", "two"):
        frame.to_file(path, layer=layer)
    with pytest.raises(
        DataError, match=r"2 layers; name one of them: two.gpkg#one or two.gpkg#two"
    ):
        read_events(path)

    assert len(read_events(f"{path}#two")) == 2
    with pytest.raises(InputError, match="Its layers are: one, two"):
        read_events(f"{path}#three")


def test_a_layer_without_crs_is_refused(tmp_path, frame):
    path = tmp_path / "nowhere.gpkg"
    with pytest.warns(UserWarning, match="crs"):
        gpd.GeoDataFrame(frame, crs=None).set_crs(None, allow_override=True).to_file(path)
    with pytest.raises(DataError, match="which CRS"):
        read_events(path)


def test_no_file_and_no_known_kind_are_wrong_use(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_events(tmp_path / "none.csv")
    (tmp_path / "events.xlsx").write_text("")
    with pytest.raises(InputError, match=r"\.geojson"):
        read_events(tmp_path / "events.xlsx")


MORE = """lon,lat,date,flow,kind,mode,precision_km
-88.5,15.5,2016,cocaine,seizure_road,road,6
-88.6,15.6,2016,,landing,air,
-88.7,15.7,2016,migrants,,,25
-88.8,15.8,2016,cocaine,,,25.5
"""


def test_what_events_tell_of_is_read_where_it_is_there(tmp_path, table):
    path = tmp_path / "more.csv"
    path.write_text(MORE)
    events = read_events(path)
    assert events.kind.tolist() == ["seizure_road", "landing", ""]
    assert (events.mode[1], events.precision_km[0]) == ("air", 6.0)
    assert events.left_out["less exact than 25 km"] == 1
    own = events.of_flow("cocaine")
    assert own.flow.tolist() == ["cocaine", ""] and own.left_out["of another flow"] == 1
    plain = read_events(table)
    assert len(plain.of_flow("cocaine")) == 3 and not plain.kind[0]
    spelt = MORE.replace("cocaine", "cocaína").replace("road", "vía")
    path.write_text(unicodedata.normalize("NFD", spelt))
    for flow in ("cocaína", unicodedata.normalize("NFD", "cocaína")):
        own = read_events(path).of_flow(flow)
        assert own.flow.tolist() == ["cocaína", ""] and own.left_out["of another flow"] == 1
        assert (own.kind[0], own.mode[0]) == ("seizure_vía", "vía")


def test_events_of_other_flows_only_are_refused(tmp_path):
    path = tmp_path / "more.csv"
    path.write_text("lon,lat,date,flow\n-88.5,15.5,2016,gold\n")
    with pytest.raises(DataError, match=r"flow: 'gold'. The profile models cocaine"):
        read_events(path).of_flow("cocaine")


@pytest.mark.parametrize("text", ["near", "-1", "inf"])
def test_a_precision_that_is_no_length_is_refused(tmp_path, text):
    path = tmp_path / "more.csv"
    path.write_text(f"lon,lat,date,precision_km\n-88.5,15.5,2016,{text}\n")
    with pytest.raises(DataError, match=r"more.csv, line 2, precision_km: .*zero or more"):
        read_events(path)


def test_events_still_to_come_are_refused(tmp_path):
    today = date.today()
    path = tmp_path / "later.csv"
    path.write_text(f"lon,lat,date\n-88.5,15.5,{today}\n-88.5,15.5,{today.year}\n")
    assert len(read_events(path)) == 2, "this year has begun"
    path.write_text(f"lon,lat,date\n-88.5,15.5,2016\n-88.5,15.5,{today.year + 1}-01\n")
    with pytest.raises(DataError, match=r"later.csv, line 3, date: .*has happened already"):
        read_events(path)


def saved(tmp_path, text):
    """Events of a table with this text."""
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")
    return read_events(path)


def test_headings_in_spanish_and_capitals_are_read_like_others(tmp_path):
    text = (
        'fecha,lon,lat,Flujo,Tipo,Modo,Precisión (km)\n2016,-88.5,15.5,Cocaine,Landing,AIR,"1,5"\n'
    )
    events = saved(tmp_path, text)
    assert (events.kind[0], events.mode[0], events.precision_km[0]) == ("landing", "air", 1.5)
    assert len(events.of_flow("cocaine")) == len(events.of_flow("COCAÍNE")) == 1


@pytest.mark.parametrize("value", ["1_0", "1e999", "1.000,5"])
def test_a_precision_is_written_as_a_coordinate_is(tmp_path, value):
    with pytest.raises(DataError, match=r"line 2, precision_km: .*zero or more"):
        saved(tmp_path, f'date,lon,lat,precision_km\n2016,-88.5,15.5,"{value}"\n')


@pytest.mark.parametrize("value", [10**400, -(10**400), True, [1]])
def test_members_that_are_no_number_are_refused(tmp_path, value):
    path = tmp_path / "events.geojson"
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [-88, 15]},
        "properties": {"date": "2016", "precision_km": value},
    }
    path.write_text(json.dumps(feature))
    with pytest.raises(DataError, match=r"feature 1, precision_km: .*zero or more"):
        read_events(path)


def test_the_first_column_of_dates_that_a_row_has_filled_counts(tmp_path):
    text = "año,fecha,time,lon,lat\n2015,2016-10-03,10:30,-88.5,15.5\n2017,,10:30,-88.5,15.5\n"
    assert saved(tmp_path, text).date.tolist() == ["2016-10-03", "2017"]
    text = "fecha,time,lon,lat\n2016,10:30,-88.5,15.5\n,10:30,-88.5,15.5\n"
    assert saved(tmp_path, text).left_out["undated"] == 1
    with pytest.raises(DataError, match="line 3, Año: 'x'"):
        saved(tmp_path, "fecha,Año,lon,lat\n2016,y,-88.5,15.5\n,x,-88.5,15.5\n")


def test_a_date_in_three_columns_is_read_together(tmp_path):
    rows = "3;10;2016;-88,5;15,5\n;1;2017;-88,5;15,5\n;;2018;-88,5;15,5\n;;;-88,5;15,5\n"
    events = saved(tmp_path, f"día;mes;año;lon;lat\n{rows}")
    assert events.date.tolist() == ["2016-10-03", "2017-01", "2018"]
    assert events.left_out["undated"] == 1
    for row in ("3;octubre;2016", "3;;2016", "31;2;2016"):
        with pytest.raises(DataError, match="line 2"):
            saved(tmp_path, f"día;mes;año;lon;lat\n{row};-88,5;15,5\n")


def test_dates_that_contradict_each_other_name_both_lines(tmp_path):
    with pytest.raises(DataError, match=r"line 2, date: '13/10/2016'.* See line 3\."):
        saved(tmp_path, "date,lon,lat\n13/10/2016,-88.5,15.5\n10/13/2016,-88.5,15.5\n")


def test_one_long_text_takes_no_room_in_other_rows(tmp_path):
    row = "2016,-88.5,15.5,"
    text = f"date,lon,lat,kind\n{row}{'x' * 100_000}\n" + f"{row}a\n" * 2_000
    tracemalloc.start()
    events = saved(tmp_path, text)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(events.kind[0]) == 100_000
    # As wide texts they would take 800 MB.
    assert most < 50e6

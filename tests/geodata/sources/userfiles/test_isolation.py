"""No file that is read makes this open another file or an address."""

from __future__ import annotations

import ctypes
import json
import os
import sqlite3
import threading
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import geopandas as gpd
import pytest
import shapely

from geodata.errors import DataError, InputError
from geodata.sources.userfiles.reader import read_layer
from geodata.sources.userfiles.source import Source

IN_OPEN = 0x20
CANARY = '{"type":"Point","coordinates":[-87.654,14.321]}'


@pytest.fixture(scope="module")
def address():
    """An address, and the requests that it got."""
    requests: list[str] = []

    class Listener(BaseHTTPRequestHandler):
        def do_GET(self):
            requests.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(CANARY.encode())

        do_HEAD = do_POST = do_GET  # noqa: N815

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", requests
        server.shutdown()
        thread.join()


@contextmanager
def watched(path):
    """Yield a function that says whether the file has been opened."""
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.inotify_init1(os.O_NONBLOCK)
    assert descriptor >= 0 and libc.inotify_add_watch(descriptor, bytes(path), IN_OPEN) >= 0

    def opened() -> bool:
        try:
            return bool(os.read(descriptor, 4096))
        except BlockingIOError:
            return False

    yield opened
    os.close(descriptor)


def test_the_watch_sees_what_it_is_to_see(tmp_path, address):
    import urllib.request

    canary = tmp_path / "canary.geojson"
    canary.write_text(CANARY)
    with watched(canary) as opened:
        assert not opened()
        canary.read_bytes()
        assert opened()
    url, requests = address
    urllib.request.urlopen(f"{url}/seen").close()
    assert requests == ["/seen"]
    requests.clear()


POINTER = {
    "vrt": "<OGRVRTDataSource><OGRVRTLayer name='e'><SrcDataSource>{target}</SrcDataSource>"
           "<SrcLayer>e</SrcLayer></OGRVRTLayer></OGRVRTDataSource>",
    "gdalg": '{{"type": "gdal_streamed_alg", "command_line": "gdal vector pipeline ! read {target} '
             '! write --output-format stream streamed_dataset"}}',
    "wfs": "<OGRWFSDataSource><URL>{target}</URL></OGRWFSDataSource>",
    "esri": '{{"objectIdFieldName":"id","geometryType":"esriGeometryPoint","url":"{target}",'
            '"exceededTransferLimit":true,"features":[]}}',
    "jsonfg": '{{"type":"FeatureCollection","conformsTo":["{target}"],"links":[{{"rel":"next",'
              '"href":"{target}"}}],"features":[]}}',
    "link": '{{"type":"FeatureCollection","crs":{{"type":"link","properties":{{"href":"{target}"'
            "}}}},\"features\":[]}}",
    "kml": "<kml><NetworkLink><Link><href>{target}</href></Link></NetworkLink></kml>",
    "kml and vrt": "<kml/><OGRVRTDataSource><OGRVRTLayer name='e'><SrcDataSource>{target}"
                   "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
    "gpx": '<gpx><metadata><link href="{target}"/></metadata></gpx>',
    "entity": '<!DOCTYPE kml [<!ENTITY x SYSTEM "{target}">]><kml>&x;</kml>',
    "csvt": "WKT,x\n{target},1\n",
    "tms": "<GDAL_WMS><Service name='TMS'><ServerUrl>{target}</ServerUrl></Service></GDAL_WMS>",
    "flat": "fgb\x03fgb\x01<OGRVRTDataSource><OGRVRTLayer name='e'><SrcDataSource>{target}"
            "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>",
    "name": "{target}",
}  # fmt: skip
SUFFIXES = [".json", ".geojson", ".gpkg", ".shp", ".kml", ".gpx", ".fgb", ".csv", ".txt"]


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("pointer", POINTER)
def test_no_text_leads_elsewhere(tmp_path, address, pointer, suffix):
    url, requests = address
    canary = tmp_path / "canary.geojson"
    canary.write_text(CANARY)
    path = tmp_path / f"a{suffix}"
    with watched(canary) as opened:
        for target in (f"/vsicurl/{url}/a.geojson", f"{url}/a", str(canary)):
            path.write_text(POINTER[pointer].format(target=target))
            for part in (".prj", ".shx"):
                if suffix == ".shp":
                    (tmp_path / f"a{part}").write_text(target)
            with pytest.raises(DataError):
                read_layer(Source.parse(path, field="from"))
        assert not opened() and requests == []


NAMES = [
    "/vsicurl/{url}/a.geojson",
    "{url}/a.geojson",
    "GeoJSON:{file}",
    "/vsizip/{file}.zip/a.geojson",
    "zip://{file}",
    "/vsistdin/a.csv",
    "/vsigzip/{file}",
    "GPKG:{file}",
    "{file}/a.geojson",
]


@pytest.mark.parametrize("form", NAMES)
def test_what_gdal_takes_for_a_name_is_no_file(tmp_path, address, form):
    url, requests = address
    canary = tmp_path / "canary.geojson"
    canary.write_text(CANARY)
    with watched(canary) as opened:
        with pytest.raises(InputError, match="no such file"):
            read_layer(Source.parse(form.format(url=url, file=canary), field="from"))
        assert not opened() and requests == []


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE VIRTUAL TABLE a USING VirtualOGR('{target}', 'canary')",
        "CREATE VIRTUAL TABLE a USING VirtualShape('{target}', 'UTF-8', 4326)",
        "CREATE VIRTUAL TABLE a USING csv(filename='{target}')",
        "CREATE VIEW a AS SELECT readfile('{target}') AS geom",
        "CREATE VIEW a AS SELECT ogr_datasource_load_layers('{target}') AS geom",
    ],
)
def test_no_geopackage_leads_elsewhere(tmp_path, address, statement):
    url, requests = address
    canary = tmp_path / "canary.geojson"
    canary.write_text(CANARY)
    path = tmp_path / "a.gpkg"
    gpd.GeoDataFrame(geometry=shapely.points([[-88, 15]]), crs=4326).to_file(path)
    for target in (f"/vsicurl/{url}/a.geojson", str(canary)):
        with closing(sqlite3.connect(path)) as database:
            _put(database, statement.format(target=target))
        with watched(canary) as opened:
            with pytest.raises(DataError):
                read_layer(Source.parse(path, field="from"))
            assert not opened() and requests == []


def _put(database: sqlite3.Connection, statement: str) -> None:
    """Make a definition the table of the layer, also where its module is not there."""
    names = [row[0] for row in database.execute("SELECT name FROM sqlite_master "
                                                "WHERE type = 'trigger'")]  # fmt: skip
    for name in names:
        database.execute(f'DROP TRIGGER "{name}"')
    database.execute("PRAGMA writable_schema = ON")
    kind = "table" if "TABLE" in statement else "view"
    database.execute("DELETE FROM sqlite_master WHERE name = 'a'")
    row = (kind, "a", "a", 0, statement)
    database.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
    database.commit()


def test_other_files_beside_a_layer_are_left_alone(tmp_path):
    frame = gpd.GeoDataFrame({"year": [2016]}, geometry=shapely.points([[-88, 15]]), crs=4326)
    frame.to_file(tmp_path / "a.shp")
    (tmp_path / "a.geojson").write_text(json.dumps(json.loads(CANARY)))
    for beside in ("a.vrt", "a.shp.aux.xml", "a.qix", "a.csvt", "a.geojson.aux.xml"):
        other = tmp_path / beside
        other.write_text("<OGRVRTDataSource/>")
        with watched(other) as opened:
            for name in ("a.shp", "a.geojson"):
                assert len(read_layer(Source.parse(tmp_path / name, field="from"))) == 1
            assert not opened()

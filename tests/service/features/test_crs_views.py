"""Coordinate reference systems by reference: pages, boxes, and the definition of our own."""

from __future__ import annotations

from urllib.parse import urlencode

import numpy as np
import pyproj
import pytest
import shapely
from flask.testing import FlaskClient
from shapely.geometry import shape

from geodata.borderlands.region import BORDERLANDS

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
OWN = "http://localhost/crs/borderlands"
AXES = {CRS84: "OGC:CRS84", f"{EPSG}4326": "EPSG:4326", f"{EPSG}3857": "EPSG:3857"}


def page(client: FlaskClient, name: str, **parameters: object) -> list[shapely.Geometry]:
    answer = client.get(f"/collections/{name}/items?{urlencode({'limit': 500, **parameters})}")
    assert answer.status_code == 200, answer.json
    assert answer.headers["Content-Crs"] == f"<{parameters.get('crs', CRS84)}>"
    return [shape(feature["geometry"]) for feature in answer.json["features"]]


@pytest.mark.parametrize("uri", [*AXES, OWN])
@pytest.mark.parametrize("name", ["places", "roads", "admin"])
def test_coordinates_come_as_the_system_orders_them(
    client: FlaskClient, name: str, uri: str
) -> None:
    # Without always_xy, pyproj keeps the order of the authority: latitude first in EPSG:4326.
    target = AXES.get(uri, BORDERLANDS.crs)
    move = pyproj.Transformer.from_crs("OGC:CRS84", target).transform
    wanted = shapely.get_coordinates(page(client, name))
    sent = shapely.get_coordinates(page(client, name, crs=uri))
    moved = np.column_stack(move(*wanted.T))
    # Polygons may begin elsewhere when their winding is turned.
    order_sent, order_moved = (np.lexsort(np.round(xy, 1).T) for xy in (sent, moved))
    metres = 0.2 if np.abs(moved).max() > 1000 else 2e-6
    assert np.abs(sent[order_sent].mean(axis=0) - moved[order_moved].mean(axis=0)).max() < metres
    if name != "admin":
        assert np.abs(sent - moved).max() < metres


BOXES = {
    CRS84: "-89,15,-88,16",
    f"{EPSG}4326": "15,-89,16,-88",
    f"{EPSG}3857": "-9907434.68,1689200.14,-9796115.19,1804722.77",
}


def test_a_box_may_be_given_in_any_system(client: FlaskClient) -> None:
    wanted = page(client, "roads", bbox=BOXES[CRS84])
    assert wanted
    for uri, box in BOXES.items():
        assert page(client, "roads", **{"bbox": box, "bbox-crs": uri}) == wanted
    west, south, east, north = -50_000, -80_000, 60_000, 70_000
    drawn = shapely.box(west, south, east, north)
    kept = page(client, "roads", **{
        "bbox": f"{west},{south},{east},{north}", "bbox-crs": OWN, "crs": OWN,
    })  # fmt: skip
    every = page(client, "roads", crs=OWN, limit=10_000)
    assert len(kept) == sum(line.intersects(drawn) for line in every) > 0


@pytest.mark.parametrize(
    "box", ["-3e7,-3e7,3e7,3e7", "-1e300,-1e300,1e300,1e300", "2.9e7,1e6,3.2e7,3e6"]
)
def test_a_box_in_metres_may_be_wider_than_the_world(client: FlaskClient, box: str) -> None:
    every = page(client, "places")
    assert page(client, "places", **{"bbox": box, "bbox-crs": f"{EPSG}3857"}) == every


EDGES = (-1.7e308, -1e300, -1e9, -400, -180, -88, 0, 14, 90, 1e8, 1e16, 1.7e308)


@pytest.mark.parametrize("uri", [CRS84, f"{EPSG}4326", f"{EPSG}3857", OWN])
def test_no_box_ends_in_an_error_of_ours(client: FlaskClient, uri: str) -> None:
    random = np.random.default_rng(5)
    for box in random.choice(EDGES, (60, 4)):
        query = {"bbox": ",".join(map(str, box)), "bbox-crs": uri, "limit": 1}
        answer = client.get("/collections/posts/items", query_string=query)
        assert answer.status_code in (200, 400), (box, answer.json)


def test_our_own_system_is_known_at_any_address(client: FlaskClient) -> None:
    for uri in ("http://127.0.0.1:8000/crs/borderlands", "https://elsewhere/crs/borderlands"):
        answer = client.get("/collections/places/items", query_string={"crs": uri})
        assert answer.headers["Content-Crs"] == f"<{OWN}>"


def test_only_the_header_says_what_system_a_page_is_in(client: FlaskClient) -> None:
    # Of a page with coordRefSys, GDAL 3.12 reads the member place, as of JSON-FG, and no geometry.
    answer = client.get("/collections/places/items", query_string={"crs": f"{EPSG}3857"})
    assert answer.headers["Content-Crs"] == f"<{EPSG}3857>"
    assert not {"coordRefSys", "crs"} & answer.json.keys()


def test_our_own_system_is_defined_where_its_name_points(client: FlaskClient) -> None:
    record = client.get("/collections/roads").json
    assert record["storageCrs"] == record["crs"][0] == CRS84
    assert record["crs"] == [*AXES, OWN]
    everything = client.get("/collections").json
    assert everything["crs"] == record["crs"]
    assert all(each["crs"] == [CRS84, "#/crs"] for each in everything["collections"])
    answer = client.get(OWN)
    assert answer.mimetype == "application/projjson+json"
    assert pyproj.CRS.from_json_dict(answer.json).equals(BORDERLANDS.crs, True)
    text = client.get(OWN, headers={"Accept": "text/plain"})
    assert pyproj.CRS.from_wkt(text.text).equals(BORDERLANDS.crs, True)
    assert client.get("/crs/elsewhere").status_code == 404


def test_a_single_feature_comes_in_any_system(client: FlaskClient) -> None:
    listed = client.get("/collections/places/items?limit=1").json["features"][0]
    path = f"/collections/places/items/{listed['id']}"
    answer = client.get(path, query_string={"crs": f"{EPSG}4326"})
    assert answer.headers["Content-Crs"] == f"<{EPSG}4326>"
    assert answer.json["geometry"]["coordinates"] == listed["geometry"]["coordinates"][::-1]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"crs": "EPSG:4326"}, "crs"),
        ({"crs": f"{EPSG}32616"}, "crs"),
        ({"crs": ""}, "crs"),
        ({"crs": "http://elsewhere/crs/highlands"}, "crs"),
        ({"bbox": "1,2,3,4", "bbox-crs": "../../etc/passwd"}, "bbox-crs"),
        ({"bbox": "16,-89,15,-88", "bbox-crs": f"{EPSG}4326"}, "bbox"),
        ({"bbox": "2,1,1,2", "bbox-crs": f"{EPSG}3857"}, "bbox"),
        ({"bbox": "-1e12,-1e12,1e12,1e12", "bbox-crs": OWN}, "bbox"),
        ({"bbox": "-1e300,-1e300,1e300,1e300", "bbox-crs": OWN}, "bbox"),
        ({"bbox": "-89,15,inf,16"}, "bbox"),
        ({"bbox": ""}, "bbox"),
    ],
)
def test_what_is_wrong_is_told(client: FlaskClient, query: dict[str, str], field: str) -> None:
    answer = client.get("/collections/places/items", query_string=query)
    assert answer.status_code == 400, answer.json
    assert answer.mimetype == "application/problem+json"
    assert answer.json["field"] == field


@pytest.mark.parametrize("name", ["crs", "bbox-crs", "filter-crs"])
@pytest.mark.parametrize(
    "uri", ["http://[", "http://[::1", "//[v1.x]:p/", "http://\u2100/", "[", "http://a]/", "\x00"]
)
def test_what_is_no_address_is_no_system(client: FlaskClient, name: str, uri: str) -> None:
    for path in ("/collections/places/items", "/collections/places/items/x"):
        if path.endswith("x") and name != "crs":
            continue
        answer = client.get(f"{path}?{urlencode({name: uri})}")
        assert (answer.status_code, answer.json["field"]) == (400, name), answer.text

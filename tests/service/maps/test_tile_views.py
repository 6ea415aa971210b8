"""``/tiles`` as a web map asks for them."""

from __future__ import annotations

import gzip

import mapbox_vector_tile
import numpy as np
import pytest
import shapely
from flask import Flask
from flask.testing import FlaskClient

from geodata.formats.tiles.encode import BUFFER, Tile
from geodata.formats.tiles.web_mercator import EXTENT, tiles_over
from geodata.publication.results.result_layers import RESULT_LAYERS
from service.maps.tile_cache import TileStore, tiles_of
from service.maps.tile_views import MVT
from tests.support.tile_box import tile_box

HERE = (7, 32, 58)
"""The tile around the Gulf of Honduras."""


def path(name: str, z: object, x: object, y: object) -> str:
    return f"/tiles/{name}/{z}/{x}/{y}.mvt"


def layers(client: FlaskClient, name: str, place: tuple[int, int, int] = HERE) -> dict:
    response = client.get(path(name, *place))
    assert response.status_code in (200, 204)
    axes = {"y_coord_down": True}
    return mapbox_vector_tile.decode(response.data, default_options=axes) if response.data else {}


def test_every_collection_has_tiles_and_some_are_together(client: FlaskClient) -> None:
    listed = {each["name"]: each for each in client.get("/tiles").json["tiles"]}
    names = [each["id"] for each in client.get("/collections").json["collections"]]
    assert set(names) <= set(listed)
    assert listed["result"]["layers"] == [name for name in RESULT_LAYERS if name in names]
    assert {"roads", "rivers", "places", "gateways", "admin"} <= set(listed["network"]["layers"])
    assert {"land", "units", "lakes", "coast", "borders"} == set(listed["basemap"]["layers"])
    assert client.get(listed["roads"]["links"][0]["href"]).status_code == 200


def test_tilejson_says_where_and_what(client: FlaskClient) -> None:
    tilejson = client.get("/tiles/corridors").json
    assert tilejson["tilejson"] == "3.0.0"
    assert tilejson["tiles"] == ["http://localhost/tiles/corridors/{z}/{x}/{y}.mvt"]
    assert 0 <= tilejson["minzoom"] < tilejson["maxzoom"] <= 14
    west, south, east, north = tilejson["bounds"]
    assert -92.6 < west < tilejson["center"][0] < east < -82.9
    assert 12.8 < south < tilejson["center"][1] < north < 18.7
    assert "OpenStreetMap" in tilejson["attribution"]
    fields = tilejson["vector_layers"][0]["fields"]
    assert (fields["id"], fields["usage"], fields["name"]) == ("String", "Number", "String")


@pytest.mark.parametrize("name", ["corridors", "roads", "places", "admin", "gateways"])
def test_tiles_hold_the_features_of_the_collection(client: FlaskClient, name: str) -> None:
    """Ids, properties and places are those of the items that meet the tile's box."""
    west, south, east, north = tile_box(*HERE)
    rim = (east - west) * (BUFFER + 1) / EXTENT
    box = f"{west - rim},{south - rim},{east + rim},{north + rim}"
    page = client.get(f"/collections/{name}/items?limit=10000&bbox={box}").json
    items = {each["id"]: each["properties"] for each in page["features"]}
    features = layers(client, name)[name]["features"]
    assert features
    for each in features:
        properties = each["properties"]
        item = items[properties["id"]]
        assert properties == {key: value for key, value in item.items() if value is not None}


def test_a_feature_is_where_the_item_is(client: FlaskClient) -> None:
    west, south, east, north = tile_box(*HERE)
    ports = {
        each["properties"]["id"]: each for each in layers(client, "ports")["ports"]["features"]
    }
    for key, each in ports.items():
        x, y = each["geometry"]["coordinates"]
        item = client.get(f"/collections/ports/items/{key}").json["geometry"]["coordinates"]
        assert west + x / 4096 * (east - west) == pytest.approx(item[0], abs=1e-3)
        assert north - y / 4096 * (north - south) == pytest.approx(item[1], abs=1e-2)


def test_small_roads_wait_for_deeper_zooms(client: FlaskClient) -> None:
    def classes(z: int) -> set[str]:
        place = next(tiles_over((-88.03, 15.5, -88.02, 15.51), z))
        tile = layers(client, "roads", (z, *place))
        return {each["properties"]["class"] for each in tile["roads"]["features"]}

    assert classes(5) <= {"primary", "crossing"}
    assert "secondary" in classes(6) and "local" not in classes(7)
    assert "local" in classes(8)


def test_the_ground_reaches_across_neighbouring_tiles(client: FlaskClient) -> None:
    """Land on both sides of the edge of two tiles meets there."""
    left, right = (
        shapely.union_all([
            shapely.make_valid(shapely.geometry.shape(each["geometry"]))
            for each in layers(client, "basemap", (7, x, 58))["land"]["features"]
        ])
        for x in (32, 33)
    )  # fmt: skip
    moved = shapely.transform(right, lambda xy: np.add(xy, (4096, 0)))
    seam = shapely.box(4090, 0, 4100, 4096)
    apart = shapely.symmetric_difference(left & seam, moved & seam).area
    assert (left & seam).area > 1000
    assert apart < 0.01 * (left & seam).area


def test_tiles_come_compressed_with_tags_and_are_told_unchanged(client: FlaskClient) -> None:
    packed = client.get(path("roads", *HERE), headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip" and packed.mimetype == MVT
    assert "Accept-Encoding" in packed.headers["Vary"]
    plain = client.get(path("roads", *HERE))
    assert gzip.decompress(packed.data) == plain.data
    tag = plain.headers["ETag"]
    assert packed.headers["ETag"] == tag
    again = client.get(path("roads", *HERE), headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert client.head(path("roads", *HERE)).data == b""


def test_beyond_the_data_there_is_nothing(client: FlaskClient) -> None:
    response = client.get(path("network", 7, 0, 0))
    assert (response.status_code, response.data) == (204, b"")


WRONG = [
    (path("roads", 7, "x", 58), 400, "x"),
    (path("roads", 7, 128, 58), 400, "x"),
    (path("roads", 7, 32, -1), 400, "y"),
    (path("roads", "7.5", 32, 58), 400, "z"),
    (path("roads", 30, 32, 58), 404, None),
    (path("roads", 0, 0, 0), 404, None),
    (path("nothing", *HERE), 404, None),
    ("/tiles/nothing", 404, None),
    ("/tiles?limit=3", 400, "limit"),
    (f"{path('roads', *HERE)}?v=3", 400, "v"),
]


@pytest.mark.parametrize(("address", "status", "field"), WRONG)
def test_wrong_tiles_are_refused(
    client: FlaskClient, address: str, status: int, field: str | None
) -> None:
    response = client.get(address)
    assert (response.status_code, response.mimetype) == (status, "application/problem+json")
    assert response.json.get("field") == field


def test_no_more_is_kept_than_is_allowed(app: Flask) -> None:
    store = TileStore(tiles_of(app).sets, most=200_000)
    tiles = [Tile(9, x, y) for x, y in tiles_over((-90, 14, -86, 16), 9)]
    first = [store.tile("roads", each) for each in tiles]
    assert 0 < store.size <= 200_000
    assert [store.tile("roads", each) for each in tiles] == first
    assert store.size <= 200_000


def test_empty_tiles_take_room_too(app: Flask) -> None:
    store = TileStore(tiles_of(app).sets, most=20_000)
    for y in range(100):
        assert store.tile("roads", Tile(9, 0, y)).zipped == b""
    assert 10_000 < store.size <= 20_000


def test_tiles_are_in_the_openapi_document(client: FlaskClient) -> None:
    paths = client.get("/api").json["paths"]
    operation = paths["/tiles/{name}/{z}/{x}/{y}.mvt"]["get"]
    assert {"200", "204", "304", "400", "404"} <= set(operation["responses"])
    assert "roads" in operation["parameters"][0]["schema"]["enum"]

"""``/collections``, one of them, and its schema."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

NETWORK = [
    "places", "ports", "airstrips", "crossings", "posts", "roads", "rivers", "nodes", "links",
    "gateways", "sectors", "admin",
]  # fmt: skip
RESULT = ["corridors", "segments", "corridor-gateways", "corridor-admin"]


def test_layers_of_network_and_result_are_listed(client: FlaskClient) -> None:
    listed = client.get("/collections").json["collections"]
    assert [entry["id"] for entry in listed] == RESULT + NETWORK
    for entry in listed:
        assert entry["title"]
        assert entry["description"]
        west, south, east, north = entry["extent"]["spatial"]["bbox"][0]
        assert -92.5 <= west < east <= -83.0
        assert 12.9 <= south < north <= 18.6


@pytest.mark.parametrize("name", [*RESULT, *NETWORK])
def test_links_of_a_collection_lead_on(client: FlaskClient, name: str) -> None:
    record = client.get(f"/collections/{name}").json
    links = {link["rel"]: link for link in record["links"]}
    items = client.get(links["items"]["href"])
    assert items.mimetype == links["items"]["type"] == "application/geo+json"
    schema = client.get(links["http://www.opengis.net/def/rel/ogc/1.0/schema"]["href"])
    assert schema.mimetype == "application/schema+json"


@pytest.mark.parametrize("name", [*RESULT, *NETWORK])
def test_schema_names_every_property_and_its_type(client: FlaskClient, name: str) -> None:
    properties = client.get(f"/collections/{name}/schema").json["properties"]
    assert properties["geometry"]["x-ogc-role"] == "primary-geometry"
    assert properties["id"]["x-ogc-role"] == "id"
    types = {"string": str, "integer": int, "number": (int, float), "boolean": bool}
    for feature in client.get(f"/collections/{name}/items?limit=200").json["features"]:
        assert [*feature["properties"], "geometry"] == list(properties)
        kind = feature["geometry"]["type"].lower()
        assert kind in properties["geometry"]["format"].removeprefix("geometry-").split("-or-")
        for key, value in feature["properties"].items():
            assert value is None or isinstance(value, types[properties[key]["type"]])


def test_units_are_given(client: FlaskClient) -> None:
    properties = client.get("/collections/corridors/schema").json["properties"]
    assert properties["km_sea"]["x-ogc-unit"] == "km"
    assert "not a probability" in properties["usage"]["title"]


def test_no_address_redirects(client: FlaskClient) -> None:
    for path in ("/collections/", "/collections/roads/", "/collections/roads/items/", "/api/"):
        assert client.get(path).status_code == 200

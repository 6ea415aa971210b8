"""``/collections``, one of them, and its schema."""

from __future__ import annotations

from typing import Any

import pytest
import shapely
from flask.testing import FlaskClient
from shapely.geometry import shape

from geodata.publication.layers.properties import PROPERTIES
from geodata.sources.layers.bundle import Bundle
from routes.scores.remoteness import LIT_WEIGHTS

NETWORK = [
    "places", "ports", "airstrips", "crossings", "posts", "roads", "rivers", "nodes", "links",
    "gateways", "sectors", "admin", "events", "counts", "lakes", "countries",
]  # fmt: skip
RESULT = [
    "corridors", "segments", "corridor-gateways", "near-gateways", "corridor-places",
    "corridor-admin",
]  # fmt: skip


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
    assert "not a probability" in properties["usage"]["description"]


@pytest.mark.parametrize("name", [*RESULT, *NETWORK])
def test_every_property_has_a_title_and_says_what_it_means(client: FlaskClient, name: str) -> None:
    for what in ("schema", "queryables"):
        properties = client.get(f"/collections/{name}/{what}").json["properties"]
        for key, item in properties.items():
            assert key == "geometry" or (item["title"], item["description"]) == PROPERTIES[key][:2]


def test_properties_of_a_result_with_draws_are_told() -> None:
    names = {"usage_mean", "usage_low", "usage_high", "used_share", "top_share"}
    assert names | {"exposure_low", "exposure_high"} <= PROPERTIES.keys()
    assert {f"remoteness_{part}" for part in LIT_WEIGHTS.index} <= PROPERTIES.keys()
    assert all(item.title and item.description for item in PROPERTIES.values())


def test_ranks_are_not_told_as_hours(client: FlaskClient) -> None:
    properties = client.get("/collections/admin/schema").json["properties"]
    for name in ("remoteness_town_hours", "remoteness_place_hours"):
        assert "ercentile rank" in properties[name]["description"]
        assert "x-ogc-unit" not in properties[name]


def test_few_values_are_listed(client: FlaskClient) -> None:
    kinds = client.get("/collections/gateways/schema").json["properties"]["kind"]["enum"]
    assert kinds == ["formal", "informal", "landing", "port", "river mouth"]
    links = client.get("/collections/links/schema").json["properties"]
    assert links["mode"]["enum"] == ["river", "road", "transfer"]
    assert links["crossing"]["enum"] == ["formal", "informal"]
    assert "enum" not in links["name"]


def test_a_result_says_which_flow_it_is_of(client: FlaskClient) -> None:
    for name in RESULT:
        assert "The flow: Cocaine, north" in client.get(f"/collections/{name}").json["description"]


def test_what_the_bundle_knows_is_served(client: FlaskClient) -> None:
    def all_of(name: str) -> list[dict[str, Any]]:
        features = client.get(f"/collections/{name}/items?limit=10000").json["features"]
        return [feature["properties"] for feature in features]

    assert sum(each["kind"] == "closed" for each in all_of("airstrips")) == 25
    ports = all_of("ports")
    assert {each["source"] for each in ports if each["unverified"]} == {"memory"}
    assert sum(each["unverified"] for each in ports) == 12
    assert {each["size"] for each in ports} == {"very small", "small", "unknown"}
    places = all_of("places")
    capital = next(each for each in places if each["name"] == "Tegucigalpa")
    assert capital["population"] > 500_000
    assert 0 < sum(each["population"] is None for each in places) < len(places) / 5
    assert {each["kind"] for each in all_of("crossings")} == {"formal", "semi-formal"}
    corinto = next(each for each in all_of("crossings") if each["gateway"] == "formal:corinto")
    assert corinto["road"] == "CA-13"


def test_a_sector_is_a_stretch_of_the_border(client: FlaskClient, bundle: Bundle) -> None:
    land = bundle.frame("countries").set_index("country").geometry
    features = client.get("/collections/sectors/items?limit=1000").json["features"]
    stretches = {feature["id"]: shape(feature["geometry"]) for feature in features}
    assert len(stretches) > 100
    for pair in (("GT", "HN"), ("HN", "SV")):
        border = shapely.intersection(*(land[code].boundary for code in pair))
        own = [line for key, line in stretches.items() if f":{'-'.join(pair)}:" in key]
        near = border.buffer(1e-4)
        shapely.prepare(near)
        assert shapely.covers(near, own).all()
        # Each stretch of the border belongs to one sector, and hardly any to none.
        assert sum(line.length for line in own) == pytest.approx(border.length, rel=0.05)
        assert shapely.union_all(own).length == pytest.approx(sum(line.length for line in own))


def test_all_areas_are_of_one_kind(client: FlaskClient) -> None:
    for name in ("admin", "corridor-admin"):
        properties = client.get(f"/collections/{name}/schema").json["properties"]
        assert properties["geometry"]["format"] == "geometry-multipolygon"


def test_whose_data_it_is_goes_with_every_collection(client: FlaskClient) -> None:
    for path in ("/", *(f"/collections/{name}" for name in ("roads", "corridors", "sectors"))):
        record = client.get(path).json
        assert "OpenStreetMap" in record["attribution"]
        links = [link["href"] for link in record["links"] if link["rel"] == "license"]
        assert links[0] == "https://opendatacommons.org/licenses/odbl/1-0/"
        assert len(links) == 4
    posts = client.get("/collections/posts").json
    links = [link["title"] for link in posts["links"] if link["rel"] == "license"]
    assert links == ["CC0-1.0: posts"]
    assert "OpenStreetMap" not in posts["attribution"]


def test_no_address_redirects(client: FlaskClient) -> None:
    for path in ("/collections/", "/collections/roads/", "/collections/roads/items/", "/api/"):
        assert client.get(path).status_code == 200

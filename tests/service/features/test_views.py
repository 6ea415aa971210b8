"""``/collections/{name}/items``: pages, boxes, filters, single features."""

from __future__ import annotations

import gzip
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from shapely import box
from shapely.geometry import shape
from werkzeug.test import TestResponse


def _link(answer: TestResponse, rel: str) -> str | None:
    return next((link["href"] for link in answer.json["links"] if link["rel"] == rel), None)


def test_next_links_lead_through_all_features_once(client: FlaskClient) -> None:
    ids: list[str] = []
    url: str | None = "/collections/roads/items?limit=1000"
    while url:
        answer = client.get(url)
        features = answer.json["features"]
        assert answer.json["numberReturned"] == len(features)
        ids += [feature["id"] for feature in features]
        url = _link(answer, "next")
    assert len(ids) == len(set(ids)) == answer.json["numberMatched"] > 1000


def test_prev_links_lead_back(client: FlaskClient) -> None:
    answer = client.get("/collections/places/items?offset=15&limit=10")
    back = client.get(_link(answer, "prev") or "")
    assert back.json["features"][-1]["id"] != answer.json["features"][0]["id"]
    start = client.get(_link(back, "prev") or "")
    assert _link(start, "prev") is None
    first = client.get("/collections/places/items?limit=5").json["features"]
    assert start.json["features"] == first


def test_links_keep_what_was_asked(client: FlaskClient) -> None:
    answer = client.get("/collections/roads/items?limit=3&bbox=-90,14,-87,16&class=primary")
    query = parse_qs(urlsplit(_link(answer, "next") or "").query)
    assert query == {
        "limit": ["3"], "after": [answer.json["features"][-1]["id"]], "bbox": ["-90,14,-87,16"],
        "class": ["primary"],
    }  # fmt: skip
    assert f'<{_link(answer, "next")}>; rel="next"' in answer.headers["Link"]


@pytest.mark.parametrize("conditions", [45, 150])
def test_links_with_a_long_filter_are_in_the_body_alone(
    client: FlaskClient, conditions: int
) -> None:
    """Proxies refuse an answer with more than some kilobytes of headers."""
    condition = " OR ".join(f"name <> 'nowhere {number:04}'" for number in range(conditions))
    answer = client.get("/collections/roads/items", query_string={"filter": condition, "offset": 9})
    assert answer.status_code == 200
    assert {"self", "next", "prev"} <= {each["rel"] for each in answer.json["links"]}
    assert client.get(_link(answer, "next")).status_code == 200
    assert len(str(answer.headers)) < 4096
    assert 'rel="collection"' in answer.headers["Link"]


def test_a_page_begins_after_a_feature_in_any_order(client: FlaskClient) -> None:
    path = "/collections/places/items?sortby=-name&filter=country = 'HN'"
    ids = [feature["id"] for feature in client.get(f"{path}&limit=500").json["features"]]
    page = client.get(f"{path}&limit=20&after={ids[33]}").json["features"]
    assert [feature["id"] for feature in page] == ids[34:54]
    for gone in ("nobody", client.get("/collections/ports/items").json["features"][0]["id"]):
        refused = client.get(f"{path}&after={gone}")
        assert (refused.status_code, refused.json["field"]) == (400, "after")


def test_usual_and_largest_pages(client: FlaskClient) -> None:
    assert client.get("/collections/places/items").json["numberReturned"] == 10
    everything = client.get("/collections/places/items?limit=99999").json
    assert everything["numberReturned"] == everything["numberMatched"]
    assert (
        client.get(f"/collections/places/items?limit={'9' * 100}").data.count(b'"Feature"')
        == (everything["numberMatched"])
    )
    for offset in ("99999", "9" * 19, "9" * 20, "9" * 100):
        beyond = client.get(f"/collections/places/items?offset={offset}").json
        assert beyond["features"] == []
        assert beyond["numberMatched"] == everything["numberMatched"]
        assert "next" not in {link["rel"] for link in beyond["links"]}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", beyond["timeStamp"])


def test_bbox_takes_what_meets_it(client: FlaskClient) -> None:
    corner = (-89.0, 15.0, -88.0, 16.0)
    text = ",".join(map(str, corner))
    every = client.get("/collections/roads/items?limit=10000").json["features"]
    expected = [f["id"] for f in every if shape(f["geometry"]).intersects(box(*corner))]
    features = client.get(f"/collections/roads/items?limit=10000&bbox={text}").json["features"]
    assert [f["id"] for f in features] == expected
    assert 0 < len(features) < len(every)
    with_height = client.get("/collections/roads/items?bbox=-89,15,0,-88,16,9000").json
    assert with_height["numberMatched"] == len(features)


def test_bbox_across_the_antimeridian(client: FlaskClient) -> None:
    count = client.get("/collections/places/items").json["numberMatched"]
    across = client.get("/collections/places/items?bbox=170,-10,-80,20").json
    assert across["numberMatched"] == count


def test_filters_are_equalities(client: FlaskClient) -> None:
    answer = client.get("/collections/roads/items?class=primary&country=HN&limit=10000").json
    pairs = {(f["properties"]["class"], f["properties"]["country"]) for f in answer["features"]}
    assert pairs == {("primary", "HN")}
    sketched, surveyed = (
        {
            client.get(f"/collections/roads/items?schematic={spelt}").json["numberMatched"]
            for spelt in (word, word.title(), number)
        }
        for word, number in (("true", "1"), ("false", "0"))
    )
    assert len(sketched) == len(surveyed) == 1
    every = client.get("/collections/roads/items").json["numberMatched"]
    assert sketched.pop() + surveyed.pop() == every
    assert client.get("/collections/corridors/items?rank=1").json["numberMatched"] == 1
    for odd in ("rank=1_0", "rank=1.0", "rank=1e0", "rank=\u0661", f"rank={'0' * 5000}1",
                "km=1_0", "km=\u0661", "km=inf"):  # fmt: skip
        wrong = client.get(f"/collections/corridors/items?{odd}")
        assert (wrong.status_code, wrong.json["field"]) == (400, odd.partition("=")[0])
        assert "number" in wrong.json["remedy"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=ten", "limit"),
        ("limit=5&limit=6", "limit"),
        ("offset=-1", "offset"),
        ("bbox=1,2,3", "bbox"),
        ("bbox=-89,16,-88,15", "bbox"),
        ("bbox=-89,15,nan,16", "bbox"),
        ("datetime=yesterday", "datetime"),
        ("datetime=../..", "datetime"),
        ("colour=red", "colour"),
        ("schematic=maybe", "schematic"),
    ],
)
def test_wrong_parameters_are_told(client: FlaskClient, query: str, field: str) -> None:
    answer = client.get(f"/collections/roads/items?{query}")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert answer.json["field"] == field
    assert answer.json["remedy"]


@pytest.mark.parametrize(
    "time", ["2026-01-01T00:00:00Z", "2026-01-01", "2025-01-01T00:00:00Z/..", "/2025-01-01"]
)
def test_features_without_a_time_match_any(client: FlaskClient, time: str) -> None:
    answer = client.get(f"/collections/places/items?datetime={time}")
    assert answer.json["numberReturned"] == 10


@pytest.mark.parametrize("box", ["260,-10,280,20", "-460,10,-440,20", "-200,-90,200,90"])
def test_bbox_beyond_the_antimeridian(client: FlaskClient, box: str) -> None:
    count = client.get("/collections/places/items").json["numberMatched"]
    assert client.get(f"/collections/places/items?bbox={box}").json["numberMatched"] == count


@pytest.mark.parametrize("name", ["corridors", "gateways", "roads", "admin"])
def test_a_single_feature_is_that_of_the_page(client: FlaskClient, name: str) -> None:
    listed = client.get(f"/collections/{name}/items?offset=7&limit=1").json["features"][0]
    answer = client.get(f"/collections/{name}/items/{listed['id']}")
    links = {link["rel"]: link["href"] for link in answer.json["links"]}
    assert {key: answer.json[key] for key in listed} == listed
    assert client.get(links["self"]).json["id"] == listed["id"]
    assert links["collection"].endswith(f"/collections/{name}")


def test_an_absent_feature_is_told(client: FlaskClient) -> None:
    answer = client.get("/collections/roads/items/nowhere")
    assert answer.status_code == 404
    assert "nowhere" in answer.json["detail"]


def test_clients_may_revalidate_and_ask_for_gzip(client: FlaskClient) -> None:
    path = "/collections/roads/items?limit=100"
    plain = client.get(path)
    packed = client.get(path, headers={"Accept-Encoding": "gzip, deflate"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain.data) / 3
    assert b'"FeatureCollection"' in gzip.decompress(packed.data)
    again = client.get(path, headers={"If-None-Match": plain.headers["ETag"]})
    assert again.status_code == 304
    assert not again.data
    other = client.get(f"{path}0", headers={"If-None-Match": plain.headers["ETag"]})
    assert other.status_code == 200


def test_head_is_get_without_a_body(client: FlaskClient) -> None:
    head = client.head("/collections/roads/items")
    assert head.status_code == 200
    assert not head.data
    assert int(head.headers["Content-Length"]) > 1000


def test_a_box_beyond_all_numbers_is_refused(client: FlaskClient) -> None:
    answer = client.get("/collections/posts/items?bbox=1.7976931348623157e%2B308,2.49,1.3e%2B16,3")
    assert (answer.status_code, answer.json["field"]) == (400, "bbox")

"""``filter``, ``sortby``, ``datetime`` and equalities on pages of features."""

from __future__ import annotations

import re
import time
import unicodedata
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import geopandas as gpd
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shapely.geometry import Point, shape

from geodata.entries.spelling import bare
from geodata.publication.layers.layer import PublishedLayer
from service.features.collections import Collection
from service.features.filtering import cql2 as cql
from service.features.filtering.cql2 import CASES, LONGEST
from service.features.filtering.selection import FILTERING, PAGING
from service.features.filtering.values import SPATIAL, Operand, pattern
from service.features.times import RELATIONS
from service.web.requests.query import MOST, USUAL

MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
LATITUDE_FIRST = "http://www.opengis.net/def/crs/EPSG/0/4326"


def items(client: FlaskClient, collection: str, **parameters: object) -> list[dict[str, Any]]:
    query = urlencode({"limit": 10_000, **parameters})
    answer = client.get(f"/collections/{collection}/items?{query}")
    assert answer.status_code == 200, answer.json
    assert answer.json["numberMatched"] == len(answer.json["features"])
    return list(answer.json["features"])


FILTERS = {
    "km > 20": lambda p: p["km"] > 20,
    "class = 'primary' AND country = 'HN'": lambda p: (
        p["class"] == "primary" and p["country"] == "HN"
    ),
    "class IN ('primary', 'tertiary')": lambda p: p["class"] in ("primary", "tertiary"),
    "class NOT IN ('primary')": lambda p: p["class"] != "primary",
    "km BETWEEN 2 AND 3": lambda p: 2 <= p["km"] <= 3,
    "NOT (km < 5 OR schematic)": lambda p: not (p["km"] < 5 or p["schematic"]),
    "ref LIKE 'CA-%'": lambda p: (p["ref"] or "").startswith("CA-"),
    "CASEI(name) LIKE CASEI('%SAN%')": lambda p: "san" in (p["name"] or "").casefold(),
    "hours_back IS NULL": lambda p: p["hours_back"] is None,
    "hours_back IS NOT NULL AND hours_back > hours": lambda p: (
        p["hours_back"] is not None and p["hours_back"] > p["hours"]
    ),
    "km / hours > 60": lambda p: p["km"] / p["hours"] > 60 if p["hours"] else False,
    "name IS NULL": lambda p: p["name"] is None,
    "schematic = true": lambda p: p["schematic"],
    "name = 'O''Brien'": lambda p: p["name"] == "O'Brien",
}


@pytest.mark.parametrize("text", FILTERS)
def test_a_filter_keeps_what_python_keeps(client: FlaskClient, text: str) -> None:
    every = items(client, "roads")
    kept = items(client, "roads", **{"filter": text, "filter-lang": "cql2-text"})
    wanted = [each["id"] for each in every if FILTERS[text](each["properties"])]
    assert [each["id"] for each in kept] == wanted


def test_a_number_is_found_by_what_was_told_of_it(client: FlaskClient) -> None:
    """Numbers are told with twelve digits: the one told is neither above nor below the own one."""
    for each in items(client, "segments")[::200]:
        usage, this = each["properties"]["usage"], f"id = '{each['id']}'"
        for name in ("=", "<=", ">="):
            assert items(client, "segments", filter=f"{this} AND usage {name} {usage!r}") == [each]
        for name in ("<>", "<", ">"):
            assert not items(client, "segments", filter=f"{this} AND usage {name} {usage!r}")


def test_what_is_not_known_is_neither_so_nor_not_so(client: FlaskClient) -> None:
    everything = len(items(client, "posts"))
    after = len(items(client, "posts", filter="year > 2019"))
    before = len(items(client, "posts", filter="NOT (year > 2019)"))
    silent = len(items(client, "posts", filter="year IS NULL"))
    assert 0 < after + before < everything
    assert after + before + silent == everything


def test_filters_are_spatial(client: FlaskClient) -> None:
    area = "POLYGON((-89 14.5,-88 14.5,-88.2 16,-89 14.5))"
    drawn = shape({"type": "Polygon", "coordinates": [[(-89, 14.5), (-88, 14.5), (-88.2, 16)]]})
    every = items(client, "roads")
    for name in ("intersects", "within", "crosses", "disjoint"):
        kept = items(client, "roads", filter=f"S_{name.upper()}(geometry, {area})")
        wanted = {e["id"] for e in every if getattr(shape(e["geometry"]), name)(drawn)}
        assert len({e["id"] for e in kept} ^ wanted) <= 1
        assert wanted
    boxed = items(client, "roads", filter="S_INTERSECTS(geometry, BBOX(-89,15,-88,16))")
    assert boxed == items(client, "roads", bbox="-89,15,-88,16")
    turned = {"filter": "S_INTERSECTS(geometry, BBOX(15,-89,16,-88))", "filter-crs": LATITUDE_FIRST}
    assert items(client, "roads", **turned) == boxed


def test_filters_are_temporal(client: FlaskClient) -> None:
    span = "INTERVAL('2015-01-01', '2017-12-31')"
    kept = items(client, "posts", filter=f"T_INTERSECTS(INTERVAL(time_start, time_end), {span})")
    years = {each["properties"]["year"] for each in kept}
    assert years <= {2015, 2016, 2017}
    query = {"datetime": "2015-01-01/2017-12-31", "filter": "time_start IS NOT NULL"}
    assert kept == items(client, "posts", **query)
    later = items(client, "posts", filter="T_AFTER(time_start, TIMESTAMP('2019-12-31T00:00:00Z'))")
    assert later == items(client, "posts", filter="time_start >= DATE('2020-01-01')")


def test_datetime_selects_by_the_year_of_the_source(client: FlaskClient) -> None:
    kept = items(client, "posts", datetime="2020-06-01T00:00:00Z")
    # What has no time matches any (OGC 17-069r4, fc-time-response, C).
    assert {each["properties"]["year"] for each in kept} == {2020, None}
    undated = items(client, "posts", filter="time_start IS NULL")
    assert [each for each in kept if each["properties"]["year"] is None] == undated
    assert items(client, "posts", datetime="2020-06-01") == kept
    open_ended = items(client, "posts", datetime="2021-01-01/..", filter="year IS NOT NULL")
    assert {each["properties"]["year"] for each in open_ended} >= {2021, 2025}
    assert min(each["properties"]["year"] for each in open_ended) == 2021
    assert items(client, "crossings", datetime="../2016-12-31")
    record = client.get("/collections/posts").json
    assert record["extent"]["temporal"]["interval"][0][0].startswith("20")
    # A collection without times holds for all of them.
    assert len(items(client, "roads", datetime="1999-01-01")) == len(items(client, "roads"))


def test_pages_are_sorted_and_ties_keep_their_order(client: FlaskClient) -> None:
    wanted = items(client, "roads")
    # Python's sort keeps the order of equals, upwards and downwards.
    wanted.sort(key=lambda each: each["properties"]["ref"] or "", reverse=True)
    wanted.sort(key=lambda each: each["properties"]["class"])
    assert items(client, "roads", sortby="class,-ref") == wanted
    page = client.get("/collections/roads/items?limit=50&offset=50&sortby=%2Bclass,-ref").json
    assert page["features"] == wanted[50:100]
    assert items(client, "posts", sortby="year")[-1]["properties"]["year"] is None
    assert items(client, "posts", sortby="-year")[-1]["properties"]["year"] is None


def test_names_are_sorted_by_their_letters_without_accents(client: FlaskClient) -> None:
    names = [each["properties"]["name"] for each in items(client, "places", sortby="name")]
    assert names == sorted(names, key=lambda name: (bare(name), name))
    accented = next(place for place, name in enumerate(names) if name.startswith("Á"))
    assert names[accented - 1][0] == "A"
    assert names[-1][0] == "Z"
    back = [each["properties"]["name"] for each in items(client, "places", sortby="-name")]
    assert back == names[::-1]


def test_a_time_is_asked_for_as_a_moment_or_a_day(client: FlaskClient) -> None:
    day = items(client, "posts", time_start="2020-01-01")
    assert {each["properties"]["time_start"] for each in day} == {"2020-01-01T00:00:00Z"}
    assert items(client, "posts", time_start="2020-01-01T01:00:00+01:00") == day
    assert items(client, "posts", time_start="2020-01-02") == []
    refused = client.get("/collections/posts/items?time_start=garbage")
    assert (refused.status_code, refused.json["field"]) == (400, "time_start")


def test_numbers_are_equal_when_they_are_written_alike(client: FlaskClient) -> None:
    for name in ("corridors", "roads"):
        for feature in items(client, name)[:20]:
            km = feature["properties"]["km"]
            assert feature in items(client, name, km=km)
            assert feature in items(client, name, filter=f"km = {km}")


BAD = [
    ("filter=km >", "filter"),
    ("filter=km > 'long'", "filter"),
    ("filter=colour = 'red'", "filter"),
    ("filter=name", "filter"),
    ("filter=km", "filter"),
    ("filter=foo(name) = 'x'", "filter"),
    ("filter=name LIKE name", "filter"),
    ("filter=T_AFTER(km, DATE('2020-01-01'))", "filter"),
    ("filter=S_INTERSECTS(name, POINT(1 1))", "filter"),
    ("filter=S_INTERSECTS(geometry, POLYGON((0 0,1 1,0 1,1 0,0 0)))", "filter"),
    ("filter=name = 'x'&filter-lang=cql2-json", "filter-lang"),
    ("filter=name = 'x'&filter-crs=EPSG:4326", "filter-crs"),
    ("filter='; DROP TABLE roads; --", "filter"),
    ("filter=" + "(" * 500 + "km=1" + ")" * 500, "filter"),
    ("filter=" + "NOT " * 900 + "km=1", "filter"),
    ("filter=" + "km=1 OR " * 900 + "km=1", "filter"),
    ("filter=", "filter"),
    ("filter=name = '\x00' AND", "filter"),
    ("sortby=colour", "sortby"),
    ("sortby=km,-km", "sortby"),
    ("sortby=geometry", "sortby"),
    ("sortby=", "sortby"),
    ("datetime=2020-13-01", "datetime"),
    ("datetime=2021-01-01/2020-01-01", "datetime"),
    ("datetime=0000-01-01", "datetime"),
    ("km=far", "km"),
    ("km=nan", "km"),
    ("limit=" + "9" * 101, "limit"),
    ("offset=" + "9" * 101, "offset"),
]


@pytest.mark.parametrize(("query", "field"), BAD)
def test_what_is_wrong_is_told(client: FlaskClient, query: str, field: str) -> None:
    answer = client.get("/collections/roads/items", query_string=query)
    assert answer.status_code == 400, answer.json
    assert answer.mimetype == "application/problem+json"
    assert answer.json["field"] == field
    assert answer.json["remedy"]


@pytest.mark.parametrize(
    "value", ["' OR '1'='1", "'; DROP TABLE roads; --", "../../etc/passwd", "<script>", "\x00", "%"]
)
def test_injected_texts_are_texts(client: FlaskClient, value: str) -> None:
    assert items(client, "roads", name=value) == []
    quoted = value.replace("'", "''")
    assert items(client, "roads", filter=f"name = '{quoted}'") == []


@given(
    st.text("abß%_-.é ", max_size=6),
    st.text("abß%_-.é ", max_size=8),
)
def test_a_pattern_matches_what_sql_matches(pattern_text: str, text: str) -> None:
    def like(wanted: str, rest: str) -> bool:
        if not wanted:
            return not rest
        if wanted[0] == "%":
            return like(wanted[1:], rest) or (bool(rest) and like(wanted, rest[1:]))
        return bool(rest) and wanted[0] in ("_", rest[0]) and like(wanted[1:], rest[1:])

    assert (pattern(pattern_text).fullmatch(text) is not None) == like(pattern_text, text)


def test_no_pattern_takes_long(client: FlaskClient) -> None:
    assert pattern("%a" * 1500).fullmatch("a" * 1400 + "b") is None
    assert items(client, "roads", filter=f"name LIKE '{'%a_' * 1000}'") == []


COLUMNS = {"km": st.floats(0, 50), "hours": st.floats(0, 3), "remoteness": st.floats(0, 1)}


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30
)
@given(data=st.data())
def test_any_nesting_of_comparisons_agrees_with_python(app: Flask, data: st.DataObject) -> None:
    def condition(depth: int) -> tuple[str, Any]:
        if depth == 0 or data.draw(st.booleans()):
            name = data.draw(st.sampled_from(sorted(COLUMNS)))
            value = data.draw(COLUMNS[name])
            sign = data.draw(st.sampled_from(["<", ">="]))
            if sign == "<":
                return f"{name} < {value:.6f}", lambda p: p[name] < float(f"{value:.6f}")
            return f"{name} >= {value:.6f}", lambda p: p[name] >= float(f"{value:.6f}")
        (a, fa), (b, fb) = condition(depth - 1), condition(depth - 1)
        if data.draw(st.booleans()):
            return f"({a} AND {b})", lambda p: fa(p) and fb(p)
        return f"(NOT {a} OR {b})", lambda p: not fa(p) or fb(p)

    client = app.test_client()
    text, wanted = condition(2)
    every = items(client, "rivers")
    kept = {each["id"] for each in items(client, "rivers", filter=text)}
    assert kept == {each["id"] for each in every if wanted(each["properties"])}


WORDS = """km name geometry year 'CA-%' 1 1e400 NOT AND OR LIKE IN BETWEEN CASEI( S_WITHIN(
T_DURING( BBOX( INTERVAL( DATE('2020-01-01') '..' true schematic ( ) + - * / ^ % = < > , ' " \\"""
TOKENS = st.sampled_from([*WORDS.split(), "IS NULL", "POINT(1 2)"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(TOKENS, max_size=14))
def test_nothing_that_is_sent_as_a_filter_is_a_fault(app: Flask, tokens: list[str]) -> None:
    query = {"filter": " ".join(tokens), "limit": 1}
    answer = app.test_client().get("/collections/crossings/items", query_string=query)
    assert answer.status_code in (200, 400), answer.text


@pytest.mark.parametrize("sign", ["-", "(", "NOT ", "CASEI(", "km^", "km+", "km=", "{", "["])
def test_no_nesting_ends_the_process(client: FlaskClient, sign: str) -> None:
    for end in ("", "km"):
        text = (sign * 4000)[: 4000 - len(end)] + end
        answer = client.get("/collections/crossings/items", query_string={"filter": text})
        assert answer.status_code == 400


def test_what_may_be_asked_is_documented() -> None:
    text = (Path(__file__).parents[4] / "docs" / "service.md").read_text("utf-8")
    features = text.partition("## Features")[2].partition("\n## ")[0]
    for name in (*SPATIAL, *RELATIONS, *CASES):
        assert re.search(rf"\b{name.upper()}\b", features), name
    for name in (*PAGING, *FILTERING):
        assert f"`{name}`" in features, name
    assert f"{USUAL} when left out, {MOST:,} at most" in features
    assert f"{LONGEST:,} characters" in features


def test_the_service_says_what_may_be_named(client: FlaskClient) -> None:
    for what in ("queryables", "sortables"):
        answer = client.get(f"/collections/posts/{what}")
        assert answer.mimetype == "application/schema+json"
        assert ("geometry" in answer.json["properties"]) == (what == "queryables")
        assert answer.json["properties"]["time_start"]["format"] == "date-time"
        rels = {link["rel"] for link in client.get("/collections/posts").json["links"]}
        assert f"http://www.opengis.net/def/rel/ogc/1.0/{what}" in rels
    classes = client.get("/conformance").json["conformsTo"]
    assert "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text" in classes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("S_INTERSECTS(geometry, POINT EMPTY)", "no CQL2 text"),
        ("S_INTERSECTS(geometry, BBOX(1, 2))", "four numbers"),
        (" OR ".join(["S_INTERSECTS(geometry, POINT(-88 15))"] * 17), "at most 16 times"),
    ],
)
def test_odd_and_costly_shapes_are_refused(client: FlaskClient, text: str, words: str) -> None:
    refused = client.get("/collections/posts/items", query_string={"filter": text})
    assert (refused.status_code, refused.json["field"]) == (400, "filter")
    assert words in refused.json["remedy"]


def test_a_long_list_reads_its_property_once(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    usual = cql.property_of

    def counted(here: Collection, name: str) -> Operand:
        read.append(name)
        return usual(here, name)

    monkeypatch.setattr(cql, "property_of", counted)
    text = f"km IN ({', '.join(['1'] * 900)}) OR km > 20"
    assert client.get("/collections/links/items", query_string={"filter": text}).status_code == 200
    assert read == ["km"]


APART = unicodedata.normalize("NFD", "Danlí")


@pytest.mark.parametrize(
    "query",
    [
        {"name": APART},
        {"filter": f"name = '{APART}'"},
        {"filter": f"name LIKE '{APART}%' AND name LIKE 'Danl_'"},
        {"filter": f"CASEI(name) = CASEI('{APART.upper()}')"},
        {"filter": f"name IN ('Tela', '{APART}') AND name <> 'Tela'"},
        {"filter": f"ACCENTI(name) = ACCENTI('{APART}')"},
    ],
)
def test_an_accent_may_stand_behind_its_letter(client: FlaskClient, query: dict[str, str]) -> None:
    assert [each["properties"]["name"] for each in items(client, "places", **query)] == ["Danlí"]


def test_a_layer_with_accents_behind_letters_is_found_as_any(client: FlaskClient) -> None:
    features = {"id": ["a"], "name": [APART]}
    frame = gpd.GeoDataFrame(features, geometry=[Point(-86.5, 14.0)], crs="OGC:CRS84")
    layer = PublishedLayer(name="x", title="", description="", frame=frame)
    assert Collection(layer).equal("name", "Danlí").all()


@pytest.mark.parametrize("many", ["", "name", "name,name", "name,1,2", "'..','..','..','..'"])
@pytest.mark.parametrize(
    "form", ["{}", "name = {}", "T_AFTER({}, time_start)", "S_WITHIN(geometry, {})"]
)
def test_an_operator_written_as_a_function_takes_as_many_arguments_as_it_has(
    client: FlaskClient, form: str, many: str
) -> None:
    names = ("like", "between", "in", "isNull", "interval", "casei", "accenti", "and", "or", "not",
             "div", "t_after", "s_within", "date", "bbox")  # fmt: skip
    for name in names:
        for spelt in (name, name.upper()):
            query = urlencode({"filter": form.format(f"{spelt}({many})"), "limit": 1})
            answer = client.get(f"/collections/posts/items?{query}")
            assert answer.status_code in (200, 400), (query, answer.text)


@pytest.mark.parametrize(
    "part", ["id LIKE '%a'", "CASEI(id) = 'a'", "ACCENTI(CASEI(ACCENTI(id))) = 'a'", "id = 'a'",
             "km = 1", "km BETWEEN 1 AND 2", "id IN ('a', 'b', 'c', 'd')"]
)  # fmt: skip
def test_the_longest_filter_of_each_kind_is_read_soon(client: FlaskClient, part: str) -> None:
    text = " OR ".join([part] * ((LONGEST + 4) // (len(part) + 4)))
    begun = time.thread_time()
    answer = client.get("/collections/links/items", query_string={"filter": text, "limit": 1})
    assert time.thread_time() - begun < 2
    bounded = "LIKE" in part or "(id)" in part
    assert answer.status_code == (400 if bounded else 200), answer.text
    assert not bounded or "at most 64" in answer.json["remedy"]


@pytest.mark.parametrize("box", ["1_0,1,20,20", "1,2,inf,4", "١,1,2,3", "1e999,1,2,3", "0x1,1,2,3"])
def test_numbers_are_spelt_as_in_json(client: FlaskClient, box: str) -> None:
    answer = client.get("/collections/places/items", query_string={"bbox": box})
    assert (answer.status_code, answer.json["field"]) == (400, "bbox")

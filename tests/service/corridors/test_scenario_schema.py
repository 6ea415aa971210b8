"""The worst of each kind that fits in a body or a line: answered soon, and with few words."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from importlib import resources
from typing import Any

import pytest
from flask.testing import FlaskClient

from geodata.formats.text.toml import parse_toml
from routes.scenario.keys.fields import SLACK
from service.corridors.scenario_schema import DEEPEST
from service.web.requests.request import LONGEST_LINE

MIB = 1 << 20
SECONDS = 1.0
"""Of the processor's time, so that a busy machine does not matter."""
TEXT = resources.files("routes").joinpath("flows", "cocaine-north.toml").read_bytes()
PROFILE = parse_toml(TEXT, field="profile")


def origins(count: int, **changes: Any) -> dict[str, Any]:
    first = PROFILE["origins"][0]
    return {"profile": {**PROFILE, "origins": [{**first, **changes}] * count}}


def points(ends: int, each: int, *point: object) -> dict[str, Any]:
    at = {"layer": "points", "coordinates": [list(point)] * each}
    first = PROFILE["origins"][0]
    named = [{**first, "name": f"o{number}", "at": at} for number in range(ends)]
    return {"profile": {**PROFILE, "origins": named}}


def members(count: int) -> dict[str, int]:
    return {f"k{number}": 0 for number in range(count)}


BODIES: dict[str, tuple[Callable[[], Any], str]] = {
    "objects where texts belong": (lambda: {"from": [{"a": k} for k in range(MIB // 14)]}, "body"),
    "few objects where texts belong": (lambda: {"from": [{"a": k} for k in range(9000)]}, "from"),
    "texts without end": (lambda: {"from": [f"a{k}" for k in range(MIB // 11)]}, "from"),
    "one text": (lambda: {"from": ["x" * (MIB - 100)]}, "from[0]"),
    "accents on one letter": (lambda: '{"from":["a' + "\u0301\u0323" * (MIB // 5) + '"]}',
                              "from[0]"),
    "accents on one letter of a name": (lambda: {"from": ["a" + "\u0301\u0323" * 99]}, "from"),
    "unknown members": (lambda: members(MIB // 14), "k0"),
    "an unknown name": (lambda: {"slack" * (MIB // 5 - 50): 0}, "..."),
    "lists in lists": (lambda: "[" * MIB, "body"),
    "lists in lists, closed": (lambda: "[" * (MIB // 2) + "]" * (MIB // 2), "body"),
    "objects in objects": (lambda: '{"a":' * (MIB // 5), "body"),
    "lists beside lists": (lambda: '{"a":[' + "[]," * (MIB // 3 - 9) + "[]]}", "body"),
    "quotes": (lambda: '"' * MIB, "body"),
    "quotes in a text without end": (lambda: '{"a":"' + '\\"' * (MIB // 2 - 9), "body"),
    "backslashes": (lambda: '{"a":"' + "\\" * (MIB - 9), "body"),
    "brackets in a text": (lambda: {"from": ["[" * (MIB - 100)]}, "from[0]"),
    "one number": (lambda: '{"seed":' + "9" * (MIB - 9) + "}", "body"),
    "long numbers": (lambda: '{"seed":[' + ",".join(["9" * 4000] * 250) + "]}", "body"),
    "numbers": (lambda: '{"a":[' + "1e5," * (MIB // 4 - 9) + "1]}", "a"),
    "halves of surrogates": (lambda: '{"a":"' + "\\ud800" * (MIB // 6 - 9) + '"}', "body"),
    "half a surrogate as a name": (lambda: '{"\\ud800":1}', "body"),
    "one name again and again": (lambda: "{" + '"a":0,' * (MIB // 6 - 9) + '"a":0}', "a"),
    "members of a profile": (lambda: {"profile": members(MIB // 14)}, "profile.k0"),
    "the name of a profile": (lambda: {"profile": "cocaine-nort" * (MIB // 13)}, "profile"),
    "origins": (lambda: origins(2400), "profile.origins"),
    "origins of one name": (lambda: origins(50), "profile.origins[1].name"),
    "points of one origin": (lambda: points(1, 9000, 0, 0),
                             "profile.origins[0].at.coordinates"),
    "points in all": (lambda: points(15, 500, -88, 15), "profile.origins"),
    "texts for points": (lambda: points(18, 500, "a", "b"),
                         "profile.origins[0].at.coordinates[0][0]"),
    "districts": (lambda: origins(1, at={"layer": "port", "admin1": ["x"] * 200_000}),
                  "profile.origins[0].at.admin1"),
    "a title": (lambda: {"profile": {**PROFILE, "title": "x" * (MIB - 9000)}}, "profile.title"),
    "pairs": (lambda: {"profile": {**PROFILE, "pairs": [{"demand": "x"}] * 9000}},
              "profile.pairs"),
    "texts for pairs": (lambda: {"profile": {**PROFILE, "pairs": [{"origin": 5}] * 2500}},
                        "profile.pairs[0].origin"),
    "pairs of nobody": (lambda: {"profile": {**PROFILE, "pairs": [
        {"origin": "a", "destination": "b", "demand": 1}] * 2500}}, "profile.pairs[0].origin"),
    "outputs": (lambda: {"inputs": {"from": [5]}, "outputs": members(MIB // 14)}, "inputs"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BODIES)
def test_the_worst_of_each_kind_of_body_is_refused_soon(client: FlaskClient, kind: str) -> None:
    make, field = BODIES[kind]
    body = make()
    data = body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()
    assert len(data) <= MIB
    begun = time.thread_time()
    answer = client.post("/corridors", data=data, content_type="application/json")
    assert time.thread_time() - begun < SECONDS
    assert answer.status_code == 400, answer.text
    assert answer.json["field"].startswith(field), answer.json
    assert len(answer.data) < 2000


def test_a_text_may_hold_brackets_and_a_body_be_as_deep_as_is_meant(client: FlaskClient) -> None:
    answer = client.post("/corridors", json={"from": ["[" * 20 + '"' + "{" * 20]})
    assert answer.json["field"] == "from", answer.text
    deep = "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1)
    answer = client.post("/corridors", data=f'{{"a":{deep}}}', content_type="application/json")
    assert answer.json["field"] == "a", answer.text


ACCENTS = "%CC%81%CC%A3"
LINES: dict[str, Callable[[int], str]] = {
    "an unknown name": lambda n: "/collections/places/items?" + "x" * n + "=1",
    "unknown names": lambda n: "/collections/places/items?" + "&".join(
        f"k{k}=1" for k in range(n // 8)),
    "one name again": lambda n: "/collections/places/items?" + "limit=1&" * (n // 8),
    "ends": lambda n: "/corridors?" + "from=a&" * (n // 7),
    "one end": lambda n: "/corridors?from=" + "x" * n,
    "commas in an end": lambda n: "/corridors?from=" + "," * n,
    "digits in an end": lambda n: "/corridors?from=1," + "9" * n,
    "accents on a letter of an end": lambda n: "/corridors?from=a" + ACCENTS * (n // 12),
    "a thing to pass": lambda n: "/corridors?from=Tela&to=Tapachula&via=" + "san" * (n // 3),
    "equals": lambda n: "/corridors?from=Tela&to=Tapachula&strengthen=" + "=" * n,
    "a profile": lambda n: "/corridors?profile=" + "cocaine" * (n // 7),
    "numbers of a box": lambda n: "/collections/places/items?bbox=" + "1," * (n // 2),
    "digits of a box": lambda n: "/collections/places/items?bbox=1,1,1," + "9" * n,
    "a limit": lambda n: "/collections/places/items?limit=" + "9" * n,
    "keys to sort by": lambda n: "/collections/places/items?sortby=" + "name," * (n // 5),
    "a time": lambda n: "/collections/places/items?datetime=2020-01-01T00:00:00." + "2" * n,
    "slashes in a time": lambda n: "/collections/places/items?datetime=" + "/" * n,
    "a system": lambda n: "/collections/places/items?crs=http://" + "[" * n,
    "a filter": lambda n: "/collections/places/items?filter=" + "x" * n,
    "an id": lambda n: "/collections/places/items?after=" + "x" * n,
    "states": lambda n: "/jobs?status=" + "failed,x" * (n // 8),
}  # fmt: skip


@pytest.mark.parametrize("size", [LONGEST_LINE - 100, MIB // 8])
@pytest.mark.parametrize("kind", LINES)
def test_the_worst_of_each_kind_of_query_is_refused_soon(
    client: FlaskClient, kind: str, size: int
) -> None:
    path, _, query = LINES[kind](size).partition("?")
    begun = time.thread_time()
    answer = client.get(path, query_string=query)
    assert time.thread_time() - begun < SECONDS
    assert answer.status_code == 400, answer.text
    assert len(answer.json["remedy"]) + len(answer.json["field"]) < 1000


def test_accents_in_a_path_are_bounded_too(client: FlaskClient) -> None:
    begun = time.thread_time()
    assert client.get("/collections/a" + "\u0301\u0323" * LONGEST_LINE).status_code == 404
    assert time.thread_time() - begun < SECONDS


def test_a_packed_body_is_refused_and_not_taken_for_a_plain_one(client: FlaskClient) -> None:
    for coding, status in (("gzip", 415), ("br", 415), ("identity", 400)):
        headers = {"Content-Encoding": coding, "Content-Type": "application/json"}
        assert client.post("/corridors", data=b'{"x": 1}', headers=headers).status_code == status


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("slack=2", {"slack": 2}),
        ("slack=-1", {"slack": -1}),
        ("alternatives=9", {"alternatives": 9}),
        ("alternatives=1", {"alternatives": 1}),
        ("from=Tela%0A1", {"from": ["Tela\n1"]}),
        ("from=Tela&from=Tela", {"from": ["Tela", "Tela"]}),
        ("strengthen=Corinto", {"strengthen": ["Corinto"]}),
    ],
)
def test_an_address_and_a_body_are_refused_alike(
    client: FlaskClient, query: str, body: dict[str, Any]
) -> None:
    """Their fields are declared once."""
    got, sent = client.get(f"/corridors?{query}").json, client.post("/corridors", json=body).json
    assert got["status"] == sent["status"] == 400
    assert got["field"] == sent["field"].partition("[")[0]
    assert got["detail"].partition(". ")[2] == sent["detail"].partition(". ")[2]


def test_the_document_tells_the_same_of_both(client: FlaskClient) -> None:
    document = client.get("/api").json
    fields = document["components"]["schemas"]["scenario"]["properties"]
    parameters = {
        each["name"]: each for each in document["paths"]["/corridors"]["get"]["parameters"]
        if "name" in each
    }  # fmt: skip
    for name in ("slack", "alternatives"):
        schema = {key: value for key, value in fields[name].items() if key != "description"}
        assert parameters[name]["schema"] == schema
    for name in ("slack", "alternatives", "via", "avoid", "close", "strengthen"):
        assert parameters[name]["description"].startswith(fields[name]["description"])
    assert fields["slack"]["default"] == SLACK.default

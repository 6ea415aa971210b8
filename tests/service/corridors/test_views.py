"""``GET /corridors``: computed live."""

from __future__ import annotations

import json
import socket
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from shapely.geometry import shape
from werkzeug.exceptions import ClientDisconnected

from geodata.formats.geojson.features import features
from geodata.network.network import Network
from routes.corridors import loading
from routes.results.result import CorridorAnswer
from routes.router import Router
from routes.scenario.profiles import Share
from routes.scenario.scenario import Scenario
from service.corridors.answers import Answers
from service.corridors.scenario_schema import read_question
from service.web.deadline import Deadline, hung_up
from service.web.problems.problems import Refusal

SULA_TAPACHULA = "/corridors?from=San Pedro Sula&to=Tapachula"
SULA = {"from": "San Pedro Sula", "to": "Tapachula"}


def test_corridors_between_named_places(client: FlaskClient) -> None:
    answer = client.get(SULA_TAPACHULA)
    assert answer.status_code == 200
    assert answer.mimetype == "application/geo+json"
    record = answer.json
    assert record["numberMatched"] >= record["numberReturned"] == len(record["features"]) > 0
    first = record["features"][0]
    assert first["properties"]["rank"] == 1
    assert first["properties"]["origin"] == "San Pedro Sula"
    line = shape(first["geometry"])
    start, end = line.coords[0], line.coords[-1]
    assert start == pytest.approx((-88.025, 15.505), abs=0.05)
    assert end == pytest.approx((-92.26, 14.9), abs=0.1)


def test_members_say_what_was_asked_and_how_to_read_it(client: FlaskClient) -> None:
    record = client.get(f"{SULA_TAPACHULA}&slack=0.1").json
    assert record["scenario"]["slack"] == 0.1
    assert record["scenario"]["profile"] == "cocaine-north"
    assert {end["name"] for end in record["ends"]} == {"San Pedro Sula", "Tapachula"}
    assert all(end["snap_m"] < 5000 for end in record["ends"])
    assert "not a probability" in record["reading"]
    assert any("OpenStreetMap" in text for text in record["attributions"])


def test_an_answer_says_that_a_search_was_cut_off(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get(f"{SULA_TAPACHULA}&slack=0.013").json["search"]["cut_off"] == 0
    monkeypatch.setattr(loading, "MOST_STAGES", 1)
    # Of a slack of its own: an answer that is cut off here is kept for others who ask the same.
    by_address = client.get(f"{SULA_TAPACHULA}&slack=0.0131").json
    body = {"from": ["San Pedro Sula"], "to": ["Tapachula"], "slack": 0.0132}
    by_body = client.post("/corridors", json=body).json
    for answer in (by_address, by_body):
        assert answer["search"]["cut_off"] == 1
        assert "1 of 1 search for corridors came to no end" in answer["search"]["reading"]


def test_points_are_snapped_and_the_distance_is_told(client: FlaskClient) -> None:
    record = client.get("/corridors?from=-88.03,15.52&to=-92.26,14.91&limit=1").json
    assert len(record["features"]) == 1
    assert all(0 < end["snap_m"] < 5000 for end in record["ends"])


def test_an_end_is_joined_where_the_flow_may_go(client: FlaskClient) -> None:
    """A pin on the beach, for one flow with boats and one without."""
    query = {"from": "-87.45,15.79", "to": "Chiquimula", "alternatives": 1}
    start = client.get("/corridors", query_string={**query, "avoid": "sea"}).json["ends"][0]
    assert start["kind"] != "sea" and 0 < start["snap_m"] < 5000
    assert {"name", "nodes", "snap_m", "kind", "x", "y"} == start.keys()
    away = {"from": "-84.5,16.5", "to": "Chiquimula"}
    assert client.get("/corridors", query_string=away).json["ends"][0]["kind"] == "sea"
    refused = client.get("/corridors", query_string={**away, "profile": "migrants-north"})
    assert refused.status_code == 400
    assert "by road, trail, river and transfer, cannot begin there" in refused.json["detail"]
    posted = client.post("/corridors", json={"profile": "migrants-north", "from": [away["from"]]})
    assert posted.status_code == 400 and posted.json["detail"] == refused.json["detail"]


def test_a_collection_may_be_an_end(client: FlaskClient) -> None:
    record = client.get("/corridors?profile=contraband-west&from=ports:HN&to=Chiquimula").json
    assert {feature["properties"]["origin"] for feature in record["features"]} == {"ports:HN"}
    assert next(end["nodes"] for end in record["ends"] if end["name"] == "ports:HN") > 5
    assert sum(pair["usage"] for pair in record["pairs"]) > 0.5
    nothing = client.get("/corridors?from=ports:FR&to=Chiquimula")
    assert nothing.status_code == 400 and "its countries are" in nothing.json["detail"]
    nowhere = client.get("/corridors?from=ports&to=Chiquimula")
    assert nowhere.status_code == 400 and "ports:XX-YY" in nowhere.json["detail"]


def test_a_second_asking_is_recalled_to_the_byte(client: FlaskClient) -> None:
    first, second = client.get(SULA_TAPACHULA), client.get(SULA_TAPACHULA)
    assert first.data == second.data
    assert second.headers["Server-Timing"].startswith("recall")
    assert second.headers["Cache-Control"] == "max-age=300"
    again = client.get(SULA_TAPACHULA, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_answers_that_differ_have_tags_that_differ(client: FlaskClient) -> None:
    more = ("", "&slack=0.2", "&slack=0.2&limit=2", "&alternatives=1", "&close=Corinto")
    tags = {client.get(f"{SULA_TAPACHULA}{each}").headers["ETag"] for each in more}
    assert len(tags) == len(more)


def test_limit_takes_the_most_used(client: FlaskClient) -> None:
    every = client.get(f"{SULA_TAPACHULA}&slack=0.2&limit=1000").json
    few = client.get(f"{SULA_TAPACHULA}&slack=0.2&limit=2").json
    assert few["features"] == every["features"][:2]
    assert few["numberMatched"] == every["numberMatched"]
    usage = [feature["properties"]["usage"] for feature in every["features"]]
    assert usage == sorted(usage, reverse=True)


def test_several_origins(client: FlaskClient) -> None:
    path = "/corridors?profile=migrants-north&from=San Pedro Sula&from=Tela&to=Tapachula"
    record = client.get(path).json
    assert [end["name"] for end in record["ends"]] == ["San Pedro Sula", "Tela", "Tapachula"]


def test_requests_at_once_agree_with_requests_in_turn(app: Flask) -> None:
    towns = ["Tela", "La Ceiba", "Choloma", "Tocoa"]
    paths = [f"/corridors?from={town}&to=Tapachula" for town in towns] * 3

    def ask(path: str) -> bytes:
        return app.test_client().get(path).data

    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(ask, paths))
    assert together == [ask(path) for path in paths]
    origins = {json.loads(data)["scenario"]["origins"][0]["name"] for data in together}
    assert origins == set(towns)


def _usage(record: Any) -> dict[str, float]:
    return {gateway["name"]: gateway["usage"] for gateway in record["gateways"]}


def test_a_closed_gateway_sends_its_flow_elsewhere(client: FlaskClient) -> None:
    before = client.get(SULA_TAPACHULA).json
    name = max(_usage(before), key=lambda key: _usage(before)[key])
    after = client.get("/corridors", query_string={**SULA, "close": name}).json
    assert name not in _usage(after)
    assert sum(_usage(after).values()) > 0.9
    assert after["scenario"]["edits"] == [{"target": name, "factor": None, "hours": 0.0}]


def test_a_strengthened_gateway_carries_less(client: FlaskClient) -> None:
    before = _usage(client.get(SULA_TAPACHULA).json)
    name = max(before, key=lambda key: before[key])
    query = {**SULA, "strengthen": f"{name}=2"}
    assert _usage(client.get("/corridors", query_string=query).json).get(name, 0) < before[name]


def test_paths_avoid_and_pass_what_is_named(client: FlaskClient) -> None:
    avoiding = client.get("/corridors", query_string={**SULA, "avoid": "SV"}).json
    assert all("SV" not in f["properties"]["countries"] for f in avoiding["features"])
    passing = client.get("/corridors", query_string={**SULA, "via": "Corinto"}).json
    ids = {gateway["id"] for gateway in passing["gateways"] if gateway["name"] == "Corinto"}
    assert ids
    assert all(
        ids & set(feature["properties"]["gateways"].split("; ")) for feature in passing["features"]
    )


def test_gateways_are_told_beside_the_corridors_flat(client: FlaskClient) -> None:
    gateways = client.get(SULA_TAPACHULA).json["gateways"]
    assert [gateway["rank"] for gateway in gateways] == list(range(1, len(gateways) + 1))
    for gateway in gateways:
        assert -92.5 < gateway["x"] < -83 and 12.9 < gateway["y"] < 18.6
        assert 0 < gateway["usage"] <= 1
        assert not any(isinstance(value, dict | list) for value in gateway.values())


def test_alternatives_between_two_towns(client: FlaskClient) -> None:
    path = "/corridors?from=San Pedro Sula&to=Chiquimula&slack=0.5&alternatives=2"
    ways = client.get(path).json["alternatives"]["features"]
    assert 2 <= len(ways) <= 3
    costs = [way["properties"]["cost"] for way in ways]
    assert costs == sorted(costs)
    assert "alternatives" not in client.get(SULA_TAPACHULA).json


@pytest.mark.parametrize(
    ("origins", "more", "brief"),
    [
        (["-87.9,15.4"], {}, True),
        (["Tela"], {}, True),
        (["Tela"], {"alternatives": 2}, False),
        (["Tela"], {"via": ["La Ceiba"]}, False),
        (["Tela", "La Ceiba"], {}, False),
        (["ports:HN"], {}, False),
        ([], {}, False),
    ],
)
def test_a_brief_question_is_about_one_place(
    origins: list[str], more: dict[str, Any], brief: bool
) -> None:
    question = read_question(
        {
            "profile": "cocaine-north",
            "from": origins,
            "to": ["Tapachula"],
            "slack": 0.1,
            **more,
        }
    )
    assert question.brief == brief


def test_flow_by_shares_is_brief_only_where_one_tree_serves_it() -> None:
    ends = ["Tapachula", "Guatemala City"]
    query = {"profile": "cocaine-north", "from": ["Tela"], "to": ends, "slack": 0.1}
    question = read_question(query)
    profile = question.scenario.profile
    brief = []
    for parts in ([tuple(ends)], [(end,) for end in ends]):
        shares = tuple(Share(origin="Tela", destinations=part, share=1 / len(parts))
                       for part in parts)  # fmt: skip
        scenario = replace(question.scenario, profile=replace(profile, shares=shares))
        brief.append(replace(question, scenario=scenario).brief)
    assert question.brief and brief == [True, False]


def test_corridors_are_encoded_as_far_as_somebody_asks(network: Network) -> None:
    """A list that is encoded in parts is the same as one that is encoded at once."""
    answers = Answers(Router(network), most=4)
    question = read_question(
        {"profile": "migrants-north", "from": ["Tela"], "to": ["Tapachula"], "slack": 0.1}
    )
    answer = answers.answer(question)
    assert len(answer.corridors) > 4
    assert answer.corridors._texts == ()
    parts = [answer.corridors.first(count) for count in (1, 4, 2, 0, 10_000)]
    texts = tuple(features(answers.router.brief(question.scenario).listed))
    assert parts == [texts[:1], texts[:4], texts[:2], (), texts]
    assert answers.answer(question).corridors is answer.corridors


def test_a_brief_question_does_not_wait_for_a_long_one(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = Answers(Router(network), most=4)
    long = read_question({"profile": "migrants-north", "slack": 0.1})
    brief = read_question(
        {"profile": "migrants-north", "from": ["Tela"], "to": ["Tapachula"], "slack": 0.1}
    )
    replies = {question.key: answers.router.brief(question.scenario) for question in (long, brief)}
    begun, done = threading.Event(), threading.Event()

    def slowly(scenario: Scenario, **_: object) -> CorridorAnswer:
        if scenario is long.scenario:
            begun.set()
            assert done.wait(30)
        return replies[(long if scenario is long.scenario else brief).key]

    monkeypatch.setattr(answers.router, "brief", slowly)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(answers.answer, long)
        assert begun.wait(30)
        assert answers.answer(brief).corridors
        assert not waiting.done()
        done.set()
        assert waiting.result(30).corridors


def test_nothing_goes_on_when_nobody_waits_for_it(network: Network) -> None:
    answers = Answers(Router(network), most=4)
    questions = [
        read_question({"profile": "cocaine-north", "slack": slack}) for slack in (0.15, 0.14)
    ]
    ours, theirs = socket.socketpair()
    looked = threading.Event()

    def gone() -> bool:
        looked.set()
        return hung_up(ours)

    assert not hung_up(ours)
    assert not hung_up(None)
    with ThreadPoolExecutor(2) as pool, ours:
        pending = [
            pool.submit(answers.answer, question, Deadline(600.0, gone)) for question in questions
        ]
        assert looked.wait(60)
        theirs.close()
        for each in pending:
            with pytest.raises(ClientDisconnected):
                each.result(30)
        assert gone()
    with answers._lanes[False].turn(lambda: pytest.fail("somebody is at work")):
        pass


def test_an_answer_that_takes_too_long_is_ended(network: Network) -> None:
    """Its computation stops too: the one room for it is free again at once."""
    answers = Answers(Router(network), most=4, limit_seconds=0.01)
    question = read_question({"profile": "cocaine-north", "slack": 0.15})
    for _ in range(2):
        with pytest.raises(Refusal, match=r"time: '0.01 s'. .* POST it as a job"):
            answers.answer(question)
    answers.limit_seconds = 600.0
    named = read_question(
        {"profile": "migrants-north", "from": ["Tela"], "to": ["Tapachula"], "slack": 0.1}
    )
    assert answers.answer(named).corridors


def test_alternatives_that_take_too_long_are_ended(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Corridors that are there at once leave the time to them alone."""
    answers = Answers(Router(network), most=4, limit_seconds=0.005)
    question = read_question(
        {
            "profile": "cocaine-north",
            "from": ["La Ceiba"],
            "to": ["Tapachula"],
            "slack": 0.3,
            "alternatives": 4,
        }
    )
    brief = answers.router.brief(question.scenario)
    monkeypatch.setattr(answers.router, "brief", lambda *_, **__: brief)
    for _ in range(2):
        with pytest.raises(Refusal, match=r"time: '0.005 s'. .* POST it as a job"):
            answers.answer(question)
    answers.limit_seconds = 600.0
    assert b'"alternatives"' in answers.answer(question).members


@pytest.mark.parametrize(
    ("query", "field", "words"),
    [
        ("from=-70,15", "from", "inside borderlands"),
        ("from=15.5,-88.03", "from", "Longitude comes first: did you mean -88.03,15.5?"),
        ("to=San Pedro Sul", "to", "San Pedro Sula"),
        ("to=El Progreso", "to", "El Progreso, HN-YO"),
        ("from=San Pedro Sula&from=san pedro sula", "from", "the same place as 'San Pedro Sula'"),
        ("to=Danli&to=Danlí", "to", "the same place as 'Danli'"),
        ("from=", "from", "leave it out"),
        ("from=1,2,x", "from", "LON,LAT"),
        ("profile=cocaine-nort", "profile", "cocaine-north"),
        ("profile=../../etc/passwd", "profile", "There are"),
        ("slack=2", "slack", "between 0 and 1"),
        ("slack=much", "slack", "numbers"),
        ("slack=nan", "slack", "numbers"),
        ("limit=0", "limit", "1 or more"),
        ("close=Corintho", "close", "Corinto"),
        ("strengthen=Corinto", "strengthen", "Corinto=6"),
        ("avoid=Nowhere at all", "avoid", "No place"),
        ("via=", "via", "leave it out"),
        ("alternatives=2", "alternatives", "one origin and one destination"),
        ("alternatives=9&from=Tela&to=Tapachula", "alternatives", "at most 8"),
        ("alternatives=2&from=Tela&to=Tapachula&via=Corinto", "alternatives", "or via out"),
        ("from=airports:HN", "from", "Collections here: airstrips, crossings"),
        ("form=Tela", "form", "Did you mean 'from'?"),
        ("slack=0.1&slack=0.2", "slack", "once"),
        ("&".join(["from=Tela"] * 9), "from", "at most 8"),
    ],
)
def test_wrong_questions_are_told(client: FlaskClient, query: str, field: str, words: str) -> None:
    answer = client.get(f"/corridors?{quote(query, safe='=&,')}")
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert answer.json["field"] == field
    assert words in answer.json["remedy"]


def test_no_path_is_not_found(client: FlaskClient) -> None:
    """Migrants of this profile go by land; Roatan is an island."""
    answer = client.get("/corridors?profile=migrants-north&from=-86.53,16.32&to=Tapachula")
    assert answer.status_code == 404
    assert answer.json["type"] == "urn:problem-type:vereda:no-path"
    assert answer.json["field"] == "from"


def test_modes_are_things_to_pass_and_to_avoid(client: FlaskClient) -> None:
    """The same by GET and by POST, in capitals or not."""
    ends = {"from": "Tela", "to": "Puerto Barrios"}
    for name, mode in (("via", "Sea"), ("avoid", "sea"), ("close", "SEA"), ("avoid", "Road"),
                       ("via", "river")):  # fmt: skip
        fetched = client.get("/corridors", query_string={**ends, name: mode})
        sent = {key: [text] for key, text in {**ends, name: mode}.items()}
        posted = client.post("/corridors", json=sent)
        assert fetched.status_code == posted.status_code, (fetched.text, posted.text)
        assert fetched.status_code == 200
        assert fetched.data == posted.data
        for feature in fetched.json["features"]:
            assert (feature["properties"][f"km_{mode.lower()}"] > 0) == (name == "via")


def test_accents_may_stand_behind_their_letters(client: FlaskClient) -> None:
    composed = {"from": "Danlí", "to": "Tapachula", "via": "Santa Rosa de Copán"}
    apart = {name: unicodedata.normalize("NFD", text) for name, text in composed.items()}
    answers = [client.get("/corridors", query_string=each) for each in (composed, apart)]
    answers += [client.post("/corridors", json={key: [text] for key, text in each.items()})
                for each in (composed, apart)]  # fmt: skip
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.data for answer in answers}) == 1


def test_accents_in_paths_may_stand_behind_their_letters(client: FlaskClient) -> None:
    answers = [client.get(f"/collections/{quote(name)}") for name in ("Copán", "Copa\u0301n")]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json["instance"] == answers[1].json["instance"]

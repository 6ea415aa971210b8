"""``/``, ``/health``, ``/conformance`` and ``/api``."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import escape

from service.app.openapi import document
from service.features.collections import collections_of
from service.pages.landing import about_words
from service.state import state_of
from service.web.problems.words import LANGUAGES, error_words, number_text, words

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "text/csv"])
def test_landing_is_json_for_machines(client: FlaskClient, accept: str | None) -> None:
    answer = client.get("/", headers={"Accept": accept} if accept else {})
    assert answer.mimetype == "application/json"
    links = {link["rel"]: link for link in answer.json["links"]}
    assert links["service-desc"]["href"] == "http://localhost/api"
    assert links["conformance"]["href"] == "http://localhost/conformance"
    assert links["data"]["href"] == "http://localhost/collections"
    assert "OpenStreetMap" in answer.json["attribution"]
    for link in links.values():
        if link["rel"] not in ("related", "license"):
            assert client.get(link["href"]).status_code == 200


def test_landing_is_the_map_for_browsers(client: FlaskClient) -> None:
    answer = client.get("/", headers={"Accept": BROWSER})
    assert answer.mimetype == "text/html"
    assert "Accept" in answer.headers["Vary"]
    assert answer.text == client.get("/map").text


def test_about_is_a_page_without_scripts(client: FlaskClient) -> None:
    answer = client.get("/about")
    assert answer.mimetype == "text/html"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    sources = re.findall(r'(?:src|href)="([^"]+)"', answer.text)
    licences = "https://opendatacommons.org/", "https://creativecommons.org/"
    assert all(s.startswith(("http://localhost/", "data:", *licences)) for s in sources)
    with client.get("/static/landing.css") as stylesheet:
        assert stylesheet.mimetype == "text/css"
    first = client.get("/collections/corridors/items?limit=1").json["features"][0]["properties"]
    assert first["name"] in answer.text
    assert '<html lang="en">' in answer.text
    assert "/corridors?profile=cocaine-north&amp;from=Guatemala+City" in answer.text


def test_about_speaks_spanish_to_those_who_ask_for_it(client: FlaskClient) -> None:
    by_browser = client.get("/about", headers={"Accept-Language": "es-GT,es;q=0.9,en;q=0.5"})
    assert by_browser.text == client.get("/about?lang=es").text
    assert '<html lang="es">' in by_browser.text
    assert by_browser.headers["Content-Language"] == "es"
    assert "Accept-Language" in by_browser.headers["Vary"]
    texts = [about_text(client, language) for language in ("en", "es")]
    both = {line for line in texts[0] if len(line.split()) > 3} & set(texts[1])
    # Addresses and the names of corridors are the same in both.
    assert not [line for line in both if " - " not in line and "http" not in line]


def test_numbers_are_written_as_the_language_has_them(client: FlaskClient) -> None:
    """As browsers write them on the map page."""
    for value, decimals, *texts in [
        (12.34, 1, "12.3", "12,3"),
        (1234, 0, "1,234", "1234"),
        (12345.6, 1, "12,345.6", "12.345,6"),
        (-1234567, 0, "-1,234,567", "-1.234.567"),
    ]:
        assert [number_text(value, language, decimals) for language in ("en", "es")] == texts
    first = client.get("/collections/corridors/items?limit=1").json["features"][0]["properties"]
    page = "\n".join(about_text(client, "es"))
    assert f"{first['hours']:.1f}".replace(".", ",") in page
    assert not re.search(r"\d[.]\d+ %", page)
    roads = client.get("/collections/roads/items?limit=1").json["numberMatched"]
    assert number_text(roads, "es") in page and f"{roads:,}" not in page


def about_text(client: FlaskClient, language: str) -> list[str]:
    """Lines of the page as they are read, but for the list of whose data it shows."""
    page = client.get(f"/about?lang={language}").text.partition("<footer>")[0]
    lines = re.sub(r"<title>.*?</title>|<[^>]+>", "\n", page.partition("<header>")[2]).split("\n")
    return [line.strip() for line in lines if line.strip()]


def test_words_of_the_page_are_the_same_in_all_languages(client: FlaskClient) -> None:
    with client.application.app_context():
        english, spanish = (about_words(language) for language in LANGUAGES)
        collections = {f"collection.{here.kind}" for here in collections_of().values()}
    for key, text in english.items():
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", spanish[key]))
    # English describes collections as their records do.
    assert set(spanish) == set(english) | collections


def test_health_tells_what_is_served(client: FlaskClient) -> None:
    answer = client.get("/health")
    assert answer.json["status"] == "ok"
    assert answer.json["links"] > 100_000
    assert answer.json["result_of_this_network"] is True
    assert answer.headers["Cache-Control"] == "no-store"


def test_conformance_classes(client: FlaskClient) -> None:
    classes = client.get("/conformance").json["conformsTo"]
    assert "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in classes
    assert "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/schemas" in classes


def test_api_is_self_contained_and_complete(client: FlaskClient) -> None:
    answer = client.get("/api")
    assert answer.headers["Content-Type"] == "application/vnd.oai.openapi+json;version=3.0"
    document: dict[str, Any] = answer.json
    for reference in _references(document):
        here: Any = document
        for step in reference.removeprefix("#/").split("/"):
            here = here[step]
    assert document["components"]["parameters"]["limit"]["schema"]["maximum"] == 10_000
    names = [entry["id"] for entry in client.get("/collections").json["collections"]]
    for name in names:
        listed = document["paths"][f"/collections/{name}/items"]["get"]["parameters"]
        assert {"$ref": "#/components/parameters/limit"} in listed
    roads = document["paths"]["/collections/roads/items"]["get"]["parameters"]
    filters = {p["name"]: p["schema"]["type"] for p in roads if "name" in p}
    assert filters["class"] == "string"
    assert filters["schematic"] == "boolean"
    assert filters["km"] == "number"


def test_the_api_tells_what_needs_a_token(app: Flask, tmp_path: Path) -> None:
    state = state_of(app)
    tokens = tmp_path / "tokens.json"
    guarded = replace(state, settings=replace(state.settings, tokens=tokens))
    with app.test_request_context("/"):
        plain, secured = (document("", each) for each in (state, guarded))
    assert "security" not in json.dumps(plain["paths"])
    assert secured["security"] == [{"bearer": []}]
    for path, needed in [("/health", False), ("/ready", False), ("/map", False), ("/", True),
                         ("/collections", True), ("/metrics", True)]:  # fmt: skip
        operation = secured["paths"][path]["get"]
        assert (operation.get("security") != []) == needed
        assert ("401" in operation["responses"]) == needed
    for path in ("/collections/roads/items", "/tiles/{name}/{z}/{x}/{y}.mvt", "/api"):
        assert "503" in secured["paths"][path]["get"]["responses"]
    assert secured["paths"]["/corridors"]["post"].get("security") is None


def test_the_api_is_a_page_for_people(client: FlaskClient) -> None:
    page = client.get("/api", headers={"Accept": BROWSER})
    assert page.mimetype == "text/html"
    assert "Accept" in page.headers["Vary"]
    sources = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert all(s.startswith(("http://localhost/", "data:")) for s in sources)
    for path, item in client.get("/api").json["paths"].items():
        for method, operation in item.items():
            assert f"<b>{method.upper()}</b> {path}</code> " in page.text
            assert str(escape(operation["summary"])) in page.text
    assert "Features without a time match any" in page.text
    document = client.get("/").json["links"]
    service_doc = next(link for link in document if link["rel"] == "service-doc")
    assert (service_doc["href"], service_doc["type"]) == ("http://localhost/api", "text/html")


def _references(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
        return own + [reference for value in node.values() for reference in _references(value)]
    if isinstance(node, list):
        return [reference for value in node for reference in _references(value)]
    return []


def test_every_path_of_the_document_answers(client: FlaskClient) -> None:
    # Not ready: nothing works on jobs here. Corridors take long and have tests of their own.
    left_out = {"/corridors", "/ready"}
    for path, operations in client.get("/api").json["paths"].items():
        if "{" not in path and path not in left_out and "get" in operations:
            assert client.get(path).status_code == 200, path


def test_ways_to_the_page_keep_the_language(client: FlaskClient) -> None:
    page = client.get("/nothing?lang=es", headers={"Accept": BROWSER}).get_data(as_text=True)
    assert "/about?lang=es" in page
    assert "en inglés" not in client.get("/about?lang=es").get_data(as_text=True)
    with client.application.app_context():
        for texts in (error_words("es"), words("es")):
            assert "inglés" not in texts["about"]

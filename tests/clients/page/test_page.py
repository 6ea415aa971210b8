"""The map page as the service sends it: markup, languages, library, ground."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import service
from geodata.cartography.styles.result_styles import GATEWAYS
from routes.scenario.profiles import profile_names
from service.state import state_of
from service.web.problems.words import LANGUAGES, words

STATIC = Path(service.__file__).parent / "pages" / "static"
MAP = STATIC / "map"
SCRIPTS = {path: path.read_text("utf-8") for path in MAP.rglob("*.js")}
ROOMS = (
    "map", "printing", "tables", "drawing", "answer", "question", "places", "requests", "document",
)  # fmt: skip
"""Rooms of the page's modules; each imports only from itself and from those after it."""


def test_the_page_may_load_what_maplibre_needs_and_no_more(client: FlaskClient) -> None:
    answer = client.get("/map")
    assert answer.mimetype == "text/html"
    policy = dict(
        part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["worker-src"] == "blob:"
    assert "blob:" not in client.get("/about").headers["Content-Security-Policy"]


def test_every_address_of_the_page_is_of_this_server_and_answers(client: FlaskClient) -> None:
    text = client.get("/map").text
    addresses = set(re.findall(r'(?:src|href)="([^"#]+)"', text)) - {"data:,"}
    assert len(addresses) > 20
    for address in addresses:
        assert address.startswith("http://localhost/"), address
        if "/bulk/" not in address and not address.endswith("/corridors"):
            with client.get(address) as answer:
                assert answer.status_code == 200, address
    imported = {path for paths in map(imports, SCRIPTS) for path in paths}
    assert imported == set(SCRIPTS) - {MAP / "page.js"}


def imports(script: Path) -> list[Path]:
    """Modules that a module of the page imports."""
    return [(script.parent / name).resolve()
            for name in re.findall(r'from "(\.[\w./]+\.js)"', SCRIPTS[script])]  # fmt: skip


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_rooms_of_the_page_import_one_way_down(script: Path) -> None:
    floor = ROOMS.index(script.parent.name)
    assert all(ROOMS.index(path.parent.name) >= floor for path in imports(script))


def test_downloads_of_the_page_are_those_that_collections_link_to(client: FlaskClient) -> None:
    offered = set(re.findall(r'href="([^"]+/bulk/[^"]+)"', client.get("/map").text))
    for collection in client.get("/collections").json["collections"]:
        linked = {link["href"] for link in collection["links"] if link["rel"] == "enclosure"}
        assert linked <= offered


def test_maplibre_comes_from_the_package_and_is_kept(client: FlaskClient) -> None:
    release = version("maplibre")
    script = client.get(f"/maplibre/{release}/maplibre-gl.js")
    assert script.mimetype == "text/javascript"
    assert "MapLibre GL JS" in script.text[:200]
    assert script.headers["Cache-Control"] == "max-age=31536000"
    assert client.get(f"/maplibre/{release}/maplibre-gl.css").mimetype == "text/css"


def test_maplibre_is_read_and_compressed_once(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/maplibre/{version('maplibre')}/maplibre-gl.js"
    accepting = {"Accept-Encoding": "gzip"}
    first = client.get(path, headers=accepting)
    assert first.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in first.vary
    assert gzip.decompress(first.data) == client.get(path).data
    monkeypatch.setattr(gzip, "compress", lambda *_, **__: pytest.fail("compressed again"))
    assert client.get(path, headers=accepting).data == first.data


@pytest.mark.parametrize("path", ["0.0.0/maplibre-gl.js", "{}/pywidget.js", "{}/..%2f__init__.py"])
def test_no_other_file_of_the_package_is_served(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/maplibre/{path.format(version('maplibre'))}")
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


def test_ground_holds_what_the_map_draws(client: FlaskClient) -> None:
    answer = client.get("/map/ground")
    features = answer.json["features"]
    counted = Counter(feature["properties"]["layer"] for feature in features)
    assert counted["country"] == counted["nation"] == 6
    assert counted["unit"] == counted["wide"] == 60
    assert counted["lake"] == counted["border"] == 1
    assert counted["town"] > 100
    units = [f["properties"] for f in features if f["properties"]["layer"] == "unit"]
    assert all(0 <= unit["weakness"] <= 1 for unit in units)
    again = client.get("/map/ground", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_languages_say_the_same_things(client: FlaskClient) -> None:
    with client.application.app_context():
        english, spanish = words("en"), words("es")
    assert set(LANGUAGES) == {path.stem for path in (STATIC / "words").glob("*.json")}
    assert list(english) == list(spanish)
    for key, text in english.items():
        assert text.strip()
        assert spanish[key].strip()
        blanks = re.findall(r"\{\w+\}", text)
        assert sorted(blanks) == sorted(re.findall(r"\{\w+\}", spanish[key])), key
    assert {key for key in english if key.startswith("profile.")} == {
        f"profile.{name}" for name in profile_names()
    }
    assert {f"kind.{kind.value}" for kind in GATEWAYS.kinds} <= set(english)


def test_no_text_is_missing_or_unused(client: FlaskClient) -> None:
    with client.application.app_context():
        known = set(words("en"))
    page = client.get("/map").text
    marked = set(re.findall(r'data-word(?:-\w+)?="([^"]+)"', page))
    code = "\n".join(SCRIPTS.values())
    assert marked | set(re.findall(r'\bword\("([^"]+)"', code)) <= known
    literals = set(re.findall(r'"([^"\n]+)"', code)) | set(
        re.findall(r'data-word(?:-\w+)?="([^"]+)"', page)
    )
    families = tuple(re.findall(r"word(?:Or)?\(`([\w.]+\.)\$\{", code))
    assert {key for key in known if key not in literals and not key.startswith(families)} == set()


def test_settings_of_the_page_are_the_styles(client: FlaskClient) -> None:
    match = re.search(r'id="settings">(.*?)</script>', client.get("/map").text)
    assert match
    settings = json.loads(match[1])
    published = {"profile": "cocaine-north", "slack": 0.15, "name": "out", "prefix": ""}
    assert settings["results"] == [published]
    assert [step["px"] for step in settings["usage"]] == [1.3, 2.3, 3.8, 5.7, 8.3]
    assert [kind["value"] for kind in settings["kinds"]] == [kind.value for kind in GATEWAYS.kinds]


@pytest.mark.parametrize(
    "other",
    [
        {"network": "0" * 64},
        {"vereda": "0.0.1"},
        {"scenario": {"theta": 9.0}},
        {"scenario": {"fees": {"formal": 0.0}}},
        {"scenario": {"slack_hours": 2.0}},
        {"scenario": {"profile": "one-of-ones-own"}},
    ],
)
def test_a_result_answers_only_what_the_service_would(client, app, monkeypatch, other) -> None:
    """One of another network, version or weighting is no answer to a question of the page."""
    results = state_of(app).results
    (name,) = results
    provenance = dict(results[name].provenance)
    provenance |= {**other, "scenario": {**provenance["scenario"], **other.get("scenario", {})}}
    monkeypatch.setitem(results, name, replace(results[name], provenance=provenance))
    assert '"results": []' in client.get("/map").text


def test_scripts_are_short_and_reach_nowhere_else() -> None:
    for name, text in SCRIPTS.items():
        assert len(text.splitlines()) < 400, name
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text), name
        assert "innerHTML" not in text

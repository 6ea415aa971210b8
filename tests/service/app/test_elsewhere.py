"""A network of another area gives results, maps and pages without a name of the bundled region."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import matplotlib.text
import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from cli.main import vereda
from geodata.borderlands.region import borderlands, titles
from geodata.network.known_names import known_names
from geodata.network.network import Network
from geodata.network.store import load_network
from geodata.publication.results.reading import read_layer, read_results
from service.app import create_app
from service.state import Settings
from tests.support.worlds.elsewhere import HOLDER, TITLES

LANDMARKS = ("borderlands", "Mosquitia", "Chiapas", "Northern Triangle", "Mexican", "Honduran",
             "Caribbean", "Izabal", "GT", "HN", "BZ", "SV", "MX", "NI")  # fmt: skip
OWN = ("Ayton", "Ceeford", "Midgate", "Westmark")
SKIPPED = ("/corridors", "/jobs", "/metrics", "/ready", ".png")
"""What is asked otherwise, or depends on what else is at work."""
ENDS = ("--from", "Ayton", "--to", "Ceeford")


@pytest.fixture(scope="module")
def foreign() -> re.Pattern[str]:
    """Any name of the bundled region."""
    bundle = borderlands()
    places = bundle.frame("places")
    names = [
        *LANDMARKS, *titles().countries.values(), *titles().boating,
        *(name for name, _, _ in titles().waters),
        *bundle.frame("admin1")["name"], *bundle.frame("crossings")["name"],
        *places["name"][places["population"] > 20_000],
    ]  # fmt: skip
    return re.compile(rf"(?<!\w)({'|'.join(map(re.escape, sorted(names)))})(?!\w)")


@pytest.fixture(scope="module")
def isle(isle_dir: Path) -> Network:
    return load_network(isle_dir)


@pytest.fixture(scope="module")
def drawn() -> Iterator[list[str]]:
    """All texts that are set on figures."""
    texts: list[str] = []
    plain = matplotlib.text.Text.set_text

    def remember(self: matplotlib.text.Text, text: str) -> None:
        texts.append(str(text).replace("\u2009", ""))
        plain(self, text)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(matplotlib.text.Text, "set_text", remember)
        yield texts


def does(*words: object) -> str:
    run = CliRunner().invoke(vereda, list(map(str, words)), catch_exceptions=False)
    assert run.exit_code == 0, run.output
    return str(run.output)


@pytest.fixture(scope="module")
def result(isle_dir: Path, drawn: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("halcyon") / "out"
    does(
        "corridors", "--network", isle_dir, "--profile", "cocaine-north", *ENDS, "--output", output
    )
    return output


def test_a_result_names_its_own_region(
    result: Path, drawn: list[str], foreign: re.Pattern[str]
) -> None:
    for path in result.iterdir():
        if path.suffix in (".geojson", ".json", ".qml"):
            assert not foreign.search(path.read_text("utf-8")), path
    files = read_results([result])["out"].files
    for layer in ("corridors", "segments", "gateways", "admin"):
        assert not foreign.search(read_layer(files["corridors.gpkg"], layer).to_csv())
    shown = "\n".join(drawn)
    assert not foreign.search(shown)
    for name in ("Ayton", "Ceeford", "Midgate 100%", "WESTMARK", "Calm Strait", HOLDER):
        assert name in shown


def test_commands_show_their_own_region(
    isle_dir: Path, drawn: list[str], foreign: re.Pattern[str], tmp_path: Path
) -> None:
    texts = [
        does("inspect", isle_dir),
        does("inspect", isle_dir, "--scores"),
        does("inspect", isle_dir, "--distances"),
        does("inspect", isle_dir, "--checks"),
        does("sources", "--network", isle_dir),
        does("sources", "--network", isle_dir, "--licence", "places"),
        does("alternatives", "--network", isle_dir, *ENDS, "--map", tmp_path / "a.png"),
        does("chokepoints", "--network", isle_dir, *ENDS, "--map", tmp_path / "c.png"),
        does("tiles", "--network", isle_dir, "--output", tmp_path / "t.pmtiles", "--max-zoom", 5),
        *drawn,
    ]
    assert not foreign.search("\n".join(texts))
    assert "Longmere" in texts[3] and "Do as you like." in texts[5] and "Ayton" in texts[2]


@pytest.fixture(scope="module")
def isle_app(isle_dir: Path, result: Path, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    jobs = tmp_path_factory.mktemp("halcyon") / "jobs"
    return create_app(Settings(network=isle_dir, result=(result,), jobs=jobs, limit_seconds=600.0))


@pytest.fixture
def visitor(isle_app: Flask) -> FlaskClient:
    return isle_app.test_client()


def addresses(visitor: FlaskClient) -> Iterator[tuple[str, str]]:
    """Address and media type of all that is served to be read."""
    yield "/corridors?from=Ayton&to=Ceeford", "application/json"
    for path, item in visitor.get("/api").json["paths"].items():
        if "get" in item and "{" not in path and not path.endswith(SKIPPED):
            yield path, "application/json"
    for path in ("/", "/about", "/map", "/api", "/collections"):
        yield path, "text/html"
    names = [each["id"] for each in visitor.get("/collections").json["collections"]]
    for name in names:
        for end in ("", "/items?limit=1000", "/schema", "/queryables"):
            yield f"/collections/{name}{end}", "application/json"
        yield f"/qgis/{name}.qlr", "*/*"
    for name in ("corridors", "weakness", "network"):
        yield f"/styles/{name}", "application/json"
        yield f"/styles/{name}/legend", "application/json"
    for name in ("basemap", "network", "result"):
        yield f"/tiles/{name}", "application/json"
    yield "/processes/corridors", "application/json"
    yield "/crs/halcyon", "application/json"
    yield "/results/out", "application/json"
    for language in ("en", "es"):
        yield f"/static/words/{language}.json", "application/json"


def test_the_service_names_no_other_region(visitor: FlaskClient, foreign: re.Pattern[str]) -> None:
    read = {}
    for address, accept in addresses(visitor):
        with visitor.get(address, headers={"Accept": accept}) as answer:
            assert answer.status_code == 200, address
            read[address, accept] = answer.get_data()
    texts = {key: content.decode("utf-8", "replace") for key, content in read.items()}
    assert {key: foreign.search(text)[0] for key, text in texts.items() if foreign.search(text)} \
        == {}  # fmt: skip
    assert TITLES.region in texts["/api", "application/json"]
    assert TITLES.about in texts["/about", "text/html"]
    assert "Calm Strait" in texts["/map/ground", "application/json"]
    assert all(name in texts["/collections/places/items?limit=1000", "application/json"]
               for name in ("Ayton", "Effley"))  # fmt: skip
    for tile in ("basemap/6/33/39", "network/6/33/39", "result/6/33/39"):
        content = visitor.get(f"/tiles/{tile}").get_data()
        plain = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
        assert plain and not foreign.search(plain.decode("utf-8", "ignore")), tile


def test_the_map_page_is_told_of_its_region(visitor: FlaskClient) -> None:
    match = re.search(r'id="settings">(.*?)</script>', visitor.get("/map").text)
    assert match
    settings = json.loads(match[1])
    assert settings["words"]["en"]["country.XA"] == "Westmark"
    assert settings["words"]["es"]["country.XA"] == "Marca del Oeste"
    assert TITLES.region in settings["words"]["en"]["lead"]
    assert "la isla de Alción" in settings["words"]["es"]["lead"]
    assert settings["ends"] == {"from": ["Ayton"], "to": ["Ceeford"]}


def test_every_example_can_be_asked(
    visitor: FlaskClient, isle: Network, foreign: re.Pattern[str]
) -> None:
    parameters = visitor.get("/api").json["paths"]["/corridors"]["get"]["parameters"]
    own = visitor.get("/corridors")
    assert own.status_code == 400 and not foreign.search(own.text) and "halcyon" in own.text
    examples = {each["name"]: each.get("example") for each in parameters if "name" in each}
    known = known_names(isle)
    assert examples["from"] == [known.origin] == ["Ayton"]
    assert (known.gateway, known.country, known.unit) == ("Midgate", "XA", "XA-S")
    base = {"from": known.origin, "to": examples["to"][0]}
    for name in ("via", "close", "strengthen"):
        answer = visitor.get("/corridors", query_string={**base, name: examples[name][0]})
        assert answer.status_code == 200, answer.text
    page = visitor.get("/about").text
    example = re.search(r'class="example" href="([^"]+)"', page)
    assert example
    parts = urlsplit(example[1].replace("&amp;", "&"))
    assert visitor.get(f"{parts.path}?{parts.query}").status_code == 200

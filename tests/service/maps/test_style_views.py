"""``/styles``: drawn by MapLibre in a browser, and the same colours as everywhere else."""

from __future__ import annotations

import importlib.util
import io
import os
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from flask.testing import FlaskClient
from PIL import Image
from playwright.sync_api import Browser

from geodata.cartography.styles.result_styles import (
    ADMIN,
    CORRIDORS,
    EXPOSURE,
    GATEWAYS,
    NEAR_UNITS,
    SEGMENTS,
)
from geodata.cartography.styles.style import LAND, SEA
from service.maps import style_views as mapstyles

NAMES = (
    "corridors", "segments", "gateways", "exposure", "nearness", "remoteness", "weakness",
    "network",
)  # fmt: skip
PAGE = "<!doctype html><body style='margin:0'><div id=map style='width:900px;height:600px'></div>"
DRAW = """async (style) => {
  const errors = [];
  const map = new maplibregl.Map({container: 'map', style, center: [-88.7, 15.4], zoom: 6.4,
    attributionControl: false, fadeDuration: 0});
  window.map = map;
  map.on('error', event => errors.push(event.error.message));
  await Promise.race([new Promise(done => map.once('idle', done)),
    new Promise(done => setTimeout(() => { errors.push('not idle'); done(); }, 25000))]);
  return errors;
}"""


def test_styles_are_listed_with_their_legends(client: FlaskClient) -> None:
    listed = client.get("/styles").json["styles"]
    assert tuple(each["name"] for each in listed) == NAMES
    for each in listed:
        for link in each["links"]:
            assert client.get(link["href"]).status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_a_style_names_this_server_only_and_layers_that_there_are(
    client: FlaskClient, name: str
) -> None:
    response = client.get(f"/styles/{name}")
    style = response.json
    assert style["version"] == 8 and "glyphs" not in style
    assert set(re.findall(r"https?://[^/\"]+", response.text)) == {"http://localhost"}
    layers = {
        source: {each["id"] for each in client.get(record["url"]).json["vector_layers"]}
        for source, record in style["sources"].items()
    }
    sprite = client.get(f"{style['sprite']}.json").json
    for layer in style["layers"]:
        if "source" in layer:
            assert layer["source-layer"] in layers[layer["source"]]
        for icon in re.findall(r"'([a-z]+-[0-9a-f]{6})'", str(layer.get("layout", {}))):
            assert icon in sprite
    assert len({layer["id"] for layer in style["layers"]}) == len(style["layers"])


def test_colours_are_those_of_the_other_maps(client: FlaskClient) -> None:
    styles = {name: client.get(f"/styles/{name}").text for name in NAMES}
    for name, style in (
        ("corridors", CORRIDORS), ("corridors", ADMIN), ("weakness", ADMIN), ("exposure", EXPOSURE),
        ("nearness", NEAR_UNITS),
    ):  # fmt: skip
        assert all(step.colour in styles[name] for step in style.steps)
    assert all(kind.colour in styles["segments"] for kind in SEGMENTS.kinds)
    assert all(kind.colour.strip("#") in styles["gateways"] for kind in GATEWAYS.kinds)
    assert all(LAND in text and SEA in text for text in styles.values())


def test_legends_say_what_the_style_draws(client: FlaskClient) -> None:
    legend = client.get("/styles/corridors/legend").json
    assert [group["title"] for group in legend["groups"]] == [
        GATEWAYS.title, CORRIDORS.title, ADMIN.title
    ]  # fmt: skip
    lines = legend["groups"][1]["entries"]
    assert [each["label"] for each in lines] == [step.label for step in reversed(CORRIDORS.steps)]
    assert [each["width"] for each in lines] == sorted(
        (each["width"] for each in lines), reverse=True
    )
    assert all(re.fullmatch("#[0-9a-f]{6}", each["colour"]) for each in legend["entries"])


@pytest.mark.parametrize(("name", "ratio"), [("sprite", 1), ("sprite@2x", 2)])
def test_the_sprite_holds_a_marker_a_kind(client: FlaskClient, name: str, ratio: int) -> None:
    index = client.get(f"/styles/{name}.json").json
    response = client.get(f"/styles/{name}.png")
    picture = Image.open(io.BytesIO(response.data)).convert("RGBA")
    pixels = np.asarray(picture)
    assert response.data == client.get(f"/styles/{name}.png").data
    assert len(index) >= len(GATEWAYS.kinds)
    for icon, at in index.items():
        assert at["pixelRatio"] == ratio
        row, column = at["y"] + at["height"] // 2, at["x"] + at["width"] // 2
        red, green, blue, alpha = pixels[row, column].tolist()
        assert alpha == 255 and f"{red:02x}{green:02x}{blue:02x}" == icon.split("-")[1]
        assert pixels[at["y"], at["x"], 3] == 0
    tag = {"If-None-Match": response.headers["ETag"]}
    assert client.get(f"/styles/{name}.png", headers=tag).status_code == 304


def test_a_copy_of_a_sprite_is_not_good_for_other_shapes(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = {"If-None-Match": client.get("/styles/sprite.png").headers["ETag"]}
    first, *others = mapstyles._KINDS
    shape = next(kind.shape for kind in others if kind.shape != first.shape)
    monkeypatch.setattr(mapstyles, "_KINDS", (replace(first, shape=shape), *others))
    assert client.get("/styles/sprite.png", headers=headers).status_code == 200


@pytest.mark.parametrize("address", ["/styles/nothing", "/styles/nothing/legend"])
def test_there_are_no_other_styles(client: FlaskClient, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 404 and "corridors" in response.json["detail"]


def shares(picture: bytes) -> dict[str, float]:
    """Share of a picture's pixels that have exactly a colour."""
    pixels = np.asarray(Image.open(io.BytesIO(picture)).convert("RGB")).reshape(-1, 3)
    colours, counts = np.unique(pixels, axis=0, return_counts=True)
    return {
        "#{:02x}{:02x}{:02x}".format(*colour): count / len(pixels)
        for colour, count in zip(colours.tolist(), counts.tolist(), strict=True)
    }


SEEN = {
    "corridors": [step.colour for step in CORRIDORS.steps[2:3]] + [ADMIN.steps[1].colour],
    "segments": [kind.colour for kind in SEGMENTS.kinds if kind.value == "road"],
    "gateways": [LAND],
    "exposure": [EXPOSURE.steps[-1].colour, EXPOSURE.steps[0].colour],
    "nearness": [NEAR_UNITS.steps[-1].colour, NEAR_UNITS.steps[1].colour],
    "remoteness": [step.colour for step in ADMIN.steps[:4]],
    "weakness": [step.colour for step in ADMIN.steps[:4]],
    "network": ["#882255", "#0072b2", LAND],
}
"""Colours of which each style's picture has at least a few pixels."""


@pytest.mark.trials
@pytest.mark.client
@pytest.mark.parametrize("name", NAMES)
def test_maplibre_draws_each_style(browser: Browser, served: str, name: str) -> None:
    """No error, no address elsewhere, and the colours are on the screen."""
    package = importlib.util.find_spec("maplibre")
    assert package is not None and package.submodule_search_locations
    library = Path(package.submodule_search_locations[0]) / "srcjs"
    page = browser.new_page(viewport={"width": 900, "height": 600})
    urls: list[str] = []
    page.on("request", lambda request: urls.append(request.url))
    page.route(f"{served}/blank", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    page.goto(f"{served}/blank")
    page.add_style_tag(path=library / "maplibre-gl.css")
    page.add_script_tag(path=library / "maplibre-gl.js")
    assert page.evaluate(DRAW, f"{served}/styles/{name}") == []
    picture = page.screenshot()
    if pictures := os.environ.get("VEREDA_TEST_PICTURES"):
        Path(pictures, f"style-{name}.png").write_bytes(picture)
    page.close()
    assert [url for url in urls if not url.startswith((served, "blob:", "data:"))] == []
    assert sum("/tiles/" in url and url.endswith(".mvt") for url in urls) >= 4
    seen = shares(picture)
    assert seen.get(SEA, 0) > 0.1
    for colour in SEEN[name]:
        assert seen.get(colour, 0) > 1e-4, colour

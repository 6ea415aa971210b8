"""The guide's own pages, taken from the guide to the letter and served from another origin."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, send_from_directory

from tests.support.mapbook import MOST_USED, PATIENCE_MILLISECONDS, count, look
from tests.support.servers.serving import serving

pytestmark = [pytest.mark.client, pytest.mark.trials]

GUIDE = Path(__file__).parents[3] / "docs" / "guide-web.md"
USUAL = "http://127.0.0.1:8000"
LIBRARIES = {
    "maplibre": ("maplibre", "srcjs", "maplibre-gl"),
    "leaflet": ("js_lib_leaflet", "static/js_lib_leaflet", "leaflet"),
}
"""Where the test finds what a reader downloads: package, directory, name."""


def _pages() -> dict[str, str]:
    text = GUIDE.read_text("utf-8")
    names = re.findall(r"Save this as `([\w.]+)`", text)
    return dict(zip(names, re.findall(r"```html\n(.*?)```", text, re.DOTALL), strict=True))


def guide_site(folder: Path, service: str) -> Flask:
    """A folder with the guide's pages, for a service, and the libraries; as an application."""
    for name, page in _pages().items():
        assert USUAL in page
        (folder / name).write_text(page.replace(USUAL, service), encoding="utf-8")
    for package, directory, stem in LIBRARIES.values():
        spec = importlib.util.find_spec(package)
        assert spec
        assert spec.origin
        source = Path(spec.origin).parent / directory
        for path in (source / f"{stem}.js", source / f"{stem}.css", *source.glob("images/*")):
            target = folder / path.relative_to(source)
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(path.read_bytes())
    app = Flask("reader")
    app.add_url_rule("/<path:name>", "file", lambda name: send_from_directory(folder, name))
    return app


@pytest.fixture
def reader(served: str, tmp_path: Path) -> Iterator[str]:
    """A directory with the guide's pages and the libraries, on an origin of its own."""
    with serving(guide_site(tmp_path, served)) as address:
        yield address


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_page_of_the_guide_draws_corridors(full_browser, served, reader, library: str) -> None:
    page = full_browser.new_page(viewport={"width": 900, "height": 560})
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    complaints: list[str] = []
    requests: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: message.type == "error" and complaints.append(message.text))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(f"{reader}/{library}.html")
    try:
        before = _drawn(page)
        _drag_origin(page)
        assert abs(_drawn(page, other=before) - before) > 50
    finally:
        page.close()
    assert [text for text in complaints if "favicon" not in text and "404" not in text] == []
    known = (served, reader, "data:", "blob:")
    assert [url for url in requests if not url.startswith(known)] == []


WRITE = """async service => {
    const options = {method: "POST", headers: {"Content-Type": "application/json"},
                     body: JSON.stringify({profile: "migrants-north", from: ["Tela"], draws: 2})};
    return (await fetch(service + "/corridors", options)).status;
}"""


def test_a_page_of_another_origin_makes_no_job(full_browser, served, reader) -> None:
    """A browser lets it ask, as for a form; it is the service that refuses."""
    page = full_browser.new_page()
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    try:
        page.goto(f"{reader}/leaflet.html")
        assert page.evaluate(WRITE, served) == 403
    finally:
        page.close()


def _drawn(page, *, other: int = 0) -> int:
    """Pixels of the most used corridors, once some are there, and other than so many."""
    pixels = 0
    for _ in range(600):
        now = count(look(page, "#map"), MOST_USED)
        if now > 300 and now == pixels and abs(now - other) > 50:
            break
        pixels = now
        page.wait_for_timeout(250)
    return pixels


def _drag_origin(page) -> None:
    pin = page.locator(".maplibregl-marker, .leaflet-marker-icon").first.bounding_box()
    x, y = pin["x"] + pin["width"] / 2, pin["y"] + pin["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 80, y + 70, steps=5)
    page.mouse.up()

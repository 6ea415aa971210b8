"""Draw the pictures of the guides anew: ``python docs/pictures.py --network network --result out``.

They show the service as its clients do: the map page and the guide's own pages in Chromium, the
project of all layers in QGIS. Look at each before it is committed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PIL import Image

HOME = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HOME))

from tests.clients.page.test_guide import guide_site  # noqa: E402
from tests.clients.test_qgis_files import run  # noqa: E402
from tests.support.mapbook import SHARP, Visit  # noqa: E402
from tests.support.servers.running import Running  # noqa: E402
from tests.support.servers.serving import CHROMIUM, browsing, serving  # noqa: E402

SUPPORT = HOME / "tests" / "support" / "desktop"
PAGES = {
    "map-page-closed": "#lang=en&close=formal:corinto",
    "map-page-es": "#lang=es&profile=migrants-north",
}
"""Questions that the map page is shown with."""
WINDOW = {"viewport": {"width": 1280, "height": 800}, **SHARP}
GUIDES, SHEET, EDGE = (900, 560), (794, 1123), 41
"""Pixels of the guide's pages, of a sheet of paper, and of its margin."""

IN_QGIS = """
import os, sys
from pathlib import Path
sys.path.insert(0, {support!r})
from follow_guide import draw
from qgis.core import QgsApplication, QgsProject, QgsVectorLayer
application = QgsApplication([], False)
application.initQgis()
project, out = QgsProject.instance(), Path({out!r})
assert project.read({project!r})
nodes = [node for node in project.layerTreeRoot().findLayers() if node.isVisible()]
shown = [node.layer() for node in nodes]
draw(shown, out / "qgis-project.png")
segments = QgsVectorLayer("url='{url}/' typename='segments'", "Segments", "OAPIF")
segments.loadNamedStyle({style!r})
ground = ("vereda_lakes", "vereda_admin", "vereda_countries")
below = [each for each in shown if each.id() in ground]
draw([segments, *below], out / "qgis-segments.png")
os._exit(0)
"""


def main() -> None:
    """Draw all of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--network", type=Path, default=HOME / "network")
    parser.add_argument("--result", type=Path, default=HOME / "out")
    parser.add_argument("--second", type=Path, help="with Corinto strengthened, for two at once")
    parser.add_argument("--output", type=Path, default=HOME / "docs" / "images")
    options = parser.parse_args()
    with TemporaryDirectory() as scratch, browsing(CHROMIUM) as chromium:
        with served(Path(scratch) / "one", options.network, options.result) as one:
            draw_pages(chromium, one.url, options.output)
            draw_guide(chromium, one.url, options.output)
            draw_project(one, options.result, options.output)
        if options.second:
            results = (options.result, options.second)
            with served(Path(scratch) / "two", options.network, *results) as two:
                project, picture = fetched(two, Path(scratch)), "qgis-side-by-side.png"
                in_qgis(SUPPORT / "side_by_side.py", project, options.output / picture)


@contextmanager
def served(home: Path, network: Path, *results: Path) -> Iterator[Running]:
    """`vereda serve` on a network and some results, stopped at the end of the block."""
    home.mkdir()
    words = [word for result in results for word in ("--result", str(result.absolute()))]
    service = Running(home, "--network", str(network.absolute()), *words)
    try:
        yield service
    finally:
        service.stop()


def draw_pages(chromium: Any, url: str, output: Path) -> None:
    """The map page on a screen, and one answer on paper."""
    for name, link in PAGES.items():
        with Visit(chromium, url, link=link, **WINDOW) as visit:
            if name == "map-page-closed":
                visit.page.evaluate("document.getElementById('results-head').scrollIntoView()")
            visit.page.screenshot(path=output / f"{name}.png")
    with Visit(chromium, url, link=PAGES["map-page-closed"], **WINDOW) as visit:
        visit.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        visit.page.emulate_media(media="print")
        inside = [side - 2 * EDGE for side in SHEET]
        visit.page.set_viewport_size({"width": inside[0], "height": inside[1]})
        picture = output / "map-page-print.png"
        visit.page.screenshot(path=picture)
        sheet = Image.new("RGB", SHEET, "white")
        sheet.paste(Image.open(picture).convert("RGB"), (EDGE, EDGE))
        sheet.save(picture)


def draw_guide(chromium: Any, url: str, output: Path) -> None:
    """The pages that the guide for web maps gives to the letter."""
    width, height = GUIDES
    with TemporaryDirectory() as folder, serving(guide_site(Path(folder), url)) as site:
        for library in ("maplibre", "leaflet"):
            page = chromium.new_page(viewport={"width": width, "height": height})
            page.goto(f"{site}/{library}.html", wait_until="networkidle")
            page.wait_for_timeout(10_000)
            page.screenshot(path=output / f"guide-{library}.png")
            page.close()


def fetched(service: Running, folder: Path) -> Path:
    """The project of a service as a file."""
    path = folder / "vereda.qgs"
    path.write_bytes(service.ask("/qgis/vereda.qgs")[1])
    return path


def draw_project(service: Running, result: Path, output: Path) -> None:
    """What QGIS shows of the project, and of segments by mode."""
    with TemporaryDirectory() as folder:
        project = fetched(service, Path(folder))
        code = IN_QGIS.format(
            support=str(SUPPORT), out=str(output.absolute()), project=str(project),
            url=service.url, style=str(result.absolute() / "segments.qml"),
        )  # fmt: skip
        in_qgis("-c", code)


def in_qgis(*arguments: object) -> None:
    """Run QGIS's own Python, and stop at what it says is wrong."""
    done = run(*arguments)
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)


if __name__ == "__main__":
    main()

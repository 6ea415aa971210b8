"""The map page as a visitor handles it: open it, wait for it, look at its pixels."""

from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import numpy.typing as npt
from PIL import Image

from geodata.cartography.styles.result_styles import CORRIDORS

IDLE = """new Promise((done) => {
  // Not with the event itself: Playwright would copy the whole map out of the page.
  window.vereda.map.once("idle", () => done());
  window.vereda.map.triggerRepaint();
})"""

FOLLOW = """(link) => {
  history.pushState(null, "", `/map${link}`);
  dispatchEvent(new PopStateEvent("popstate"));
}"""
"""Follow a link on the page that is open, as the steps of the history do."""

CLEAR = """() => {
  document.querySelectorAll(".maplibregl-popup-close-button").forEach((button) => button.click());
  document.activeElement.blur();
  scrollTo(0, 0);
}"""

AT_REST = """() => new Promise((done) => {
  const finish = () => { watch.disconnect(); done(); };
  let waiting = setTimeout(finish, 300);
  const watch = new MutationObserver(() => {
    clearTimeout(waiting);
    waiting = setTimeout(finish, 300);
  });
  watch.observe(document.body, { subtree: true, childList: true, attributes: true });
})"""
"""Wait until a page has not changed for a while: what it says is drawn more than once."""

FEW_FRAMES = """(() => {
  const draw = requestAnimationFrame.bind(window), wanted = new Set();
  let last = 0;
  window.requestAnimationFrame = (call) => {
    const id = ++last;
    wanted.add(id);
    setTimeout(() => draw((now) => { if (wanted.delete(id)) call(now); }), 100);
    return id;
  };
  window.cancelAnimationFrame = (id) => wanted.delete(id);
})()"""
"""A screen of ten frames a second: while tiles come, each frame draws the map as it is by then."""

PATIENCE_MILLISECONDS = 180_000
"""What a page may take for anything on a machine that is busy."""


GLIDING = {"reduced_motion": "no-preference"}
"""A visit whose map glides from place to place."""

SHARP = {"device_scale_factor": 1.0}
"""A visit whose pixels are looked at."""


class Visit:
    """One visit to the page, with all that the browser complained of."""

    def __init__(self, browser: Any, base: str, *, link: str = "", **context: Any) -> None:
        # All is drawn by software: only some tests ask for each step of a map that glides, for all
        # frames, or for more than a quarter of the pixels. The page is laid out the same with any
        # number of them.
        usual = {"viewport": {"width": 1100, "height": 640}, "locale": "en-GB",
                 "reduced_motion": "reduce", "device_scale_factor": 0.5}  # fmt: skip
        options = {**usual, **context}
        self.base = base
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(PATIENCE_MILLISECONDS)
        if options["reduced_motion"] == "reduce":
            self.context.add_init_script(FEW_FRAMES)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(f"{base}/map{link}")
        self.wait()

    def _console(self, message: Any) -> None:
        # Software rendering reports each screenshot as a stall of the GPU that it has not.
        if message.type in ("error", "warning") and "GL Driver Message" not in message.text:
            self.complaints.append(message.text)

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *_: object) -> None:
        self.context.close()

    def wait(self, state: str = "drawn") -> None:
        """Wait until an answer is drawn and the map is at rest."""
        self.page.wait_for_selector(f"body[data-state={state}]")
        self.page.evaluate(IDLE)

    def follow(self, link: str) -> Visit:
        """Go on to another address of the page that is open, as if nothing had happened on it."""
        self.page.evaluate(CLEAR)
        self.complaints.clear()
        self.requests.clear()
        with self.page.expect_response(lambda answer: "/static/words/" in answer.url):
            self.page.evaluate(FOLLOW, link)
        self.wait()
        self.page.evaluate(AT_REST)
        return self

    @property
    def hash(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.page.url).fragment)

    def click_map(self, lon: float, lat: float) -> None:
        """Click the map at a place."""
        lonlat = json.dumps([lon, lat])
        spot = self.page.evaluate(f"window.vereda.map.project({lonlat})")
        self.page.locator("#map canvas").click(position={"x": spot["x"], "y": spot["y"]})

    def pixels(self) -> npt.NDArray[np.int16]:
        """What the map shows, as rows of RGB; of a visit that is `SHARP`."""
        assert self.page.evaluate("devicePixelRatio") == SHARP["device_scale_factor"]
        return look(self.page, "#map")

    def rows(self, table: str) -> list[list[str]]:
        """Texts of a table's body."""
        cells = "(rows) => rows.map((row) => [...row.cells].map((cell) => cell.innerText))"
        texts: list[list[str]] = self.page.eval_on_selector_all(f"#{table} tr", cells)
        return texts


def look(page: Any, selector: str) -> npt.NDArray[np.int16]:
    """What an element of a page shows, as rows of RGB."""
    shot = page.locator(selector).screenshot()
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"), dtype=np.int16)


def count(pixels: npt.NDArray[np.int16], colour: str, *, near: int = 10) -> int:
    """Pixels of about a colour."""
    wanted = np.array([int(colour[start : start + 2], 16) for start in (1, 3, 5)])
    return int((np.abs(pixels - wanted).max(axis=2) <= near).sum())


MOST_USED, LEAST_USED = CORRIDORS.steps[-1].colour, CORRIDORS.steps[0].colour

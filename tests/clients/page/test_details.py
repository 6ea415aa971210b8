"""What the map page tells of gateways, departments, changes and places, to everyone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from geodata.cartography.styles.result_styles import EXPOSURE
from service.app import create_app
from service.state import Settings
from tests.clients.page.test_use import LESS, MORE
from tests.support.mapbook import PATIENCE_MILLISECONDS, SHARP, Visit, count
from tests.support.servers.serving import serving

pytestmark = [pytest.mark.client, pytest.mark.trials]

PHONES = [(390, 844), (360, 640), (844, 390)]
SHUT = ".maplibregl-popup .row button"
CORINTO = "#lang=en&close=formal:corinto"
SEEN = """(button) => {
  const { left, right, top, bottom } = button.getBoundingClientRect();
  const at = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  return left >= 0 && right <= innerWidth && top >= 0 && bottom <= innerHeight && at === button;
}"""
IN_VIEW = """async (id) => {
  const { map } = window.vereda;
  const source = await map.getSource("gateways").getData();
  const { coordinates } = source.features.find((one) => one.properties.id === id).geometry;
  const { x, y } = map.project(coordinates);
  const { left, top } = map.getContainer().getBoundingClientRect();
  const popup = document.querySelector(".maplibregl-popup");
  const under = document.elementFromPoint(left + x, top + y);
  return map.getContainer().contains(under) && !popup.contains(under);
}"""


def _phone(width: int, height: int) -> dict[str, Any]:
    viewport = {"width": width, "height": height}
    return {"viewport": viewport, "has_touch": True, "is_mobile": True}


def _get(address: str) -> Any:
    with urlopen(address, timeout=300) as answer:
        return json.load(answer)


@pytest.fixture(scope="module")
def two_results(
    network_dir: Path, result_dir: Path, west_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """A service with a result of another flow beside the first."""
    jobs = tmp_path_factory.mktemp("two") / "jobs"
    settings = Settings(network=network_dir, result=(result_dir, west_dir), jobs=jobs)
    with serving(create_app(settings)) as address:
        yield address


def test_on_a_phone_every_gateway_can_be_closed(browser, served) -> None:
    with Visit(browser, served, link="#lang=es", **_phone(*PHONES[0])) as visit:
        page = visit.page
        for width, height in PHONES:
            page.set_viewport_size({"width": width, "height": height})
            visit.follow("#lang=es")
            for row in range(8):
                page.locator("#gateway-rows button").nth(row).evaluate("(button) => button.click()")
                gateway = page.locator("#gateway-rows tr").nth(row).get_attribute("data-id")
                for button in page.locator(f"{SHUT}, .maplibregl-popup-close-button").all():
                    assert button.evaluate(SEEN), (width, gateway, button.inner_text())
                page.evaluate("scrollTo(0, 0)")
                assert page.evaluate(IN_VIEW, gateway), (width, gateway)
            page.locator(SHUT).first.tap()
            visit.wait()
            assert visit.hash["close"] == [gateway]


def test_a_popup_fits_the_map(open_page) -> None:
    visit = open_page.follow("#lang=en")
    page = visit.page
    frame = page.locator("#map").bounding_box()
    for row in range(10):
        page.locator("#gateway-rows button").nth(row).click()
        box = page.locator(".maplibregl-popup").bounding_box()
        assert box["y"] >= frame["y"] - 1
        assert box["y"] + box["height"] <= frame["y"] + frame["height"] + 1
        assert box["x"] >= frame["x"] - 1
        assert box["x"] + box["width"] <= frame["x"] + frame["width"] + 1


def test_a_gateway_is_told_closed_and_opened_by_keyboard(open_page) -> None:
    focused = "document.activeElement.textContent"
    visit = open_page.follow("#lang=en")
    page = visit.page
    rows = visit.rows("gateway-rows")
    assert rows[0][0].split("\n") == ["Corinto", "Formal crossing"]
    assert len(rows) == 12
    page.focus("#gateway-rows button")
    page.keyboard.press("Enter")
    assert page.get_by_role("dialog", name="Corinto").is_visible()
    page.keyboard.press("Escape")
    assert page.locator(".maplibregl-popup").count() == 0
    assert page.evaluate(focused) == "Corinto"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "Close"
    page.keyboard.press("Enter")
    visit.wait()
    assert visit.hash["close"] == ["formal:corinto"]
    assert page.evaluate(focused) == "Corinto"
    assert visit.rows("gateway-rows")[0][1] == "Closed"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "Reopen"
    page.focus("#moved-rows tr:nth-child(2) button")
    page.keyboard.press("Enter")
    assert "Before" in page.inner_text(".maplibregl-popup")
    page.focus("#more-gateways")
    page.keyboard.press("Enter")
    assert len(visit.rows("gateway-rows")) > 40
    assert page.evaluate("document.activeElement.closest('tbody').id") == "gateway-rows"


def test_a_department_is_told_by_keyboard(open_page, served) -> None:
    visit = open_page.follow("#lang=en")
    page = visit.page
    page.focus("details:has(#district-rows) summary")
    page.keyboard.press("Enter")
    page.wait_for_selector("#district-rows tr")
    scores = [float(row[1]) for row in visit.rows("district-rows")]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 60
    page.focus("#district-rows tr[data-id=GT-IZ] button")
    page.keyboard.press("Enter")
    page.wait_for_selector("[role=dialog]")
    text = page.inner_text("[role=dialog]")
    known = _get(f"{served}/collections/corridor-admin/items/GT-IZ")["properties"]
    assert text.startswith("Izabal, Guatemala")
    assert f"{known['exposure']:,.0f}" in text
    assert f"{100 * known['usage']:.0f} %" in text
    assert "usage × weakness × people" in text
    page.locator(".maplibregl-popup button", has_text="Origin here").press("Enter")
    visit.wait()
    lon, lat = (float(part) for part in visit.hash["from"][0].split(","))
    assert (-89.9 < lon < -88.1) and (14.9 < lat < 16.1)


def test_exposure_is_that_of_the_result_on_the_map(browser, two_results) -> None:
    link = "#lang=en&profile={}&score=exposure"
    shown = {}
    with Visit(browser, two_results, link="#lang=en") as visit:
        for profile, prefix in (("cocaine-north", ""), ("contraband-west", "contraband.")):
            items = _get(f"{two_results}/collections/{prefix}corridor-admin/items?limit=100")
            exposures = {each["id"]: each["properties"]["exposure"] for each in items["features"]}
            visit.follow(link.format(profile))
            visit.page.wait_for_selector("#legend-body:has-text('over 50,000')", state="attached")
            shown[profile] = dict(
                visit.page.eval_on_selector_all(
                    "#district-rows tr",
                    "(rows) => rows.map((row) => [row.dataset.id, row.cells[1].textContent])",
                )
            )
            exposure = exposures["HN-FM"]
            assert shown[profile]["HN-FM"] == f"{exposure:,.{0 if exposure > 1 else 2}f}"
            fills = json.dumps(
                visit.page.evaluate("vereda.map.getPaintProperty('unit', 'fill-color')")
            )
            assert all(step.colour in fills for step in EXPOSURE.steps)
            legend = visit.page.inner_text("#legend-body")
            for limits in ("under 1\n", "1 – 1,000", "1,000 – 10,000", "10,000 – 50,000"):
                assert limits in legend
            visit.page.click("[data-language=es]")
            visit.page.wait_for_selector("#legend-body:has-text('Exposición')", state="attached")
    assert shown["cocaine-north"] != shown["contraband-west"]


def test_a_live_answer_offers_no_exposure(open_page) -> None:
    visit = open_page.follow("#lang=en")
    page = visit.page
    assert page.is_visible("#exposure-field")
    page.select_option("#profile", "contraband-west")
    page.wait_for_selector("#exposure-field", state="hidden")
    visit = open_page.follow("#lang=en&profile=contraband-west&score=exposure")
    page = visit.page
    page.wait_for_selector("#score-told:has-text('only published results have exposure')")
    assert "usage × weakness" not in page.inner_text("#legend-body")


@pytest.mark.parametrize("profile", ["cocaine-north", "contraband-west"])
def test_a_closed_gateway_is_seen_for_what_it_does(open_page, profile: str) -> None:
    visit = open_page.follow(f"{CORINTO}&profile={profile}")
    page = visit.page
    moved = {row[0]: row[3] for row in visit.rows("moved-rows")}
    named = page.locator(".name.gateway").all_inner_texts()
    assert f"Corinto {moved['Corinto']}" in named
    most = [f"{name} {moved[name]}" for name in ("Potrerillos sector", "El Cinchado sector")]
    assert set(named) & set(most)
    assert all("%" not in name for name in named)
    sentence = page.inner_text("#went").replace("\u00a0", " ")
    assert sentence.startswith(f"Closed: Corinto {moved['Corinto']}; usage moves to ")
    assert all(part in sentence for part in most)
    assert page.inner_text("#caption").replace("\u00a0", " ") == sentence
    features = page.evaluate(
        "(async () => (await vereda.map.getSource('gateways').getData()).features)()"
    )
    marks = {each["properties"]["id"]: each["properties"] for each in features}
    assert marks["formal:corinto"]["mark"].endswith("closed")
    assert marks["informal:GT-HN:potrerillos-sector"]["mark"].endswith("more")
    assert any(mark["opacity"] < 1 for mark in marks.values())


def test_lines_are_as_wide_as_the_change(browser, served) -> None:
    """Less than a point is not drawn: the road along the Pacific gains 0.9 points."""
    with Visit(browser, served, link=f"{CORINTO}&at=-90.2,13.9,7", **SHARP) as visit:
        assert count(visit.pixels(), MORE) < 50
        assert count(visit.pixels(), LESS) < 50
        visit.page.evaluate(f"location.hash = '{CORINTO[1:]}&at=-88.3,15.6,10'")
        visit.page.wait_for_function("() => vereda.map.getZoom() > 9.9 && !vereda.map.isMoving()")
        visit.wait()
        assert count(visit.pixels(), MORE) > 1000
        width = visit.page.evaluate(
            "JSON.stringify(vereda.map.getPaintProperty('more', 'line-width'))"
        )
        assert '"linear"],["get","size"]' in width


def test_before_is_told_as_it_was(open_page) -> None:
    visit = open_page.follow(f"{CORINTO}&view=before")
    page = visit.page
    assert visit.rows("gateway-rows")[0][0].startswith("Corinto")
    assert visit.rows("gateway-rows")[0][1] == "76 %"
    before, status = visit.rows("corridor-rows"), page.inner_text("#status")
    assert any("Corinto" in row[1] for row in before)
    page.check("input[name=view][value=after]")
    assert not any("Corinto" in row[1] for row in visit.rows("corridor-rows"))
    assert page.inner_text("#status") != status


def test_a_homonym_is_sent_as_its_spot_and_told_by_name(open_page) -> None:
    visit = open_page.follow("#lang=en&profile=contraband-west")
    page = visit.page
    page.fill("#search-to", "san josé")
    page.wait_for_selector("#found-to [role=option]")
    choices = page.inner_text("#found-to")
    assert "Copán · Honduras" in choices
    assert "HN-CP" not in choices
    page.locator("#found-to [role=option]", has_text="Copán").click()
    visit.wait()
    assert visit.hash["to"][0].startswith("-8")
    assert "San José, Copán" in page.inner_text("#ends-to")
    link = "#" + page.url.split("#")[1]
    visit = open_page.follow(link)
    visit.page.wait_for_selector("#ends-to:has-text('San José, Copán')")


def test_a_name_that_no_place_has_is_said_with_those_near_it(open_page) -> None:
    visit = open_page.follow("#lang=es")
    page = visit.page
    page.fill("#search-from", "Chiquimuka")
    page.wait_for_selector("#none-from:has-text('parecidos')")
    assert page.locator("#found-from [role=option]").first.inner_text().startswith("Chiquimula")
    page.press("#search-from", "Enter")
    assert "from" not in visit.hash
    assert "Ningún lugar tiene este nombre" in page.inner_text("#none-from")
    page.press("#search-from", "ArrowDown")
    page.press("#search-from", "Enter")
    visit.wait()
    assert visit.hash["from"] == ["Chiquimula"]
    page.fill("#search-to", "zzzzzz")
    page.wait_for_selector("#none-to:has-text('Ningún lugar tiene este nombre.')")
    page.fill("#search-to", "ciudad de guat")
    page.wait_for_selector("#found-to [role=option]:has-text('Ciudad de Guatemala')")


def test_places_and_exposure_are_asked_for_again_after_a_failure(browser, served) -> None:
    with Visit(browser, served, link="#lang=en&profile=contraband-west") as visit:
        page = visit.page
        assert page.evaluate("""async () => {
          const base = document.querySelector("script[src*='map/page.js']").src;
          const { askOnce } = await import(base.replace("page.js", "requests/service.js"));
          const { fetch } = window;
          window.fetch = () => Promise.reject(new TypeError("offline"));
          const first = await askOnce("/collections/corridor-admin/items").catch(() => "failed");
          window.fetch = fetch;
          return [first, (await askOnce("/collections/corridor-admin/items")).type];
        }""") == ["failed", "FeatureCollection"]
    context = browser.new_context()
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MILLISECONDS)
    page.route("**/collections/places/**", lambda route: route.abort())
    page.goto(f"{served}/map#lang=en")
    page.wait_for_selector("body[data-state=drawn]")
    page.fill("#search-to", "Tela")
    page.wait_for_selector("#none-to:has-text('cannot be reached')")
    page.unroute("**/collections/places/**")
    page.fill("#search-to", "Tela ")
    page.wait_for_selector("#found-to [role=option]")
    context.close()


def test_no_english_is_left_in_the_spanish_page(open_page) -> None:
    visit = open_page.follow("#lang=es")
    page = visit.page
    # Another test may have asked for all of them on this page.
    if page.is_visible("#more-gateways"):
        page.click("#more-gateways")
    text = page.inner_text("#gateway-rows") + page.inner_text(".names")
    assert "Desembocadura del río Belice" in text
    assert "Desembarcadero de Ciudad de Belice (S)" in text
    assert not any(name in text for name in ("Belize", "City", "River"))
    assert page.get_attribute(".maplibregl-ctrl-zoom-in", "aria-label") == "Acercar"
    assert page.get_attribute(".maplibregl-canvas", "aria-label").startswith("Mapa: ")
    page.click("[data-language=en]")
    page.wait_for_selector("[aria-label='Zoom in']")
    page.click("[data-language=es]")
    page.wait_for_selector("[aria-label='Acercar']")
    ends = page.evaluate("""async () => {
      const base = document.querySelector("script[src*='map/page.js']").src;
      const { endText } = await import(base.replace("page.js", "question/ends.js"));
      return ["Tabasco and Campeche", "Caribbean approach", "Guatemala City",
        "Puerto Cortés port", "Tela port", "Blue Creek Village sector (SW) 2"].map(endText);
    }""")
    assert ends == [
        "Tabasco y Campeche", "Acceso por el Caribe", "Ciudad de Guatemala", "Puerto Cortés",
        "Puerto de Tela", "Sector de Blue Creek Village (SO) 2",
    ]  # fmt: skip


def test_each_source_is_told_with_its_licence(open_page, network_dir: Path) -> None:
    sources = json.loads((network_dir / "network.json").read_text("utf-8"))["sources"]
    visit = open_page.follow("#lang=en")
    listed = visit.page.locator("footer li").all_inner_texts()
    for source in sources:
        assert any(
            text.startswith(source["attribution"]) and source["licence"] in text for text in listed
        )

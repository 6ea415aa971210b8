"""Names on the map page: found, read however they are spelt, and put where there is room."""

from __future__ import annotations

import unicodedata
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from tests.support.mapbook import FOLLOW, Visit

pytestmark = [pytest.mark.client, pytest.mark.trials]

QUESTION = [("profile", "migrants-north"), ("from", "San Pedro Sula"), ("to", "Tapachula")]
OSTUMAN, SPREAD = "Sector de Ostumán: Cerrado", unicodedata.normalize("NFD", "Ostumán sector")
PHONE = {"viewport": {"width": 375, "height": 700}}
OVERLAPS = """(names) => [...document.querySelectorAll(names)].flatMap((name) => {
  const one = name.getBoundingClientRect();
  return [...document.querySelectorAll("#map .maplibregl-ctrl")]
    .map((part) => part.getBoundingClientRect())
    .filter((other) => one.left < other.right && other.left < one.right
      && one.top < other.bottom && other.top < one.bottom)
    .map(() => name.textContent);
})"""


EDITS = [
    (("avoid", "Corinto"), "Corinto: Evitado", "Evitado: Corinto\u00a0−"),
    (("close", "CORINTO"), "Corinto: Cerrado", "Cerrado: Corinto\u00a0−"),
    (("strengthen", "corinto=x2"), "Corinto: × 2", "Reforzado: Corinto\u00a0−"),
    (("close", "ostuman  SECTOR"), OSTUMAN, "Cerrado: Sector de Ostumán\u00a0−"),
    (("avoid", "GT-IZ"), "Izabal: Evitado", "El uso pasa a"),
    (("close", SPREAD), OSTUMAN, "Cerrado: Sector de Ostumán\u00a0−"),
    (("avoid", "gt-iz"), "Izabal: Evitado", "El uso pasa a"),
    (("close", "transfer"), "transbordo: Cerrado", "El uso pasa a"),
]
"""What a link edits, and what the page says of it in its list and above the map."""


def test_what_is_edited_is_told_by_its_name(browser, served) -> None:
    """However the address spells it, as the service finds it without capitals and accents."""
    links = [[*QUESTION, edit, ("lang", "es")] for edit, _, _ in EDITS]
    with Visit(browser, served, link=f"?{urlencode(links[0])}") as visit:
        page = visit.page
        for link, (edit, item, headline) in zip(links, EDITS, strict=True):
            page.evaluate(FOLLOW, f"?{urlencode(link)}")
            expect(page.locator("#edited li span"), str(edit)).to_have_text([item])
            visit.wait()
            assert page.inner_text("#caption").startswith(headline), edit
            shut = page.locator("#gateway-rows tr", has_text="Cerrado")
            assert shut.count() == headline.startswith("Cerrado"), edit
        assert visit.complaints == []


def test_the_largest_place_is_offered_first(open_page) -> None:
    visit = open_page.follow("#lang=en&profile=migrants-north")
    page = visit.page
    for text, name in (("san pedro s", "San Pedro Sula"), ("san s", "San Salvador")):
        page.fill("#search-from", text)
        first = page.locator("#found-from [role=option]").first
        expect(first.locator("span")).to_have_text(name)
    page.press("#search-from", "Enter")
    visit.wait()
    assert page.inner_text("#ends-from li span") == "San Salvador"


@pytest.mark.parametrize("question", [[], QUESTION])
def test_names_and_pins_keep_clear_of_buttons_and_scale(browser, served, question) -> None:
    link = f"?{urlencode([*question, ('lang', 'es')])}"
    with Visit(browser, served, link=link, reduced_motion="reduce", **PHONE) as visit:
        page = visit.page
        # The ends are brought into view once all has come, and the answer may come first.
        page.wait_for_function("(least) => vereda.map.getZoom() > least", arg=5 if question else 4)
        expect(page.locator("#map .name.gateway").first).to_be_attached()
        expect(page.locator("#map .pin")).to_have_count(2 if question else 0)
        assert page.evaluate(OVERLAPS, "#map .name, #map .pin") == []

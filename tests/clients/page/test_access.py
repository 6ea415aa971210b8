"""The map page for everyone: keyboard, screen readers, phones, paper, and how sure it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.mapbook import Visit

pytestmark = [pytest.mark.client, pytest.mark.trials]

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
FOCUSED = """() => {
  const here = document.activeElement, style = getComputedStyle(here);
  return { id: here.id, tag: here.tagName, outline: style.outlineStyle + style.boxShadow };
}"""


@pytest.mark.parametrize("link", ["#lang=en", "#lang=es&close=formal:corinto"])
def test_axe_finds_nothing_to_complain_of(full_browser, served, link: str) -> None:
    from axe_playwright_python.sync_playwright import Axe

    with Visit(full_browser, served, link=link) as visit:
        result = Axe().run(visit.page)
        violations = {rule["id"]: [node["html"][:120] for node in rule["nodes"]]
                      for rule in result.response["violations"]}  # fmt: skip
        assert violations == {}


def test_all_is_reached_by_keyboard_and_focus_is_seen(full_browser, served) -> None:
    with Visit(full_browser, served, link="#lang=en") as visit:
        page = visit.page
        seen: list[str] = []
        for _ in range(80):
            page.keyboard.press("Tab")
            focused = page.evaluate(FOCUSED)
            if focused["tag"] == "BODY":
                break
            seen.append(focused["id"] or focused["tag"])
            assert focused["outline"] != "nonenone", focused
        wanted = ["profile", "search-from", "point-from", "search-to", "point-to", "slack", "reset"]
        order = [name for name in seen if name in wanted]
        assert order[: len(wanted)] == wanted
        assert {"more", "sure-ask", "save", "print"} <= set(seen)
        assert "CANVAS" in seen


def test_skipping_to_the_results_keeps_the_question(full_browser, served) -> None:
    with Visit(full_browser, served, link="#lang=en&slack=0.1&close=formal:corinto") as visit:
        page = visit.page
        page.focus(".skip")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "results"
        assert visit.hash["close"] == ["formal:corinto"]


def test_an_end_is_set_and_a_corridor_chosen_by_keyboard_alone(full_browser, served) -> None:
    with Visit(full_browser, served, link="#lang=en&to=Chiquimula") as visit:
        page = visit.page
        page.focus("#point-from")
        page.keyboard.press("Enter")
        page.keyboard.press("Enter")
        visit.wait()
        assert len(visit.hash["from"]) == 1
        page.focus("#corridor-rows button")
        page.keyboard.press("Enter")
        visit.wait()
        assert page.locator("#corridor-rows tr.chosen").count() == 1
        page.focus("#point-to")
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        assert not page.is_visible("#mode")


def test_on_a_phone_nothing_is_cut_off(full_browser, served) -> None:
    with Visit(full_browser, served, link="#lang=es", **PHONE) as visit:
        page = visit.page
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert page.locator("#map").bounding_box()["height"] > 200
        page.tap("#point-from")
        page.tap("#map canvas")
        visit.wait()
        assert len(visit.hash["from"]) == 1
        assert page.locator("#ends-from button").bounding_box()["height"] >= 24


def test_it_prints_on_one_page(full_browser, served, tmp_path: Path) -> None:
    with Visit(full_browser, served, link="#lang=en&close=formal:corinto") as visit:
        printed = visit.page.pdf(prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1
        assert b"/Image" in printed
        paper = visit.page.evaluate("document.getElementById('paper').textContent")
        assert "Closed: Corinto" in paper
        assert "not a probability" in paper
        assert "OpenStreetMap" in paper


def test_motion_is_reduced_for_those_who_ask(full_browser, served) -> None:
    with Visit(full_browser, served, reduced_motion="reduce") as visit:
        page = visit.page
        page.click("#corridor-rows button")
        assert page.evaluate("vereda.map.isMoving()") is False

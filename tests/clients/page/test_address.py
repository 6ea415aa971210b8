"""The address of the map page: a question a step of the history, and links from anywhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.support.mapbook import GLIDING, Visit

pytestmark = [pytest.mark.client, pytest.mark.trials]

OPENED = "#lang=en&profile=migrants-north&from=Tela&to=Tapachula"


def test_back_and_forward_go_from_question_to_question(browser, served) -> None:
    with Visit(browser, served, link=OPENED, **GLIDING) as visit:
        page = visit.page
        steps = page.evaluate("history.length")
        page.check("#alternatives")
        visit.wait()
        page.evaluate("vereda.map.panBy([40, 0], { animate: false })")
        page.locator("#slack").press("ArrowRight")
        visit.wait()
        assert page.evaluate("history.length") == steps + 2
        page.go_back()
        page.wait_for_url(lambda url: "slack=0.15" in url)
        visit.wait()
        assert page.inner_text("#slack-told") == "15 %"
        assert page.is_checked("#alternatives")
        page.go_back()
        expect(page.locator("#alternatives")).not_to_be_checked()
        page.go_forward()
        expect(page.locator("#alternatives")).to_be_checked()
        visit.wait()
        assert visit.complaints == []


def test_a_gesture_is_one_step_of_the_history(open_page) -> None:
    visit = open_page.follow(OPENED)
    page = visit.page
    steps = page.evaluate("history.length")
    box = page.locator(".maplibregl-marker.pin.from").bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] - 40, box["y"] + 40, steps=6)
    page.mouse.up()
    visit.wait()
    assert page.evaluate("history.length") == steps + 1
    page.go_back()
    page.wait_for_url(lambda url: "from=Tela" in url)


def test_a_pasted_link_moves_the_map(open_page) -> None:
    visit = open_page.follow("#lang=en")
    page = visit.page
    page.evaluate("location.hash = 'lang=en&at=-88.1,15.1,8.5'")
    visit.wait()
    assert round(page.evaluate("vereda.map.getZoom()"), 1) == 8.5
    assert round(page.evaluate("vereda.map.getCenter().lng"), 1) == -88.1


def test_what_an_address_says_wrongly_is_left_out(open_page) -> None:
    link = "#lang=en&at=500,500,5&score=foo&view=bar&slack=many"
    visit = open_page.follow(link)
    assert visit.page.is_checked("input[value=weakness]")
    assert visit.hash["score"] == ["weakness"]
    assert "at" not in visit.hash
    assert visit.complaints == []


def test_a_factor_and_a_gateway_without_flow_are_named(open_page) -> None:
    link = "#lang=en&strengthen=formal:corinto%3Dx3&strengthen=informal:GT-MX:la-mesilla-sector"
    link = f"{link}%3D1.5&close=river-mouth:sico"
    visit = open_page.follow(f"{link}&profile=firearms-south")
    items = visit.page.locator("#edited li span")
    expect(items).to_have_text(["Sico mouth: Closed", "Corinto: × 3", "La Mesilla sector: +1.5 h"])
    visit.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert "Strengthened: Corinto, × 3" in visit.page.text_content("#paper")

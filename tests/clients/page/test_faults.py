"""The map page when something goes wrong or takes long: it says so, and shows nothing untrue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from service.jobs.records import JobRecords, records_of
from tests.support.mapbook import MOST_USED, SHARP, Visit, count

pytestmark = [pytest.mark.client, pytest.mark.trials]

BETWEEN = "#lang=en&profile=migrants-north&from=Tela&to=Tapachula&slack=0.05"
LIVE = "**/corridors?*"
PLACES = "**/collections/places/items?*"


def _begun(visit: Visit) -> str:
    """Ask for intervals; gives the id of the job."""
    page = visit.page
    with page.expect_response(lambda answer: answer.request.method == "POST") as waiting:
        page.click("#sure-ask")
    page.wait_for_selector("#sure-told:has-text('Computing: 0 %')")
    return str(waiting.value.headers["location"].split("/")[-1])


def test_nothing_is_left_of_the_last_question_when_an_answer_fails(browser, served) -> None:
    with Visit(browser, served, link="#lang=en", **SHARP) as visit:
        page = visit.page
        page.route(LIVE, lambda route: route.abort())
        page.locator("#slack").press("ArrowRight")
        visit.wait("failed")
        assert count(visit.pixels(), MOST_USED) < 100
        assert page.inner_text("#corridor-rows") == page.inner_text("#status") == ""
        assert page.is_disabled("#save")
        assert page.is_disabled("#print")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert page.text_content("#paper") == "There is no answer to print yet."
        expect(page.locator("#error")).to_be_in_viewport(ratio=0.99)
        page.unroute(LIVE)
        page.click("#error button:has-text('Try again')")
        visit.wait()
        assert not page.is_visible("#error")
        assert count(visit.pixels(), MOST_USED) > 2000


def test_what_went_wrong_stays_in_view_when_the_places_come_later(browser, served) -> None:
    with Visit(browser, served, link="#lang=en") as visit:
        page = visit.page
        waiting: list[Any] = []
        page.route(PLACES, lambda route: waiting.append(route))
        page.route(LIVE, lambda route: route.abort())
        page.reload()
        visit.wait()
        page.locator("#slack").press("ArrowRight")
        visit.wait("failed")
        height = page.locator("#ends-from").bounding_box()["height"]
        for route in waiting:
            route.continue_()
        page.fill("#search-to", "tecun um")
        page.wait_for_selector("#found-to [role=option]")
        assert page.locator("#ends-from").bounding_box()["height"] == height > 0
        expect(page.locator("#error")).to_be_in_viewport(ratio=0.99)


def test_what_one_failed_request_was_for_comes_when_tried_again(browser, served) -> None:
    with Visit(browser, served, link="#lang=en") as visit:
        page = visit.page
        page.route("**/map/ground", lambda route: route.abort())
        page.route("**/items?*", lambda route: route.abort())
        page.reload()
        page.wait_for_selector("#error button")
        visit.wait("failed")
        page.unroute("**/map/ground")
        page.unroute("**/items?*")
        page.click("#error button")
        visit.wait()
        expect(page.locator("#error")).to_be_hidden()
        assert page.locator(".name.nation").count() > 2
        page.fill("#search-to", "tecun um")
        page.wait_for_selector("#found-to [role=option]")


def test_a_long_answer_is_said_to_be_computed(open_page) -> None:
    """Until it comes, what is shown is no answer to the question, and cannot be taken along."""
    visit = open_page.follow("#lang=en")
    page = visit.page
    waiting: list[Any] = []
    page.route(LIVE, lambda route: waiting.append(route))
    with page.expect_request(LIVE):
        page.select_option("#profile", "contraband-west")
    expect(page.locator("#status")).to_contain_text("Computing for the new question")
    for button in ("#print", "#save"):
        expect(page.locator(button)).to_be_disabled()
    page.evaluate("document.querySelector('input[name=view]').dispatchEvent(new Event('change'))")
    assert page.get_attribute("body", "data-state") == "asking"
    waiting.pop().continue_()
    page.unroute(LIVE)
    visit.wait()
    assert "Computed just now" in page.inner_text("#status")
    assert page.is_enabled("#save")


def test_a_pin_off_the_area_has_no_distance_from_the_network(open_page) -> None:
    link = "#lang=en&profile=migrants-north&from=-88.6,15.15&to=Tapachula"
    visit = open_page.follow(link)
    page = visit.page
    page.wait_for_selector("#ends-from:has-text('0.9 km away, at open land')")
    # As near as the table of the command line tells it.
    page.evaluate(f"location.hash = '{link[1:].replace('-88.6,15.15', '-84.9,15.9')}'")
    page.wait_for_selector("#ends-from:has-text('0.4 km away, at open land')")
    page.evaluate(f"location.hash = '{link[1:].replace('-88.6,15.15', '-80,10')}'")
    visit.wait("failed")
    assert "km away" not in page.inner_text("#ends-from")


def test_usage_before_is_computed_as_usage_after_is(open_page, served) -> None:
    visit = open_page.follow("#lang=en&close=formal:corinto")
    urls = [urlsplit(url) for url in visit.requests]
    assert not [url for url in urls if "corridor-gateways" in url.path]
    live = [parse_qs(url.query) for url in urls if url.path == "/corridors"]
    assert sorted(query.get("close", []) for query in live) == [[], ["formal:corinto"]]
    with urlopen(f"{served}/corridors?slack=0.15") as answer:
        usage = {one["id"]: one["usage"] for one in json.load(answer)["gateways"]}
    moved = {row[0]: row[1:] for row in visit.rows("moved-rows")}
    assert moved["Corinto"][0] == f"{100 * usage['formal:corinto']:.0f} %"


def _fail(records: JobRecords, job: str) -> None:
    begun = records.claim(job)
    assert begun is not None
    records.fail(begun, {"detail": "It took longer than it may."})


@pytest.mark.parametrize(
    ("end", "message"),
    [
        (_fail, "did not come: It took longer than it may."),
        (JobRecords.dismiss, "it was dismissed"),
    ],
)
def test_how_a_job_ended_is_told(open_page, app, end, message) -> None:
    visit = open_page.follow(BETWEEN)
    page = visit.page
    end(records_of(app), _begun(visit))
    expect(page.locator("#sure-told")).to_contain_text(message)
    expect(page.locator("#sure-progress")).to_be_hidden()
    expect(page.locator("#sure-ask")).to_be_visible()


def test_a_job_that_nobody_watches_goes_on(open_page, app) -> None:
    """Another visitor may have asked the same: only watching ends with the question."""
    visit = open_page.follow(BETWEEN)
    page, records = visit.page, records_of(app)
    job = _begun(visit)
    page.click("#sure-stop")
    assert _begun(visit) == job
    page.locator("#slack").press("ArrowRight")
    visit.wait()
    assert page.inner_text("#sure-told").startswith("Asks the same")
    assert records.find(job).state == "accepted"
    records.dismiss(job)


def test_a_published_answer_says_what_it_is_of(open_page, served, tmp_path: Path) -> None:
    visit = open_page.follow("#lang=en")
    with visit.page.expect_download() as waiting:
        visit.page.click("#save")
    path = tmp_path / "answer.geojson"
    waiting.value.save_as(path)
    saved = json.loads(path.read_text("utf-8"))
    with urlopen(f"{served}/corridors?limit=1") as answer:
        live = json.load(answer)
    same = ("type", "vereda", "scenario", "network", "reading", "usage_listed", "ends")
    assert {key: saved[key] for key in same} == {key: live[key] for key in same}
    assert sorted(saved["attributions"]) == sorted(live["attributions"])


def test_of_two_districts_the_last_one_is_told(open_page) -> None:
    """What comes late of the first opens nothing over it; what does not come is told."""
    page, units = open_page.page, "**/collections/admin/items/*"
    waiting: list[Any] = []
    page.route(units, lambda route: waiting.append(route))
    page.wait_for_selector("#district-rows button", state="attached")
    names = page.locator("#district-rows button").all_text_contents()[:2]
    for place in (0, 1):
        page.evaluate(f"document.querySelectorAll('#district-rows button')[{place}].click()")
        while len(waiting) <= place:
            page.wait_for_timeout(10)
    for route in reversed(waiting):
        with page.expect_response(units):
            route.continue_()
    dialog = page.locator(".maplibregl-popup [role=dialog] h3")
    expect(dialog).to_contain_text(names[1])
    page.unroute(units)
    page.route(units, lambda route: route.abort())
    page.evaluate("document.querySelector('#district-rows button').click()")
    expect(page.locator("#error button")).to_be_visible()
    page.unroute(units)
    page.click("#error button")
    expect(dialog).to_contain_text(names[0])
    expect(page.locator("#error")).to_be_hidden()
    page.keyboard.press("Escape")


def test_links_of_the_page_are_fetched_with_the_token(open_page, tmp_path: Path) -> None:
    """A link sends none: where tokens are needed, each led to a refusal."""
    page = open_page.follow("#lang=en").page
    use = "async (text) => (await import('/static/map/requests/service.js')).useToken(text)"
    page.evaluate(use, "of-mine")
    try:
        for selector, name in (("#live", "corridors.geojson"), ("a[href*=qgs]", "vereda.qgs")):
            sent = page.expect_request(lambda call: call.method == "GET")
            with sent as request, page.expect_download() as download:
                page.click(selector)
            assert request.value.headers["authorization"] == "Bearer of-mine"
            assert download.value.suggested_filename == name
            download.value.save_as(tmp_path / name)
            assert (tmp_path / name).stat().st_size > 1000
        page.route("**/qgis/vereda.qgs", lambda route: route.fulfill(status=401, json={}))
        page.click("a[href*=qgs]")
        expect(page.locator("#token-field")).to_be_visible()
    finally:
        page.unroute("**/qgis/vereda.qgs")
        page.evaluate(use, "")
        page.evaluate("document.getElementById('token-field').hidden = true")

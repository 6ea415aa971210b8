"""The map page in Chromium, used as one uses it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from service.app import create_app
from service.corridors.answers import answers_of
from service.jobs.worker import Worker
from service.state import Settings, state_of
from tests.support.mapbook import GLIDING, LEAST_USED, MOST_USED, SHARP, Visit, count
from tests.support.servers.serving import serving

pytestmark = pytest.mark.client

SULA, CHIQUIMULA = (-88.033, 15.504), (-89.545, 14.797)
MORE, LESS = "#b3361c", "#2a6fa8"


def _get(address: str) -> Any:
    with urlopen(address, timeout=300) as answer:
        return json.load(answer)


def test_it_draws_the_result_without_outside_requests_or_complaints(browser, served) -> None:
    with Visit(browser, served, **GLIDING, **SHARP) as visit:
        assert visit.complaints == []
        outside = [url for url in visit.requests if not url.startswith((served, "blob:", "data:"))]
        assert outside == []
        pixels = visit.pixels()
        assert count(pixels, MOST_USED) > 2000
        assert count(pixels, LEAST_USED) > 50
        total = _get(f"{served}/collections/corridors/items?limit=1")["numberMatched"]
        assert str(total) in visit.page.inner_text("#status")
        first = _get(f"{served}/collections/corridors/items?limit=1")["features"][0]["properties"]
        row = visit.rows("corridor-rows")[0]
        assert first["name"] in row[1]
        assert f"{first['hours']:.1f}" == row[3]


def test_origin_and_destination_by_click(sharp_page) -> None:
    visit = sharp_page.follow("#lang=en")
    page = visit.page
    page.click("#point-from")
    assert page.is_visible("#mode")
    visit.click_map(*SULA)
    visit.wait()
    page.click("#point-to")
    visit.click_map(*CHIQUIMULA)
    visit.wait()
    assert [round(float(n), 1) for n in visit.hash["from"][0].split(",")] == [-88.0, 15.5]
    # Pins of places come after the answer, whose names are looked up by then.
    expect(page.locator(".maplibregl-marker.pin")).to_have_count(2)
    assert "El Florido" in page.inner_text("#corridor-rows")
    assert count(visit.pixels(), MOST_USED) > 300
    page.check("#alternatives")
    visit.wait()
    assert count(visit.pixels(), "#00695c") > 50
    assert page.locator("#way-list li").count() >= 1
    assert visit.complaints == []


@pytest.mark.trials
def test_a_service_without_results_answers_all_the_same(browser, network_dir, tmp_path) -> None:
    settings = Settings(network=network_dir, jobs=tmp_path / "jobs", limit_seconds=600.0)
    link = "#lang=en&to=Chiquimula&score=exposure"
    with serving(create_app(settings)) as address, Visit(browser, address, link=link) as visit:
        assert len(visit.rows("corridor-rows")) > 3
        assert "El Florido" in visit.page.inner_text("#gateway-rows")
        assert visit.hash["to"] == ["Chiquimula"]
        expect(visit.page.locator("#exposure-field input")).to_be_checked()
        visit.page.check("#weakness-field input")
        visit.page.click("#reset")
        visit.wait()
        expect(visit.page.locator("#exposure-field")).to_be_hidden()
        assert visit.complaints == []


@pytest.mark.trials
def test_a_collection_as_an_origin_has_no_pin(sharp_page) -> None:
    link = "#lang=en&profile=contraband-west&from=ports:HN&to=Chiquimula"
    visit = sharp_page.follow(link)
    assert visit.page.inner_text("#ends-from li span") == "ports:HN"
    assert visit.page.locator(".maplibregl-marker.pin").count() == 1
    assert visit.page.locator(".maplibregl-marker.pin.to").count() == 1
    assert count(visit.pixels(), MOST_USED) > 300


@pytest.mark.trials
def test_a_pin_can_be_dragged(open_page) -> None:
    link = "#lang=en&from=San%20Pedro%20Sula&to=Chiquimula"
    visit = open_page.follow(link)
    page = visit.page
    before = page.inner_text("#corridor-rows")
    pin = page.locator(".maplibregl-marker.pin.from")
    box = pin.bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] - 60, box["y"] + 60, steps=4)
    # Corridors follow the pin before it is let go.
    rows = page.locator("#corridor-rows")
    expect(rows).not_to_have_text(before, use_inner_text=True)
    page.mouse.up()
    page.wait_for_url(lambda url: "from=San" not in url)
    visit.wait()
    assert page.inner_text("#corridor-rows") != before
    assert page.locator("#ends-from li").count() == 1


def test_places_are_found_without_accents(open_page) -> None:
    visit = open_page.follow("#lang=en")
    page = visit.page
    page.fill("#search-to", "tecun um")
    page.wait_for_selector("#found-to [role=option]")
    assert "Tecún Umán" in page.inner_text("#found-to")
    page.press("#search-to", "Enter")
    visit.wait()
    assert visit.hash["to"] == ["Ciudad Tecún Umán"]
    page.click("#ends-to button")
    page.wait_for_url(lambda url: "to=" not in url)


def test_closing_a_gateway_shows_where_usage_moves(sharp_page, served) -> None:
    visit = sharp_page.follow("#lang=en")
    page = visit.page
    gateways = _get(f"{served}/collections/corridor-gateways/items?limit=100")["features"]
    corinto = next(f for f in gateways if f["id"] == "formal:corinto")
    visit.click_map(*corinto["geometry"]["coordinates"])
    page.wait_for_selector(".maplibregl-popup")
    assert "Corinto" in page.inner_text(".maplibregl-popup")
    page.click(".maplibregl-popup button:has-text('Close'):not(.maplibregl-popup-close-button)")
    visit.wait()
    assert visit.hash["close"] == ["formal:corinto"]
    moved = {row[0]: row[1:] for row in visit.rows("moved-rows")}
    assert moved["Corinto"][1] == "0 %"
    assert moved["Corinto"][2].startswith("−")
    changes = [row[3].replace("−", "-") for row in visit.rows("moved-rows")]
    assert max(float(change) for change in changes) > 10
    pixels = visit.pixels()
    assert count(pixels, MORE) > 100
    assert count(pixels, LESS) > 100
    assert count(pixels, MOST_USED) < 200
    page.check("input[name=view][value=after]")
    visit.wait()
    assert count(visit.pixels(), MOST_USED) > 1000
    page.click("#edited button")
    visit.wait()
    assert "close" not in visit.hash
    assert not page.is_visible("#moved")
    assert visit.complaints == []


@pytest.mark.trials
def test_strengthening_a_gateway(open_page) -> None:
    visit = open_page.follow("#lang=en&strengthen=formal:corinto%3D6")
    moved = {row[0]: row[1:] for row in visit.rows("moved-rows")}
    assert moved["Corinto"][2].startswith("−")
    assert "+6 h" in visit.page.inner_text("#edited")


@pytest.mark.trials
def test_another_language(browser, served) -> None:
    with Visit(browser, served) as visit:
        page = visit.page
        page.click("[data-language=es]")
        # What is drawn is said again only once the districts are filled.
        page.wait_for_selector("#status:has-text('Del resultado publicado')")
        assert page.inner_text("#results-head") == "Resultados"
        assert "," in visit.rows("corridor-rows")[0][3]
        assert page.locator(".name.nation:has-text('Belice')").count() == 1
        assert visit.hash["lang"] == ["es"]
        url = page.url
    with Visit(browser, served, link=f"#{url.split('#')[1]}") as visit:
        assert visit.page.inner_text("#question-head") == "Pregunta"


@pytest.mark.trials
def test_places_have_spanish_names(open_page, served) -> None:
    """What kind of place it is is part of a name; the data keep theirs."""
    gateways = _get(f"{served}/collections/corridor-gateways/items?limit=1000")["features"]
    names = {feature["id"]: feature["properties"]["name"] for feature in gateways}
    link = "#lang=es&close=informal:GT-MX:el-ceibo-sector&close=river-mouth:sico"
    visit = open_page.follow(link)
    page = visit.page
    assert names["informal:GT-MX:el-ceibo-sector"] == "El Ceibo sector"
    assert page.locator("#edited li span").all_inner_texts() == [
        "Sector de El Ceibo: Cerrado", "Desembocadura de Sico: Cerrado",
    ]  # fmt: skip
    page.click("#more")
    text = page.inner_text("#results") + page.inner_text(".names")
    assert "Desembarcadero de" in text
    for word in (" sector", " landing", " mouth"):
        assert word not in text
    page.click("[data-language=en]")
    page.wait_for_selector("#status:has-text('Computed just now')")
    assert "El Ceibo sector: Closed" in page.inner_text("#edited")
    assert "landing" in page.inner_text("#corridor-rows")


@pytest.mark.trials
def test_compass_points_in_names_are_spanish(open_page) -> None:
    visit = open_page.follow("#lang=es")
    names = visit.page.evaluate("""async () => {
      const { named } = await import(document.querySelector("script[src*='map/page.js']").src
        .replace("page.js", "document/words.js"));
      return ["Guasaule sector (SW) - Tecún Umán II - Limón landing (NE)", "CA-1 - CA-4"]
        .map(named);
    }""")
    assert names == [
        "Sector de Guasaule (SO) - Tecún Umán II - Desembarcadero de Limón (NE)", "CA-1 - CA-4",
    ]  # fmt: skip


@pytest.mark.trials
def test_a_link_brings_the_view_back(open_page) -> None:
    link = "#lang=en&profile=migrants-north&slack=0.1&score=remoteness&at=-89.5,14.9,7.5"
    visit = open_page.follow(link)
    page = visit.page
    assert page.input_value("#profile") == "migrants-north"
    assert page.inner_text("#slack-told") == "10 %"
    assert page.is_checked("input[value=remoteness]")
    assert round(page.evaluate("vereda.map.getZoom()"), 1) == 7.5
    assert visit.hash["profile"] == ["migrants-north"]


@pytest.mark.trials
@pytest.mark.parametrize("score", ["exposure", "nearness"])
def test_scores_of_the_result_fill_the_districts(sharp_page, score) -> None:
    visit = sharp_page.follow("#lang=en")
    # Shut, because the map is as high as the legend leaves it.
    visit.page.eval_on_selector(
        "#legend-body", "(body) => { body.closest('details').open = false; }"
    )
    visit.wait()
    before = visit.pixels()
    visit.page.check(f"input[value={score}]")
    legend = f"#legend-body:has-text('{score.capitalize()}')"
    visit.page.wait_for_selector(legend, state="attached")
    visit.wait()
    if score == "nearness":
        hint = visit.page.inner_text("#score-told")
        assert "the share of flow" in hint and "also where no flow passes" in hint
    changed = (abs(visit.pixels() - before).max(axis=2) > 4).mean()
    assert changed > 0.02


def _until(page, condition: str) -> None:
    """Wait for a condition; the page's policy keeps the browser from evaluating it by itself."""
    for _ in range(200):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    raise AssertionError(condition)


@pytest.mark.trials
def test_documented_events_are_drawn_when_asked_for(open_page, served) -> None:
    visit = open_page.follow("#lang=en&at=-88.6,15.73,10")
    page = visit.page
    drawn = "vereda.map.querySourceFeatures('events').length"
    assert not page.is_checked("#events") and page.evaluate(drawn) == 0
    assert "The model does not use it" in page.inner_text("#events-told")
    page.check("#events")
    _until(page, f"{drawn} > 0")
    page.wait_for_selector("#legend-body:has-text('Documented events')", state="attached")
    event = _get(f"{served}/collections/events/items?kind=seizure_port&limit=1")["features"][0]
    _until(page, "vereda.map.queryRenderedFeatures({layers: ['event']}).length > 0")
    point = page.evaluate(f"vereda.map.project({event['geometry']['coordinates']})")
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + point["x"], box["y"] + point["y"])
    # The port is told of first, and what is on record there below it.
    page.wait_for_selector(".maplibregl-popup .links button").click()
    report = page.wait_for_selector(".maplibregl-popup:has-text('Source')").inner_text()
    assert "km" in report and "sample" in report
    page.uncheck("#events")
    _until(page, f"{drawn} === 0")


@pytest.mark.trials
def test_the_answer_is_a_file(browser, served, tmp_path: Path) -> None:
    with Visit(browser, served, link="#from=San%20Pedro%20Sula&to=Chiquimula") as visit:
        with visit.page.expect_download() as waiting:
            visit.page.click("#save")
        path = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(path)
        assert path.name == "vereda-cocaine-north.geojson"
        saved = json.loads(path.read_text("utf-8"))
        live = _get(visit.page.get_attribute("#live", "href"))
        assert saved["features"] == live["features"]
        assert saved["attributions"]


@pytest.mark.trials
def test_refusals_are_told_in_plain_words(open_page) -> None:
    visit = open_page.follow("#lang=en")
    page = visit.page
    page.evaluate("location.hash = 'lang=en&from=10,50&to=Chiquimula'")
    visit.wait("failed")
    assert "The answer did not come" in page.inner_text("#error")
    assert "10" in page.inner_text("#error")
    assert page.inner_text("#corridor-rows") == ""
    page.click("#reset")
    visit.wait()
    assert not page.is_visible("#error")


@pytest.mark.trials
@pytest.mark.parametrize(
    ("query", "sentence", "detail"),
    [
        ("from=10,50&to=Chiquimula", "El origen no se puede usar", "from: '10,50'"),
        ("from=Tela&to=-95,10", "El destino no se puede usar", "to: '-95,10'"),
        ("close=formal:nowhere", "Lo que se quiere cerrar no está", "close: 'formal:nowhere'"),
        ("profile=migrants-north&from=-86.53,16.32", "Ningún camino", "from:"),
    ],
)
def test_refusals_are_told_in_spanish(open_page, query, sentence, detail) -> None:
    """By the type and field of the problem; what the service says in English is beneath."""
    page = open_page.follow("#lang=es").page
    assert not page.is_visible("#error")
    page.evaluate(f"location.hash = 'lang=es&{query}'")
    open_page.wait("failed")
    text = page.inner_text("#error")
    assert text.startswith("No llegó la respuesta. ")
    assert sentence in text
    assert "El servidor dice, en inglés: " in text
    assert page.inner_text("#error [lang=en]").startswith(detail)


@pytest.mark.trials
def test_how_sure_it_is(browser, served, app, tmp_path: Path) -> None:
    link = "#lang=en&profile=migrants-north&from=Tela&to=Tapachula&slack=0.05"
    with Visit(browser, served, link=link) as visit:
        page = visit.page
        page.click("#sure-ask")
        page.wait_for_selector("#sure-told:has-text('Computing: 0 %')")
        page.click("#sure-stop")
        assert page.inner_text("#sure-told").startswith("No longer watched here.")
        page.click("#sure-ask")
        page.wait_for_selector("#sure-told:has-text('Computing: 0 %')")
        worker = Worker(answers_of(app).router, state_of(app).settings)
        while worker.turn():
            pass
        page.wait_for_selector("#corridor-rows .range")
        assert "–" in visit.rows("corridor-rows")[0][2]
        assert "Intervals of 60 draws" in page.inner_text("#sure-told")
        results = _get(page.get_attribute("#sure-told a", "href"))
        assert "corridors.gpkg" in results
        assert "(seed 1). The draws have" in page.inner_text("#rests")
        with page.expect_download() as waiting:
            page.click("#save")
        waiting.value.save_as(tmp_path / "drawn.geojson")
        drawn = json.loads((tmp_path / "drawn.geojson").read_text("utf-8"))["ensemble"]
        assert (drawn["draws"], drawn["seed"]) == (60, 1)
        assert "converged" in drawn
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        paper = page.text_content("#paper")
        assert page.inner_text("#rests") in paper
        assert f"({page.inner_text('#corridor-rows tr:first-child .range')})" in paper
        page.click("[data-language=es]")
        page.wait_for_selector("#rests:has-text('(semilla 1)')")
        assert page.locator("#sure-told a:has-text('Todas las capas')").count() == 1
        assert visit.complaints == []

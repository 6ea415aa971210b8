"""Links to a question, as a mail would have them: the parameters of ``GET /corridors``."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from tests.support.mapbook import FOLLOW, Visit

pytestmark = [pytest.mark.client, pytest.mark.trials]

QUESTIONS: list[list[tuple[str, str]]] = [
    [("profile", "migrants-north"), ("from", "San Pedro Sula"), ("to", "Tapachula")],
    [("from", "Tela"), ("from", "-88.03333,15.5"), ("to", "Tapachula"), ("slack", "0.07")],
    [("profile", "migrants-north"), ("from", "places:HN-CR"), ("to", "Ciudad Tecún Umán")],
    [("profile", "migrants-north"), ("from", "Tela"), ("to", "Tapachula"), ("alternatives", "5")],
    [("profile", "migrants-north"), ("from", "Tela"), ("via", "Guatemala City"), ("limit", "3"),
     ("avoid", "El Florido"), ("close", "Corinto"), ("strengthen", "Agua Caliente=x3")],
]  # fmt: skip


class Opened(Visit):
    """A visit by a link to a question."""

    def __init__(
        self, browser: Any, base: str, link: list[tuple[str, str]], *, state: str = "drawn",
        **context: Any,
    ) -> None:  # fmt: skip
        self.state = state
        super().__init__(browser, base, link=f"?{urlencode(link)}", **context)

    def wait(self, state: str | None = None) -> None:
        super().wait(state or self.state)

    @property
    def live(self) -> list[dict[str, list[str]]]:
        """What the page has asked of the service."""
        urls = [urlsplit(url) for url in self.requests]
        return [parse_qs(url.query) for url in urls if url.path == "/corridors"]

    def requested(self, wanted: dict[str, list[str]]) -> bool:
        """Whether the page has asked for this, besides what it always asks for."""
        return any({**query, **wanted} == query for query in self.live)


def test_a_link_opens_its_question(browser, served) -> None:
    with Opened(browser, served, QUESTIONS[0]) as visit:
        for link in QUESTIONS:
            if link is not QUESTIONS[0]:
                visit.follow(f"?{urlencode(link)}")
            wanted = _wanted(link)
            assert visit.requested(wanted), link
            page = visit.page
            # What the page has asked is kept: the link itself, sent to the service, has it.
            with urlopen(f"{served}/corridors?{urlencode(link)}") as answer:
                count = json.load(answer)["numberMatched"]
            assert page.inner_text("#status").startswith(f"{count} corridors. Most used: "), link
            assert urlsplit(page.url).query == ""
            assert {name: values for name, values in visit.hash.items() if name in wanted} == wanted
            assert page.is_visible("#edits") == any(n in wanted for n in ("via", "avoid", "close"))
            assert visit.complaints == []
        visit.requests.clear()
        page.reload()
        visit.wait()
        assert visit.requested(wanted)


def _wanted(link: list[tuple[str, str]]) -> dict[str, list[str]]:
    """What a link asks for; the page shows all, whatever the limit."""
    wanted: dict[str, list[str]] = {}
    for name, value in link:
        if name != "limit":
            wanted.setdefault(name, []).append(value)
    return wanted


def test_what_a_link_edits_is_told_and_taken_back(browser, served) -> None:
    with Opened(browser, served, [*QUESTIONS[-1], ("lang", "es")], locale="en-GB") as visit:
        page = visit.page
        expect(page.locator("#edited li span")).to_have_text(
            ["Corinto: Cerrado", "Agua Caliente: × 3", "El Florido: Evitado",
             "Ciudad de Guatemala: De paso obligado"]
        )  # fmt: skip
        before = [query for query in visit.live if "close" not in query]
        assert before
        assert all(query["via"] == ["Guatemala City"] for query in before)
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert "Evitado: El Florido" in page.text_content("#paper")
        for count in (3, 2, 1, 0):
            page.locator("#edited button").last.click()
            expect(page.locator("#edited li")).to_have_count(count)
        visit.wait()
        assert not {"via", "avoid", "close", "strengthen"} & visit.hash.keys()


def test_alternatives_and_what_must_be_passed_exclude_each_other(browser, served) -> None:
    link = [*QUESTIONS[3], ("via", "Corinto")]
    with Opened(browser, served, link, state="failed") as visit:
        page = visit.page
        expect(page.locator("#error")).to_contain_text("with nothing that has to be passed")
        assert visit.live == []
    with Opened(browser, served, link[:3] + link[4:]) as visit:
        page = visit.page
        expect(page.locator("#alternatives")).to_be_disabled()
        expect(page.locator("#alternatives-hint")).to_contain_text("take off what every path")
        page.locator("#edited button").click()
        visit.wait("drawn")
        expect(page.locator("#alternatives")).to_be_enabled()
        expect(page.locator("#alternatives-hint")).to_be_hidden()


WRONG = [
    (("profile", "cocaine"), "There is no flow of this name", "No hay ningún flujo"),
    (("profile", "constructor"), "There is no flow of this name", "No hay ningún flujo"),
    (("slack", "many"), "Slack is a share between 0 and 1", "La holgura es una proporción"),
    (("slack", "2"), "Slack is a share between 0 and 1", "La holgura es una proporción"),
    (("slack", ""), "Slack is a share between 0 and 1", "La holgura es una proporción"),
    (("alternatives", "99"), "Alternatives, 8 at most", "Las alternativas, 8 como mucho"),
    (("limit", "-1"), "a whole number, 1 or more", "un entero, 1 o más"),
    (("from", "Nowhereville"), "The origin cannot be used", "El origen no se puede usar"),
    (("to", "200,100"), "The destination cannot be used", "El destino no se puede usar"),
    (("to", ""), "The destination cannot be used", "El destino no se puede usar"),
    (("via", "Nowhereville"), "What is to be passed is not", "Lo que se quiere pasar no"),
    (("avoid", "Nowhereville"), "What is to be avoided is not", "Lo que se quiere evitar no"),
    (("close", "Nowhereville"), "What is to be closed is not", "Lo que se quiere cerrar no"),
    (("strengthen", "Corinto"), "or it is not clear by how much", "o no está claro cuánto"),
    (("from", "La Libertad"), "others share its name", "hay otros con su nombre"),
    (("strengthen", "Corinto=often"), "What is to be strengthened", "Lo que se quiere refor"),
]
"""What a link says, and what the page says of it in English and in Spanish."""


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_a_link_says_wrongly_is_told_in_the_language(browser, served, language) -> None:
    first = [("from", "Nowhereville"), ("lang", language)]
    with Opened(browser, served, first, state="failed", locale="fr-FR") as visit:
        page = visit.page
        # The ground may come after the refusal.
        expect(page.locator(".name.nation").nth(2)).to_be_attached()
        for wrong, *messages in WRONG:
            page.evaluate(FOLLOW, "?" + urlencode([wrong, ("lang", language)]))
            words = messages[language == "es"]
            expect(page.locator("#error"), str(wrong)).to_contain_text(words)
            visit.wait("failed")
            assert page.inner_text("#corridor-rows") == page.inner_text("#status") == ""
        assert [text for text in visit.complaints if "400" not in text] == []


def test_a_wrong_link_is_put_right_on_the_page(browser, served) -> None:
    link = [("profile", "nobody"), ("from", "Tela"), ("to", "Tapachula")]
    with Opened(browser, served, link, state="failed") as visit:
        page = visit.page
        assert "The link says: profile=nobody" in page.inner_text("#error")
        assert page.evaluate("document.getElementById('profile').selectedIndex") == -1
        assert visit.live == []
        page.reload()
        visit.wait("failed")
        page.select_option("#profile", "migrants-north")
        visit.wait("drawn")
        assert not page.is_visible("#error")
        assert visit.hash["from"] == ["Tela"]
        page.go_back()
        visit.wait("failed")
        assert "profile=nobody" in page.inner_text("#error")


def test_those_who_count_readers_do_not_break_a_link(browser, served) -> None:
    link = [("utm_source", "mail"), ("to", "Tapachula"), ("from", "Tela"), ("fbclid", "x")]
    with Opened(browser, served, [*link, ("profile", "migrants-north")]) as visit:
        page = visit.page
        for start in ("", "/"):
            if start:
                visit.requests.clear()
                page.goto(f"{served}/?{urlencode(link)}")
                visit.wait()
            assert visit.live[-1]["from"] == ["Tela"]
            assert "utm" not in page.url


def test_what_the_page_keeps_in_its_address_wins_over_a_link(open_page) -> None:
    link = "?from=Tocoa&profile=cocaine-north#lang=es&profile=migrants-north&from=Tela"
    visit = open_page.follow(link)
    assert visit.hash["from"] == ["Tela"]
    assert visit.page.input_value("#profile") == "migrants-north"
    assert visit.page.get_attribute("html", "lang") == "es"

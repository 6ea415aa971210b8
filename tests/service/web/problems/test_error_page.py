"""Errors as people meet them in a browser: a page in their language, with a way on."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from geodata.errors import DataError, InputError, NoPathError
from service.app import create_app
from service.corridors.answers import Answers
from service.corridors.views import NAMED, ONCE
from service.pages.map_page import VIEW, untracked
from service.state import Settings
from service.web.problems.problems import Refusal
from service.web.problems.statuses import STATUSES
from service.web.problems.words import LANGUAGES, error_words

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
SPANISH = {"Accept": BROWSER, "Accept-Language": "es-GT,es;q=0.9,en;q=0.5"}

ERRORS = [
    ("GET", "/nowhere", 404),
    ("GET", "/map/nowhere", 404),
    ("GET", "/map?colour=red", 400),
    ("GET", "/map?profile=cocaine-north&profile=migrants-north", 400),
    ("GET", "/?colour=red", 400),
    ("GET", "/api?f=yaml", 400),
    ("GET", "/about?colour=red", 400),
    ("GET", "/results/nothing", 404),
    ("GET", "/results/out/nothing.tif", 404),
    ("GET", "/collections/nothing/items", 404),
    ("GET", "/collections/roads/items?limit=many", 400),
    ("GET", "/corridors?from=Nowhereville", 400),
    ("GET", "/jobs/nothing", 404),
    ("POST", "/map", 405),
    ("DELETE", "/about", 405),
    ("POST", "/corridors", 415),
]


class _Page(HTMLParser):
    """Tags that are open, and all that the page would load or lead to."""

    VOID = frozenset({"meta", "link", "br"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.links: list[str] = []
        self.language: str | None = None
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.add(tag)
        if tag == "html":
            self.language = attributes.get("lang")
        if tag == "a":
            self.links.append(str(attributes["href"]))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(("method", "path", "status"), ERRORS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_browser_gets_a_page_in_its_language(
    client: FlaskClient, method: str, path: str, status: int, language: str
) -> None:
    headers = {"Accept": BROWSER, "Accept-Language": f"{language}-XX,fr;q=0.2"}
    answer = client.open(path, method=method, headers=headers)
    plain = client.open(path, method=method)
    assert answer.status_code == plain.status_code == status
    assert answer.content_type == "text/html; charset=utf-8"
    assert plain.mimetype == "application/problem+json"
    assert {"Accept", "Accept-Language"} <= set(answer.vary)
    assert answer.headers["Content-Language"] == language
    own = {"Content-Type", "Content-Length", "Content-Language", "Content-Security-Policy", "Vary"}
    others = {"X-Request-ID", *own}
    assert {name: value for name, value in answer.headers.items() if name not in others} == {
        name: value for name, value in plain.headers.items() if name not in others
    }
    page = _Page(answer.text)
    assert page.language == language
    assert {"main", "h1", "nav", "title"} <= page.tags
    assert "script" not in page.tags
    words = error_words(language)
    assert words[str(status)] in answer.text
    assert words[f"{status}.remedy"] in answer.text
    assert f"/map?lang={language}" in page.links
    for link in page.links:
        assert client.get(link, headers=headers).status_code == 200 or "corridors" in link


def test_the_page_needs_nothing_else_of_the_service(client: FlaskClient) -> None:
    """What fails may be the service itself, or too many requests."""
    answer = client.get("/nowhere", headers=SPANISH)
    style = re.search(r"<style>(.*?)</style>", answer.text, re.DOTALL)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in answer.headers["Content-Security-Policy"]
    assert re.findall(r'(?:src|rel="stylesheet" href)="', answer.text) == []


def test_the_language_that_the_address_names_comes_first(client: FlaskClient) -> None:
    for address, browser, language in [
        ("/map?lang=es&colour=red", "en", "es"),
        ("/map?lang=en&colour=red", "es", "en"),
        ("/map?lang=xx&colour=red", "es-MX", "es"),
        ("/map?colour=red", "fr", "en"),
        ("/map?colour=red", "*", "en"),
        ("/map?colour=red", "fr,es-MX;q=0.5,en;q=0.4", "es"),
        ("/map?colour=red", "es-419,en;q=0.9", "es"),
        ("/map?colour=red", "es_MX;q=0.3,en-GB;q=0.4", "en"),
        ("/map?colour=red", "es-MX;q=0,en;q=0.1", "en"),
        ("/map?colour=red", "*;q=0.9,es;q=0.1", "es"),
        ("/map?colour=red", "en;q=0,fr,*;q=0.1", "es"),
        ("/map?colour=red", "", "en"),
    ]:
        headers = {"Accept": BROWSER, "Accept-Language": browser}
        assert _Page(client.get(address, headers=headers).text).language == language, address


@pytest.mark.parametrize(
    ("accept", "page"),
    [
        ("text/html", True),
        ("text/*", True),
        ("application/xhtml+xml, text/html;q=0.9", True),
        ("text/html;q=0.1, application/json", False),
        ("application/geo+json, text/html;q=0.5", False),
        ("application/problem+json, text/html;q=0.5", False),
        ("text/html, application/json", False),
        ("image/avif,image/webp,*/*;q=0.8", False),
        ("text/html;q=0", False),
        ("", False),
        ("nonsense", False),
    ],
)
def test_programs_get_a_problem(client: FlaskClient, accept: str, page: bool) -> None:
    answer = client.get("/nowhere", headers={"Accept": accept})
    assert answer.mimetype == ("text/html" if page else "application/problem+json")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("from", "<script>alert(1)</script>", "Give a name."), 400),
        (NoPathError("to", "Tapachula", "Choose another."), 404),
        (DataError("network", {"layer": "port"}, "The network holds nothing of this kind."), 500),
        (RuntimeError("the secret cause"), 500),
        (OSError(28, "No space left on device"), 503),
        (Refusal(503, "time", "30 s", "Ask for less.", {"Retry-After": "17"}), 503),
        *(
            (Refusal(status, "x", 1, "Do another thing."), status)
            for status, each in STATUSES.items()
            if each.slug
        ),
    ],
)
def test_every_kind_of_error_has_its_page(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(Answers, "answer", fail)
    answer = client.get("/corridors", headers=SPANISH)
    assert answer.status_code == status
    page = _Page(answer.text)
    assert page.language == "es"
    assert "script" not in page.tags
    assert "secret" not in answer.text
    assert answer.headers["X-Request-ID"] in answer.text
    if "Retry-After" in answer.headers:
        assert f"Vuelve a responder en {answer.headers['Retry-After']} s." in answer.text


def test_a_question_without_its_wrong_part_is_a_click_away(client: FlaskClient) -> None:
    answer = client.get("/map?profile=migrants-north&form=Tela&to=Tecún Umán", headers=SPANISH)
    assert "Did you mean &#39;from&#39;?" in answer.text
    assert "La misma dirección sin «form»" in answer.text
    (first, *_) = _Page(answer.text).links
    assert first == "/map?profile=migrants-north&to=Tec%C3%BAn+Um%C3%A1n"
    assert client.get(first, headers=SPANISH).status_code == 200


def test_no_link_leads_to_another_host(client: FlaskClient) -> None:
    for path in ("//evil.example/x?a=1", "/%2f/evil.example?a=1", "/\\evil.example?a=1"):
        for link in _Page(client.get(path, headers=SPANISH).text).links:
            assert link.startswith(("/map", "/about")), path


def test_links_stay_below_the_prefix_of_a_proxy(app: Any) -> None:
    behind = create_app(Settings(network=Path("unread"), proxies=1), like=app)
    for prefix, begin in (("/vereda", "/vereda/"), ("//evil.example", "/"), ("/a/../b", "/")):
        headers = {**SPANISH, "X-Forwarded-Prefix": prefix}
        page = _Page(behind.test_client().get("/map?colour=red", headers=headers).text)
        assert page.links
        for link in page.links:
            assert link.startswith(begin)
            assert not link.startswith("//")


def test_one_who_sends_too_many_requests_gets_a_page(app: Any) -> None:
    settings = Settings(network=Path("unread"), rate_read="1/minute")
    limited = create_app(settings, like=app)
    client = limited.test_client()
    answers = [client.get("/about", headers=SPANISH) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 429]
    wait = int(answers[1].headers["Retry-After"])
    assert f"Vuelve a responder en {wait} s." in answers[1].text


def test_one_without_a_token_is_led_to_where_it_is_asked_for(app: Any, tmp_path: Path) -> None:
    """Not to another page that needs one."""
    tokens = tmp_path / "tokens.json"
    tokens.write_text('{"tokens": []}')
    guarded = create_app(Settings(network=Path("unread"), tokens=tokens), like=app).test_client()
    answer = guarded.get("/results/out/map.png", headers=SPANISH)
    assert answer.status_code == 401
    links = _Page(answer.text).links
    assert links == ["/map?lang=es"]
    assert guarded.get(links[0], headers=SPANISH).status_code == 200


def test_those_who_follow_links_do_not_break_a_page(client: FlaskClient) -> None:
    for path in ("/", "/map", "/about", "/api"):
        query = "?utm_source=mail&utm_medium=x&fbclid=1&gclid=2&mc_eid=3&_hsenc=4"
        assert client.get(path + query, headers=SPANISH).status_code == 200
    names = ("mkt_tok", "msclkid", "wbraid", "gbraid", "vero_id", "oly_enc_id", "li_fat_id",
             "s_cid", "ck_subscriber_id", "ttclid", "twclid", "srsltid", "gad_source", "igsh",
             "dclid", "yclid", "gclsrc", "irclickid", "pk_campaign", "mtm_cid", "piwik_kwd",
             "ScCid", "matomo_campaign", "hsa_acc", "__hstc", "_hsmi", "mc_cid",
             "gad_campaignid", "_ga", "ml_subscriber_hash", "oly_anon_id")  # fmt: skip
    for name in names:
        assert client.get(f"/map?{name}=1", headers=SPANISH).status_code == 200, name
    for name in ("mcorridor", "pkfrom", "gadfrom", "utm", "utmfrom", "verofrom", "olyfrom",
                 "hsavia", "_hsfrom", "_hs", "mc_from", "profileclid", "clid", "ml_subscribers",
                 "sprofile_cid", "hsa_", "pk1", "igshfrom", "_gaslack"):  # fmt: skip
        answer = client.get(f"/map?{name}=1", headers=SPANISH)
        assert answer.status_code == 400 and name in answer.text, name
    assert untracked(MultiDict(dict.fromkeys((*ONCE, *VIEW, *NAMED), "1"))).keys() == {
        *ONCE, *VIEW, *NAMED,
    }  # fmt: skip
    for path in ("/", "/api", "/collections"):
        assert client.get(f"{path}?utm_source=mail").status_code == 400


def test_languages_of_the_error_pages_say_the_same_things() -> None:
    english, spanish = error_words("en"), error_words("es")
    assert list(english) == list(spanish)
    assert {str(status) for status, each in STATUSES.items() if each.slug} <= set(english)
    for key, text in english.items():
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", spanish[key]))


@pytest.mark.client
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.trials)])
def test_the_page_is_accessible_and_leads_on(browser: Any, served: str, scheme: Any) -> None:
    with browser.new_context(locale="es-HN", color_scheme=scheme) as context:
        page = context.new_page()
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text))
        answer = page.goto(f"{served}/map?color=rojo&profile=migrants-north")
        assert answer.status == 400
        assert page.inner_text("h1") == "Esta dirección no se puede responder tal como está"
        assert [text for text in complaints if "400" not in text] == []
        assert page.evaluate("getComputedStyle(document.body).maxWidth") == "832px"
        assert Axe().run(page).response["violations"] == []
        page.click("text=La misma dirección sin «color»")
        page.wait_for_selector("body[data-state=drawn]", timeout=60_000)
        assert page.input_value("#profile") == "migrants-north"


def test_a_query_that_is_too_long_is_told_on_a_page(client: FlaskClient) -> None:
    path = f"/collections/ports/items?name={'x' * 9000}"
    answer = client.get(path, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (400, "text/html")
    assert "8,190 bytes" in answer.text

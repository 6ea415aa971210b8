"""Links begin with the address under which a client reached the service, or there is a 400."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.app import create_app
from service.state import Settings, state_of

GOOD = {
    "gis_server:8000": "gis_server:8000",
    "gis_server": "gis_server",
    "_dmarc.example.org": "_dmarc.example.org",
    "Vereda.EXAMPLE": "vereda.example",
    "vereda.example.": "vereda.example.",
    "vereda.example:80": "vereda.example",
    "vereda.example:": "vereda.example",
    "vereda.example:08080": "vereda.example:8080",
    "192.0.2.1:65535": "192.0.2.1:65535",
    "[2001:DB8::1]": "[2001:db8::1]",
    "[::1]:8000": "[::1]:8000",
    "xn--mnchen-3ya.example": "xn--mnchen-3ya.example",
    " vereda.example\t": "vereda.example",
    "a" * 63 + ".example": "a" * 63 + ".example",
}
BAD = [
    "", " ", ":8000", "a b", "a:b", "a:0", "a:65536", "a:99999", "a:123456", "a:-1", "a:8:8",
    "user@host", "user:word@host", "http://a", "a/b", "a?b", "a#b", "a\\b", "a,b", "a;b", "a'b",
    '"a"', "<a>", "a%41", "%61", "é.example", "münchen.example", "[::1", "::1", "[]", "[v1.a]",
    "[::1%eth0]", "[::1%25eth0]", "[127.0.0.1]", "[::1]x", "..", ".a", "a..b", "-a", "a-", "a.-b",
    "a" * 64, ".".join(["a" * 60] * 5), "a\x00b", "a\tb", "*", "{a}", "a:٨", "[::٨]",
]  # fmt: skip
PAGES = ("/", "/collections", "/collections/ports/items?limit=2", "/tiles/network", "/results/out",
         "/styles/corridors", "/qgis/vereda.qgs", "/api", "/processes", "/jobs")  # fmt: skip


@pytest.fixture(scope="module")
def proxied(app: Flask) -> FlaskClient:
    """The service behind one proxy."""
    kept = state_of(app).settings
    settings = Settings(network=kept.network, jobs=kept.jobs, proxies=1, limit_seconds=600.0)
    return create_app(settings, like=app).test_client()


def fetch(client: FlaskClient, path: str, **environ: str) -> Any:
    """An answer to a request whose environment is what the server would make of it."""
    path, _, query = path.partition("?")
    raw = {name: text.encode().decode("latin-1") for name, text in environ.items()}
    return client.get(path, query_string=query, environ_overrides=raw, buffered=True)


@pytest.mark.parametrize("path", PAGES)
def test_every_link_is_absolute_and_right(client: FlaskClient, path: str) -> None:
    for host, written in GOOD.items():
        answer = fetch(client, path, HTTP_HOST=host)
        assert answer.status_code == 200, host
        assert re.search(rf"http://{re.escape(written)}[/\"]", answer.text), host
        assert "http:/c" not in answer.text and "http:///" not in answer.text
        assert "localhost" not in answer.text, host


@pytest.mark.parametrize("host", BAD)
def test_a_host_that_is_none_is_refused(
    client: FlaskClient, proxied: FlaskClient, host: str
) -> None:
    answers = [fetch(client, "/collections", HTTP_HOST=host)]
    if host.strip(" ,") and "," not in host and '"' not in host:
        answers.append(fetch(proxied, "/collections", HTTP_X_FORWARDED_HOST=host))
    for answer in answers:
        assert (answer.status_code, answer.json["field"]) == (400, "Host")
        assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("path", ["/nothing", "/health", "/jobs/x", "/static/x", "/map"])
def test_it_is_refused_wherever_it_is_asked(client: FlaskClient, path: str) -> None:
    assert fetch(client, path, HTTP_HOST="a b").status_code == 400


def test_a_proxy_says_how_it_was_reached(proxied: FlaskClient) -> None:
    for forwarded, base in {
        ("vereda.example", "https", ""): "https://vereda.example",
        ("vereda.example:443", "HTTPS", "/"): "https://vereda.example",
        ("vereda.example:80", "https", "/a"): "https://vereda.example:80/a",
        ("evil.example, gis_server:8000", "https, http", "/x, /a/b-c/"):
            "http://gis_server:8000/a/b-c",
        ("[2001:DB8::1]:8443", "https", "/@site"): "https://[2001:db8::1]:8443/@site",
    }.items():  # fmt: skip
        host, scheme, prefix = forwarded
        answer = fetch(proxied, "/collections", HTTP_HOST="10.0.0.1:8000",
                       HTTP_X_FORWARDED_HOST=host, HTTP_X_FORWARDED_PROTO=scheme,
                       HTTP_X_FORWARDED_PREFIX=prefix, HTTP_X_FORWARDED_PORT="99999")  # fmt: skip
        assert answer.json["links"][0]["href"] == f"{base}/collections", forwarded


@pytest.mark.parametrize(
    "prefix",
    ["vereda", "//evil.example", "/a//b", "/a/../b", "/..", "/.", "/a b", "/a?b", "/a#b", '/a"b',
     "/<a>", "/é", "/a\\b", "http://evil.example/", "/%2e%2e", "/a\x00"],
)  # fmt: skip
def test_a_prefix_that_is_no_path_is_refused(proxied: FlaskClient, prefix: str) -> None:
    if prefix != '/a"b':
        answer = fetch(proxied, "/collections", HTTP_X_FORWARDED_PREFIX=prefix)
        assert (answer.status_code, answer.json["field"]) == (400, "X-Forwarded-Prefix")


@pytest.mark.parametrize("scheme", ["gopher", "javascript", "https:", "http://", "h ttp", "é"])
def test_a_scheme_is_http_or_https(proxied: FlaskClient, scheme: str) -> None:
    answer = fetch(proxied, "/collections", HTTP_X_FORWARDED_PROTO=scheme)
    assert (answer.status_code, answer.json["field"]) == (400, "X-Forwarded-Proto")


def test_nobody_is_believed_without_a_proxy(client: FlaskClient) -> None:
    answer = fetch(client, "/collections", HTTP_X_FORWARDED_HOST="evil.example",
                   HTTP_X_FORWARDED_PROTO="gopher", HTTP_X_FORWARDED_PREFIX="x")  # fmt: skip
    assert answer.json["links"][0]["href"] == "http://localhost/collections"


def test_the_first_line_goes_before_the_header(client: FlaskClient) -> None:
    answer = fetch(client, "/collections", RAW_URI="http://A.example:81/collections", HTTP_HOST="b")
    assert answer.json["links"][0]["href"] == "http://a.example:81/collections"
    refused = fetch(client, "/collections", RAW_URI="http://a b/collections", HTTP_HOST="b")
    assert refused.status_code == 400


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(host=st.text(max_size=40), scheme=st.sampled_from(["http", "https", "HTTP", "x"]),
       prefix=st.text("/ab.%\"<> é", max_size=8))  # fmt: skip
def test_any_address_is_a_link_or_refused(
    proxied: FlaskClient, host: str, scheme: str, prefix: str
) -> None:
    host = host.encode("utf-8", "replace").decode()
    answer = fetch(proxied, "/processes", HTTP_HOST=host, HTTP_X_FORWARDED_PROTO=scheme,
                   HTTP_X_FORWARDED_PREFIX=prefix)  # fmt: skip
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        parts = urlsplit(answer.json["links"][0]["href"])
        assert parts.scheme == scheme.lower() and parts.hostname
        assert parts.username is None and not parts.query and parts.path.endswith("/processes")
        assert re.fullmatch(r"[a-z0-9._:\[\]-]+", parts.netloc)

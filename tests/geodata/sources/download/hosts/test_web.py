"""Whom we ask, by which way, and where nobody sends us."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from geodata.errors import DataError, InputError, UnreachableError
from geodata.sources.download.hosts.patience import Patience, retry_after
from geodata.sources.fetched.addresses import (
    Mirrors,
    check_address,
    file_name,
    is_private,
    next_address,
    redact,
)
from geodata.sources.fetched.pages import is_page
from tests.geodata.sources.download.conftest import Study
from tests.support.servers.bad_server import BadServer, Fault, made_pbf

PATH = "/hn.osm.pbf"
PBF = made_pbf(3000)
SECRET = "hunter2"


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://example.org/a", "/etc/passwd", "a.pbf", "https://", "http:///a",
     "javascript:alert(1)", "https://example.org:port/", "https://exa mple.org/", "https://[::1/",
     "https://example.org/\r\nHost: evil", "vsicurl/https://example.org/a", "data:text/csv,a"],
)  # fmt: skip
def test_only_addresses_of_the_web_are_asked(study: Study, url: str) -> None:
    with pytest.raises(InputError, match="no other kind is asked"):
        check_address(url, field="url")
    with pytest.raises(InputError, match="layer roads, url"):
        study.fetch(study.url("", url=url))


def test_names_and_passwords_are_sent_and_never_shown(study: Study, host: BadServer) -> None:
    url = f"{host.url(PATH).replace('//', f'//ana:{SECRET}@')}?token={SECRET}"
    host.put(f"{PATH}?token={SECRET}", PBF)
    (fetched,) = study.fetch(study.url("", url=url))
    sent = host.requests(f"{PATH}?token={SECRET}")[0].headers["authorization"]
    assert base64.b64decode(sent.removeprefix("Basic ")) == f"ana:{SECRET}".encode()
    shown = [*study.reports, str(fetched.record)]
    written = [path for path in study.cache.parent.rglob("*") if path.is_file()]
    assert not any(SECRET in text for text in shown)
    assert not any(SECRET.encode() in path.read_bytes() for path in written)
    host.put(f"{PATH}?token={SECRET}", PBF, always=Fault(status=403))
    with pytest.raises(UnreachableError) as caught:
        study.fetch(study.url("", url=url), refresh=True)
    assert SECRET not in str(caught.value)
    assert redact(f"https://ana:{SECRET}@example.org/a?b={SECRET}#c") == "https://example.org/a"


def test_redirects_are_followed_and_passwords_stay_behind(study: Study, host: BadServer) -> None:
    moved = (("Location", host.url("/dated/hn-260131.osm.pbf")),)
    host.put(PATH, b"", always=Fault(status=302, headers=moved))
    host.put("/dated/hn-260131.osm.pbf", PBF)
    (fetched,) = study.fetch(study.url(PATH))
    assert fetched.record.source.endswith("/dated/hn-260131.osm.pbf")
    assert fetched.files[0].name == "hn.osm.pbf"
    elsewhere = host.address.replace("127.0.0.1", "localhost")
    moved = (("Location", f"{elsewhere}/dated/hn-260131.osm.pbf"),)
    host.put("/b.osm.pbf", b"", always=Fault(status=307, headers=moved))
    url = host.url("/b.osm.pbf").replace("//", f"//ana:{SECRET}@")
    study.fetch(study.url("", url=url))
    assert "authorization" in host.requests("/b.osm.pbf")[0].headers
    assert all("authorization" not in each.headers
               for each in host.requests("/dated/hn-260131.osm.pbf"))  # fmt: skip


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "ftp://example.org/a", "gopher://x", "//", "https://:80/"]
)
def test_nobody_sends_us_out_of_the_web(study: Study, host: BadServer, location: str) -> None:
    host.put(PATH, b"", always=Fault(status=302, headers=(("Location", location),)))
    with pytest.raises(DataError, match="redirect"):
        study.fetch(study.url(PATH))
    assert study.visible() == []


def test_a_circle_of_redirects_ends(study: Study, host: BadServer) -> None:
    host.put(PATH, b"", always=Fault(status=301, headers=(("Location", PATH),)))
    with pytest.raises(DataError, match="more than 10 times"):
        study.fetch(study.url(PATH))
    assert len(host.requests(PATH)) == 10


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1/a", "https://127.0.0.1/a", "https://10.0.0.1/", "https://192.168.1.1/",
     "https://169.254.169.254/latest/meta-data", "https://[::1]/", "https://[::ffff:10.0.0.1]/",
     "https://localhost/", "https://printer.local/", "https://0.0.0.0/", "https://100.64.0.1/"],
)  # fmt: skip
def test_nobody_sends_us_into_a_private_network(target: str) -> None:
    with pytest.raises(DataError, match=r"private network|without encryption"):
        next_address("https://8.8.8.8/a", target)
    assert is_private(target)
    assert not is_private("https://8.8.8.8/a")


def test_what_was_encrypted_stays_so() -> None:
    with pytest.raises(DataError, match="without encryption"):
        next_address("https://8.8.8.8/a", "http://8.8.4.4/a")
    assert (
        next_address("http://8.8.8.8/a", "https://8.8.4.4/b?c=d e") == "https://8.8.4.4/b?c=d%20e"
    )
    assert next_address("https://8.8.8.8/a/b", "/c//d") == "https://8.8.8.8/c//d"


@contextmanager
def proxy(*, password: str = "") -> Iterator[tuple[str, list[str]]]:
    """A proxy that answers itself, or asks who we are."""
    requests: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            known = base64.b64encode(password.encode()).decode()
            who = self.headers["Proxy-Authorization"] or ""
            requests.append(self.path)
            allowed = not password or who == f"Basic {known}"
            body = PBF if allowed else b"who are you?"
            self.send_response(200 if allowed else 407)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def __getattr__(self, name: str):
            if name.startswith("do_"):
                return self.answer
            raise AttributeError(name)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"127.0.0.1:{server.server_port}", requests
    server.shutdown()
    server.server_close()


def test_a_proxy_is_asked_and_told_who_we_are(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "http://maps.invalid/hn.osm.pbf"
    with proxy(password=f"ana:{SECRET}") as (address, requests):
        monkeypatch.setenv("http_proxy", f"http://ana:{SECRET}@{address}")
        (fetched,) = study.fetch(study.url("", url=url))
        assert url in requests and fetched.files[0].read_bytes() == PBF
        monkeypatch.setenv("http_proxy", f"http://ana:wrong@{address}")
        with pytest.raises(UnreachableError, match="HTTPS_PROXY") as caught:
            study.fetch(study.url("", url="http://maps.invalid/b.osm.pbf"))
        assert "wrong" not in str(caught.value)
        monkeypatch.setenv("https_proxy", f"http://ana:wrong@{address}")
        with pytest.raises(UnreachableError, match="NAME:PASSWORD@HOST:PORT") as caught:
            study.fetch(study.url("", url="https://maps.invalid/c.osm.pbf"))
        assert "wrong" not in str(caught.value) and caught.value.field == "proxy"
    assert not any(SECRET in line or "wrong" in line for line in study.reports)


def test_hosts_that_need_no_proxy_are_asked_themselves(
    study: Study, host: BadServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.put(PATH, PBF)
    monkeypatch.setenv("http_proxy", f"http://ana:{SECRET}@127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    study.fetch(study.url(PATH))
    monkeypatch.delenv("no_proxy")
    with pytest.raises(UnreachableError, match="proxy cannot be reached") as caught:
        study.fetch(study.url("/b.osm.pbf"), patience=Patience(tries=1, pause=0.01))
    assert SECRET not in str(caught.value)
    monkeypatch.setenv("http_proxy", f"socks5://ana:{SECRET}@127.0.0.1:9")
    with pytest.raises(InputError, match="Only proxies with http") as refused:
        study.fetch(study.url("/b.osm.pbf"))
    assert SECRET not in str(refused.value)


def test_mirrors_are_asked_in_turn(study: Study, host: BadServer) -> None:
    host.put("/osm/hn.osm.pbf", PBF)
    study.mirrors = (
        "maps.invalid=http://127.0.0.1:9", f"maps.invalid={host.address}/broken",
        f"https://maps.invalid/={host.address}/osm/",
    )  # fmt: skip
    (fetched,) = study.fetch(
        study.url("", url="https://maps.invalid/hn.osm.pbf"),
        patience=Patience(tries=0, pause=0.01),
    )
    assert fetched.files[0].read_bytes() == PBF
    assert fetched.record.url == "https://maps.invalid/hn.osm.pbf"
    assert fetched.record.source == host.url("/osm/hn.osm.pbf")


def test_the_longest_beginning_counts() -> None:
    mirrors = Mirrors.parse(["a.org=https://m.org/a", "a.org/deep=https://n.org"])
    assert mirrors.of("https://a.org/x//y/?q=1") == ["https://m.org/a/x//y/?q=1"]
    assert mirrors.of("https://a.org/deep/x") == ["https://n.org/x"]
    assert mirrors.of("https://a.org.evil.org/x") == ["https://a.org.evil.org/x"]
    for text in ("a.org", "=https://m.org", "a.org=m.org", "a.org=file:///a"):
        with pytest.raises(InputError, match="mirror"):
            Mirrors.parse([text])


@pytest.mark.parametrize(
    ("url", "name"),
    [("https://a.org/b/c.osm.pbf?x=1", "c.osm.pbf"), ("https://a.org/", "download"),
     ("https://a.org/..%2f..%2fetc%2fpasswd", "etc-passwd"), ("https://a.org/.hidden", "hidden"),
     ("https://a.org/a b%00c.tif", "a-b-c.tif"), ("https://a.org/" + "x" * 500, "x" * 120),
     ("https://a.org/-rf", "rf"), ("https://a.org/mapa%C3%B1.tif", "mapa-.tif")],
)  # fmt: skip
def test_names_are_names_and_nothing_else(url: str, name: str) -> None:
    assert file_name(url) == name


def test_pauses_that_hosts_ask_for() -> None:
    now = 1_000_000_000.0
    assert retry_after("120", now=now) == 120
    assert retry_after(" Sun, 09 Sep 2001 01:47:40 GMT ", now=now) == 60
    assert retry_after("Sun, 09 Sep 2001 01:00:00 GMT", now=now) == 0
    for text in ("", None, "soon", "-3", "1.5", "١٢", "Sun, 99 Sep 99999 01:00:00 GMT"):
        assert retry_after(text, now=now) is None


@pytest.mark.parametrize(
    ("beginning", "page"),
    [(b"<html>", True), (b"\xef\xbb\xbf \n<!DOCTYPE HTML PUBLIC>", True), (b"<HEAD>", True),
     (b"<?xml version='1.0'?>\n<!-- a --> <html>", True), (b"<graphml>", False), (b"PBF", False),
     (b"<?xml version='1.0'?><osm>", False), (b"name,lon\n", False), (b"", False)],
)  # fmt: skip
def test_pages_are_known(beginning: bytes, page: bool) -> None:
    assert is_page(beginning) is page


def test_names_stay_names_however_long_they_are() -> None:
    assert file_name(f"https://example.org/{'a' * 9}.{'b' * 115}.tif") == f"{'b' * 115}.tif"


def test_a_page_of_nothing_but_comments_is_soon_looked_through() -> None:
    assert not is_page(b"<!---->" * 140)
    assert is_page(b"<!-- a --> <!-- b -- c --><html>")


def test_no_proxy_hides_a_private_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names are looked up unless the proxy asks for the very address that comes next."""
    entry = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("10.0.0.1", 0))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [entry])
    with pytest.raises(DataError, match="private network"):
        next_address(
            "https://8.8.8.8/a", "https://intranet.example/", proxied=lambda url: "8" in url
        )
    assert next_address("https://8.8.8.8/a", "https://b.example/", proxied=lambda _: True)


def test_passwords_may_have_any_letters(study: Study, host: BadServer) -> None:
    host.put(PATH, PBF)
    study.fetch(study.url("", url=host.url(PATH).replace("//", "//ana:%D1%82%C3%B1@")))
    sent = host.requests(PATH)[0].headers["authorization"]
    assert base64.b64decode(sent.removeprefix("Basic ")).decode() == "ana:тñ"

"""Ranges and conditions on all that is like a file (RFC 9110, sections 13 and 14)."""

from __future__ import annotations

import hashlib
import random
import re
from email.utils import formatdate
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from geodata.formats.files.seals import Seal, stamp
from service.web.replies import conditions
from service.web.replies.conditions import file_reply, read_ranges

FILES = ("/results/out/map.png", "/results/out/density.tif", "/results/out/corridors.gpkg",
         "/results/out/result.json", "/bulk/ports.parquet", "/bulk/ports.geojson",
         "/bulk/nodes-built.parquet")  # fmt: skip
TEXTS = ("/results/out/corridors", "/collections/ports/items", "/tiles/ports/5/8/14.mvt", "/api",
         "/styles/corridors", "/static/landing.css", "/qgis/vereda.qgs")  # fmt: skip
LONG_AGO, LATER = formatdate(0, usegmt=True), formatdate(4e9, usegmt=True)


@pytest.fixture(params=FILES)
def file(request) -> str:
    return request.param


@pytest.fixture(params=(*FILES, *TEXTS))
def path(request) -> str:
    return request.param


@pytest.mark.parametrize(
    "text",
    ["rows=0-1", "bytes", "bytes=", "bytes=x", "bytes=1", "bytes=5-1", "bytes=--1", "bytes=0-1x",
     "bytes=0-9,x", "bytes=-", "octets=0-1", "=0-1", "bytes=0-9,20-29", "bytes=0-0,-1",
     "bytes=" + ",".join(f"{k}-{k}" for k in range(0, 4000, 2))],
)  # fmt: skip
def test_a_range_that_is_none_or_many_gives_the_whole(
    client: FlaskClient, file: str, text: str
) -> None:
    answer = client.get(file, headers={"Range": text}, buffered=True)
    assert answer.status_code == 200
    assert "Content-Range" not in answer.headers
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert len(answer.data) == int(answer.headers["Content-Length"])


def test_every_part_is_the_part_of_the_whole(client: FlaskClient, file: str) -> None:
    content = client.get(file, buffered=True).data
    size, draw = len(content), random.Random(1)
    ranges = [(f"{size - 1}-", size - 1, size), (f"-{size + 5}", 0, size), ("0-", 0, size),
              (f"0-{size * 9}", 0, size), ("0-9, 5-20", 0, 21), ("0-9,10-19", 0, 20)]  # fmt: skip
    for _ in range(10):
        first = draw.randrange(size)
        end = draw.randrange(first, size) + 1
        ranges += [(f"{first}-{end - 1}", first, end), (f"-{size - first}", first, size)]
    for text, first, end in ranges:
        answer = client.get(file, headers={"Range": f"bytes={text}"}, buffered=True)
        assert answer.status_code == 206, text
        assert answer.data == content[first:end]
        assert answer.headers["Content-Range"] == f"bytes {first}-{end - 1}/{size}"
        assert int(answer.headers["Content-Length"]) == end - first


@pytest.mark.parametrize("text", ["{size}-", "{size}-{size}", "-0", "99999999999-", "{size}-,-0"])
def test_bytes_that_are_not_there_are_refused(client: FlaskClient, file: str, text: str) -> None:
    size = int(client.head(file, buffered=True).headers["Content-Length"])
    answer = client.get(file, headers={"Range": f"bytes={text.format(size=size)}"}, buffered=True)
    assert answer.status_code == 416
    assert answer.headers["Content-Range"] == f"bytes */{size}"
    assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("rested", [True, False])
def test_a_range_holds_only_for_the_file_that_it_is_about(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, file: str, rested: bool
) -> None:
    """A date says which file it is only when the file is older than a date is precise."""
    monkeypatch.setattr("service.web.replies.conditions._STRONG_SECONDS", -1 if rested else 1e9)
    head = client.head(file, buffered=True).headers
    etag, date = head["ETag"], head["Last-Modified"]
    for validator, status in {etag: 206, f"W/{etag}": 200, '"other"': 200, "*": 200, LONG_AGO: 200,
                              date: 206 if rested else 200, LATER: 200, "nonsense": 200,
                              }.items():  # fmt: skip
        answer = client.get(file, headers={"Range": "bytes=0-0", "If-Range": validator},
                            buffered=True)  # fmt: skip
        assert answer.status_code == status, validator


def test_conditions_are_met_in_their_order(client: FlaskClient, path: str) -> None:
    head = client.head(path, buffered=True).headers
    etag, weak = head["ETag"], head["ETag"].startswith("W/")
    bare = etag.removeprefix("W/")
    cases: list[tuple[dict[str, str], int]] = [
        ({"If-None-Match": etag}, 304),
        ({"If-None-Match": f'"a", W/{bare}, "b"'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"other"'}, 200),
        ({"If-None-Match": '"other"', "If-Modified-Since": LATER}, 200),
        ({"If-None-Match": etag, "If-Modified-Since": LONG_AGO}, 304),
        ({"If-Match": "*"}, 200),
        ({"If-Match": f'"a", {bare}'}, 412 if weak else 200),
        ({"If-Match": f"W/{bare}"}, 412),
        ({"If-Match": '"other"'}, 412),
        ({"If-Match": '"other"', "If-None-Match": etag}, 412),
        ({"If-Match": "*", "If-Unmodified-Since": LONG_AGO}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-Unmodified-Since": "yesterday"}, 200),
    ]
    if "Last-Modified" in head:
        date = head["Last-Modified"]
        cases += [({"If-Modified-Since": date}, 304), ({"If-Modified-Since": LONG_AGO}, 200),
                  ({"If-Unmodified-Since": date}, 200),
                  ({"If-Unmodified-Since": LONG_AGO}, 412)]  # fmt: skip
    for headers, status in cases:
        for ask in (client.get, client.head):
            answer = ask(path, headers=headers, buffered=True)
            assert answer.status_code == status, headers
            assert answer.headers["ETag"] == etag
            assert status == 200 or not answer.data or answer.mimetype.endswith("problem+json")
            if status == 412:
                assert "Last-Modified" not in answer.headers
    # A condition that is not met goes before a range.
    both = {"If-None-Match": etag, "Range": "bytes=0-0"}
    assert client.get(path, headers=both, buffered=True).status_code == 304


def test_the_head_of_a_file_is_that_of_the_whole(client: FlaskClient, path: str) -> None:
    full = client.get(path, buffered=True)
    head = client.head(path, headers={"Range": "bytes=0-0"}, buffered=True)
    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Length", "Content-Type", "ETag", "Accept-Ranges", "Cache-Control"):
        assert head.headers.get(name) == full.headers.get(name), name


def test_ranges_are_read_as_they_are_written() -> None:
    """Any text that is one is answered as one, and no other."""
    draw = random.Random(2)
    for _ in range(20_000):
        size = draw.choice((0, 1, 2, 50))
        text = "".join(draw.choice("0123456789-,- \t=x") for _ in range(draw.randrange(12)))
        spans = read_ranges(f"bytes={text}", size)
        assert spans is None or all(0 <= first < end <= size for first, end in spans)
        if re.fullmatch(r"[0-9]+-", text) and int(text[:-1]) < size:
            assert spans == [(int(text[:-1]), size)]


@pytest.mark.parametrize(
    ("seconds", "date"),
    [(2**38, None), (-(2**31), "Fri, 13 Dec 1901 20:45:52 GMT"), (0, LONG_AGO)],
)
def test_a_date_that_cannot_be_sent_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: int, date: str | None
) -> None:
    """As on a file system that has such dates: not all do."""
    path = tmp_path / "map.png"
    path.write_bytes(b"map")
    monkeypatch.setattr(
        conditions, "stamp", lambda file: stamp(file)._replace(modified_ns=seconds * 10**9)
    )
    seal = Seal(path, hashlib.sha256(b"map").hexdigest())
    reply = file_reply(seal, "image/png", etag="a")
    assert reply.headers.get("Last-Modified") == date
    assert b"".join(reply.iter_encoded()) == b"map"
    reply.close()

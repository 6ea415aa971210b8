"""Overture's GeoParquet by box, from a bucket on this machine."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from urllib.parse import parse_qs, unquote, urlsplit

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geodata.area.box import Box
from geodata.errors import DataError, InputError, UnreachableError
from geodata.sources.download.hosts.patience import Patience
from geodata.sources.download.providers.providers import Extent
from tests.geodata.sources.download.conftest import HERE, Study

BUCKET = "overturemaps-us-west-2"
SEGMENTS = "release/{}/theme=transportation/type=segment/part-{:05d}.parquet"


def made_part(west: float, *, rows: int = 2000) -> bytes:
    """A file of segments, one a hundredth of a degree, with a box in each row."""
    random = Random(0)
    starts = west + np.arange(rows) * 0.01
    lines = shapely.linestrings(
        [[[x, 15.0], [x + 0.005, 15.001]] for x in starts.round(6)]
    )  # fmt: skip
    frame = gpd.GeoDataFrame(
        {"id": [f"{west:g}-{row}" for row in range(rows)], "class": "primary",
         "names": [random.randbytes(400).hex() for _ in range(rows)]},
        geometry=lines, crs="EPSG:4326",
    )  # fmt: skip
    packed = io.BytesIO()
    frame.to_parquet(packed, write_covering_bbox=True, row_group_size=200)
    return packed.getvalue()


class Bucket:
    """What a bucket holds, and what was asked of it."""

    def __init__(self, objects: dict[str, bytes]) -> None:
        self.objects = objects
        self.requests: list[str] = []
        self.sent = 0
        self.failing: set[str] = set()
        self.address = ""


@contextmanager
def bucket(objects: dict[str, bytes]) -> Iterator[Bucket]:
    """As much of S3 as reading needs: lists, heads, and parts of objects."""
    state = Bucket(objects)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_HEAD(self) -> None:
            self.answer()

        def do_GET(self) -> None:
            self.answer()

        def answer(self) -> None:
            parts = urlsplit(self.path)
            name = unquote(parts.path).strip("/").removeprefix(BUCKET).strip("/")
            if self.command == "GET" and (not name or "list-type" in parts.query):
                self.reply(200, listed(state.objects, parse_qs(parts.query)), "application/xml")
                return
            content = state.objects.get(name)
            if content is None or name in state.failing:
                self.reply(404 if content is None else 403, b"")
                return
            state.requests.append(name)
            span = self.headers["Range"]
            if not span or self.command == "HEAD":
                self.reply(200, content)
                return
            first, last = span.removeprefix("bytes=").split("-")
            part = content[int(first) : int(last) + 1]
            state.sent += len(part)
            where = f"bytes {first}-{int(first) + len(part) - 1}/{len(content)}"
            self.reply(206, part, **{"Content-Range": where})

        def reply(self, status: int, body: bytes, kind: str = "binary/x", **more: str) -> None:
            self.send_response(status)
            for key, value in {
                "Content-Type": kind,
                "Content-Length": str(len(body)),
                **more,
            }.items():
                self.send_header(key, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    state.address = f"http://127.0.0.1:{server.server_port}"
    yield state
    server.shutdown()
    server.server_close()


def listed(objects: dict[str, bytes], query: dict[str, list[str]]) -> bytes:
    start, cut = query.get("prefix", [""])[0], query.get("delimiter", [""])[0]
    keys, folders = [], set()
    for key in sorted(objects):
        if key.startswith(start):
            rest = key.removeprefix(start)
            if cut and cut in rest:
                folders.add(start + rest.partition(cut)[0] + cut)
            else:
                keys.append(key)
    entries = "".join(
        f"<Contents><Key>{key}</Key><Size>{len(objects[key])}</Size>"
        "<LastModified>2026-10-21T00:00:00.000Z</LastModified></Contents>" for key in keys
    )  # fmt: skip
    entries += "".join(
        f"<CommonPrefixes><Prefix>{folder}</Prefix></CommonPrefixes>" for folder in sorted(folders)
    )
    return (
        '<?xml version="1.0"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<Name>{BUCKET}</Name><KeyCount>{len(keys)}</KeyCount><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>"
    ).encode()


@pytest.fixture
def parts(study: Study) -> Iterator[Bucket]:
    objects = {SEGMENTS.format("2026-10-21.0", at): made_part(west)
               for at, west in enumerate((-100.0, -90.0, 10.0))}  # fmt: skip
    objects[SEGMENTS.format("2026-09-23.0", 0)] = made_part(-90.0, rows=10)
    with bucket(objects) as state:
        study.mirrors = (f"{BUCKET}={state.address}",)
        yield state


def test_rows_that_touch_the_box_of_the_newest_release_come(study: Study, parts: Bucket) -> None:
    (fetched,) = study.fetch(study.provider("overture", "roads"))
    assert fetched.files[0].name == "overture-segment-2026-10-21.0.parquet"
    assert fetched.record.licence == "ODbL-1.0"
    frame = gpd.read_parquet(fetched.files[0])
    west, _, east, _ = HERE.box
    bounds = frame.bounds
    assert frame.crs == "EPSG:4326"
    assert (bounds["maxx"] >= west).all() and (bounds["minx"] <= east).all()
    everything = [gpd.read_parquet(io.BytesIO(content)) for name, content in parts.objects.items()
                  if "2026-10-21" in name]  # fmt: skip
    touching = sum(
        int(((each.bounds["maxx"] >= west) & (each.bounds["minx"] <= east)).sum())
        for each in everything
    )
    assert len(frame) == touching > 100
    sizes = sum(len(content) for name, content in parts.objects.items() if "2026-10-21" in name)
    assert parts.sent < sizes / 4
    count = len(parts.requests)
    assert not study.fetch(study.provider("overture", "roads"))[0].fresh
    assert len(parts.requests) == count


def test_a_call_that_was_cut_short_goes_on_with_the_next_file(study: Study, parts: Bucket) -> None:
    last = SEGMENTS.format("2026-10-21.0", 2)
    parts.failing.add(last)
    with pytest.raises(UnreachableError, match="cannot be read"):
        study.fetch(study.provider("overture", "roads"), patience=Patience(tries=1))
    assert study.visible() == []
    parts.failing.clear()
    parts.requests.clear()
    parts.sent = 0
    study.fetch(study.provider("overture", "roads"))
    assert SEGMENTS.format("2026-10-21.0", 1) not in parts.requests
    assert study.visible()[0].endswith(".parquet")


def test_layers_share_the_bytes_that_are_allowed(study: Study, parts: Bucket) -> None:
    parts.objects[SEGMENTS.format("2026-09-23.0", 0)] = made_part(-90.0)
    (fetched,) = study.fetch(study.provider("overture", "roads", date="2026-10-21.0"))
    size = fetched.files[0].stat().st_size
    again = Study(home=study.home.parent / "again", cache=study.cache.parent / "fresh",
                  host=study.host, mirrors=study.mirrors)  # fmt: skip
    orders = [again.provider("overture", "roads", date=date)
              for date in ("2026-10-21.0", "2026-09-23.0")]  # fmt: skip
    with pytest.raises(InputError, match="raise that with --most"):
        again.fetch(*orders, most_bytes=size + size // 4)


def test_another_box_is_fetched_anew(study: Study, parts: Bucket) -> None:
    order = study.provider("overture", "roads", date="2026-10-21.0")
    (before,) = study.fetch(order)
    west = Extent(box=Box(-99.6, 14.2, -98.4, 15.8), countries=("MX",))
    (fetched,) = study.fetch(order, extent=west)
    assert fetched.fresh and fetched.record.sha256 != before.record.sha256
    assert gpd.read_parquet(fetched.files[0]).total_bounds[0] < -98


def test_a_release_that_is_gone_is_told_with_those_there_are(study: Study, parts: Bucket) -> None:
    (fetched,) = study.fetch(study.provider("overture", "roads", date="2026-09-23.0"))
    assert "2026-09-23.0" in fetched.files[0].name
    with pytest.raises(DataError, match=r"There are: 2026-09-23\.0, 2026-10-21\.0"):
        study.fetch(study.provider("overture", "roads", date="2020-01-01.0"))


def test_it_is_cut_by_a_box_and_asks_nobody_offline(study: Study, parts: Bucket) -> None:
    order = study.provider("overture", "roads")
    with pytest.raises(InputError, match=r"area\.bbox"):
        study.fetch(order, extent=Extent(box=None, countries=("HN",)))
    with pytest.raises(InputError, match="give the layer its date"):
        study.fetch(order, offline=True)
    with pytest.raises(InputError, match="no copy"):
        study.fetch(study.provider("overture", "roads", date="2026-10-21.0"), offline=True)
    assert parts.requests == []


def test_a_bucket_that_cannot_be_reached_is_named(study: Study) -> None:
    study.mirrors = (f"{BUCKET}=http://127.0.0.1:9",)
    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1:9"):
        study.fetch(study.provider("overture", "roads"), patience=Patience(tries=1))

"""``/bulk``: whole collections as files, as GDAL reads them."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import geopandas as gpd
import pytest
from flask.testing import FlaskClient

from geodata.formats.files.seals import Seal
from service.features.bulk_views import Store
from service.features.collections import collections_of
from service.web.replies.conditions import PIECE, FilePieces
from tests.support.load import idle_and_busy

NAMES = ["corridors", "roads", "posts", "sectors", "corridor-admin"]


@pytest.mark.parametrize("name", NAMES)
def test_files_are_linked_with_type_and_length_and_hold_the_collection(
    client: FlaskClient, name: str
) -> None:
    page = client.get(f"/collections/{name}/items?limit=10000").json["features"]
    links = [link for link in client.get(f"/collections/{name}").json["links"]
             if link["rel"] == "enclosure"]  # fmt: skip
    assert {link["type"] for link in links} == {
        "application/vnd.apache.parquet", "application/vnd.flatgeobuf", "application/geo+json"
    }  # fmt: skip
    for link in links:
        answer = client.get(link["href"], buffered=True)
        assert answer.mimetype == link["type"]
        assert len(answer.data) == link["length"] == int(answer.headers["Content-Length"])
        buffer = BytesIO(answer.data)
        parquet = link["href"].endswith(".parquet")
        frame = gpd.read_parquet(buffer) if parquet else gpd.read_file(buffer)
        assert sorted(frame["id"]) == sorted(feature["id"] for feature in page)
        assert set(frame.columns) == {*page[0]["properties"], "geometry"}


def test_times_are_times_in_files(client: FlaskClient) -> None:
    for suffix in ("parquet", "fgb", "geojson"):
        buffer = BytesIO(client.get(f"/bulk/posts.{suffix}", buffered=True).data)
        frame = gpd.read_parquet(buffer) if suffix == "parquet" else gpd.read_file(buffer)
        for name in ("time_start", "time_end"):
            assert str(frame[name].dtype) == "datetime64[ms, UTC]"
    text = client.get("/bulk/posts.geojson", buffered=True).text
    page = client.get("/collections/posts/items?limit=1000").text
    assert text.splitlines()[1:-1] == page.splitlines()[1:-1]


def test_the_network_is_offered_as_it_was_built(client: FlaskClient, network_dir) -> None:
    for name in ("links", "nodes"):
        links = client.get(f"/collections/{name}").json["links"]
        built = [link for link in links if link["href"].endswith("-built.parquet")]
        assert len(built) == 1
        answer = client.get(built[0]["href"], buffered=True)
        assert answer.data == (network_dir / f"{name}.parquet").read_bytes()


def test_parts_are_served_and_copies_revalidated(client: FlaskClient) -> None:
    path = "/bulk/roads.fgb"
    full = client.get(path, buffered=True)
    assert full.headers["Accept-Ranges"] == "bytes"
    part = client.get(path, headers={"Range": "bytes=8-107"}, buffered=True)
    assert part.status_code == 206
    assert part.data == full.data[8:108]
    assert part.headers["Content-Range"] == f"bytes 8-107/{len(full.data)}"
    head = client.head(path, buffered=True)
    assert not head.data
    assert int(head.headers["Content-Length"]) == len(full.data)
    tag = full.headers["ETag"]
    assert client.get(path, headers={"If-None-Match": tag}, buffered=True).status_code == 304
    beyond = client.get(path, headers={"Range": "bytes=99999999-"}, buffered=True)
    assert beyond.status_code == 416
    assert beyond.mimetype == "application/problem+json"


@idle_and_busy
def test_two_processes_write_the_same_bytes(app, processors) -> None:
    collections = collections_of(app)
    for name in NAMES:
        for suffix in ("fgb", "parquet", "geojson"):
            one, other = Store(), Store()
            with processors():
                first, second = (s.collection(collections[name], suffix) for s in (one, other))
            assert first.digest == second.digest
            assert first.path != second.path


def test_a_file_that_goes_while_it_is_sent_comes_whole() -> None:
    store = Store(most=1)
    seal = store.file("one", "a", lambda path: path.write_text("text" * PIECE))
    pieces = FilePieces(seal.open(), seal.size)
    sent = iter(pieces)
    first = next(sent)
    store.file("one", "b", lambda path: path.write_text("text"))
    assert not seal.path.exists()
    assert first + b"".join(sent) == b"text" * PIECE
    pieces.close()


def test_a_file_that_goes_before_it_is_opened_is_made_once_more(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose, gone = Store.file, []

    def drop(store: Store, digest: str, name: str, write: Callable[[Path], object]) -> Seal:
        kept = choose(store, digest, name, write)
        if not gone:
            gone.append(name)
            kept.path.unlink()
        return kept

    monkeypatch.setattr(Store, "file", drop)
    for path in ("/bulk/posts.fgb", "/results/out/bands"):
        gone.clear()
        assert client.get(path, buffered=True).status_code == 200 and len(gone) == 1


def test_a_length_is_told_of_a_file_that_made_room(app) -> None:
    store, (one, other) = Store(most=1), [collections_of(app)[name] for name in NAMES[2:4]]
    sizes = [store.size(here, "fgb") for here in (one, other)]
    store.file = None  # type: ignore[assignment]
    assert [store.size(here, "fgb") for here in (one, other)] == sizes


@pytest.mark.parametrize("bound", [{"most": 2}, {"most_bytes": 10}])
def test_so_many_files_are_kept_and_no_more(bound: dict[str, int]) -> None:
    store, written = Store(**bound), []

    def write(path: Path) -> None:
        written.append(path.name)
        path.write_text("text")

    first = store.file("one", "a", write)
    with first.open() as file:
        for name in ("b", "b", "c", "a"):
            store.file("one", name, write)
        assert file.read() == b"text"
    assert written == ["a", "b", "c", "a"]
    assert sorted(path.name for path in first.path.parent.iterdir()) == ["a", "c"]


def test_the_files_that_are_asked_for_are_kept() -> None:
    store, written = Store(most=2), []

    def write(path: Path) -> None:
        written.append(path.name)
        path.write_text("text")

    for name in ("a", "b", "a", "c", "a"):
        store.file("one", name, write)
    assert written == ["a", "b", "c"]


def test_a_file_that_is_larger_than_all_may_be_is_given_once() -> None:
    store = Store(most_bytes=2)
    assert store.file("one", "a", lambda path: path.write_text("text")).read() == b"text"


@pytest.mark.parametrize(
    "path", ["/bulk/nothing.fgb", "/bulk/roads.shp", "/bulk/..%2fnetwork.json", "/bulk/roads"]
)
def test_only_listed_files_are_served(client: FlaskClient, path: str) -> None:
    answer = client.get(path, buffered=True)
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert client.get("/bulk/roads.fgb?part=1").status_code == 400

"""``/results``: the files of the results that are served."""

from __future__ import annotations

import errno
import functools
import hashlib
import json
import math
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from flask import Flask
from flask.testing import FlaskClient

from geodata.errors import DataError
from geodata.formats.files.seals import Seal
from geodata.publication.results import reading
from geodata.publication.results.reading import read_layer, read_results
from service.app import create_app
from service.features import bulk_views, result_views
from service.features.result_views import FILES, LAYERS
from service.state import Settings, install, state_of


def serving(app: Flask, directory: Path) -> FlaskClient:
    """The same service on a result in another directory."""
    other = create_app(state_of(app).settings, like=app)
    install(other, replace(state_of(app), results=read_results([directory])), like=app)
    return other.test_client()


def test_every_part_is_listed_and_served(client: FlaskClient, result_dir: Path) -> None:
    listed = client.get("/results/out").json
    assert set(listed) - {"links"} == {*LAYERS, *FILES}
    hashes = json.loads((result_dir / "result.json").read_text("utf-8"))["files"]
    for name, (kind, _) in FILES.items():
        answer = client.get(f"/results/out/{name}", buffered=True)
        assert answer.status_code == 200
        assert answer.mimetype == kind
        if name in hashes:
            assert hashlib.sha256(answer.data).hexdigest() == hashes[name]
    for name in LAYERS:
        assert client.get(f"/results/out/{name}").json["features"]


def test_copies_are_good_for_the_result_that_they_are_of(
    app: Flask, client: FlaskClient, result_dir: Path, tmp_path: Path
) -> None:
    """Not for another one that is served under its name later."""
    directory = Path(shutil.copytree(result_dir, tmp_path / "out"))
    layer, path = directory / "corridors.geojson", directory / "result.json"
    layer.write_text(layer.read_text("utf-8") + " ", encoding="utf-8")
    record = json.loads(path.read_text("utf-8"))
    record["files"][layer.name] = hashlib.sha256(layer.read_bytes()).hexdigest()
    path.write_text(json.dumps(record), encoding="utf-8")
    other = serving(app, directory)
    tags = set()
    for name in ("corridors", "segments", "result.json", "map.png"):
        full = client.get(f"/results/out/{name}", buffered=True)
        headers = {"If-None-Match": full.headers["ETag"]}
        again = client.get(f"/results/out/{name}", headers=headers, buffered=True)
        assert again.status_code == 304
        answer = other.get(f"/results/out/{name}", headers=headers, buffered=True)
        assert answer.status_code == 200
        assert (answer.data == full.data) == (name in ("segments", "map.png"))
        tags.add(full.headers["ETag"])
    assert len(tags) == 4


def test_bands_are_encoded_once(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are only in the GeoPackage, which takes seconds to copy, read and write as GeoJSON."""
    monkeypatch.setattr(bulk_views, "_STORE", bulk_views.Store())
    read: list[str] = []

    def counted(package: Seal, layer: str) -> gpd.GeoDataFrame:
        read.append(layer)
        return read_layer(package, layer)

    monkeypatch.setattr(result_views, "read_layer", counted)
    path = "/results/out/bands"
    first = client.get(path)
    copy = {"If-None-Match": first.headers["ETag"]}
    assert client.get(path).data == first.data
    assert client.head(path).status_code == 200
    assert client.get(path, headers=copy).status_code == 304
    assert read == ["bands"]


def test_bands_that_find_no_room_are_told(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_views, "_STORE", bulk_views.Store())

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(reading, "Temporary", full)
    answer = client.get("/results/out/bands")
    assert (answer.status_code, answer.json["field"]) == (503, "TMPDIR")


def test_a_part_of_a_file_is_asked_for_by_range(client: FlaskClient) -> None:
    answer = client.get("/results/out/map.png", headers={"Range": "bytes=0-7"}, buffered=True)
    assert answer.status_code == 206
    assert answer.data == b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize(
    "name", ["nothing", "..%2Fresult.json", "corridors.qml", "%2Fetc%2Fpasswd"]
)
def test_nothing_else_of_the_directory_is_served(client: FlaskClient, name: str) -> None:
    answer = client.get(f"/results/out/{name}", buffered=True)
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


def test_the_map_page_links_every_file(app: Flask) -> None:
    page = app.test_client().get("/map").text
    assert all(f"/results/out/{name}" in page for name in FILES)


SECRET = "what nobody is to read"


@pytest.fixture
def foreign(result_dir: Path, tmp_path: Path) -> Path:
    """A result that somebody else made, beside a file that is none of its own."""
    (tmp_path / "secret").write_text(SECRET)
    return Path(shutil.copytree(result_dir, tmp_path / "out"))


def listed(directory: Path, change: Callable[[dict[str, object]], object]) -> None:
    """Change what a record says of its files."""
    path = directory / "result.json"
    record = json.loads(path.read_text("utf-8"))
    change(record["files"])
    path.write_text(json.dumps(record), encoding="utf-8")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def replaced(make: Callable[[Path], object]) -> Callable[[Path, str], None]:
    """Put something else in the place of a file."""

    def put(directory: Path, name: str) -> None:
        (directory / name).unlink()
        make(directory / name)

    return put


def unlisted(directory: Path, name: str) -> None:
    listed(directory, lambda files: files.pop(name))


def linked_and_unlisted(directory: Path, name: str) -> None:
    unlisted(directory, name)
    replaced(lambda path: path.symlink_to("../secret"))(directory, name)


def linked_and_listed(directory: Path, name: str) -> None:
    replaced(lambda path: path.symlink_to("../secret"))(directory, name)
    listed(directory, lambda files: files.update({name: digest(directory / name)}))


PARTS = [*(f"{name}.geojson" for name in LAYERS if name != "bands"),
         *(name for name in FILES if name != "result.json")]  # fmt: skip
TRICKS = {
    "unlisted": unlisted,
    "linked and unlisted": linked_and_unlisted,
    "linked and listed": linked_and_listed,
    "a link to itself": replaced(lambda path: path.symlink_to(path.name)),
    "a pipe": replaced(os.mkfifo),
    "a directory": replaced(Path.mkdir),
    "a device": replaced(lambda path: path.symlink_to("/dev/zero")),
    "missing": replaced(lambda path: None),
    "of no hash": lambda directory, name: listed(directory, lambda files: files.update({name: 0})),
}


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("name", PARTS)
def test_a_result_of_others_publishes_its_own_files_only(
    foreign: Path, name: str, trick: str
) -> None:
    TRICKS[trick](foreign, name)
    with pytest.raises(DataError) as raised:
        read_results([foreign])
    assert raised.value.value == name
    assert "vereda corridors" in raised.value.remedy


@pytest.mark.parametrize(
    "name",
    ["../secret", "/etc/hostname", "./map.png", "a/b", "..", ".", "", ".hidden", "a\0b", "a\\b",
     "result.json", "\ud800", "x" * 300, "%2e%2e/secret", "map.png/", "-"],
)  # fmt: skip
def test_names_that_are_none_are_refused(foreign: Path, name: str) -> None:
    secret = digest(foreign.parent / "secret")
    listed(foreign, lambda files: files.update({name: secret}))
    with pytest.raises(DataError):
        read_results([foreign])


def test_a_record_is_a_file_of_its_own(foreign: Path) -> None:
    path = foreign / "result.json"
    text = path.read_text("utf-8")
    path.rename(foreign.parent / "elsewhere.json")
    path.symlink_to("../elsewhere.json")
    with pytest.raises(DataError, match="link"):
        read_results([foreign])
    path.unlink()
    with path.open("wb") as file:
        file.truncate(1 << 33)
    with pytest.raises(DataError, match="larger"):
        read_results([foreign])
    path.write_text("[" * 200_000)
    with pytest.raises(DataError, match="cannot be read"):
        read_results([foreign])
    record = json.loads(text)
    wrong = [("title", []), ("slack", "1"), ("edits", 5), ("slack_hours", {}), ("slack", math.nan),
             ("slack", -math.inf), ("slack_hours", 10**400)]  # fmt: skip
    for name, value in wrong:
        odd = {**record, "scenario": {**record["scenario"], name: value}}
        path.write_text(json.dumps(odd), encoding="utf-8")
        with pytest.raises(DataError, match="scenario"):
            read_results([foreign])
    for network in (None, 1, [], {}):
        path.write_text(json.dumps({**record, "network": network}), encoding="utf-8")
        with pytest.raises(DataError, match="network"):
            read_results([foreign])


@pytest.mark.parametrize(
    "odd",
    [
        {"title": "half a letter \ud800"},
        {"profile": "\udfff"},
        {"via": [math.nan]},
        {"more": math.inf},
        {"edits": [{"target": "\ud800", "hours": 1, "factor": None}]},
        {"via": functools.reduce(lambda inner, _: [inner], range(60), 1)},
    ],
)
def test_a_record_holds_only_what_can_be_told_again(foreign: Path, odd: dict[str, object]) -> None:
    """Each of these is read by Python, and was answered with 500 or as what is no JSON."""
    path = foreign / "result.json"
    record = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**record, "scenario": {**record["scenario"], **odd}}))
    with pytest.raises(DataError, match="no JSON can tell"):
        read_results([foreign])


def shaped(*shapes: shapely.Geometry | None) -> Callable[[gpd.GeoDataFrame], object]:
    """Features with these shapes, the last of them for all that follow."""

    def change(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        rest = [shapes[-1]] * (len(frame) - len(shapes))
        return frame.set_geometry([*shapes, *rest], crs=frame.crs)

    return change


POINT, LINE = shapely.Point(-88, 15), shapely.LineString([(-88, 15), (-87, 16)])
LAYERS_OF_OTHERS = {
    "text": (lambda frame: frame.assign(usage="much"), "usage holds"),
    "truth": (lambda frame: frame.assign(usage=True), "usage holds"),
    "numbers for ids": (lambda frame: frame.assign(id=range(len(frame))), "ids are to be text"),
    "none": (lambda frame: frame.assign(usage=math.nan), "usage holds"),
    "below": (lambda frame: frame.assign(usage=-1.0), "usage holds"),
    "without bounds": (lambda frame: frame.assign(usage=math.inf), "usage holds"),
    "another day": (lambda frame: frame.assign(day=pd.Timestamp("2020-01-01")), "day holds"),
    "a day": (lambda frame: frame.assign(usage=pd.Timestamp("2020-01-01")), "usage holds"),
    "missing": (shaped(None, POINT), "Its shapes"),
    "empty": (shaped(shapely.Point(), POINT), "Its shapes"),
    "lines": (shaped(LINE), "Its shapes"),
    "far": (shaped(shapely.Point(-1088, 15)), "nowhere on earth"),
    "no system": (lambda frame: frame.set_crs(None, allow_override=True), "where on earth"),
    "no place": (
        lambda frame: frame.set_crs('LOCAL_CS["x",UNIT["metre",1]]', allow_override=True),
        "where on earth",
    ),
    "a time": (lambda frame: frame.assign(time_start="then"), "times, both or neither"),
    "half a time": (lambda frame: frame.assign(time_end=pd.Timestamp("2020-01-01")), "times"),
}


@pytest.mark.filterwarnings("ignore:.crs. was not provided")
@pytest.mark.parametrize("odd", LAYERS_OF_OTHERS)
def test_layers_of_others_are_such_as_can_be_drawn(foreign: Path, odd: str) -> None:
    from geodata.publication.results.result_layers import result_layers

    change, reason = LAYERS_OF_OTHERS[odd]
    path = foreign / "corridors.gpkg"
    change(gpd.read_file(path, layer="gateways")).to_file(path, layer="gateways")
    listed(foreign, lambda files: files.update({path.name: digest(path)}))
    (served,) = read_results([foreign]).values()
    with pytest.raises(DataError, match=reason):
        list(result_layers(served))


def test_a_result_without_corridors_says_why_it_is_not_shown(foreign: Path) -> None:
    from geodata.publication.results.result_layers import result_layers

    path = foreign / "corridors.gpkg"
    gpd.read_file(path, layer="corridors").iloc[:0].to_file(path, layer="corridors")
    listed(foreign, lambda files: files.update({path.name: digest(path)}))
    (served,) = read_results([foreign]).values()
    with pytest.raises(DataError, match="no search for corridors came to its end"):
        list(result_layers(served))


def test_layers_of_others_may_lie_in_another_system(foreign: Path) -> None:
    from geodata.publication.results.result_layers import result_layers

    path = foreign / "corridors.gpkg"
    frame = gpd.read_file(path, layer="gateways")
    frame.to_crs(3857).to_file(path, layer="gateways")
    listed(foreign, lambda files: files.update({path.name: digest(path)}))
    (served,) = read_results([foreign]).values()
    layers = {layer.kind: layer.frame for layer in result_layers(served)}
    there = layers["corridor-gateways"].geometry
    assert shapely.distance(there.to_numpy(), frame.geometry.to_numpy()).max() < 1e-6


def test_layers_are_tables_and_not_computed(foreign: Path) -> None:
    """What a view makes of a small file has no bounds."""
    from geodata.publication.results.result_layers import result_layers

    path = foreign / "corridors.gpkg"
    with closing(sqlite3.connect(path)) as rows:
        rows.execute("ALTER TABLE corridors RENAME TO held")
        rows.execute(
            "CREATE VIEW corridors AS WITH RECURSIVE many(k) AS (SELECT 1 UNION ALL SELECT k + 1 "
            "FROM many) SELECT held.* FROM held, many"
        )
        rows.commit()
    listed(foreign, lambda files: files.update({path.name: digest(path)}))
    (served,) = read_results([foreign]).values()
    with pytest.raises(DataError, match="no table"):
        list(result_layers(served))


def test_bands_of_others_that_cannot_be_read_are_told(
    network_dir: Path, foreign: Path, tmp_path: Path
) -> None:
    """They are read when they are asked for."""
    path = foreign / "corridors.gpkg"
    with closing(sqlite3.connect(path)) as rows:
        rows.execute("ALTER TABLE bands RENAME TO kept")
        rows.execute("CREATE VIEW bands AS SELECT * FROM kept")
        rows.commit()
    listed(foreign, lambda files: files.update({path.name: digest(path)}))
    settings = Settings(network=network_dir, result=(foreign,), jobs=tmp_path / "jobs")
    answer = create_app(settings).test_client().get("/results/out/bands")
    assert answer.status_code == 503
    assert "bands" in answer.text


SPOILS: dict[str, Callable[[Path], object]] = {
    "removed": Path.unlink,
    "cut short": lambda path: os.truncate(path, 100),
    "emptied": lambda path: os.truncate(path, 0),
    "changed": lambda path: path.write_bytes(SECRET.encode()),
    "swapped": lambda path: (path.parent.parent / "secret").replace(path),
    "linked": lambda path: (path.unlink(), path.symlink_to("../secret")),
    "a pipe": lambda path: (path.unlink(), os.mkfifo(path)),
    "a directory": lambda path: (path.unlink(), path.mkdir()),
}


@pytest.mark.parametrize("spoil", SPOILS)
@pytest.mark.parametrize("name", ["map.png", "corridors.gpkg", "result.json", "segments", "bands"])
def test_a_file_that_is_spoilt_while_it_is_served_is_told(
    app: Flask, foreign: Path, name: str, spoil: str
) -> None:
    client = serving(app, foreign)
    file = {"bands": "corridors.gpkg", "segments": "segments.geojson"}.get(name, name)
    full = client.get(f"/results/out/{name}", buffered=True)
    assert full.status_code == 200
    kept = (foreign / file).read_bytes()
    SPOILS[spoil](foreign / file)
    for headers in ({}, {"Range": "bytes=0-9"}, {"If-None-Match": full.headers["ETag"]}):
        for ask in (client.get, client.head):
            answer = ask(f"/results/out/{name}", headers=headers, buffered=True)
            assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
            assert SECRET.encode() not in answer.data
    assert file in client.get(f"/results/out/{name}").json["detail"]
    # Everything else goes on, and so does this once it is back.
    assert client.get("/results/out/density.tif", buffered=True).status_code == 200
    (foreign / file).rmdir() if spoil == "a directory" else (foreign / file).unlink(missing_ok=True)
    (foreign / file).write_bytes(kept)
    assert client.get(f"/results/out/{name}", buffered=True).data == full.data


def test_a_file_that_is_changed_while_it_is_sent_is_cut_off(app: Flask, foreign: Path) -> None:
    client = serving(app, foreign)
    path = foreign / "corridors.gpkg"
    answer = client.get(f"/results/out/{path.name}")
    pieces = answer.iter_encoded()
    assert next(pieces)
    os.truncate(path, 300_000)
    with pytest.raises(DataError, match="changed while it was sent"):
        list(pieces)
    answer.close()

"""``/results``: the files of the results that are served."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.app import create_app
from service.published import FILES, LAYERS
from service.results import read_results
from service.state import state_of


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
    state = replace(state_of(app), results=read_results([directory]))
    other = create_app(state.settings, state=state).test_client()
    tags = set()
    for name in ("corridors", "segments", "result.json", "map.png"):
        whole = client.get(f"/results/out/{name}", buffered=True)
        held = {"If-None-Match": whole.headers["ETag"]}
        again = client.get(f"/results/out/{name}", headers=held, buffered=True)
        assert again.status_code == 304
        answer = other.get(f"/results/out/{name}", headers=held, buffered=True)
        assert answer.status_code == 200
        assert (answer.data == whole.data) == (name in ("segments", "map.png"))
        tags.add(whole.headers["ETag"])
    assert len(tags) == 4


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

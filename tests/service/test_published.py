"""``/results``: the files of the results that are served."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.published import FILES, LAYERS


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

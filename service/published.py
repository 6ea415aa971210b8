"""``/result``: the result that is served, file by file; jobs serve theirs in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
from flask import Blueprint, Response, abort, request, send_file

from geodata.geojson import collection
from service.operations import Record, content, in_path, operation, readable
from service.problems import Refusal
from service.query import Query
from service.replies import GEOJSON, JSON, Link, address, json_reply, link, text_reply
from service.state import State, current

LAYERS: Mapping[str, str] = {
    "corridors": "Corridors",
    "segments": "Segments of corridors",
    "gateways": "Gateways in use",
    "admin": "Exposure by department",
    "bands": "All the ways that each corridor takes",
}
"""Results as GeoJSON, and their titles."""
FILES: Mapping[str, tuple[str, str]] = {
    "corridors.gpkg": ("application/geopackage+sqlite3", "All layers, styled, for QGIS"),
    "density.tif": ("image/tiff", "Share of flow through each cell"),
    "map.png": ("image/png", "Map"),
    "result.json": (JSON, "Scenario, inputs, licences, hashes"),
}
"""Further files of a result: media type and title."""

blueprint = Blueprint("published", __name__)


def listing(base: str, up: Link) -> Record:
    """Where the parts of a result are, by name and as links."""
    links = {
        **{name: link(address(f"{base}/{name}"), name, LAYERS[name], GEOJSON) for name in LAYERS},
        **{name: link(address(f"{base}/{name}"), "enclosure", title, kind)
           for name, (kind, title) in FILES.items()},
    }  # fmt: skip
    told = {name: {key: each[key] for key in ("href", "type", "title")} for name, each in
            links.items()}  # fmt: skip
    return {**told, "links": [*links.values(), up]}


def part(directory: Path, name: str, *, etag: str) -> Response:
    """One part of a result; the name is one of ours, so that nothing else can be asked for.

    Raises
    ------
    Refusal
        404 when it is not.
    """
    if name in FILES:
        response = send_file((directory / name).absolute(), FILES[name][0], etag=etag)
        response.headers["Cache-Control"] = "no-cache"
        response.headers.pop("Date", None)
        return response
    if name not in LAYERS:
        raise Refusal(404, "result", name, f"There are: {', '.join((*LAYERS, *FILES))}.")
    return text_reply(_layer(directory, name), GEOJSON, etag=f"{etag} {name}")


def _layer(directory: Path, name: str) -> str:
    """A layer as the command line writes it; the bands are only in the GeoPackage."""
    if name == "bands":
        return collection(gpd.read_file(directory / "corridors.gpkg", layer="bands"))
    return (directory / f"{name}.geojson").read_text("utf-8")


@blueprint.get("/result")
def result() -> Response:
    """Where the files of the result are."""
    Query(request.args)
    _published()
    return json_reply(listing("/result", link(address("/"), "up", "This service")))


@blueprint.get("/result/<name>")
def result_part(name: str) -> Response:
    """One file or layer of the result."""
    Query(request.args)
    return part(_published(), name, etag=str(current().provenance["files"].get(name, name)))


def _published() -> Path:
    directory = current().settings.result
    if directory is None:
        abort(404, "No result is served: start with --result DIR.")
    return directory


def paths(state: State) -> Record:
    """What this part serves, where there is a result."""
    if state.settings.result is None:
        return {}
    return {
        "/result": readable(
            "Features", "result", "Where the files of the result are", content(JSON),
            refusals=(400, 404, 500),
        ),
        "/result/{name}": {
            "get": operation(
                "Features", "result_part", "One file or layer of the result",
                {200: kinds(), 206: kinds(), 304: None}, parameters=[named()],
                refusals=(400, 404, 416, 500),
            )
        },
    }  # fmt: skip


def kinds() -> Record:
    """Content of the parts of a result."""
    held = {"schema": {"type": "string", "format": "binary"}}
    told = {kind: held for kind, _ in FILES.values() if kind != JSON}
    return {**told, **content(JSON), **content(GEOJSON, "featureCollection")}


def named() -> Record:
    """The name of a part, as a parameter."""
    names = {"type": "string", "enum": [*LAYERS, *FILES]}
    return in_path("name", "A layer or file of the result", names)

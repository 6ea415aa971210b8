"""``/results``: the results that are served, file by file; jobs serve theirs in the same way."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flask import Blueprint, Response, abort, request

from geodata.errors import DataError, LostError
from geodata.formats.files.seals import Seal
from geodata.formats.vector import write_features
from geodata.publication.results.reading import ServedResult, read_layer
from service.features.bulk_views import stored
from service.features.collections import collections_of
from service.state import State, current
from service.web.operations import Record, content, in_path, operation, readable
from service.web.problems.problems import Refusal
from service.web.replies.conditions import file_reply
from service.web.replies.replies import GEOJSON, JSON, Link, address, json_reply, link, text_reply
from service.web.requests.query import Query

LAYERS: Mapping[str, str] = {
    "corridors": "Corridors",
    "segments": "Segments of corridors",
    "gateways": "Gateways in use",
    "near_gateways": "Gateways by nearness, in use or not",
    "places": "Places by nearness",
    "admin": "Exposure and nearness by district",
    "bands": "All the ways that each corridor takes",
}
"""Results as GeoJSON, and their titles."""
FILES: Mapping[str, tuple[str, str]] = {
    "corridors.gpkg": ("application/geopackage+sqlite3", "All layers, styled, for QGIS"),
    "density.tif": ("image/tiff", "Share of flow through each cell"),
    "nearness.tif": ("image/tiff", "Nearness of each cell to the best path"),
    "map.png": ("image/png", "Map"),
    "result.json": (JSON, "Scenario, inputs, licences, hashes"),
}
"""Further files of a result: media type and title."""

SCENARIO_KEYS = ("profile", "slack", "slack_hours", "edits", "via")
"""Keys of each scenario in the list of results; ``result.json`` has all keys."""

blueprint = Blueprint("published", __name__)


def listing(base: str, up: Link) -> Record:
    """Addresses of the parts of a result, by name and as links.

    Parameters
    ----------
    base
        Path of the result.
    up
        Link to what the result is of.
    """
    parts = {
        **{name: (name, title, GEOJSON) for name, title in LAYERS.items()},
        **{name: ("enclosure", title, kind) for name, (kind, title) in FILES.items()},
    }
    links = {name: link(address(f"{base}/{name}"), *each) for name, each in parts.items()}
    by_name = {
        name: {key: text for key, text in each.items() if key != "rel"}
        for name, each in links.items()
    }
    return {**by_name, "links": [*links.values(), up]}


def part(files: Mapping[str, Seal], name: str, *, etag: str) -> Response:
    """One part of a result; only names in the list of parts are accepted.

    Parameters
    ----------
    files
        Files of the result, by name.
    name
        Name of the part, as in `listing`.
    etag
        Entity tag of the whole result.

    Raises
    ------
    Refusal
        404 when there is no such part.
    LostError
        When the file was removed or changed.
    """
    tag = f"{etag}-{name}"
    if name in FILES:
        return file_reply(files[name], FILES[name][0], etag=tag)
    if name not in LAYERS:
        raise Refusal(404, "result", name, f"There are: {', '.join((*LAYERS, *FILES))}.")
    return text_reply(_layer(files, name), GEOJSON, etag=tag)


def _layer(files: Mapping[str, Seal], name: str) -> bytes:
    """A layer as the command line writes it; the bands are only in the GeoPackage."""
    if name != "bands":
        return files[f"{name}.geojson"].read()
    package = files["corridors.gpkg"]
    # A file derived from it is not served after it was removed.
    package.open().close()

    def write(path: Path) -> None:
        write_features(read_layer(package, "bands"), path)

    try:
        return stored(package.digest, "bands.geojson", write)
    except DataError as error:
        raise LostError(error.field, error.value, error.remedy) from error


@blueprint.get("/results")
def results() -> Response:
    """The results that are served, the one that the map page opens with first."""
    Query(request.args)
    state = current()
    listed = [
        {
            "name": result.name,
            "title": result.title,
            **{name: result.scenario.get(name) for name in SCENARIO_KEYS},
            "collections": [
                name for name, here in collections_of().items() if here.layer.group == result.group
            ],
            "links": [link(address(f"/results/{result.name}"), "item", f"{result.title}: files")],
        }
        for result in state.results.values()
    ]
    links = [
        link(address("/results"), "self", "These results"),
        link(address("/"), "up", "This service"),
    ]
    return json_reply({"results": listed, "links": links}, links=links)


@blueprint.get("/results/<result>")
def files(result: str) -> Response:
    """Addresses of the files of a result."""
    Query(request.args)
    here = _result_named(result)
    up = link(address("/results"), "up", "All results")
    return json_reply(listing(f"/results/{here.name}", up))


@blueprint.get("/results/<result>/<name>")
def result_part(result: str, name: str) -> Response:
    """One file or layer of a result."""
    Query(request.args)
    here = _result_named(result)
    return part(here.files, name, etag=here.digest)


def _result_named(name: str) -> ServedResult:
    there = current().results
    if name not in there:
        remedy = f"There are: {', '.join(there)}." if there else "Start with --result DIR."
        abort(404, f"There is no result {name!r}. {remedy}")
    return there[name]


def paths(state: State) -> Record:
    """OpenAPI paths of this module."""
    described = {
        "/results": readable("Features", "results", "Results that are served", content(JSON))
    }
    if not state.results:
        return described
    names = {"type": "string", "enum": list(state.results)}
    of = in_path("result", "Name of a result", names)
    return {
        **described,
        "/results/{result}": readable(
            "Features", "result", "Where the files of a result are", content(JSON),
            parameters=[of], refusals=(400, 404, 500),
        ),
        "/results/{result}/{name}": {
            "get": operation(
                "Features", "result_part", "One file or layer of a result",
                {200: kinds(), 206: kinds(), 304: None}, parameters=[of, name_parameter()],
                refusals=(400, 404, 416, 500, 503),
            )
        },
    }  # fmt: skip


def kinds() -> Record:
    """Content of the parts of a result."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    contents = {kind: binary for kind, _ in FILES.values() if kind != JSON}
    return {**contents, **content(JSON), **content(GEOJSON, "featureCollection")}


def name_parameter() -> Record:
    """The name of a part, as a parameter."""
    names = {"type": "string", "enum": [*LAYERS, *FILES]}
    return in_path("name", "A layer or file of the result", names)

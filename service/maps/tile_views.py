"""``/tiles``: vector tiles of collections, network, result and ground, with TileJSON 3.0."""

from __future__ import annotations

import gzip
import re
from http import HTTPStatus

from flask import Blueprint, Response, abort, request

from geodata.area.antimeridian import widen_box
from geodata.errors import InputError
from geodata.formats.tiles.encode import Tile
from geodata.formats.tiles.pyramid import Tileset
from geodata.network.credit import credit_line
from geodata.publication.layers.licences import sources
from geodata.publication.tilesets import opening_view, vector_layers
from service.features.collections import collections_of
from service.maps.tile_cache import Kept, tiles_of
from service.state import State, current
from service.web.operations import Record, content, in_path, operation, readable
from service.web.replies.replies import JSON, MAX_AGE, address, json_reply, link
from service.web.requests.query import Query

MVT = "application/vnd.mapbox-vector-tile"

blueprint = Blueprint("tiles", __name__)


@blueprint.get("/tiles")
def tiles() -> Response:
    """All sets of tiles."""
    Query(request.args)
    listed = [
        {
            "name": name,
            "title": each.title,
            "layers": [layer.name for layer in each.layers],
            "links": [link(address(f"/tiles/{name}"), "describedby", "TileJSON")],
        }
        for name, each in tiles_of().sets.items()
    ]
    links = [
        link(address("/tiles"), "self", "These sets of tiles"),
        link(address("/styles"), "related", "Styles that draw them"),
    ]
    return json_reply({"links": links, "tiles": listed}, links=links)


@blueprint.get("/tiles/<name>")
def tilejson(name: str) -> Response:
    """TileJSON 3.0 of a set."""
    Query(request.args)
    here = _tileset(name)
    x, y, zoom = opening_view(here)
    return json_reply(
        {
            "tilejson": "3.0.0",
            "name": here.title,
            "tiles": [address(f"/tiles/{name}/{{z}}/{{x}}/{{y}}.mvt")],
            "scheme": "xyz",
            "minzoom": here.zooms.least,
            "maxzoom": here.zooms.most,
            "bounds": [round(edge, 6) for edge in widen_box(here.box)],
            "center": [x, y, zoom],
            "attribution": credit_line(sources(current().network), between=" · "),
            "vector_layers": vector_layers(here),
        }
    )


@blueprint.get("/tiles/<name>/<z>/<x>/<y>.mvt")
def tile(name: str, z: str, x: str, y: str) -> Response:
    """One tile; 204 where there is nothing, which MapLibre takes for an empty one."""
    Query(request.args)
    here = _tileset(name)
    wanted = Tile(*(_read_number(part, text) for part, text in (("z", z), ("x", x), ("y", y))))
    if wanted.z not in here.zooms:
        least, most = here.zooms.least, here.zooms.most
        abort(404, f"The tiles of {name} are of zoom {least} to {most}, not {wanted.z}.")
    for part, number in (("x", wanted.x), ("y", wanted.y)):
        if number >= 2**wanted.z:
            remedy = f"At zoom {wanted.z}, {part} is {2**wanted.z - 1} at most."
            raise InputError(part, number, remedy)
    return _reply(tiles_of().tile(name, wanted))


def _tileset(name: str) -> Tileset:
    tileset = tiles_of().sets.get(name)
    if tileset is None:
        there = ", ".join(tiles_of().sets)
        abort(404, f"There are no tiles {name!r}. There are: {there}.")
    return tileset


def _read_number(name: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise InputError(name, text, "Give a whole number.")
    return int(text)


def _reply(kept: Kept) -> Response:
    """A tile as it is kept, or opened up for the few that do not take it compressed."""
    if not kept.zipped:
        response = Response(status=HTTPStatus.NO_CONTENT)
        response.headers["Cache-Control"] = f"max-age={MAX_AGE}"
        return response
    plain = not request.accept_encodings["gzip"]
    body = gzip.decompress(kept.zipped) if plain else kept.zipped
    response = Response(body, content_type=MVT)
    if not plain:
        response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    response.headers["Cache-Control"] = f"max-age={MAX_AGE}"
    response.set_etag(kept.etag, weak=True)
    return response


def paths(state: State) -> Record:
    """OpenAPI paths of this module."""
    sets = {"type": "string", "enum": [*_composites(state), *collections_of()]}
    name = in_path("name", "A collection, or basemap, network or a result", sets)
    integer = {"type": "integer", "minimum": 0}
    place = [in_path(part, description, integer) for part, description in _PLACE]
    got: Record = content(MVT, {"type": "string", "format": "binary"})
    return {
        "/tiles": readable("Maps", "tiles", "All sets of vector tiles", content(JSON)),
        "/tiles/{name}": readable(
            "Maps", "tilejson", "TileJSON 3.0 of a set", content(JSON),
            parameters=[name], refusals=(400, 404, 500),
        ),
        "/tiles/{name}/{z}/{x}/{y}.mvt": {
            "get": operation(
                "Maps", "tile", "A Mapbox Vector Tile 2.1, in Web Mercator",
                {200: got, 204: None, 304: None},
                parameters=[name, *place], refusals=(400, 404, 500),
            )
        },
    }  # fmt: skip


_PLACE = (
    ("z", "Zoom"),
    ("x", "Column, counted from the antimeridian to the east"),
    ("y", "Row, counted from the north"),
)


def _composites(state: State) -> list[str]:
    return ["basemap", "network", *(result.group for result in state.results.values())]

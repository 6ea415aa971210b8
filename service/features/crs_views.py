"""``/crs``: the definition of the area's own coordinate reference system."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from service.features.coordinate_systems import own_system
from service.state import State, current
from service.web.operations import Record, content, in_path, readable
from service.web.replies.replies import JSON, json_reply, text_reply
from service.web.requests.query import Query

PROJJSON = "application/projjson+json"

blueprint = Blueprint("crs", __name__)


@blueprint.get("/crs/<name>")
def definition(name: str) -> Response:
    """The area's own system: PROJJSON, or WKT 2 for those who prefer ``text/plain``."""
    Query(request.args)
    area = current().network.area
    if name != area.name:
        abort(404, f"There is no system {name!r} here. There is: {area.name}.")
    wanted = request.accept_mimetypes.best_match([PROJJSON, JSON, "text/plain"], PROJJSON)
    if wanted == "text/plain":
        text = own_system(area).to_wkt(pretty=True) + "\n"
        response = text_reply(text, "text/plain; charset=utf-8")
    else:
        response = json_reply(own_system(area).to_json_dict(), wanted)
    response.vary.add("Accept")
    return response


def paths(state: State) -> Record:
    """OpenAPI paths of this module."""
    contents = {**content(PROJJSON), **content(JSON), **content("text/plain", {"type": "string"})}
    return {
        "/crs/{name}": readable(
            "Features", "crs", "Definition of the area's own coordinate reference system", contents,
            parameters=[in_path("name", "Name of the area", {
                "type": "string", "enum": [state.network.area.name]
            })],
            refusals=(400, 404, 500),
        )
    }  # fmt: skip

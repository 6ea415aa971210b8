"""``/api``: the OpenAPI 3.0 document, self-contained, put together from all parts."""

from __future__ import annotations

from importlib.metadata import version

from flask import Blueprint, Response, render_template, request

from service.access.guard import scope_of
from service.corridors import views as corridors
from service.corridors.schemas import schemas
from service.features import bulk_views as bulk
from service.features import crs_views as crs
from service.features import result_views as published
from service.features import views as ogc
from service.features.coordinate_systems import CRS84
from service.features.filtering.cql2 import LONGEST
from service.features.filtering.selection import LANGUAGE
from service.jobs import process_views as processes
from service.jobs import views as jobs
from service.maps import qgis_views as qgis
from service.maps import style_views as mapstyles
from service.maps import tile_views as tiles
from service.pages import landing
from service.pages import map_page as page
from service.pages.map_page import untracked
from service.server import monitoring_views as metrics
from service.state import State, current
from service.web.content_policy import HTML
from service.web.operations import MEDIA_TYPE, Record, content, parameter, readable
from service.web.problems.problems import MEDIA_TYPE as PROBLEM
from service.web.problems.statuses import STATUSES
from service.web.replies.replies import JSON, address, json_reply, text_reply
from service.web.requests.query import MOST, PAGE, USUAL, Query

PARTS = (
    landing, page, ogc, crs, bulk, published, qgis, corridors, tiles, mapstyles, processes, jobs,
    metrics,
)  # fmt: skip
"""Modules with a ``blueprint`` and with ``paths(state)`` that describes what it serves."""

blueprint = Blueprint("openapi", __name__)


@blueprint.get("/api")
def api() -> Response:
    """OpenAPI document of all that is served, or a page for those who prefer HTML."""
    kinds = [MEDIA_TYPE, MEDIA_TYPE.partition(";")[0], JSON, "text/html"]
    for_people = request.accept_mimetypes.best_match(kinds, MEDIA_TYPE) == "text/html"
    Query(untracked(request.args) if for_people else request.args)
    described = document(address(""), current())
    if for_people:
        page = render_template("api.html", address=address, api=described, parts=_by_tag(described))
        response = text_reply(page, HTML)
    else:
        response = json_reply(described, MEDIA_TYPE)
    response.vary.add("Accept")
    return response


def _by_tag(described: Record) -> dict[str, list[Record]]:
    """Operations of a document under their tags, each with its method, path and parameters."""
    parts: dict[str, list[Record]] = {tag["name"]: [] for tag in described["tags"]}
    known = described["components"]["parameters"]
    for path, item in described["paths"].items():
        for method, each in item.items():
            named = [known.get(p.get("$ref", "").rpartition("/")[2], p)
                     for p in each.get("parameters", ())]  # fmt: skip
            entry = {**each, "path": path, "method": method.upper(), "parameters": named}
            parts[each["tags"][0]].append(entry)
    return parts


def document(base: str, state: State) -> Record:
    """The document for a service at an address."""
    contents = {**content(MEDIA_TYPE, {}), **content("text/html", {"type": "string"})}
    paths: Record = {"/api": readable("Service", "api", "This document, or a page of it", contents)}
    for part in PARTS:
        for path, item in part.paths(state).items():
            paths[path] = {**paths.get(path, {}), **item}
    _guard(paths, tokens=bool(state.settings.tokens))
    secured: Record = {"security": [{"bearer": []}]} if state.settings.tokens else {}
    return {
        **secured,
        "openapi": "3.0.3",
        "info": {
            "title": "Vereda",
            "version": version("vereda"),
            "description": f"Corridors by land and sea{_within(state)}: networks, scores, "
            "results, and corridors computed on request.",
        },
        "servers": [{"url": base or "/"}],
        "tags": [
            {"name": "Service", "description": "What this service is and holds"},
            {"name": "Features", "description": "Network layers and results"},
            {"name": "Corridors", "description": "Corridors computed live"},
            {"name": "Jobs", "description": "Scenarios that take long"},
            {"name": "Maps", "description": "Vector tiles, styles and legends for web maps"},
        ],
        "paths": paths,
        "components": {
            "parameters": _parameters(),
            "schemas": _schemas(state),
            "responses": _responses(),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _within(state: State) -> str:
    region = state.network.titles.region
    return f" in {region}" if region else ""


def _guard(paths: Record, *, tokens: bool) -> None:
    """Add to every operation what may be answered for who asks and when, whatever it is."""
    for path, item in paths.items():
        for method, operation in item.items():
            # Whether the landing page needs a token depends on what is preferred.
            is_open = path != "/" and scope_of(method.upper(), path) is None
            if tokens and is_open:
                operation["security"] = []
            for status in (403, 429, 503) if is_open else (401, 403, 429, 503):
                response = {"$ref": f"#/components/responses/{STATUSES[status].response}"}
                operation["responses"].setdefault(str(status), response)


def _parameters() -> Record:
    number: Record = {"type": "number"}
    uri: Record = {"type": "string", "format": "uri", "default": CRS84}
    long: Record = {"type": "string", "maxLength": LONGEST}
    return {
        "limit": parameter(
            "limit",
            PAGE,
            {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
        ),
        "after": parameter(
            "after", "Id of the feature after which the page begins", {"type": "string"}
        ),
        "offset": parameter(
            "offset", "Features to pass over", {"type": "integer", "minimum": 0, "default": 0}
        ),
        "bbox": parameter(
            "bbox",
            "Box that features meet: west,south,east,north in degrees, or as bbox-crs says. It may "
            "cross the antimeridian, lie beyond it, or be wider than the world",
            {"type": "array", "minItems": 4, "maxItems": 6, "items": number},
        ),
        "datetime": parameter(
            "datetime",
            "Time or interval (RFC 3339) that the times of features meet, '..' for an open end. "
            "Features without a time match any; filter=time_start IS NOT NULL leaves them out",
            {"type": "string"},
        ),
        "crs": parameter("crs", "System that coordinates are to be in", uri),
        "bbox-crs": parameter("bbox-crs", "System that the bbox is in", uri),
        "filter": parameter("filter", "Condition that features meet, as CQL2 text", long),
        "filter-lang": parameter(
            "filter-lang", "Language of the filter", {"type": "string", "enum": [LANGUAGE]}
        ),
        "filter-crs": parameter("filter-crs", "System that coordinates in the filter are in", uri),
        "sortby": parameter(
            "sortby", "Properties to sort by, a minus before those that descend; what is missing "
            "comes last",
            {"type": "array", "items": {"type": "string"}},
        ),
    }  # fmt: skip


def _schemas(state: State) -> Record:
    text: Record = {"type": "string"}
    integer: Record = {"type": "integer", "minimum": 0}
    anything: Record = {"type": "object"}
    link = {"href": text, "rel": text, "type": text, "title": text}
    links = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}
    feature = {
        "type": {"type": "string", "enum": ["Feature"]},
        "id": {"anyOf": [text, {"type": "integer"}]},
        "geometry": {"type": "object", "nullable": True},
        "properties": {"type": "object", "nullable": True},
        "links": links,
    }
    page = {
        "type": {"type": "string", "enum": ["FeatureCollection"]},
        "features": {"type": "array", "items": {"$ref": "#/components/schemas/feature"}},
        "links": links,
        "timeStamp": {"type": "string", "format": "date-time"},
        "numberMatched": integer,
        "numberReturned": integer,
    }
    corridors = {key: page[key] for key in ("type", "features", "numberMatched", "numberReturned")}
    corridors |= {
        "scenario": anything,
        "ends": {"type": "array", "items": anything},
        "reading": text,
        "network": text,
        "vereda": text,
        "attributions": {"type": "array", "items": text},
    }
    problem = {
        **dict.fromkeys(("type", "title", "detail", "instance", "field", "remedy"), text),
        "status": {"type": "integer"},
        "value": {},
    }
    return {
        "link": {"type": "object", "required": ["href", "rel"], "properties": link},
        "feature": _object(feature, "type", "geometry", "properties"),
        "featureCollection": _object(page, "type", "features"),
        "corridors": _object(corridors, "type", "features", "scenario", "reading"),
        "problem": _object(problem, "type", "title", "status"),
        **jobs.schemas(),
        **schemas(state.known),
    }


def _object(properties: Record, *required: str) -> Record:
    return {"type": "object", "required": list(required), "properties": properties}


def _responses() -> Record:
    # Clients that prefer pages get errors as pages.
    contents = {**content(PROBLEM, "problem"), **content("text/html", {"type": "string"})}
    return {
        each.response: {"description": each.meaning, "content": contents}
        for each in STATUSES.values()
        if each.response
    }

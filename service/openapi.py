"""``/api``: the OpenAPI 3.0 document, self-contained, put together from all parts."""

from __future__ import annotations

from importlib.metadata import version

from flask import Blueprint, Response, request

from service import corridors, landing, ogc
from service.operations import MEDIA_TYPE, Record, content, parameter, readable
from service.problems import MEDIA_TYPE as PROBLEM
from service.query import MOST, USUAL, Query
from service.replies import address, json_reply
from service.state import State, current

PARTS = (landing, ogc, corridors)
"""Modules with a ``blueprint`` and with ``paths(state)`` that describes what it serves."""

REFUSED = {
    "invalid": "A parameter is unknown or malformed",
    "absent": "There is nothing of this name, or no path answers the question",
    "fault": "The service failed",
}

blueprint = Blueprint("openapi", __name__)


@blueprint.get("/api")
def api() -> Response:
    """OpenAPI document of all that is served."""
    Query(request.args)
    return json_reply(document(address(""), current()), MEDIA_TYPE)


def document(base: str, state: State) -> Record:
    """The document for a service at an address."""
    told = content(MEDIA_TYPE, {})
    paths: Record = {"/api": readable("Service", "api", "This document", told)}
    for part in PARTS:
        paths.update(part.paths(state))
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "Vereda",
            "version": version("vereda"),
            "description": "Corridors by land and sea in the borderlands of Guatemala and "
            "Honduras: networks, scores, results, and corridors computed on request.",
        },
        "servers": [{"url": base or "/"}],
        "tags": [
            {"name": "Service", "description": "What this service is and holds"},
            {"name": "Features", "description": "Network layers and results"},
            {"name": "Corridors", "description": "Corridors computed live"},
        ],
        "paths": paths,
        "components": {
            "parameters": _parameters(),
            "schemas": _schemas(),
            "responses": _responses(),
        },
    }


def _parameters() -> Record:
    number: Record = {"type": "number"}
    return {
        "limit": parameter(
            "limit",
            "Features on a page",
            {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
        ),
        "offset": parameter(
            "offset", "Features to pass over", {"type": "integer", "minimum": 0, "default": 0}
        ),
        "bbox": parameter(
            "bbox",
            "Box that features meet: west,south,east,north in degrees",
            {"type": "array", "minItems": 4, "maxItems": 6, "items": number},
        ),
        "datetime": parameter(
            "datetime",
            "Time or interval (RFC 3339). Features without a time match any.",
            {"type": "string"},
        ),
    }


def _schemas() -> Record:
    text: Record = {"type": "string"}
    whole: Record = {"type": "integer", "minimum": 0}
    anything: Record = {"type": "object"}
    link = {"href": text, "rel": text, "type": text, "title": text}
    links = {"type": "array", "items": {"$ref": "#/components/schemas/link"}}
    feature = {
        "type": {"type": "string", "enum": ["Feature"]},
        "id": text,
        "geometry": {"type": "object", "nullable": True},
        "properties": {"type": "object", "nullable": True},
        "links": links,
    }
    page = {
        "type": {"type": "string", "enum": ["FeatureCollection"]},
        "features": {"type": "array", "items": {"$ref": "#/components/schemas/feature"}},
        "links": links,
        "timeStamp": {"type": "string", "format": "date-time"},
        "numberMatched": whole,
        "numberReturned": whole,
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
    }


def _object(properties: Record, *required: str) -> Record:
    return {"type": "object", "required": list(required), "properties": properties}


def _responses() -> Record:
    told = content(PROBLEM, "problem")
    return {name: {"description": text, "content": told} for name, text in REFUSED.items()}

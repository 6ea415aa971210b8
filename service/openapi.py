"""The OpenAPI 3.0 document: self-contained, one path a collection so that filters are listed."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from routes.band import MAX_SLACK
from routes.profiles import shipped
from service.collections import Collection, property_schema
from service.corridors import ENDS, PROFILE, SLACK
from service.problems import MEDIA_TYPE as PROBLEM
from service.query import MOST, USUAL
from service.replies import GEOJSON, JSON

MEDIA_TYPE = "application/vnd.oai.openapi+json;version=3.0"

Record = dict[str, Any]


def openapi(base: str, collections: Mapping[str, Collection]) -> Record:
    """The document for a service at an address."""
    paths = _fixed_paths()
    for collection in collections.values():
        paths.update(_collection_paths(collection))
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


def _parameter(name: str, description: str, schema: Record, **more: object) -> Record:
    record = {"name": name, "in": "query", "required": False, "description": description}
    return {**record, "schema": schema, "style": "form", "explode": False, **more}


def _parameters() -> Record:
    number: Record = {"type": "number"}
    return {
        "limit": _parameter(
            "limit",
            "Features on a page",
            {"type": "integer", "minimum": 1, "maximum": MOST, "default": USUAL},
        ),
        "offset": _parameter(
            "offset", "Features to pass over", {"type": "integer", "minimum": 0, "default": 0}
        ),
        "bbox": _parameter(
            "bbox",
            "Box that features meet: west,south,east,north in degrees",
            {"type": "array", "minItems": 4, "maxItems": 6, "items": number},
        ),
        "datetime": _parameter(
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
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/problem"}}}
    return {
        "invalid": {"description": "A parameter is unknown or malformed", "content": content},
        "absent": {"description": "There is nothing of this name", "content": content},
        "noPath": {"description": "No path answers the question", "content": content},
        "fault": {"description": "The service failed", "content": content},
    }


def _get(
    tag: str,
    operation: str,
    summary: str,
    content: Record,
    *,
    parameters: list[Record] | None = None,
    absent: str = "",
) -> Record:
    """A path with its GET and all that it may answer."""
    answers: Record = {"200": {"description": summary, "content": content}}
    answers["304"] = {"description": "What the client holds is still right"}
    for status, name in (("400", "invalid"), ("404", absent), ("500", "fault")):
        if name:
            answers[status] = {"$ref": f"#/components/responses/{name}"}
    record: Record = {"tags": [tag], "operationId": operation, "summary": summary}
    if parameters:
        record["parameters"] = parameters
    return {"get": {**record, "responses": answers}}


def _fixed_paths() -> Record:
    plain = {JSON: {"schema": {"type": "object"}}}
    page = {"text/html": {"schema": {"type": "string"}}}
    corridors = {GEOJSON: {"schema": {"$ref": "#/components/schemas/corridors"}}}
    return {
        "/": _get("Service", "landing", "Landing page", {**plain, **page}),
        "/health": _get("Service", "health", "Whether the service is up", plain),
        "/conformance": _get("Service", "conformance", "Conformance classes", plain),
        "/api": _get("Service", "api", "This document", {MEDIA_TYPE: {"schema": {}}}),
        "/collections": _get("Features", "collections", "All collections", plain),
        "/corridors": _get(
            "Corridors",
            "corridors",
            "Corridors of a flow, most used first",
            corridors,
            parameters=_corridor_parameters(),
            absent="noPath",
        ),
    }


def _corridor_parameters() -> list[Record]:
    ends = {"type": "array", "items": {"type": "string", "minLength": 1}, "maxItems": ENDS}
    told = "LON,LAT or the name of a place; may be repeated. The profile's own when left out."
    slack = {"type": "number", "minimum": 0, "maximum": MAX_SLACK, "default": SLACK}
    profile = {"type": "string", "enum": list(shipped()), "default": PROFILE}
    return [
        _parameter("profile", "Flow profile", profile),
        _parameter("from", f"Origin: {told}", ends, explode=True, example=["San Pedro Sula"]),
        _parameter("to", f"Destination: {told}", ends, explode=True, example=["-92.14,14.68"]),
        _parameter("slack", "Extra cost allowed, as a share of the best", slack),
        {"$ref": "#/components/parameters/limit"},
    ]


def _collection_paths(collection: Collection) -> Record:
    name, title = collection.name, collection.title
    path, slug = f"/collections/{name}", name.replace("-", "_")
    plain = {JSON: {"schema": {"type": "object"}}}
    schema = {"application/schema+json": {"schema": {"type": "object"}}}
    features = {GEOJSON: {"schema": {"$ref": "#/components/schemas/featureCollection"}}}
    feature = {GEOJSON: {"schema": {"$ref": "#/components/schemas/feature"}}}
    paging = [
        {"$ref": f"#/components/parameters/{key}"}
        for key in ("limit", "offset", "bbox", "datetime")
    ]
    filters = [_filter(key, kind) for key, kind in collection.filters.items()]
    key: Record = {"name": "featureId", "in": "path", "required": True}
    return {
        path: _get("Features", f"describe_{slug}", title, plain),
        f"{path}/schema": _get("Features", f"schema_{slug}", f"{title}: schema", schema),
        f"{path}/items": _get(
            "Features", f"items_{slug}", f"{title}: features", features,
            parameters=[*paging, *filters],
        ),
        f"{path}/items/{{featureId}}": _get(
            "Features", f"item_{slug}", f"{title}: one feature", feature,
            parameters=[{**key, "schema": {"type": "string"}}], absent="absent",
        ),
    }  # fmt: skip


def _filter(name: str, kind: str) -> Record:
    title = str(property_schema(name, kind)["title"])
    return _parameter(name, f"{title}: only features with this value", {"type": kind})

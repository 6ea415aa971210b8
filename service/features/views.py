"""OGC API - Features: Part 1 (Core), 2 (CRS), 3 (filtering) with CQL2 text, 5 (schemas)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import numpy as np
from flask import Blueprint, Response, abort, request

from geodata.formats.geojson.features import DECIMALS, envelope
from geodata.publication.layers.licences import attribution, sources
from geodata.publication.layers.properties import END, START, meaning
from service.features.bulk_views import enclosures
from service.features.collections import ROLES, Collection, collections_of, property_schema
from service.features.coordinate_systems import CRS84, system, systems
from service.features.filtering.selection import FILTERING, PAGING, Selection, select
from service.state import State, current
from service.web.operations import Record, content, in_path, parameter, readable, shared
from service.web.replies.replies import (
    GEOJSON,
    JSON,
    Link,
    address,
    json_reply,
    license_links,
    link,
    text_reply,
)
from service.web.requests.query import Query

_FEATURES = "http://www.opengis.net/spec/ogcapi-features-{}/1.0/conf/{}"
_CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf/{}"
CONFORMANCE = (
    *(_FEATURES.format(1, name) for name in ("core", "oas30", "geojson")),
    _FEATURES.format(2, "crs"),
    *(
        _FEATURES.format(3, name)
        for name in ("queryables", "queryables-query-parameters", "filter", "features-filter")
    ),
    *(_FEATURES.format(5, name) for name in ("schemas", "core-roles-features", "sortables")),
    *(
        _CQL2.format(name)
        for name in (
            "cql2-text",
            "basic-cql2",
            "advanced-comparison-operators",
            "case-insensitive-comparison",
            "accent-insensitive-comparison",
            "basic-spatial-functions",
            "basic-spatial-functions-plus",
            "spatial-functions",
            "temporal-functions",
            "property-property",
            "arithmetic",
        )
    ),
)
_REL = "http://www.opengis.net/def/rel/ogc/1.0/{}"
SCHEMA_REL, QUERYABLES_REL, SORTABLES_REL = (
    _REL.format(name) for name in ("schema", "queryables", "sortables")
)
SCHEMA = "application/schema+json"

blueprint = Blueprint("ogc", __name__)


@blueprint.get("/conformance")
def conformance() -> Response:
    """Conformance classes."""
    Query(request.args)
    return json_reply({"conformsTo": list(CONFORMANCE)})


@blueprint.get("/collections")
def collections() -> Response:
    """All collections."""
    Query(request.args)
    links = [link(address("/collections"), "self", "These collections")]
    described = [_description(each) for each in collections_of().values()]
    every = list(systems(current().network.area))
    return json_reply({"links": links, "crs": every, "collections": described}, links=links)


@blueprint.get("/collections/<name>")
def collection(name: str) -> Response:
    """One collection."""
    Query(request.args)
    here = _collection(name)
    record = _description(here, alone=True)
    return json_reply(record, links=record["links"])


@blueprint.get("/collections/<name>/schema")
def schema(name: str) -> Response:
    """JSON schema of a collection's features (Part 5)."""
    Query(request.args)
    here = _collection(name)
    properties = _properties(here)
    record = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address(f"/collections/{name}/schema"),
        "type": "object",
        "title": here.title,
        "description": here.description,
        "properties": properties,
        "x-ogc-coordinateDecimals": DECIMALS,
    }
    return json_reply(record, SCHEMA)


@blueprint.get("/collections/<name>/queryables")
def queryables(name: str) -> Response:
    """Properties that a filter may name (Part 3)."""
    Query(request.args)
    return _schema_reply(_collection(name), "queryables")


@blueprint.get("/collections/<name>/sortables")
def sortables(name: str) -> Response:
    """Properties that ``sortby`` may name (Part 5)."""
    Query(request.args)
    return _schema_reply(_collection(name), "sortables")


def _schema_reply(here: Collection, what: str) -> Response:
    properties = _properties(here)
    if what == "sortables":
        del properties["geometry"]
    record = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address(f"/collections/{here.name}/{what}"),
        "type": "object",
        "title": here.title,
        "properties": properties,
        "additionalProperties": False,
    }
    return json_reply(record, SCHEMA)


def _properties(here: Collection) -> dict[str, dict[str, object]]:
    """Schemas of all properties, numbered in order, the geometry last."""
    geometry = {"x-ogc-role": "primary-geometry", "format": here.geometry_format}
    records: dict[str, dict[str, object]] = {
        key: property_schema(key, kind) for key, kind in here.types.items()
    }
    for key, values in here.listed.items():
        if values:
            records[key]["enum"] = values
    for key, role in ROLES.items():
        if key in records:
            records[key]["x-ogc-role"] = role
    records["geometry"] = dict(geometry)
    for number, record in enumerate(records.values(), 1):
        record["x-ogc-propertySeq"] = number
    return records


@blueprint.get("/collections/<name>/items")
def items(name: str) -> Response:
    """A page of features."""
    here = _collection(name)
    selection = select(request.args, here, current().network.area)
    links = _page_links(here, selection)
    response = text_reply(
        _page_text(here, selection, links), GEOJSON, links=links,
        etag=f"{here.digest} {json.dumps(links)}",
    )  # fmt: skip
    response.headers["Content-Crs"] = f"<{selection.system.uri}>"
    return response


@blueprint.get("/collections/<name>/items/<key>")
def item(name: str, key: str) -> Response:
    """One feature."""
    placed = system("crs", Query(request.args, ("crs",)).optional("crs"), current().network.area)
    here = _collection(name)
    row = here.find(key)
    if row is None:
        abort(404, f"The collection {name} has no feature {key!r}.")
    path = f"/collections/{name}"
    this = address(f"{path}/items/{quote(key, safe=':')}", request.args.to_dict())
    links = [
        link(this, "self", "This feature", GEOJSON),
        link(address(path), "collection", here.title),
    ]
    text = here.encoded(np.array([row]), placed)
    body = b'%s,"links":%s}' % (text[:-1], json.dumps(links).encode())
    response = text_reply(body, GEOJSON, links=links)
    response.headers["Content-Crs"] = f"<{placed.uri}>"
    return response


def _collection(name: str) -> Collection:
    collection = collections_of().get(name)
    if collection is None:
        there = ", ".join(collections_of())
        abort(404, f"There is no collection {name!r}. There are: {there}.")
    return collection


def _description(here: Collection, *, alone: bool = False) -> dict[str, Any]:
    """Description of a collection; a description on its own has the lengths of its files."""
    path = f"/collections/{here.name}"
    whose = sources(current().network, here.layer)
    record: dict[str, Any] = {
        "id": here.name,
        "title": here.title,
        "description": here.description,
        "attribution": attribution(whose),
        "itemType": "feature",
        "crs": list(systems(current().network.area)) if alone else [CRS84, "#/crs"],
        "storageCrs": CRS84,
        "links": [
            link(address(path), "self", here.title),
            link(address(f"{path}/items"), "items", f"{here.title}: features", GEOJSON),
            link(address(f"{path}/schema"), SCHEMA_REL, f"{here.title}: schema", SCHEMA),
            link(address(f"{path}/queryables"), QUERYABLES_REL, "What filters may name", SCHEMA),
            link(address(f"{path}/sortables"), SORTABLES_REL, "What sortby may name", SCHEMA),
            *enclosures(here, measured=alone),
            *license_links(whose),
        ],
    }
    extent: dict[str, Any] = {}
    if here.extent:
        box = [round(edge, DECIMALS) for edge in here.extent]
        extent["spatial"] = {"bbox": [box], "crs": CRS84}
    if here.interval:
        extent["temporal"] = {"interval": [list(here.interval)]}
    return {**record, "extent": extent} if extent else record


def _page_links(here: Collection, selection: Selection) -> list[Link]:
    """Links of a page; `next` and `prev` repeat the query of the request exactly."""
    path, parameters = f"/collections/{here.name}/items", request.args.to_dict()
    links = [link(address(path, parameters), "self", "This page", GEOJSON)]
    turns: dict[str, dict[str, object]] = {}
    limit, offset, matched = selection.limit, selection.offset, len(selection.rows)
    parameters = {
        name: value for name, value in parameters.items() if name not in ("offset", "after")
    }
    if offset + limit < matched:
        # The link has the id of the last feature instead of a number, which would mean another
        # feature after the data change.
        turns["next"] = {"limit": limit, "after": here.table["id"].iloc[int(selection.page[-1])]}
    if offset > 0:
        before = min(offset, matched)
        turns["prev"] = {"limit": min(limit, before) or limit, "offset": max(before - limit, 0)}
    for rel, moved in turns.items():
        there = address(path, {**parameters, **moved})
        links.append(link(there, rel, f"The {rel} page", GEOJSON))
    return [*links, link(address(f"/collections/{here.name}"), "collection", here.title, JSON)]


def _page_text(here: Collection, selection: Selection, links: list[Link]) -> bytes:
    page = selection.page
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    counts = f'"numberMatched":{len(selection.rows)},"numberReturned":{len(page)}'
    members = f'"timeStamp":"{stamp}",{counts},"links":{json.dumps(links)}'
    head, foot = envelope(members.encode())
    return b"".join([head, here.encoded(page, selection.system), foot])


def paths(state: State) -> Record:
    """OpenAPI paths of this module, one a collection, so that its filters are listed."""
    record = {
        "/conformance": readable("Service", "conformance", "Conformance classes", content(JSON)),
        "/collections": readable("Features", "collections", "All collections", content(JSON)),
    }
    for each in collections_of().values():
        record.update(_collection_paths(each))
    return record


def _collection_paths(here: Collection) -> Record:
    title, path, slug = here.title, f"/collections/{here.name}", here.slug
    taken = (*PAGING, *FILTERING)
    filters = [_filter(key, kind) for key, kind in here.types.items() if key not in taken]
    key = in_path("featureId", "Identifier of the feature")
    schemas = {
        f"{path}/{what}": readable(
            "Features", f"{what}_{slug}", f"{title}: {what}", content(SCHEMA)
        )
        for what in ("schema", "queryables", "sortables")
    }
    return {
        path: readable("Features", f"describe_{slug}", title, content(JSON)),
        **schemas,
        f"{path}/items": readable(
            "Features", f"items_{slug}", f"{title}: features",
            content(GEOJSON, "featureCollection"), parameters=[*shared(*taken), *filters],
        ),
        f"{path}/items/{{featureId}}": readable(
            "Features", f"item_{slug}", f"{title}: one feature", content(GEOJSON, "feature"),
            parameters=[key, *shared("crs")], refusals=(400, 404, 500),
        ),
    }  # fmt: skip


def _filter(name: str, kind: str) -> Record:
    description = f"{meaning(name).title}: only features with this value"
    schema = {"type": kind}
    if name in (START, END):
        description += ", or of this day"
        schema["format"] = "date-time"
    return parameter(name, description, schema)

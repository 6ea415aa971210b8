"""OGC API - Features, Part 1 (Core, OpenAPI 3.0, GeoJSON) and Part 5 (schemas)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, request

from geodata.geojson import DECIMALS
from service.collections import Collection, Page, property_schema
from service.operations import Record, content, in_path, parameter, readable, shared
from service.query import MOST, USUAL, Query
from service.replies import GEOJSON, JSON, Link, address, json_reply, link, text_reply
from service.state import State, current

CONFORMANCE = (
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/schemas",
)
SCHEMA_REL = "http://www.opengis.net/def/rel/ogc/1.0/schema"
SCHEMA = "application/schema+json"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
PAGING = ("limit", "offset", "bbox", "datetime")

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
    described = [_description(each) for each in current().collections.values()]
    return json_reply({"links": links, "collections": described}, links=links)


@blueprint.get("/collections/<name>")
def collection(name: str) -> Response:
    """One collection."""
    Query(request.args)
    record = _description(_collection(name))
    return json_reply(record, links=record["links"])


@blueprint.get("/collections/<name>/schema")
def schema(name: str) -> Response:
    """JSON schema of a collection's features (Part 5)."""
    Query(request.args)
    here = _collection(name)
    geometry: dict[str, object] = {"x-ogc-role": "primary-geometry", "format": here.geometry_format}
    properties = {key: property_schema(key, kind) for key, kind in here.types.items()}
    properties["id"]["x-ogc-role"] = "id"
    for number, record in enumerate([*properties.values(), geometry], 1):
        record["x-ogc-propertySeq"] = number
    record = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address(f"/collections/{name}/schema"),
        "type": "object",
        "title": here.title,
        "description": here.description,
        "properties": {**properties, "geometry": geometry},
        "x-ogc-coordinateDecimals": DECIMALS,
    }
    return json_reply(record, SCHEMA)


@blueprint.get("/collections/<name>/items")
def items(name: str) -> Response:
    """A page of features."""
    here = _collection(name)
    query = Query(request.args, (*PAGING, *here.filters))
    query.check_datetime()
    limit = query.whole("limit", USUAL, least=1, most=MOST)
    offset = query.whole("offset", 0, least=0)
    equal = {key: request.args[key] for key in here.filters if key in request.args}
    page = here.page(limit=limit, offset=offset, boxes=query.boxes(), equal=equal)
    links = _page_links(here, page, limit, offset)
    return text_reply(
        _page_text(page, links), GEOJSON, links=links, etag=f"{here.digest} {json.dumps(links)}"
    )


@blueprint.get("/collections/<name>/items/<key>")
def item(name: str, key: str) -> Response:
    """One feature."""
    Query(request.args)
    here = _collection(name)
    text = here.find(key)
    if text is None:
        abort(404, f"The collection {name} has no feature {key!r}.")
    path = f"/collections/{name}"
    links = [
        link(address(f"{path}/items/{quote(key, safe=':')}"), "self", "This feature", GEOJSON),
        link(address(path), "collection", here.title),
    ]
    return text_reply(f'{text[:-1]},"links":{json.dumps(links)}}}', GEOJSON, links=links)


def _collection(name: str) -> Collection:
    found = current().collections.get(name)
    if found is None:
        there = ", ".join(current().collections)
        abort(404, f"There is no collection {name!r}. There are: {there}.")
    return found


def _description(here: Collection) -> dict[str, Any]:
    path = f"/collections/{here.name}"
    record: dict[str, Any] = {
        "id": here.name,
        "title": here.title,
        "description": here.description,
        "itemType": "feature",
        "crs": [CRS84],
        "links": [
            link(address(path), "self", here.title),
            link(address(f"{path}/items"), "items", f"{here.title}: features", GEOJSON),
            link(address(f"{path}/schema"), SCHEMA_REL, f"{here.title}: schema", SCHEMA),
        ],
    }
    if here.extent:
        box = [round(edge, DECIMALS) for edge in here.extent]
        record["extent"] = {"spatial": {"bbox": [box], "crs": CRS84}}
    return record


def _page_links(here: Collection, page: Page, limit: int, offset: int) -> list[Link]:
    """Links of a page; `next` and `prev` repeat what was asked, to the letter."""
    path, given = f"/collections/{here.name}/items", request.args.to_dict()
    links = [link(address(path, given), "self", "This page", GEOJSON)]
    turns = {}
    if offset + len(page.texts) < page.matched and page.texts:
        turns["next"] = {"limit": limit, "offset": offset + limit}
    if offset > 0:
        before = min(offset, page.matched)
        turns["prev"] = {"limit": min(limit, before) or limit, "offset": max(before - limit, 0)}
    for rel, moved in turns.items():
        there = address(path, {**given, **moved})
        links.append(link(there, rel, f"The {rel} page", GEOJSON))
    return [*links, link(address(f"/collections/{here.name}"), "collection", here.title, JSON)]


def _page_text(page: Page, links: list[Link]) -> str:
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return (
        f'{{"type":"FeatureCollection","timeStamp":"{stamp}",'
        f'"numberMatched":{page.matched},"numberReturned":{len(page.texts)},'
        f'"links":{json.dumps(links)},"features":[\n' + ",\n".join(page.texts) + "\n]}\n"
    )


def paths(state: State) -> Record:
    """What this part serves, one path a collection so that filters are listed."""
    record = {
        "/conformance": readable("Service", "conformance", "Conformance classes", content(JSON)),
        "/collections": readable("Features", "collections", "All collections", content(JSON)),
    }
    for each in state.collections.values():
        record.update(_collection_paths(each))
    return record


def _collection_paths(here: Collection) -> Record:
    title, path, slug = here.title, f"/collections/{here.name}", here.name.replace("-", "_")
    filters = [_filter(key, kind) for key, kind in here.filters.items()]
    key = in_path("featureId", "Identifier of the feature")
    return {
        path: readable("Features", f"describe_{slug}", title, content(JSON)),
        f"{path}/schema": readable(
            "Features", f"schema_{slug}", f"{title}: schema", content(SCHEMA)
        ),
        f"{path}/items": readable(
            "Features", f"items_{slug}", f"{title}: features",
            content(GEOJSON, "featureCollection"), parameters=[*shared(*PAGING), *filters],
        ),
        f"{path}/items/{{featureId}}": readable(
            "Features", f"item_{slug}", f"{title}: one feature", content(GEOJSON, "feature"),
            parameters=[key], refusals=(400, 404, 500),
        ),
    }  # fmt: skip


def _filter(name: str, kind: str) -> Record:
    title = str(property_schema(name, kind)["title"])
    return parameter(name, f"{title}: only features with this value", {"type": kind})

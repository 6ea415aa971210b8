"""Parts of the OpenAPI document: descriptions of parameters and operations."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from service.web.problems.statuses import STATUSES

MEDIA_TYPE = "application/vnd.oai.openapi+json;version=3.0"

Record = dict[str, Any]


def parameter(name: str, description: str, schema: Record, **more: object) -> Record:
    """A query parameter that may be left out; `more` adds to it or overrides.

    Parameters
    ----------
    name
        Name of the parameter.
    description
        What it means.
    schema
        JSON schema of its values.
    """
    record: Record = {"name": name, "in": "query", "required": False, "description": description}
    return {**record, "schema": schema, "style": "form", "explode": False, **more}


def in_path(name: str, description: str, schema: Record | None = None) -> Record:
    """A parameter that is a part of the path.

    Parameters
    ----------
    name
        Name of the part in braces.
    description
        What it means.
    schema
        JSON schema of its values; any text by default.
    """
    record: Record = {"name": name, "in": "path", "required": True, "description": description}
    return {**record, "schema": schema or {"type": "string"}}


def shared(*names: str) -> list[Record]:
    """Parameters of ``components``, by name."""
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]


def content(media_type: str, schema: Record | str | None = None) -> Record:
    """The content of one media type; a text names a schema of ``components``.

    Parameters
    ----------
    media_type
        Media type, such as ``application/json``.
    schema
        JSON schema, or the name of one of ``components``; any object by default.
    """
    if isinstance(schema, str):
        schema = {"$ref": f"#/components/schemas/{schema}"}
    return {media_type: {"schema": {"type": "object"} if schema is None else schema}}


def operation(
    tag: str,
    identity: str,
    summary: str,
    answers: Mapping[int, Record | None],
    *,
    parameters: list[Record] | None = None,
    body: Record | None = None,
    refusals: tuple[int, ...] = (400, 500),
) -> Record:
    """One operation, with all that it may answer.

    Parameters
    ----------
    tag
        Part of the service under which it is listed.
    identity
        Its ``operationId``.
    summary
        What it does, in a phrase.
    answers
        Content by status; None where a status has no body.
    parameters
        Its parameters, as `parameter` and `shared` give them.
    body
        Content of the request.
    refusals
        Those of `STATUSES` that this operation may answer.
    """
    responses: Record = {}
    for status, contents in answers.items():
        response: Record = {"description": summary if status < 300 else HTTPStatus(status).phrase}
        responses[str(status)] = response if contents is None else {**response, "content": contents}
    # What has an entity tag is asked for under conditions.
    for status in sorted({*refusals, *([412] if 304 in answers else [])}):
        responses[str(status)] = {"$ref": f"#/components/responses/{STATUSES[status].response}"}
    record: Record = {"tags": [tag], "operationId": identity, "summary": summary}
    if parameters:
        record["parameters"] = parameters
    if body:
        record["requestBody"] = {"required": True, "content": body}
    return {**record, "responses": responses}


def readable(
    tag: str,
    identity: str,
    summary: str,
    contents: Record,
    *,
    parameters: list[Record] | None = None,
    refusals: tuple[int, ...] = (400, 500),
) -> Record:
    """A path that is only read: its GET, which may also answer 304.

    Parameters
    ----------
    tag
        Part of the service under which it is listed.
    identity
        Its ``operationId``.
    summary
        What it gives, in a phrase.
    contents
        Content of the answer, by media type.
    parameters
        As in `operation`.
    refusals
        As in `operation`.
    """
    answers: dict[int, Record | None] = {200: contents, 304: None}
    return {
        "get": operation(tag, identity, summary, answers, parameters=parameters, refusals=refusals)
    }

"""Errors as ``application/problem+json`` (RFC 9457), from one table."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from geodata.errors import DataError, InputError, NoPathError, VeredaError

MEDIA_TYPE = "application/problem+json"
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Problem:
    """How a kind of error is told to a client."""

    status: int
    title: str
    slug: str


PROBLEMS: dict[type[VeredaError], Problem] = {
    InputError: Problem(400, "The request cannot be answered as it stands", "input"),
    NoPathError: Problem(404, "There is no path", "no-path"),
    DataError: Problem(500, "The data cannot be used as they stand", "data"),
}
"""What clients are told; a subclass takes the row of its nearest parent."""


def register_problems(app: Flask) -> None:
    """Answer every error of an application with a problem, never with a trace."""
    app.register_error_handler(VeredaError, vereda_problem)
    app.register_error_handler(HTTPException, http_problem)
    app.register_error_handler(Exception, unforeseen_problem)


def vereda_problem(error: VeredaError) -> Response:
    """One of our own errors: its field, value and remedy."""
    problem = next(PROBLEMS[kind] for kind in type(error).mro() if kind in PROBLEMS)
    return _response(
        problem.status,
        type=f"urn:problem-type:vereda:{problem.slug}",
        title=problem.title,
        detail=str(error),
        field=error.field,
        value=error.value,
        remedy=error.remedy,
    )


def http_problem(error: HTTPException) -> Response:
    """An error of HTTP itself, such as 404 or 405; headers such as ``Allow`` are kept."""
    status = error.code or 500
    response = _response(
        status, type="about:blank", title=HTTPStatus(status).phrase, detail=error.description
    )
    if isinstance(error, HTTPException) and error.response is None:
        kept = [pair for pair in error.get_headers() if pair[0].lower() != "content-type"]
        response.headers.extend(kept)
    return response


def unforeseen_problem(error: Exception) -> Response:
    """A fault of ours: logged with its trace, told without."""
    logger.error("%s %s failed", request.method, request.full_path, exc_info=error)
    return _response(
        500,
        type="about:blank",
        title=HTTPStatus(500).phrase,
        detail="The service failed at this request; its log says where.",
    )


def _response(status: int, **members: object) -> Response:
    record = {**members, "status": status, "instance": request.full_path.rstrip("?")}
    text = json.dumps(record, ensure_ascii=False, default=str)
    response = Response(text + "\n", status=status, content_type=MEDIA_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response

"""Errors as ``application/problem+json`` (RFC 9457), from one table; for browsers as pages."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import Flask, Response, g, request
from gunicorn.http.errors import NoMoreData, ParseException
from werkzeug.exceptions import HTTPException

from geodata.errors import (
    DataError,
    InputError,
    LostError,
    NoPathError,
    UnreachableError,
    VeredaError,
)
from geodata.formats.files.disks import FULL
from geodata.formats.files.temporary import NoRoomError
from service.web.content_policy import secure
from service.web.logs.logs import one_word
from service.web.problems.error_page import error_page, page_wanted
from service.web.problems.statuses import STATUSES, problem_head

MEDIA_TYPE = "application/problem+json"
logger = logging.getLogger(__name__)

NO_ROOM = (
    sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY
)  # fmt: skip
"""Error codes of SQLite for a failed write."""
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
"""Error codes of SQLite for other writers."""
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class ProblemKind(NamedTuple):
    """How a class of errors is sent: by which status, and as which kind of its problems."""

    status: int
    name: str


PROBLEMS: Mapping[type[VeredaError], ProblemKind] = {
    InputError: ProblemKind(400, "input"),
    NoPathError: ProblemKind(404, "no-path"),
    DataError: ProblemKind(500, "data"),
    # Data that were sound when the service started.
    LostError: ProblemKind(503, "lost"),
    UnreachableError: ProblemKind(502, "unreachable"),
}
"""By class of error; a subclass has the row of its nearest parent."""


class Refusal(HTTPException):
    """A well-formed request that is refused because of its sender, its size, or its time.

    Parameters
    ----------
    status
        One of `service.web.problems.statuses.STATUSES` that has a slug.
    field, value, remedy
        As in the errors of `geodata.errors`.
    headers
        Such as ``Retry-After``.
    """

    def __init__(
        self,
        status: int,
        field: str,
        value: object,
        remedy: str,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{field}: {value!r}. {remedy}")
        self.code = status
        self.field, self.value, self.remedy = field, value, remedy
        self.headers = dict(headers or {})


def register_problems(app: Flask) -> None:
    """Answer every error of an application with a problem, never with a trace."""
    app.register_error_handler(VeredaError, vereda_problem)
    app.register_error_handler(Refusal, refusal_problem)
    app.register_error_handler(HTTPException, http_problem)
    app.register_error_handler(NoMoreData, broken_problem)
    app.register_error_handler(ParseException, broken_problem)
    app.register_error_handler(OSError, storage_problem)
    app.register_error_handler(sqlite3.DatabaseError, storage_problem)
    app.register_error_handler(MemoryError, memory_problem)
    app.register_error_handler(Exception, unforeseen_problem)


def vereda_problem(error: VeredaError) -> Response:
    """One of our own errors: its field, value and remedy."""
    return _response(**problem_record(error))


def problem_record(error: VeredaError) -> dict[str, Any]:
    """One of our own errors as a problem."""
    kind = next(PROBLEMS[each] for each in type(error).mro() if each in PROBLEMS)
    return {
        **problem_head(kind.status, kind.name),
        "detail": str(error),
        "field": error.field,
        "value": error.value,
        "remedy": error.remedy,
    }


def http_problem(error: HTTPException) -> Response:
    """An error of HTTP itself, such as 404 or 405; headers such as ``Allow`` are kept."""
    response = _response(**problem_head(error.code or 500), detail=error.description)
    if error.response is None:
        kept = [pair for pair in error.get_headers() if pair[0].lower() != "content-type"]
        response.headers.extend(kept)
    return response


def refusal_problem(error: Refusal) -> Response:
    """A refusal, with its field, value and remedy."""
    response = _response(
        **problem_head(error.code or 500),
        detail=error.description,
        field=error.field,
        value=error.value,
        remedy=error.remedy,
        wait=error.headers.get("Retry-After"),
    )
    response.headers.extend(error.headers)
    return response


def broken_problem(error: NoMoreData | ParseException) -> Response:
    """A body that ends too early, or whose chunks are malformed: seen first when it is read."""
    return vereda_problem(InputError("body", type(error).__name__, STATUSES[400].remedy))


def storage_problem(error: OSError | sqlite3.DatabaseError) -> Response:
    """A disk that is full, records that are busy or damaged: it may pass; all else is a fault."""
    # The low byte tells the kind, the others more of it.
    code, field = getattr(error, "sqlite_errorcode", 0) & 0xFF, "jobs"
    if isinstance(error, NoRoomError):
        remedy = "See that the directory of temporary files of the server, TMPDIR, has room and "
        remedy += "can be written to, then repeat."
        field, value, seconds = "TMPDIR", "temporary files cannot be written", 60
    elif code in BUSY:
        value, remedy, seconds = "busy", "Others write at the same time; try again shortly.", 2
    elif code in NO_ROOM or getattr(error, "errno", None) in FULL:
        remedy = "See that the disk of the server has room and can be written to, then repeat."
        value, seconds = "storage failed", 60
    elif code in _DAMAGED or isinstance(error, sqlite3.DataError) or _other_tables(error):
        remedy = "The records of jobs are damaged: whoever runs the service finds more in its log."
        value, seconds = "damaged", 60
    else:
        return unforeseen_problem(error)
    logger.error(
        "%s %s could not be stored", request.method, one_word(request.path), exc_info=error
    )
    remedy = f"Nothing was kept of this request. {remedy}"
    return refusal_problem(Refusal(503, field, value, remedy, {"Retry-After": str(seconds)}))


def _other_tables(error: OSError | sqlite3.DatabaseError) -> bool:
    """Whether a file was put in the place of the records that has other tables, or none."""
    return isinstance(error, sqlite3.OperationalError) and str(error).startswith("no such ")


def memory_problem(error: MemoryError) -> Response:
    """A request that wants more memory than a process may take."""
    logger.error(
        "%s %s wants too much memory", request.method, one_word(request.path), exc_info=error
    )
    remedy = "The answer takes more memory than is allowed here: ask for less at once."
    return refusal_problem(Refusal(503, "memory", "too much", remedy, {"Retry-After": "10"}))


def unforeseen_problem(error: Exception) -> Response:
    """A fault of the service: logged with its trace, answered without."""
    logger.error("%s %s failed", request.method, one_word(request.full_path), exc_info=error)
    return _response(**problem_head(500), detail=STATUSES[500].sentence)


def unread_problem(status: int) -> Response:
    """A problem outside of any request, such as one that is never taken whole.

    Parameters
    ----------
    status
        One of `UNREAD`.
    """
    text = json.dumps(_unread(status)) + "\n"
    return _unkept(secure(Response(text, status=status, content_type=MEDIA_TYPE)))


def unread_page(app: Flask, status: int, language: str, *, wait: int | None = None) -> Response:
    """The same for browsers, as a page.

    Parameters
    ----------
    app
        The application that has the templates.
    status
        One of `UNREAD`.
    language
        Code of one of the languages that pages are in.
    wait
        Seconds after which to try again.
    """
    with app.test_request_context("/", query_string={"lang": language}):
        return _unkept(error_page(_unread(status), wait=str(wait) if wait else None))


def _unread(status: int) -> dict[str, object]:
    row = STATUSES[status]
    detail = f"{row.sentence} {row.remedy}"
    return {**problem_head(status), "detail": detail, "remedy": row.remedy}


def _unkept(response: Response) -> Response:
    """A reply that no cache keeps, and that is another for another kind of client."""
    response.headers["Cache-Control"] = "no-store"
    response.vary.add("Accept")
    return response


def recorded_problem(problem: Mapping[str, Any]) -> Response:
    """A problem that was recorded before, as an answer."""
    return _response(**problem)


def _response(status: int, *, wait: str | None = None, **members: object) -> Response:
    """A problem, or a page that tells it; `wait` is how many seconds it lasts, if that is known."""
    record = {**members, "status": status, "instance": request.full_path.rstrip("?")}
    if "request_id" in g:
        record["request_id"] = g.request_id
    if page_wanted():
        response = error_page(record, wait=wait)
    else:
        text = json.dumps(record, ensure_ascii=False, default=str)
        response = Response(text + "\n", status=status, content_type=MEDIA_TYPE)
    return _unkept(response)

"""Conditions and ranges of requests, for all replies alike (RFC 9110, sections 13 and 14)."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import BufferedReader
from typing import NamedTuple

from flask import Flask, Response, g, request
from werkzeug.http import parse_date, parse_etags

from geodata.errors import LostError
from geodata.formats.files.seals import Seal, stamp
from service.web.problems.problems import Refusal, refusal_problem

_HEADERS = ("If-Match", "If-Unmodified-Since", "If-None-Match", "If-Modified-Since", "If-Range",
            "Range")  # fmt: skip
PIECE = 256 * 1024
"""Bytes of a body that are sent at a time."""
_MOST_RANGES = 16
_STRONG_SECONDS = 2
"""Seconds without change after which the date of a file is as reliable as a strong entity tag."""
_UNIT = re.compile(r"bytes[ \t]*=(.*)", re.IGNORECASE)
_SPAN = re.compile(r"([0-9]{0,18})-([0-9]{0,18})")


class ByteSpan(NamedTuple):
    """Bytes of a file: the first, and the one after the last."""

    first: int
    end: int


class FilePieces:
    """The content of an open file, or a part of it, read as it is sent.

    Parameters
    ----------
    file
        Open file, which `close` closes.
    size
        Size of the file in bytes.
    """

    def __init__(self, file: BufferedReader, size: int) -> None:
        self._file, self._stamp = file, stamp(file)
        self.size, self.span = size, ByteSpan(0, size)

    def __iter__(self) -> Iterator[bytes]:
        """The bytes of `span`; a file that ends earlier breaks the connection off.

        Raises
        ------
        LostError
            When the file changes meanwhile: the bytes sent would mix two versions.
        """
        at, end = self.span
        self._file.seek(at)
        while at < end:
            piece = self._file.read(min(PIECE, end - at))
            if not piece or self._changed():
                raise LostError("file", self._file.name, "It was changed while it was sent.")
            at += len(piece)
            yield piece

    def _changed(self) -> bool:
        """Whether anything but its removal has happened to the file, which keeps its content."""
        now = stamp(self._file)
        if not os.fstat(self._file.fileno()).st_nlink:
            now = now._replace(changed_ns=self._stamp.changed_ns)
        return now != self._stamp

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def file_reply(seal: Seal, media_type: str, *, etag: str, max_age: int = 0) -> Response:
    """A file, of which clients may request parts.

    Parameters
    ----------
    seal
        The file, with what it was when it was first read.
    media_type
        Media type of its content.
    etag
        Entity tag of its content.
    max_age
        Seconds for which it may be used unasked; then, and at once when 0, clients ask again.

    Raises
    ------
    LostError
        When it was removed or changed.
    """
    file = seal.open()
    response = Response(
        FilePieces(file, seal.size), content_type=media_type, direct_passthrough=True
    )
    response.content_length = seal.size
    date = _date(stamp(file).modified_ns // 10**9)
    if date is not None:
        response.last_modified = date
    response.set_etag(etag)
    response.headers["Cache-Control"] = f"max-age={max_age}" if max_age else "no-cache"
    return response


def _date(seconds: int) -> datetime | None:
    """A date as it can be sent; None before the year 1 and beyond the year 9999."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def register_conditions(app: Flask) -> None:
    """Apply the conditions of all requests here."""
    app.before_request(_take)
    app.after_request(_apply)


def _take() -> None:
    """Take conditions off a request: Flask would apply those of static files itself."""
    g.conditions = {}
    for name in _HEADERS:
        text = request.environ.pop(f"HTTP_{name.upper().replace('-', '_')}", None)
        if text is not None:
            g.conditions[name] = text


def _apply(response: Response) -> Response:
    """What becomes of an answer under the conditions of its request, in the order of 13.2.2."""
    body = response.response
    if isinstance(body, FilePieces):
        response.headers["Accept-Ranges"] = "bytes"
    else:
        response.headers.pop("Accept-Ranges", None)
    if request.method not in ("GET", "HEAD") or response.status_code != 200:
        return response
    conditions: Mapping[str, str] = g.get("conditions", {})
    if not _met(conditions, response):
        remedy = "What is here is not what the request is about; ask without this condition."
        name = next(name for name in ("If-Match", "If-Unmodified-Since") if name in conditions)
        return _instead(response, Refusal(412, name, conditions[name][:200], remedy))
    if _client_has_it(conditions, response):
        _let_go(response)
        response.status_code = 304
        response.response, response.direct_passthrough = [], False
        response.headers.pop("Content-Length", None)
        return response
    if request.method == "HEAD" and not response.is_sequence:
        # A body that is not sent is not closed automatically.
        length = response.content_length
        _let_go(response)
        response.response, response.direct_passthrough = [], False
        response.content_length = length
    elif isinstance(body, FilePieces) and _in_range(conditions, response):
        return _part(response, body, conditions["Range"])
    return response


def _met(conditions: Mapping[str, str], response: Response) -> bool:
    """Whether the preconditions of a request hold."""
    if "If-Match" in conditions:
        etag, weak = response.get_etag()
        tags = parse_etags(conditions["If-Match"])
        return tags.star_tag or (not weak and etag is not None and tags.is_strong(etag))
    date = parse_date(conditions.get("If-Unmodified-Since"))
    modified = response.last_modified
    return date is None or modified is None or modified <= date


def _client_has_it(conditions: Mapping[str, str], response: Response) -> bool:
    """Whether the client's own copy is current."""
    if "If-None-Match" in conditions:
        etag, _ = response.get_etag()
        tags = parse_etags(conditions["If-None-Match"])
        return tags.star_tag or (etag is not None and tags.contains_weak(etag))
    date = parse_date(conditions.get("If-Modified-Since"))
    modified = response.last_modified
    return date is not None and modified is not None and modified <= date


def _in_range(conditions: Mapping[str, str], response: Response) -> bool:
    """Whether a part is asked for, of the very file that is here."""
    if "Range" not in conditions or "If-Range" not in conditions:
        return "Range" in conditions
    etag, weak = response.get_etag()
    date, modified = parse_date(conditions["If-Range"]), response.last_modified
    if date is not None and modified is not None:
        return date == modified and time.time() - modified.timestamp() > _STRONG_SECONDS
    tags = parse_etags(conditions["If-Range"])
    return not weak and etag is not None and not tags.star_tag and tags.is_strong(etag)


def _part(response: Response, body: FilePieces, text: str) -> Response:
    """One part of a file; the whole where none, or more than one, can be made out."""
    spans = read_ranges(text, body.size)
    if spans is None or len(spans) > 1:
        return response
    if not spans:
        remedy = f"There are {body.size} bytes, counted from 0."
        headers = {"Content-Range": f"bytes */{body.size}"}
        return _instead(response, Refusal(416, "Range", text[:200], remedy, headers))
    first, end = body.span = spans[0]
    response.status_code = 206
    response.content_length = end - first
    response.headers["Content-Range"] = f"bytes {first}-{end - 1}/{body.size}"
    return response


def read_ranges(text: str, size: int) -> list[ByteSpan] | None:
    """The parts of a file that a header ``Range`` asks for, those that meet made one.

    Returns
    -------
    list
        Empty when there are none of these bytes; None when the header is to be ignored: of
        another unit, malformed, or of more parts than anybody needs.
    """
    unit = _UNIT.fullmatch(text.strip())
    parts = [part.strip() for part in unit[1].split(",") if part.strip()] if unit else []
    matches = [_SPAN.fullmatch(part) for part in parts]
    if not parts or len(parts) > _MOST_RANGES:
        return None
    spans = []
    for match in matches:
        if match is None or not (match[1] or match[2]):
            return None
        if match[1] and match[2] and int(match[2]) < int(match[1]):
            return None
        first = int(match[1]) if match[1] else max(size - int(match[2]), 0)
        end = min(int(match[2]) + 1, size) if match[1] and match[2] else size
        if first < end:
            spans.append(ByteSpan(first, end))
    return _joined(sorted(spans))


def _joined(spans: list[ByteSpan]) -> list[ByteSpan]:
    """Spans in order, those that meet made one."""
    joined: list[ByteSpan] = []
    for span in spans:
        if joined and span.first <= joined[-1].end:
            joined[-1] = joined[-1]._replace(end=max(span.end, joined[-1].end))
        else:
            joined.append(span)
    return joined


def _instead(response: Response, refusal: Refusal) -> Response:
    """A refusal in the place of an answer, whose entity tag it keeps."""
    _let_go(response)
    problem = refusal_problem(refusal)
    if "ETag" in response.headers:
        problem.headers["ETag"] = response.headers["ETag"]
    return problem


def _let_go(response: Response) -> None:
    """Close what an answer that is not sent holds."""
    close = getattr(response.response, "close", None)
    if close is not None:
        close()

"""What every answer has to be, whatever was sent."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from tests.properties.requests.grammar import Sent

REASONED = frozenset({503, 504})
"""Statuses from 500 on that are an answer: with a reason, they say that something passes."""
_STARTS = {
    "image/png": b"\x89PNG",
    "image/tiff": b"II",
    "application/geopackage+sqlite3": b"SQLite format 3",
    "application/vnd.apache.parquet": b"PAR1",
}
_LINK = re.compile(r"<([^>]*)>")


@dataclass(frozen=True)
class Got:
    """An answer."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    seconds: float = 0.0

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def faults(sent: Sent, got: Got, *, most_seconds: float) -> Iterator[str]:
    """What is wrong with an answer, each in a few words that are the same for the same fault."""
    if got.seconds > most_seconds:
        yield f"took longer than {most_seconds:g} s"
    if not 200 <= got.status < 600:
        yield f"status {got.status}"
    for name, value in got.headers:
        if re.search(r"[\r\n\0]", value):
            yield f"header {name} of several lines"
    if sent.method.upper() == "HEAD" or got.status in (204, 304):
        if got.body:
            yield "a body where there is none"
        if got.status >= 500 and got.status not in REASONED:
            yield f"status {got.status}"
        return
    length = got.header("Content-Length")
    if length is not None and int(length) != len(got.body):
        yield "Content-Length is not the length"
    body = got.body
    if got.header("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    if b"Traceback" in body or b"site-packages" in body:
        yield "a trace is told"
    try:
        record = _read(got.header("Content-Type") or "", body)
    except (ValueError, ElementTree.ParseError) as error:
        yield f"no {got.header('Content-Type')}: {type(error).__name__}"
        return
    yield from _status(got, record)
    yield from _links(got, record)


def _status(got: Got, record: Any) -> Iterator[str]:
    if got.status < 400:
        return
    problem = record if isinstance(record, dict) else {}
    kind = (got.header("Content-Type") or "").partition(";")[0]
    if kind not in ("application/problem+json", "text/html") and got.status != 503:
        yield f"{got.status} is no problem but {kind}"
    if kind == "application/problem+json" and problem.get("status") != got.status:
        yield "the problem has another status"
    reason = problem.get("remedy") or problem.get("queue") or kind == "text/html"
    if got.status >= 500 and not (got.status in REASONED and reason):
        yield f"status {got.status}"


def _links(got: Got, record: Any) -> Iterator[str]:
    links = [*_hrefs(record)]
    for name, value in got.headers:
        links += _LINK.findall(value) if name == "Link" else [value] if name == "Location" else []
    if not all(_leads(href) for href in links):
        yield "a link that leads nowhere"


def _leads(href: str) -> bool:
    """Whether an address is absolute and can be asked for."""
    try:
        parts = urlsplit(href)
        _ = parts.port
    except ValueError:
        return False
    somewhere = parts.scheme == "mailto" or (parts.scheme in ("http", "https") and parts.hostname)
    return bool(somewhere) and not re.search(r"[\s<>\"]", href)


def _hrefs(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("href"), str):
            yield node["href"]
        for value in node.values():
            yield from _hrefs(value)
    elif isinstance(node, list):
        for value in node[:50]:
            yield from _hrefs(value)


def _read(content_type: str, body: bytes) -> Any:
    """A body read as what it is said to be.

    Raises
    ------
    ValueError
        When it is something else.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind.endswith("json"):
        return json.loads(body.decode("utf-8"), parse_constant=_refuse, object_pairs_hook=_once)
    if kind == "text/html":
        text = body.decode("utf-8")
        if not text.startswith("<!doctype html>") or not text.rstrip().endswith("</html>"):
            raise ValueError("no page")
    elif kind.startswith("text/"):
        body.decode("utf-8")
    elif kind.endswith("xml"):
        ElementTree.fromstring(body)
    elif body and not body.startswith(_STARTS.get(kind, b"")):
        raise ValueError("another kind of file")
    elif not kind and body:
        raise ValueError("a body of no kind")
    return None


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        raise ValueError("a member told twice")
    return record

"""Refusals of requests that no application sees: problems for programs, pages for browsers."""

from __future__ import annotations

import logging
import re
import socket
from contextlib import suppress
from functools import lru_cache
from http import HTTPStatus

from flask import Flask, Response
from werkzeug.datastructures import LanguageAccept, MIMEAccept
from werkzeug.http import parse_accept_header

from service.web.problems.error_page import page_wanted
from service.web.problems.problems import unread_page, unread_problem
from service.web.problems.statuses import UNREAD
from service.web.problems.words import language_of
from service.web.replies.replies import OPEN, SECURE

WAIT_SECONDS = 5
"""After these a client that was refused for want of room or time may come again."""
_FIELD = re.compile(rb"\r\n(accept|accept-language):([\t\x20-\x7e]{0,1000})(?=\r\n)", re.IGNORECASE)
_LANGUAGE = re.compile(rb"[A-Z]+ [^\s?]*\?(?:[^\s&]*&)*?lang=([a-z]{2})[&\s]")
logger = logging.getLogger("vereda.access")


def refuse(client: socket.socket, status: int, head: bytes, app: Flask) -> None:
    """Send a problem to a client, if it is still there, before a connection is closed.

    Parameters
    ----------
    client
        Socket of the connection.
    status
        One of `service.web.problems.statuses.UNREAD`.
    head
        The first line and the header, as far as they have arrived. They tell whether the answer is
        to have a body, and of which kind.
    app
        The application that has the templates of pages.
    """
    start, body = _PROBLEMS[status]
    try:
        language = _page_language(head)
        if language:
            start, body = _page(app, status, language)
    except Exception:
        # This may be the loop of the process, which all its clients need.
        logger.exception("a refusal cannot be worded")
    with suppress(OSError):
        client.sendall(start if _bodiless(head) else start + body)


def _page_language(head: bytes) -> str:
    """Language of the page that a browser wants; empty for programs, which get a problem."""
    fields = {name.lower(): text.strip().decode() for name, text in _FIELD.findall(head)}
    accepted = fields.get(b"accept", "")
    # Most are programs, and what they accept need not be weighed.
    if "text/" not in accepted or not page_wanted(parse_accept_header(accepted, MIMEAccept)):
        return ""
    named = _LANGUAGE.match(head)
    spoken = parse_accept_header(fields.get(b"accept-language"), LanguageAccept)
    return language_of(named[1].decode() if named else "", spoken)


def _wait(status: int) -> int | None:
    return WAIT_SECONDS if status == HTTPStatus.SERVICE_UNAVAILABLE else None


@lru_cache(maxsize=64)
def _page(app: Flask, status: int, language: str) -> tuple[bytes, bytes]:
    """A page as it is sent: a template takes long to fill, and there may be thousands at once."""
    return _sent(status, unread_page(app, status, language, wait=_wait(status)))


def _sent(status: int, reply: Response) -> tuple[bytes, bytes]:
    """A reply as it is sent: the first line with the header, and the body."""
    # Without OPEN, a page of another origin would see a network failure.
    headers = {**OPEN, **SECURE, **dict(reply.headers), "Connection": "close"}
    if wait := _wait(status):
        headers["Retry-After"] = str(wait)
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode(), reply.get_data()


_PROBLEMS = {status: _sent(status, unread_problem(status)) for status in UNREAD}
"""Made once: they are sent as well where memory is too short to make one."""


def _bodiless(head: bytes) -> bool:
    """Whether an answer to a request has no body."""
    return head[:64].lstrip(b"\r\n").startswith(b"HEAD ")

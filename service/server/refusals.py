"""Refusals of requests that no application sees: problems for programs, pages for browsers."""

from __future__ import annotations

import logging
import re
import socket
from contextlib import suppress
from http import HTTPStatus

from flask import Flask

from service.web.problems.problems import unread_reply
from service.web.replies.replies import OPEN, SECURE

WAIT_SECONDS = 5
"""After these a client that was refused for want of room or time may come again."""
_FIELD = re.compile(
    rb"\r\n(accept|accept-language):[ \t]*([\x20-\x7e]{0,1000})(?=\r\n)", re.IGNORECASE
)
_LANGUAGE = re.compile(rb"[A-Z]+ [^\s?]*\?(?:[^\s&]*&)*?lang=([a-z]{2})[&\s]")
logger = logging.getLogger("vereda.access")


def refuse(client: socket.socket, status: int, head: bytes, app: Flask) -> None:
    """Send a problem to a client, if it is still there, before a connection is closed.

    Parameters
    ----------
    client
        Socket of the connection.
    status
        Status of HTTP, one of `service.web.problems.statuses.STATUSES` with a remedy.
    head
        What is here of the first line and the header: whether a body is wanted, and of what kind.
    app
        Whose words are sent.
    """
    wait = WAIT_SECONDS if status == HTTPStatus.SERVICE_UNAVAILABLE else None
    fields = {name.decode(): text.decode() for name, text in _FIELD.findall(head)}
    language = _LANGUAGE.match(head)
    try:
        reply = unread_reply(
            app, status, fields, language=language[1].decode() if language else "", wait=wait
        )
    except Exception:
        # This may be the loop of the process, which all its clients need.
        logger.exception("a refusal cannot be worded")
        reply = unread_reply(app, status, {})
    body = reply.get_data()
    # Without this header, a page of another origin would see a network failure.
    headers = {**OPEN, **SECURE, **dict(reply.headers), "Connection": "close"}
    if wait:
        headers["Retry-After"] = str(wait)
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with suppress(OSError):
        client.sendall("\r\n".join([*lines, "", ""]).encode() + (b"" if _bodiless(head) else body))


def _bodiless(head: bytes) -> bool:
    """Whether an answer to a request has no body."""
    return head[:64].lstrip(b"\r\n").startswith(b"HEAD ")

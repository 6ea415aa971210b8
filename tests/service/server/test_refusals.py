"""Refusals of requests that no application sees."""

from __future__ import annotations

import json
import socket

import pytest
from flask import Flask

from service.server.refusals import refuse


def answer(app: Flask, status: int, request: bytes) -> tuple[str, str]:
    """Header and body that a client gets."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        refuse(ours, status, request, app)
        ours.shutdown(socket.SHUT_WR)
        text = b"".join(iter(lambda: theirs.recv(4096), b"")).decode()
    head, _, body = text.partition("\r\n\r\n")
    return head, body


def test_a_browser_that_finds_the_service_busy_is_told_when_to_come_again(app: Flask) -> None:
    request = b"GET /map HTTP/1.1\r\nAccept: text/html\r\nAccept-Language: es\r\n\r\n"
    head, body = answer(app, 503, request)
    assert head.startswith("HTTP/1.1 503 ") and "Content-Language: es" in head
    assert "Retry-After: 5" in head and "Vuelve a responder en 5 s." in body
    assert f"Content-Length: {len(body.encode())}" in head
    head, body = answer(app, 503, request.replace(b"GET", b"HEAD"))
    assert "text/html" in head and body == ""


@pytest.mark.parametrize("accept", [b"", b"Accept: */*\r\n", b"Accept: application/json\r\n"])
def test_a_program_gets_a_problem(app: Flask, accept: bytes) -> None:
    head, body = answer(app, 503, b"GET /map HTTP/1.1\r\n" + accept + b"\r\n")
    assert "application/problem+json" in head and "default-src 'none'" in head
    assert json.loads(body)["status"] == 503


def test_words_that_fail_do_not_end_the_process(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("service.web.problems.problems.error_page", fail)
    head, body = answer(app, 503, b"GET /map HTTP/1.1\r\nAccept: text/html\r\n\r\n")
    assert "problem+json" in head and json.loads(body)["status"] == 503

"""Refusals of requests that no application sees."""

from __future__ import annotations

import json
import socket
import time

import pytest
from flask import Flask, Response

from service.server.refusals import refuse
from service.web.problems.problems import unread_page


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
    """A problem is there without the application, which may have no memory."""

    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    monkeypatch.setattr("service.server.refusals.unread_page", fail)
    monkeypatch.setattr(app, "test_request_context", fail)
    monkeypatch.setattr("service.server.refusals.unread_problem", fail)
    head, body = answer(app, 417, b"GET /map HTTP/1.1\r\nAccept: text/html\r\n\r\n")
    assert "problem+json" in head and json.loads(body)["status"] == 417


def test_a_page_is_made_once_for_thousands_of_clients(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []

    def page(*parts: object, **options: object) -> Response:
        made.append(1)
        return unread_page(*parts, **options)  # type: ignore[arg-type]

    monkeypatch.setattr("service.server.refusals.unread_page", page)
    for accept in (b"text/html", b" text/html,*/*;q=0.8\t", b"text/*"):
        head, _ = answer(app, 501, b"GET / HTTP/1.1\r\naccept:" + accept + b"\r\n\r\n")
        assert "text/html" in head
    assert len(made) == 1


@pytest.mark.parametrize("field", [b"Accept:", b"Accept-Language: x\r\nAccept:\t"])
def test_a_header_of_blanks_holds_up_no_other_client(app: Flask, field: bytes) -> None:
    begun = time.process_time()
    answer(app, 431, b"GET / HTTP/1.1\r\n" + field + b" " * 65_000)
    assert time.process_time() - begun < 0.1


def test_a_page_outside_of_the_application_claims_nothing_that_it_does_not_know(
    app: Flask,
) -> None:
    """Neither a number that no log has, nor addresses that a proxy may have moved."""
    for language, words in (("en", "when it was"), ("es", "a qué hora fue")):
        request = f"GET /?lang={language} HTTP/1.1\r\nAccept: text/html\r\n\r\n"
        _, body = answer(app, 500, request.encode())
        assert words in body and "<a " not in body

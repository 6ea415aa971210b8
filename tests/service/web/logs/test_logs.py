"""Lines of requests."""

from __future__ import annotations

import logging

import pytest
from flask.testing import FlaskClient

from service.web.logs import logs


def test_a_line_that_nobody_reads_is_not_composed(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delattr(logs, "cleaned")
    with caplog.at_level(logging.WARNING, "vereda.access"):
        answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.headers[logs.HEADER]

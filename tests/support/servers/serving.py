"""One service on the bundled network and a real result, for all tests of the service."""

from __future__ import annotations

import importlib.util
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server

from service.app import create_app
from service.state import Settings
from tests.support.mapbook import PATIENCE_MILLISECONDS, SHARP, Visit

CHROMIUM = Path("/usr/bin/chromium")
HEADLESS = Path("/usr/bin/chromium-headless-shell")
"""The same browser without windows of its own, which take a third of the time of a page."""


@pytest.fixture(scope="session")
def app(network_dir: Path, result_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    jobs = tmp_path_factory.mktemp("kept") / "jobs"
    # Answers take milliseconds; on a busy machine some of them take long all the same.
    unhurried = {"limit_seconds": 600.0}
    return create_app(Settings(network=network_dir, result=(result_dir,), jobs=jobs, **unhurried))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture(scope="session")
def served(app: Flask) -> Iterator[str]:
    """Address of the service on a free port, for clients that are programs of their own."""
    with serving(app) as address:
        yield address


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve an application on a free port; gives the address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium under Playwright; one a module, as Playwright runs only once at a time."""
    with browsing(HEADLESS if HEADLESS.exists() else CHROMIUM) as chromium:
        yield chromium


@pytest.fixture(scope="module")
def open_page(browser: Any, served: str) -> Iterator[Visit]:
    """One visit for questions that are asked one behind another: to open a page takes seconds."""
    with Visit(browser, served, link="#lang=en") as visit:
        yield visit


@pytest.fixture(scope="module")
def sharp_page(browser: Any, served: str) -> Iterator[Visit]:
    """Such a visit whose pixels are looked at."""
    with Visit(browser, served, link="#lang=en", **SHARP) as visit:
        yield visit


@pytest.fixture(scope="module")
def full_browser() -> Iterator[Any]:
    """Chromium as visitors have it, for what windows, keys and printers have a part in."""
    with browsing(CHROMIUM) as chromium:
        yield chromium


@contextmanager
def browsing(program: Path) -> Iterator[Any]:
    """Start a browser, and close it at the end of the block."""
    if not program.exists() or importlib.util.find_spec("playwright") is None:
        pytest.skip("Chromium is not installed")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=PATIENCE_MILLISECONDS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=str(program),
            args=["--no-sandbox", "--enable-unsafe-swiftshader"],
            timeout=PATIENCE_MILLISECONDS,
        )
        yield chromium
        chromium.close()

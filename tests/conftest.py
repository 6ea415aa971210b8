"""One network and one result of the bundled region, made once for all tests and all workers."""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import settings

from cli.main import vereda
from geodata.borderlands.region import borderlands
from geodata.network.network import Network
from geodata.network.store import load_network
from geodata.sources.bundle import Bundle

pytest_plugins = ["tests.support.serving", "tests.support.packages"]

# What is compiled at its first call takes its time then.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


_CLIENTS_WITHIN = 0.8
"""Share of the rest among which files that start other programs are spread."""


def pytest_addoption(parser) -> None:
    group = parser.getgroup("vereda", "what `make run` has written, for quick runs of a few tests")
    group.addoption("--network", type=Path, help="a built network, instead of building one")
    group.addoption("--result", type=Path, help="its default result, instead of computing one")
    group.addoption(
        "--campaign", type=float, default=1.0, metavar="N",
        help="make the runs of tests/properties N times as long",
    )  # fmt: skip


def pytest_configure() -> None:
    # A shell that starts tests in the background has them, and all that they start, ignore Ctrl+C.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items) -> None:
    """Spread the files that start other programs among the rest, and end with the rest.

    They take longest, and several browsers at once only wait for each other, busily. The first of
    them makes the network and the result that others would wait for; what needs neither keeps the
    other workers at work in the meantime.
    """
    paths = list(dict.fromkeys(item.path for item in items))
    starting = {item.path for item in items if item.get_closest_marker("client")}
    needing = {item.path for item in items if "network_dir" in item.fixturenames}
    alone = {path for path in paths if path.parent.name == "properties"} - needing - starting
    clients = [path for path in paths if path in starting]
    rest = [path for path in paths if path not in starting | alone]
    turns = dict.fromkeys(alone, -1.0)
    turns |= {path: _CLIENTS_WITHIN * turn / len(clients) for turn, path in enumerate(clients)}
    turns |= {path: turn / len(rest) for turn, path in enumerate(rest, 1)}
    turns |= dict.fromkeys(clients[:1], -2.0)
    items.sort(key=lambda item: turns[item.path])


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    return borderlands()


@pytest.fixture(scope="session")
def once(tmp_path_factory) -> Callable[[str, Callable[[Path], object]], Path]:
    """Directories that the first worker to need them makes, while others wait."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def directory(name: str, make: Callable[[Path], object]) -> Path:
        place = shared / name
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not place.exists():
                make(place)
        return place

    return directory


def vereda_does(*words: object) -> None:
    run = CliRunner().invoke(vereda, list(map(str, words)), catch_exceptions=False)
    assert run.exit_code == 0, run.output


@pytest.fixture(scope="session")
def network_dir(request, once) -> Path:
    """What `vereda build` writes."""
    if built := request.config.getoption("--network"):
        return built.absolute()
    return once("network", lambda place: vereda_does("build", "--output", place))


@pytest.fixture(scope="session")
def network(network_dir) -> Network:
    return load_network(network_dir)


@pytest.fixture(scope="session")
def result_dir(request, once, network_dir) -> Path:
    """What `vereda corridors` writes for the default profile."""
    if computed := request.config.getoption("--result"):
        return computed.absolute()
    question = ("corridors", "--network", network_dir)
    return once("out", lambda place: vereda_does(*question, "--output", place))

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
from geodata.network.store import load_network, save_network
from geodata.sources.layers.bundle import Bundle
from tests.support.worlds.elsewhere import store_network
from tests.support.worlds.made_study import strip_network

pytest_plugins = ["tests.support.servers.serving", "tests.support.worlds.packages"]

# What is compiled at its first call takes its time then. A run draws the cases of the run before,
# so that the tests of one state of the code pass or fail alike; a campaign draws others.
settings.register_profile("alike", deadline=None, derandomize=True)
settings.register_profile("campaign", deadline=None)


def pytest_addoption(parser) -> None:
    group = parser.getgroup("vereda", "what `make run` has written, for quick runs of a few tests")
    group.addoption("--network", type=Path, help="a built network, instead of building one")
    group.addoption("--result", type=Path, help="its default result, instead of computing one")
    group.addoption(
        "--campaign", type=float, default=1.0, metavar="N",
        help="make the runs of tests/properties N times as long, and draw other cases",
    )  # fmt: skip


def pytest_configure(config) -> None:
    settings.load_profile("alike" if config.getoption("--campaign") == 1 else "campaign")
    # A shell that starts tests in the background has them, and all that they start, ignore Ctrl+C.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items) -> None:
    """Files that start other programs come early: they take longest, the rest fills gaps.

    The first of them makes the network and the result that others would wait for; what needs
    neither keeps the other workers at work in the meantime. What asks a service within its own
    process comes next, and ends no run with one long file.
    """
    starting = {item.path for item in items if item.get_closest_marker("client")}
    needing = {item.path for item in items if "network_dir" in item.fixturenames}
    alone = {item.path for item in items if "properties" in item.path.parts} - needing
    served = {item.path for item in items if "app" in item.fixturenames}
    first = min(starting, default=None)

    def turn(item: pytest.Item) -> int:
        if item.path in starting:
            return 0 if item.path == first else 2
        if item.path in alone:
            return 1
        return 3 if item.path in served else 4

    items.sort(key=turn)


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
def isle_dir(once, tmp_path_factory) -> Path:
    """A small network of another area: a service that is started on it begins in half the time."""
    layers = tmp_path_factory.mktemp("halcyon") / "layers"
    return once("isle", lambda place: store_network(layers, place))


@pytest.fixture(scope="session")
def strip(once, tmp_path_factory) -> Network:
    """A small network of one country and a strip of its neighbour, stored and read."""
    layers = tmp_path_factory.mktemp("strip")
    return load_network(once("strip", lambda place: save_network(strip_network(layers), place)))


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


@pytest.fixture(scope="session")
def west_dir(once, network_dir) -> Path:
    """The default result of another flow."""
    question = ("corridors", "--network", network_dir, "--profile", "contraband-west")
    return once("contraband", lambda place: vereda_does(*question, "--output", place))

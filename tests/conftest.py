"""One network and one result of the bundled region, made once for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import settings

from cli.main import vereda
from geodata.network import Network
from geodata.sources import Bundle, borderlands

# What is compiled at its first call takes its time then.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


def pytest_addoption(parser) -> None:
    group = parser.getgroup("vereda", "what `make run` has written, for quick runs of a few tests")
    group.addoption("--network", type=Path, help="a built network, instead of building one")
    group.addoption("--result", type=Path, help="its default result, instead of computing one")


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    return borderlands()


@pytest.fixture(scope="session")
def network_dir(request, tmp_path_factory) -> Path:
    """What `vereda build` writes."""
    if built := request.config.getoption("--network"):
        return built.absolute()
    directory = tmp_path_factory.mktemp("built") / "network"
    run = CliRunner().invoke(vereda, ["build", "--output", str(directory)], catch_exceptions=False)
    assert run.exit_code == 0, run.output
    return directory


@pytest.fixture(scope="session")
def network(network_dir) -> Network:
    return Network.load(network_dir)


@pytest.fixture(scope="session")
def result_dir(request, network_dir, tmp_path_factory) -> Path:
    """What `vereda corridors` writes for the default profile."""
    if computed := request.config.getoption("--result"):
        return computed.absolute()
    directory = tmp_path_factory.mktemp("computed") / "out"
    run = CliRunner().invoke(
        vereda,
        ["corridors", "--network", str(network_dir), "--output", str(directory)],
        catch_exceptions=False,
    )
    assert run.exit_code == 0, run.output
    return directory

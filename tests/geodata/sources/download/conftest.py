"""A host that may misbehave, a cache, and a study that fetches from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from geodata.area.box import Box
from geodata.sources.download.fetch import Fetched, Options, Order, fetch
from geodata.sources.download.hosts.patience import Patience
from geodata.sources.download.providers.providers import Extent
from geodata.sources.fetched.addresses import Mirrors
from tests.support.servers.bad_server import BadServer, bad_server

HERE = Extent(box=Box(-89.6, 14.2, -88.4, 15.8), countries=("GT", "HN"))


@dataclass
class Study:
    """A study that fetches from a host."""

    home: Path
    cache: Path
    host: BadServer
    reports: list[str] = field(default_factory=list)
    mirrors: tuple[str, ...] = ()

    def fetch(self, *orders: Order, extent: Extent = HERE, **options: Any) -> list[Fetched]:
        """Fetch, without pauses that are worth mentioning."""
        own = {
            "cache": self.cache, "mirrors": Mirrors.parse(self.mirrors),
            "patience": Patience(tries=4, pause=0.01),
        }  # fmt: skip
        return fetch(orders, extent, Options(**{**own, **options}), progress=self.reports.append)

    def url(self, path: str, role: str = "roads", **more: Any) -> Order:
        """A layer with an address of the host."""
        url = more.pop("url", self.host.url(path))
        return Order(role=role, label=role, home=self.home / role, url=url, **more)

    def provider(self, name: str, role: str, **more: Any) -> Order:
        """A layer with a provider."""
        return Order(role=role, label=role, home=self.home / role, provider=name, **more)

    def visible(self, role: str = "roads") -> list[str]:
        """Names in the directory of a role, whatever they are."""
        home = self.home / role
        return sorted(path.name for path in home.iterdir()) if home.is_dir() else []


@pytest.fixture
def host() -> Iterator[BadServer]:
    with bad_server() as server:
        yield server


@pytest.fixture
def study(tmp_path: Path, host: BadServer, monkeypatch: pytest.MonkeyPatch) -> Study:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return Study(home=tmp_path / "data", cache=tmp_path / "cache", host=host)

"""The graph that ``vereda build --roads osmnx:...`` asks for."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from geodata.sources.download.cache import default_cache
from geodata.sources.download.fetch import Options, fetch
from geodata.sources.download.orders.orders import Order
from geodata.sources.download.providers.providers import Extent
from geodata.sources.download.queries.osmnx import streets_of


def cache_of_user() -> Path:
    """Where downloads are kept: where ``VEREDA_CACHE`` says, or else the usual place."""
    named = os.environ.get("VEREDA_CACHE")
    return Path(named) if named else default_cache()


def fetch_streets(
    request: str, extent: Extent, *, progress: Callable[[str], None] = lambda _: None
) -> Path:
    """The directory of a graph that was downloaded for ``--roads osmnx:...``, now or before.

    Raises
    ------
    InputError, DataError, UnreachableError
        As `streets_of` and `get_streets`.
    """
    cache = cache_of_user()
    streets = streets_of(request, extent, field="roads")
    key = hashlib.sha256(repr((streets, streets.server)).encode()).hexdigest()[:16]
    order = Order(role="roads", label="roads", home=cache / "osmnx" / key, provider=request)
    (fetched,) = fetch([order], extent, Options(cache=cache), progress=progress)
    return fetched.files[0]

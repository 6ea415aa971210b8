"""Credits: the holders of data, and the one line that names them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from geodata.sources.layers.schema import EVIDENCE

if TYPE_CHECKING:
    from geodata.network.network import Network

Sources = Sequence[Mapping[str, str]]
"""Records of sources, each with ``attribution`` and ``licence`` among its members."""


def role_of(source: Mapping[str, str]) -> str:
    """Role of the layer of a source, whose name may differ in a user's study."""
    return source.get("role") or source.get("layer", "")


def shown_sources(network: Network) -> Sources:
    """Sources that a network, its maps and its results are made of: all but evidence."""
    listed: Sources = network.meta.get("sources", [])
    return [source for source in listed if role_of(source) not in EVIDENCE]


def holders(sources: Sources) -> list[str]:
    """Holders to name, once each, wherever products of the sources are shown."""
    return list(dict.fromkeys(str(source["attribution"]) for source in sources))


def holders_with_licences(sources: Sources) -> list[str]:
    """Holders to name, once each, with the licences of their data."""
    licences: dict[str, dict[str, None]] = {}
    for source in sources:
        licences.setdefault(source["attribution"], {})[source["licence"]] = None
    return [f"{name} ({', '.join(several)})" for name, several in licences.items()]


def credit_line(
    sources: Sources, *, between: str = "; ", end: str = "", apart: bool = False
) -> str:
    """Holders to name, in one line.

    Parameters
    ----------
    between
        Separator between two names.
    end
        Character that ends each name, such as a full stop; it is not doubled.
    apart
        Whether holders that one source names together, as in ``a; b``, are separated.
    """
    names = holders(sources)
    if apart:
        names = [part for name in names for part in name.split("; ")]
    ended = (f"{name.rstrip(end)}{end}" for name in names)
    return between.join(dict.fromkeys(ended))

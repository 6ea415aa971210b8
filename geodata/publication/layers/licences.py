"""Holders and licences of the data, stated with every collection."""

from __future__ import annotations

from collections.abc import Mapping

from geodata.network.credit import Sources, credit_line, holders, role_of, shown_sources
from geodata.network.network import Network
from geodata.publication.layers.layer import PublishedLayer
from geodata.sources.layers.schema import EVIDENCE

ADDRESSES: Mapping[str, str] = {
    "ODbL-1.0": "https://opendatacommons.org/licenses/odbl/1-0/",
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "Public domain": "https://creativecommons.org/publicdomain/mark/1.0/",
}
"""Where a licence can be read, the one that asks for most first."""
ALONE = ("posts", *EVIDENCE)
"""Collections that are one layer as it was read, and credit its source alone; all others credit
every source but those of evidence, which nothing is derived from."""


def sources(network: Network, layer: PublishedLayer | None = None) -> Sources:
    """Sources of a layer, or of all that is served."""
    listed: Sources = network.meta.get("sources", [])
    if layer is None:
        return listed
    if layer.name in ALONE:
        return [source for source in listed if role_of(source) == layer.name]
    return shown_sources(network)


def attribution(listed: Sources) -> str:
    """Whom to name, each once, as sentences."""
    return credit_line(listed, between=" ", end=".")


def attributions(network: Network) -> list[str]:
    """Who must be named wherever the network or its corridors are shown, each once."""
    return holders(shown_sources(network))

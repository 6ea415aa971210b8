"""Layers of a network, told with what its own bundle knows of them."""

from __future__ import annotations

from itertools import takewhile

from geodata.borderlands.region import borderlands
from geodata.network.network import Network
from geodata.publication.layers import network_layers
from geodata.sources.bundle import Bundle


def names(network: Network, bundle: Bundle | None) -> list[str]:
    """Layers before those of the graph."""
    layers = network_layers(network, bundle=bundle)
    return [here.name for here in takewhile(lambda here: here.name != "roads", layers)]


def test_posts_are_those_of_the_bundle_that_a_network_was_built_from(network: Network) -> None:
    bundle = borderlands()
    others = {name: each for name, each in bundle.layers.items() if name != "posts"}
    assert "posts" in names(network, bundle) == names(network, None)
    assert "posts" not in names(network, Bundle(bundle.directory, others))

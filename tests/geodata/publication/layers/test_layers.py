"""Layers of a network, told with what its own sources know of them."""

from __future__ import annotations

from dataclasses import replace

from geodata.network.network import Network
from geodata.publication.layers.network_layers import network_layers


def named(network: Network, *without: str) -> dict[str, list[str]]:
    """Columns by name of the layer, of a network that lacks some source layers."""
    kept = {name: network.layers[name] for name in network.layers if name not in without}
    layers = network_layers(replace(network, layers=kept))
    return {layer.name: list(layer.frame) for layer in layers}


def test_what_no_source_lists_is_left_out(network: Network) -> None:
    listed = named(network)
    assert "posts" in listed and "population" in listed["places"] and "year" in listed["crossings"]
    bare = named(network, *network.layers)
    assert set(listed) - set(bare) == {"posts", "events", "counts"}
    assert "population" not in bare["places"] and "year" not in bare["crossings"]
    assert bare["roads"] == listed["roads"] and bare["sectors"] == listed["sectors"]


def test_crossings_of_a_study_have_what_its_table_says_of_them(strip: Network) -> None:
    """Ids of the table are the study's own, and no part of those of gateways."""
    layer = next(each for each in network_layers(strip) if each.name == "crossings")
    assert len(layer.frame) == 2
    for name, value in {"name": "Midgate", "gateway": "formal:midgate", "road": "R1",
                        "kind": "formal", "source": "a survey", "year": 2021}.items():  # fmt: skip
        assert layer.frame[name].tolist() == [value] * 2

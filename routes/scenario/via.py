"""Stops that every path must pass, in their order, as layers of the network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geodata.arrays import BoolArray
from geodata.network.gazetteer import plain
from geodata.network.network import MODES, Network
from routes.scenario.edited_costs import _gateways, is_sea_zone, links_of, nodes_of
from routes.search.arcs import Arcs


@dataclass(frozen=True, kw_only=True)
class Stop:
    """A thing that every path must pass.

    Parameters
    ----------
    arcs
        Arcs that pass it.
    nodes
        Nodes inside the thing; a path that begins there has passed it.
    """

    arcs: BoolArray
    nodes: BoolArray


def stop_at(network: Network, arcs: Arcs, target: str, *, field: str) -> Stop:
    """The stop of a named thing: links of a gateway, mode or sea zone, else arcs that enter it.

    Raises
    ------
    InputError
        When the name matches nothing; the nearest names are suggested.
    """
    named = _gateways(network, target)
    if len(named) or plain(target) in MODES or is_sea_zone(target):
        links = links_of(network, target, field=field)
        return Stop(arcs=links[arcs.link], nodes=np.zeros(arcs.n, bool))
    inside = nodes_of(network, target, field=field)
    return Stop(arcs=inside[arcs.head], nodes=inside)


def add_layers(arcs: Arcs, stops: list[Stop]) -> Arcs:
    """Arcs of a network in which a path must pass some stops in turn.

    The network is repeated in one layer more than there are stops; an arc that passes a stop leads
    to the next layer. Node i of layer k is ``k * n + i``, arc a is ``k * m + a``.
    """
    n, layers = arcs.n, len(stops) + 1
    heads, starts = [], []
    for layer in range(layers):
        up = stops[layer].arcs if layer < len(stops) else np.zeros(len(arcs.head), bool)
        heads.append(arcs.head + n * (layer + up))
        starts.append(arcs.start[:-1].astype(np.int64) + layer * len(arcs.head))
    start = np.concatenate([*starts, [layers * len(arcs.head)]])
    return Arcs(
        start=start.astype(np.int32),
        tail=np.concatenate([arcs.tail + n * k for k in range(layers)]).astype(np.int32),
        head=np.concatenate(heads).astype(np.int32),
        link=np.tile(arcs.link, layers),
        along=np.tile(arcs.along, layers),
        layers=layers,
    )

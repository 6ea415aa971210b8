"""Corridors: near-optimal paths that pass the same gateways, added up over the origins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from geodata.arrays import Float64Array, Int32Array
from geodata.network.network import Network


class CorridorKey(NamedTuple):
    """Key of a corridor: corridors of several origins with the same key are one corridor.

    Parameters
    ----------
    gateways
        Rows of ``network.gateways`` in order of passing.
    ends
        Origin and destination of a corridor that passes no gateway; nothing else distinguishes it
        from another corridor within one country.
    """

    gateways: tuple[int, ...]
    ends: tuple[str, ...] = ()

    @classmethod
    def of(cls, gateways: tuple[int, ...], origin: str, destination: str) -> CorridorKey:
        """Make the key of a corridor between two ends."""
        return cls(gateways, () if gateways else (origin, destination))

    def ids(self, of_gateways: Sequence[str]) -> str:
        """Ids of the gateways with semicolons between, as tables hold them."""
        return "; ".join(of_gateways[row] for row in self.gateways)

    def name(self, of_gateways: Sequence[str]) -> str:
        """Names of the gateways in order, or of the two ends when there is no gateway."""
        return " - ".join([of_gateways[row] for row in self.gateways] or self.ends)


@dataclass(frozen=True, kw_only=True)
class Corridor:
    """One corridor of one origin.

    Parameters
    ----------
    gateways
        Rows of ``network.gateways`` in order of passing.
    usage
        Share of all modelled flow.
    cost
        Least generalised cost in risk-adjusted hours.
    slack
        Cost above the best corridor of the same origin, as a share of it.
    path
        Arcs of the network on the least-cost path.
    """

    gateways: tuple[int, ...]
    origin: str
    destination: str
    usage: float
    cost: float
    slack: float
    path: Int32Array

    @property
    def key(self) -> CorridorKey:
        """Key that this corridor shares with the same corridor of other origins."""
        return CorridorKey.of(self.gateways, self.origin, self.destination)


def corridor_shares(corridors: Iterable[Corridor]) -> dict[CorridorKey, float]:
    """Share of flow by corridor, summed over origins."""
    shares: dict[CorridorKey, float] = {}
    for corridor in corridors:
        shares[corridor.key] = shares.get(corridor.key, 0.0) + corridor.usage
    return shares


def gateway_shares(network: Network, shares: Mapping[CorridorKey, float]) -> Float64Array:
    """Share of flow that passes each of ``network.gateways`` at least once.

    Parameters
    ----------
    shares
        Share of flow by corridor.
    """
    usage = np.zeros(len(network.gateways))
    for key, share in shares.items():
        usage[list(set(key.gateways))] += share
    return usage


def read_keys(network: Network, table: pd.DataFrame) -> list[CorridorKey]:
    """Keys of listed corridors, from the columns gateways, origin and destination."""
    number = {identity: row for row, identity in enumerate(network.gateways["id"])}
    columns = (table[name] for name in ("gateways", "origin", "destination"))
    return [
        CorridorKey.of(tuple(number[part] for part in text.split("; ") if part), origin, end)
        for text, origin, end in zip(*columns, strict=True)
    ]

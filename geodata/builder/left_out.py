"""Features of a study's layers that did not become part of its network, a line a layer."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from geodata.arrays import BoolArray, Float64Array
from geodata.network.network import Network
from geodata.sources.layers import Layers, table

_KIND = {"places": "place", "ports": "port", "airports": "airstrip"}
"""Kind of the nodes that represent the rows of a layer."""
_NAMED = 3
_DIGITS = 5


def remarks_on(layers: Layers, network: Network) -> Iterator[str]:
    """Lines on features in the area's countries that a network lacks, with examples."""
    for name, kind in _KIND.items():
        if name in layers.layers:
            rows = table(layers, name)
            lost = _studied(rows, network) & ~_is_node(rows, network.nodes, kind)
            if lost.any():
                yield (
                    f"{int(lost.sum()):,} of {len(rows):,} {name} lie too far from land and roads "
                    f"to be joined, and are left out: {_examples(rows['name'][lost])}."
                )
    if "indicators" in layers.layers:
        codes = table(layers, "indicators")["iso"]
        strange = ~codes.isin(network.admin["id"])
        if strange.any():
            yield (
                f"{int(strange.sum()):,} of {len(codes):,} rows of indicators are of units that "
                f"the area does not have, and count for nothing: {_examples(codes[strange])}."
            )


def _studied(rows: pd.DataFrame, network: Network) -> BoolArray:
    """Rows in the box and in the countries of an area."""
    west, south, east, north = network.area.bbox
    x, y = _places(rows)
    own = rows["country"].isin([*network.area.countries, ""]).to_numpy()
    return np.asarray(own & (x > west) & (x < east) & (y > south) & (y < north), bool)


def _is_node(rows: pd.DataFrame, nodes: pd.DataFrame, kind: str) -> BoolArray:
    """Whether each row, or its name, is a node of the network."""
    own = nodes[nodes["kind"] == kind]
    known = set(zip(own["x"].round(_DIGITS), own["y"].round(_DIGITS), strict=True))
    names = set(own["name"].astype(str))
    at = zip(*(np.round(each, _DIGITS) for each in _places(rows)), strict=True)
    return np.array(
        [place in known or name in names for place, name in zip(at, rows["name"], strict=True)],
        bool,
    )


def _places(rows: pd.DataFrame) -> tuple[Float64Array, Float64Array]:
    if "x" in rows:
        return rows["x"].to_numpy(float), rows["y"].to_numpy(float)
    return rows["geometry"].x.to_numpy(), rows["geometry"].y.to_numpy()


def _examples(names: pd.Series) -> str:
    known = list(dict.fromkeys(str(name) for name in names))
    more = ", ..." if len(known) > _NAMED else ""
    return ", ".join(known[:_NAMED]) + more

"""Names of places: compared without case, accents and extra blanks."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from geodata.entries.spelling import bare

NAMED = ("place", "port", "airstrip", "crossing")
"""Kinds of nodes that can be asked for by name, the first kind that has the name wins."""


def plain(name: str) -> str:
    """A name without case, accents and extra blanks, for comparison."""
    return " ".join(bare(name).casefold().split())


@dataclass(frozen=True)
class Gazetteer:
    """Named nodes of a network.

    Parameters
    ----------
    places
        Columns kind, name, country, admin1, x, y and `key`, the name made plain; the index is
        the node.
    """

    places: pd.DataFrame

    @classmethod
    def of(cls, nodes: pd.DataFrame) -> Gazetteer:
        """Those of some nodes that have a name and are of a kind that is asked for by it."""
        chosen = nodes["kind"].isin(NAMED) & (nodes["name"] != "")
        columns = ["kind", "name", "country", "admin1", "x", "y"]
        places = nodes.loc[chosen, columns].astype(dict.fromkeys(columns[:4], str))
        return cls(places.assign(key=[plain(name) for name in places["name"]]))

    def named(self, name: str) -> pd.DataFrame:
        """Nodes of a name."""
        return self.places[self.places["key"] == plain(name)]

"""Notes on missing layers of a study: their replacement, and the consequences."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Note:
    """A missing layer.

    Parameters
    ----------
    layer
        Canonical name of the layer.
    done
        ``derived`` from something else, or ``left out``.
    cost
        Consequences for the network and its scores.
    """

    layer: str
    done: str
    cost: str


def notes_on(layers: Collection[str]) -> list[Note]:
    """Notes on the layers that a study lacks.

    Parameters
    ----------
    layers
        Canonical names of the layers that its file names.
    """
    return [
        Note(layer=name, done=done, cost=cost)
        for name, others, done, cost in LACKING
        if name not in layers and not set(layers).intersection(others)
    ]


LACKING = (
    ("countries", ("coast", "admin1"), "left out",
     "the whole area is land of its one country, without a coast"),
    ("coast", ("countries",), "derived",
     "the coast is where administrative units end"),
    ("admin1", (), "derived", "each country is one unit: no rank of units within it"),
    ("lakes", (), "left out", "lakes are crossed as land, and none is sailed"),
    ("rivers", (), "left out", "no river is sailed"),
    ("roads", ("road_routes",), "left out", "all ways are off-road, by water or on foot"),
    ("places", (), "left out",
     "no town lends its name; remoteness lacks town_hours and place_hours, and, where no "
     "population is given, emptiness"),
    ("crossings", ("road_routes",), "derived",
     "where a made road meets a border there is a formal crossing, named after a place"),
    ("ports", (), "left out", "ships land on beaches only; remoteness at sea lacks port_hours"),
    ("airports", (), "left out", "no airstrip is an end of a flow"),
    ("posts", (), "left out", "weakness lacks reach"),
    ("indicators", (), "left out", "weakness lacks institutions"),
    ("elevation", (), "left out", "all land is flat: walking and driving ignore slopes"),
    ("population", (), "derived", "people are those of places; nobody lives elsewhere"),
    ("landcover", ("friction",), "left out", "all land is walked as open shrubland"),
    ("lights", (), "left out", "remoteness lacks darkness"),
    ("depth", (), "left out", "results tell no depth"),
)  # fmt: skip
"""Layers a study may lack: name, others that stand for it, what is done, what that costs."""

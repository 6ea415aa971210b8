"""What demands bring to the links, and what of it is one corridor."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geodata.publication.layers.properties import meaning
from routes.corridors.choice.family_choice import FamilyChoice
from routes.corridors.corridor import Corridor, CorridorKey, corridor_shares
from routes.corridors.loading import ArcUsage, Demand, Flow, LoadedDemand
from routes.search.arcs import Arcs

ARCS = Arcs.from_links(
    np.array([0, 1], np.int32), np.array([1, 2], np.int32), 3,
    uv=np.ones(2, bool), vu=np.zeros(2, bool),
)  # fmt: skip
BOTH = np.array([0, 1], np.int32)


def brought(origin: str, gateways: tuple[int, ...], usage: float) -> LoadedDemand:
    """Flow of one origin over both links."""
    demand = Demand(origin=origin, destinations={2: "end"}, share=usage,
                    choice=FamilyChoice(theta=1))  # fmt: skip
    corridor = Corridor(gateways=gateways, origin=origin, destination="end", usage=usage, cost=1,
                        slack=0, path=BOTH)  # fmt: skip
    return LoadedDemand(
        demand=demand, best=1, cut=False, corridors=[corridor], links=BOTH, slack=np.zeros(2),
        arcs={0: BOTH}, usage={0: np.array([usage, usage / 200])},
    )  # fmt: skip


def test_a_link_is_of_the_corridor_that_brings_most_from_all_origins_together():
    flow = Flow(arcs=ARCS, links=2)
    flow.add(brought("single", (7,), 0.04))
    assert flow.corridor.tolist() == [0, 0]
    for number in range(10):
        flow.add(brought(f"place {number}", (3, 5), 0.03))
    assert [flow.corridors[row].gateways for row in flow.corridor] == [(3, 5), (3, 5)]
    assert [len(rows) for rows in flow.alike().values()] == [1, 10]
    assert flow.link == pytest.approx([0.34, 0.0017])
    assert flow.spread[0].band.tolist() == [0]


def test_a_link_that_only_small_corridors_pass_is_of_none():
    """The property says so: a corridor that is not spread names no link."""
    load = brought("single", (7,), 0.04)
    flow = Flow(arcs=ARCS, links=2)
    flow.add(replace(load, arcs={}, usage={}, beside=ArcUsage.along(load.corridors)))
    assert flow.link == pytest.approx([0.04, 0.04]) and flow.corridor.tolist() == [-1, -1]
    assert "empty where only smaller ones pass" in meaning("corridor").description


def test_corridors_without_a_gateway_are_told_apart_by_their_ends():
    corridors = [brought(origin, (), 0.5).corridors[0] for origin in ("here", "there")]
    shares = corridor_shares([*corridors, *brought("here", (4,), 0.1).corridors])
    assert shares == {
        CorridorKey((), ("here", "end")): 0.5,
        CorridorKey((), ("there", "end")): 0.5,
        CorridorKey((4,)): 0.1,
    }
    assert [key.name(["a", "b", "c", "d", "e"]) for key in shares] == [
        "here - end", "there - end", "e",
    ]  # fmt: skip

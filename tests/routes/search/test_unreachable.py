"""Why there is no path: the part that is cut off, where it is, and what would join it."""

from __future__ import annotations

import numpy as np
import pytest

from routes.router import Router
from routes.scenario.edited_costs import edited
from routes.scenario.edits import close
from routes.scenario.ends.place_names import find_place
from routes.scenario.profiles import load_profile
from routes.search.unreachable import explain_no_path


@pytest.fixture(scope="module")
def router(network):
    return Router(network)


@pytest.fixture(scope="module")
def cost(router):
    return np.asarray(router.cost(load_profile("migrants-north")), float)


def explained(router, cost, origin, destination):
    ends = [[find_place(router.network, name, field="x")] for name in (origin, destination)]
    return explain_no_path(router.network, router.arcs, cost, *ends)


def test_an_island_is_joined_by_a_mode_that_is_barred(router, cost):
    there = explained(router, cost, "Tela", "Coxen Hole")
    assert there.startswith("The destination cannot be reached: its part of the network (")
    assert "around Coxen Hole" in there
    assert there.endswith("is joined to the rest only by mode sea, barred by profile or question.")
    back = explained(router, cost, "Coxen Hole", "Tela")
    assert back.startswith("The origin cannot be left: its part of the network (")


def test_several_modes_are_listed(router, cost):
    mode = router.network.links["mode"].astype(str).to_numpy()[router.arcs.link]
    barred = np.where(np.isin(mode, ["sea", "transfer"]), np.inf, cost)
    east = explained(router, barred, "Tela", "Coxen Hole")
    assert "by mode transfer, barred" in east or "by modes sea and transfer, barred" in east


def test_closed_gateways_are_named(router, cost):
    ids = router.network.gateways["id"].astype(str)
    shut = edited(router.network, router.arcs, cost, tuple(map(close, ids)))
    text = explained(router, shut, "Tela", "Chiquimula")
    assert "by the closed gateways Agua Caliente, " in text and " more." in text


def test_what_nothing_joins_is_an_island(router, cost):
    nodes = router.network.nodes
    lone = find_place(router.network, "Tela", field="x")
    touching = (router.arcs.tail == lone) | (router.arcs.head == lone)
    shut = np.where(touching, np.inf, cost)
    text = explained(router, shut, "Trujillo", "Tela")
    assert "(1 node around Tela)" in text and "closed link" in text
    assert len(nodes) == router.arcs.n


def test_a_path_that_is_there_is_not_explained_away(router, cost):
    assert explained(router, cost, "Tela", "Trujillo") == "The destination can be reached."

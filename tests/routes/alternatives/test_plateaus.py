"""Alternatives hold what they promise: on random roads, on a mesh and on the bundled region."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from geodata.errors import InputError, NoPathError
from routes.alternatives.criteria import AlternativeCriteria
from routes.alternatives.itineraries import (
    alternative_table,
    alternatives_between,
    find_alternatives,
    gateway_points,
)
from routes.alternatives.plateaus import Place, search_plateaus
from routes.alternatives.sharing import NEAR_M
from routes.router import Router
from routes.scenario.edits import close
from routes.scenario.ends.end_text import parse_end
from routes.scenario.ends.endpoints import locate
from routes.scenario.ends.place_names import find_place
from routes.scenario.profiles import load_profile
from routes.scenario.scenario import Scenario
from routes.search.arcs import Arcs
from routes.search.trees import grow_tree, path_nodes

SPEEDS = np.array([20.0, 40.0, 80.0])


def roads(side: int, seed: int, *, spacing: float = 4000.0):
    """A crooked grid of roads of three classes, some missing."""
    rng = np.random.default_rng(seed)
    number = np.arange(side * side, dtype=np.int32).reshape(side, side)
    u = np.concatenate([number[:, :-1].ravel(), number[:-1].ravel()])
    v = np.concatenate([number[:, 1:].ravel(), number[1:].ravel()])
    kept = rng.random(len(u)) < 0.9
    u, v = u[kept], v[kept]
    east, north = (
        grid.ravel() * spacing + rng.normal(0, spacing / 8, side * side)
        for grid in np.meshgrid(np.arange(side, dtype=float), np.arange(side, dtype=float))
    )
    both = np.ones(len(u), bool)
    arcs = Arcs.from_links(u, v, side * side, uv=both, vu=both)
    length = np.hypot(east[u] - east[v], north[u] - north[v])
    cost = length / 1000 / rng.choice(SPEEDS, len(u), p=[0.5, 0.3, 0.2])
    place = Place(east=east, north=north, length=length[arcs.link])
    return arcs, cost[arcs.link], place


def beside_share(arcs: Arcs, place: Place, path, other) -> float:
    """Share of a path's length near another one, with shapely."""
    points = shapely.points(place.east, place.north)
    nodes = path_nodes(arcs, other)
    line = shapely.LineString(np.column_stack([place.east[nodes], place.north[nodes]]))
    near = shapely.distance(points, line) <= NEAR_M
    both = (near[arcs.tail[path]].astype(float) + near[arcs.head[path]]) / 2
    return float((both * place.length[path]).sum() / place.length[path].sum())


def check(arcs, cost, place, criteria, ways, cheapest):
    """`cheapest(nodes)`: costs from each of some nodes to each."""
    best = ways[0].cost
    tol = 1e-4 * best
    assert 1 <= len(ways) <= criteria.most
    assert [way.cost for way in ways] == sorted(way.cost for way in ways)
    for row, way in enumerate(ways):
        nodes = path_nodes(arcs, way.path)
        np.testing.assert_array_equal(arcs.head[way.path[:-1]], arcs.tail[way.path[1:]])
        assert len(set(nodes.tolist())) == len(nodes)
        assert way.cost == pytest.approx(cost[way.path].sum(), rel=1e-4)
        assert way.cost <= best * (1 + criteria.slack) + tol
        for better in ways[:row]:
            assert beside_share(arcs, place, way.path, better.path) <= criteria.sharing + 1e-6
        at = np.concatenate([[0.0], np.cumsum(cost[way.path])])
        own = at[None, :] - at[:, None]
        least = cheapest(nodes)
        ahead = np.triu(np.ones_like(own, bool), 1)
        assert (own <= (1 + criteria.detour) * least + tol)[ahead].all()
        short = ahead & (own <= criteria.local * best - tol)
        assert (own <= least + tol)[short].all()


@settings(max_examples=80, deadline=None)
@given(
    st.integers(4, 14),
    st.integers(0, 10_000),
    st.floats(0.2, 0.9),
    st.floats(0.05, 1.0),
    st.floats(0.1, 1.0),
    st.sampled_from([0.0, 0.1, 0.25]),
)
def test_alternatives_differ_and_hold_no_detour(side, seed, sharing, slack, detour, local):
    arcs, cost, place = roads(side, seed)
    criteria = AlternativeCriteria(most=5, sharing=sharing, slack=slack, detour=detour, local=local)
    try:
        ways = search_plateaus(arcs, cost, [0], [side * side - 1], place=place, criteria=criteria)
    except NoPathError:
        return
    apart = dijkstra(csr_array((cost, (arcs.tail, arcs.head)), (arcs.n, arcs.n)))
    check(arcs, cost, place, criteria, ways, lambda nodes: apart[np.ix_(nodes, nodes)])


def test_the_random_roads_do_hold_alternatives():
    criteria = AlternativeCriteria(most=5, sharing=0.7, slack=0.5, detour=1.0, local=0.1)
    counts = []
    for seed in range(20):
        arcs, cost, place = roads(12, seed)
        counts.append(len(search_plateaus(arcs, cost, [0], [143], place=place, criteria=criteria)))
    assert max(counts) >= 3 and np.mean(counts) > 1.5


def two_ways(gap: float, *, steps: int = 40, costs: tuple[float, float] = (1.0, 1.1)):
    """Two ways of some steps from node 0 to node 1, a gap in metres apart."""
    u, v, east, north, cost = [], [], [0.0, 1000.0 * steps], [0.0, 0.0], []
    for side, dearer in zip((0.0, gap), costs, strict=True):
        nodes = [0, *range(len(east), len(east) + steps - 1), 1]
        east += [1000.0 * k for k in range(1, steps)]
        north += [side] * (steps - 1)
        u += nodes[:-1]
        v += nodes[1:]
        cost += [dearer] * steps
    both = np.ones(len(u), bool)
    arcs = Arcs.from_links(np.array(u, np.int32), np.array(v, np.int32), len(east),
                           uv=both, vu=both)  # fmt: skip
    place = Place(east=np.array(east), north=np.array(north), length=np.full(len(arcs.head), 1e3))
    return arcs, np.array(cost)[arcs.link], place


@pytest.mark.parametrize(("gap", "count"), [(2000.0, 1), (4900.0, 1), (20_000.0, 2)])
def test_ways_side_by_side_are_one_way_though_they_share_no_arc(gap, count):
    arcs, cost, place = two_ways(gap)
    ways = search_plateaus(arcs, cost, [0], [1], place=place)
    assert len(ways) == count
    if count == 2:
        assert ways[1].slack == pytest.approx(0.1, abs=1e-4)
        assert 0.9 < ways[1].plateau < 1.1
        assert ways[1].sharing < 0.2


@pytest.mark.parametrize("steps", [40, 2000, 5000])
@pytest.mark.parametrize("each", [0.3, 0.7, 1.3])
def test_a_way_at_the_very_slack_is_one_however_many_arcs_it_has(steps, each):
    """The more costs are added up in single precision, the further two sums are apart."""
    arcs, cost, place = two_ways(20_000.0, steps=steps, costs=(each, 1.25 * each))
    slack = AlternativeCriteria(slack=0.25)
    ways = search_plateaus(arcs, cost, [0], [1], place=place, criteria=slack)
    assert len(ways) == 2 and ways[1].slack == pytest.approx(0.25, abs=1e-3)
    less = AlternativeCriteria(slack=0.249)
    assert len(search_plateaus(arcs, cost, [0], [1], place=place, criteria=less)) == 1


def test_the_cost_of_ending_decides_between_destinations():
    arcs, cost, place = two_ways(20_000.0)
    ends = [10, 50]
    cheap = search_plateaus(arcs, cost, [0], ends, place=place, entry=[0.0, 0.0])
    dear = search_plateaus(arcs, cost, [0], ends, place=place, entry=[100.0, 0.0])
    assert arcs.head[cheap[0].path[-1]] == 10
    assert arcs.head[dear[0].path[-1]] == 50


def test_an_alternative_is_named_after_the_cheaper_of_two_destinations_at_one_place(router):
    network, arcs = router.network, router.arcs
    profile = load_profile("migrants-north")
    (start,), (end,) = (
        [locate(network, parse_end(text, field="x"), field="x")]
        for text in ("San Pedro Sula", "Chiquimula")
    )
    ends = [end, replace(end, name="dearer", entry=5.0)]
    criteria = AlternativeCriteria(most=1)
    ways = alternatives_between(
        network, arcs, router.cost(profile), [start], ends, criteria=criteria
    )
    table = alternative_table(network, arcs, ways, [start], ends)
    assert table["destination"].tolist() == ["Chiquimula"]


def test_the_alternatives_of_a_scenario_keep_clear_of_what_it_closes(router, network):
    names = (parse_end(text, field="x") for text in ("San Pedro Sula", "Chiquimula"))
    start, end = ([each] for each in names)
    scenario = Scenario(profile=load_profile("migrants-north").between(start, end))
    best, *_ = find_alternatives(router, scenario)
    gateway = gateway_points(network, router.arcs, [best])["id"].iloc[0]
    closed = replace(scenario, edits=(close(gateway),))
    ways = find_alternatives(router, closed, criteria=AlternativeCriteria(most=2))
    assert len(ways) == 2 and ways[0].cost > best.cost
    assert gateway not in set(gateway_points(network, router.arcs, ways)["id"])
    with pytest.raises(InputError, match="via"):
        find_alternatives(router, replace(scenario, via=(gateway,)))


WRONG = [
    ({"sharing": 0.0}, "sharing"),
    ({"sharing": 1.0}, "sharing"),
    ({"sharing": float("nan")}, "sharing"),
    ({"slack": -0.1}, "slack"),
    ({"most": 0}, "most"),
    ({"detour": 0.0}, "detour"),
    ({"local": 1.5}, "local"),
]


@pytest.mark.parametrize(("criteria", "field"), WRONG)
def test_terms_out_of_range_are_refused(criteria, field):
    with pytest.raises(InputError, match=field):
        AlternativeCriteria(**criteria)


def test_no_path_and_no_distance_are_refused():
    arcs, cost, place = two_ways(20_000.0)
    with pytest.raises(InputError, match="two places apart"):
        search_plateaus(arcs, cost, [0], [0], place=place)
    with pytest.raises(NoPathError, match="No path"):
        search_plateaus(arcs, np.full(len(cost), np.inf), [0], [1], place=place)


@pytest.fixture(scope="module")
def router(network):
    return Router(network)


PAIRS = [
    ("migrants-north", "San Pedro Sula", "Chiquimula"),
    ("cocaine-north", "La Ceiba", "Tapachula"),
    ("migrants-north", "Trujillo", "Flores, GT"),
]


@pytest.mark.trials
@pytest.mark.parametrize(("profile", "origin", "destination"), PAIRS)
def test_alternatives_hold_on_the_bundled_region(router, network, profile, origin, destination):
    arcs = router.arcs
    cost = np.asarray(router.cost(load_profile(profile)), float)
    starts = [find_place(network, origin, field="from")]
    ends = [find_place(network, destination, field="to")]
    east, north = network.area.project(network.nodes["x"], network.nodes["y"])
    length = network.links["length_m"].to_numpy(float)[arcs.link]
    place = Place(east=east, north=north, length=length)
    criteria = AlternativeCriteria(most=5, sharing=0.7, slack=0.5)
    ways = search_plateaus(arcs, cost, starts, ends, place=place, criteria=criteria)
    assert len(ways) >= 2

    def cheapest(nodes):
        """From every sixtieth node: a tree each; the others are not looked at."""
        least = np.full((len(nodes), len(nodes)), np.inf)
        for row in range(0, len(nodes), 60):
            least[row] = grow_tree(arcs, cost, nodes[[row]]).cost[nodes]
        return least

    check(arcs, cost, place, criteria, ways, cheapest)


@pytest.mark.parametrize("calls", [1, 2, 3, 8])
def test_a_check_ends_the_search(calls):
    """It is asked before each tree and each candidate, so that no long work escapes it."""
    arcs, cost, place = roads(12, 3)
    left = calls

    def stop():
        nonlocal left
        left -= 1
        if not left:
            raise TimeoutError

    criteria = AlternativeCriteria(most=5, sharing=0.8, slack=1.0, detour=1.0, local=0.1)
    with pytest.raises(TimeoutError):
        search_plateaus(arcs, cost, [0], [143], place=place, criteria=criteria, check=stop)
    assert left == 0


def test_an_island_is_named(router, network):
    from routes.scenario.ends.end_text import parse_end
    from routes.scenario.ends.endpoints import locate

    cost = router.cost(load_profile("migrants-north"))
    start, end = (locate(network, parse_end(name, field="x"), field="x")
                  for name in ("Tela", "Coxen Hole"))  # fmt: skip
    with pytest.raises(NoPathError, match=r"around Coxen Hole.*mode sea"):
        alternatives_between(
            network, router.arcs, cost, [start], [end], criteria=AlternativeCriteria()
        )
    with pytest.raises(InputError, match=r"Tela.*two places apart"):
        alternatives_between(
            network, router.arcs, cost, [start], [start], criteria=AlternativeCriteria()
        )

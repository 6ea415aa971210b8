"""Corridors as they are listed, against what pandas and shapely say of one path at a time."""

from __future__ import annotations

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geodata.network.network import GATEWAY_COLUMNS, Network
from routes.corridors.corridor import Corridor, corridor_shares, gateway_shares, read_keys
from routes.corridors.loading import SPREAD_SHARE, Flow
from routes.results.corridor_table import (
    CORRIDOR_COLUMNS,
    MODES_NAMED,
    corridor_table,
    pair_shares,
    path_line,
)
from routes.results.exposure import unit_usage
from routes.results.gateway_table import gateway_usage
from routes.router import Router
from routes.scenario.ends.end_text import parse_end
from routes.scenario.profiles import load_profile
from routes.scenario.scenario import Scenario
from routes.search.network_arcs import arc_hours
from routes.search.trees import path_nodes

LEAST = 0.003
TRIPS = [
    ("migrants-north", "San Pedro Sula", 0.1),
    ("migrants-north", "Tegucigalpa", 0.05),
    ("cocaine-north", "-84.0,16.2", 0.1),
]


@pytest.fixture(scope="module")
def router(network: Network) -> Router:
    return Router(network)


@pytest.fixture(scope="module")
def corridors(router: Router) -> list[Corridor]:
    """Overland and over the sea, from origins that share gateways."""
    found: list[Corridor] = []
    for profile, start, slack in TRIPS:
        ends = [parse_end(start, field="from")], [parse_end("Tapachula", field="to")]
        trip = Scenario(profile=load_profile(profile).between(*ends), slack=slack)
        flow, _ = router.flow(trip, detail=np.inf)
        found += [replace(each, usage=each.usage / len(TRIPS)) for each in flow.corridors]
    return found


@pytest.fixture(scope="module")
def table(router: Router, corridors: list[Corridor]) -> gpd.GeoDataFrame:
    return corridor_table(router.network, router.arcs, corridors, least=LEAST).frame


def leading(corridors: list[Corridor], usage: float) -> Corridor:
    """That of the origin that uses a sequence most, by the share of the sequence."""
    shares = corridor_shares(corridors)
    of_sequence = [each for each in corridors if shares[each.key] == usage]
    return max(of_sequence, key=lambda each: each.usage)


def test_sequences_are_listed_by_their_share_with_the_path_of_the_origin_that_leads(
    corridors, table
):
    shares = corridor_shares(corridors)
    assert list(table.columns) == [*CORRIDOR_COLUMNS, "geometry"]
    assert table["usage"].tolist() == sorted(
        (share for share in shares.values() if share >= LEAST), reverse=True
    )
    assert 10 < len(table) < len(shares) < len(corridors)
    assert table["rank"].tolist() == list(range(1, len(table) + 1))
    for row in table.itertuples():
        best = leading(corridors, row.usage)
        assert (row.cost, row.slack, row.origin) == (best.cost, best.slack, best.origin)
    assert table["origin"].nunique() == len(TRIPS)


def test_lengths_hours_and_countries_are_those_of_the_links_of_each_path(router, corridors, table):
    network, arcs = router.network, router.arcs
    for row in table.itertuples():
        path = leading(corridors, row.usage).path
        links = network.links.iloc[arcs.link[path]]
        metres = links["length_m"].astype(float)
        assert row.km == metres.sum() / 1000
        km = (metres.groupby(links["mode"].astype(str)).sum() / 1000).to_dict()
        told = {mode: getattr(row, f"km_{mode}") for mode in MODES_NAMED}
        assert told == pytest.approx({mode: km.get(mode, 0.0) for mode in MODES_NAMED})
        assert row.modes == "+".join(mode for mode in MODES_NAMED if told[mode] >= 1.0)
        assert row.hours == arc_hours(network, arcs, path).sum()
        passed = pd.unique(network.nodes["country"].iloc[path_nodes(arcs, path)].astype(str))
        assert row.countries == " ".join(code for code in passed if code)
    assert {"road", "trail", "sea"} <= set("+".join(table["modes"]).split("+"))


def test_lines_run_from_origin_to_destination_and_follow_each_link_its_own_way(
    router, corridors, table
):
    network, arcs = router.network, router.arcs
    for row in table.itertuples():
        path = leading(corridors, row.usage).path
        lines = network.lines(arcs.link[path])
        lines[~arcs.along[path]] = shapely.reverse(lines[~arcs.along[path]])
        wanted = shapely.remove_repeated_points(
            shapely.LineString(shapely.get_coordinates(lines)), 0.0
        )
        assert shapely.to_wkb(row.geometry) == shapely.to_wkb(wanted)
        assert path_line(network, arcs, path) == row.geometry
        assert row.geometry.coords[0] == pytest.approx(
            network.nodes.loc[arcs.tail[path[0]], ["x", "y"]].tolist(), abs=1e-6
        )


def test_ids_and_names_follow_from_the_ends_and_gateways_alone(router, corridors, table):
    again = corridor_table(router.network, router.arcs, corridors[::-1], least=LEAST).frame
    assert again["id"].tolist() == table["id"].tolist()
    assert table["id"].is_unique
    gateways = router.network.gateways.set_index("id")["name"]
    for row in table.itertuples():
        passed = [each for each in row.gateways.split("; ") if each]
        ends = f"{row.origin} - {row.destination}"
        assert row.name == (" - ".join(gateways[passed]) or ends)


def test_a_path_through_no_gateway_is_named_after_its_ends(router):
    ends = [parse_end("San Pedro Sula", field="from")], [parse_end("Tela", field="to")]
    trip = Scenario(profile=load_profile("migrants-north").between(*ends), slack=0.02)
    first = router.brief(trip).corridors.iloc[0]
    assert (first["gateways"], first["name"]) == ("", "San Pedro Sula - Tela")
    assert first["countries"] == "HN"


def test_pairs_are_told_by_usage_above_what_is_spread(router, corridors):
    pairs = pair_shares(router.network, corridors)
    shown = [each for each in corridors if each.usage >= SPREAD_SHARE]
    assert 0 < len(pairs) == len(shown) < len(corridors)
    order = [(pair["origin"], pair["destination"], -pair["usage"]) for pair in pairs]
    assert order == sorted(order)
    names = list(router.network.gateways["id"])
    assert {pair["gateways"] for pair in pairs} == {
        "; ".join(names[row] for row in each.gateways) for each in shown
    }


def test_gateways_carry_the_shares_of_the_sequences_that_pass_them(router, corridors):
    network, shares = router.network, corridor_shares(corridors)
    used = gateway_usage(network, shares).frame
    assert list(used.columns) == [*GATEWAY_COLUMNS, "usage", "rank", "geometry"]
    for row in used.itertuples():
        passed = [
            share for key, share in shares.items()
            if row.id in network.gateways["id"].iloc[list(key.gateways)].tolist()
        ]  # fmt: skip
        assert row.usage == pytest.approx(sum(passed))
        assert row.geometry == network.gateways.set_index("id").geometry[row.id]
    ordered = used.sort_values(["usage", "id"], ascending=[False, True])
    assert ordered.index.tolist() == list(range(len(used)))
    assert used["rank"].tolist() == list(range(1, len(used) + 1))


def test_the_most_used_is_listed_however_little_it_carries(router, corridors, table):
    listed = corridor_table(router.network, router.arcs, corridors, least=2.0).frame
    assert listed["id"].tolist() == table["id"].tolist()[:1]


def test_nothing_listed_is_a_table_of_no_rows(router):
    nothing = corridor_table(router.network, router.arcs, [], least=LEAST).frame
    assert list(nothing.columns) == [*CORRIDOR_COLUMNS, "geometry"]
    assert nothing.empty and nothing.crs == router.network.gateways.crs
    assert gateway_usage(router.network, {}).frame.empty


def test_a_corridor_passes_the_country_and_unit_that_its_first_link_leaves(router, corridors):
    """As one from a border does."""
    network, arcs = router.network, router.arcs
    crossed = (network.links["crossing"] != "").to_numpy()
    whole = next(each for each in corridors if crossed[arcs.link[each.path]].any())
    across = replace(whole, path=whole.path[np.argmax(crossed[arcs.link[whole.path]]) :])
    nodes = network.nodes.iloc[path_nodes(arcs, across.path)]
    table = corridor_table(network, arcs, [across], least=0).frame
    assert table["countries"].iloc[0].split()[:2] == nodes["country"].iloc[:2].tolist()
    flow = Flow(arcs=arcs, links=len(network.links), corridors=[across])
    used = network.admin["id"][unit_usage(network, flow) > 0]
    assert set(used) == set(nodes["admin1"]) - {""}


def test_what_comes_back_over_a_gateway_passes_it_once_in_usage(router, corridors):
    twice = replace(corridors[0], gateways=(5, 2, 5), usage=0.7)
    assert gateway_shares(router.network, corridor_shares([twice]))[[2, 5]].tolist() == [0.7, 0.7]


def test_keys_are_read_from_tables(router, corridors, table):
    led = [leading(corridors, usage).key for usage in table["usage"]]
    assert read_keys(router.network, table) == led
    assert len(set(led)) == len(led) > 10


def test_the_best_corridor_of_an_origin_has_no_slack(corridors):
    for origin in {each.origin for each in corridors}:
        assert min(each.slack for each in corridors if each.origin == origin) == 0

"""What events tell of, and gateways ranked within their kind."""

from __future__ import annotations

import numpy as np
import pytest

from routes.studies.validation.place_test.event_roles import AIR, TRANSIT, GatewayRanks, roles


def test_roles_are_those_of_kind_and_mode():
    pairs = [
        ("seizure_road", "road", TRANSIT),
        ("migrant_group", "road", TRANSIT),
        ("crossing_informal", "road", "informal crossings"),
        ("crossing_formal", "", "formal crossings"),
        ("landing", "sea", "landings"),
        ("landing", "air", AIR),
        ("airstrip_destroyed", "air", AIR),
        ("seizure_port", "sea", "ports"),
        ("", "", ""),
    ]
    kind, mode, expected = (np.array(column) for column in zip(*pairs, strict=True))
    assert roles(kind, mode).tolist() == expected.tolist()
    assert roles(np.array([], str), np.array([], str)).tolist() == []


def test_a_rank_is_the_share_of_others_of_its_kind_that_a_gateway_outscores():
    kind = np.array(["formal", "formal", "informal", "informal", "informal", "port"])
    near = (np.array([0]), np.array([2, 4]), np.array([], int), np.array([5]))
    ranks = GatewayRanks(near=near, kind=kind)
    nearness = np.array([0.9, 0.1, 0.5, 0.2, 0.2, 0.7])
    rank = ranks.mean(nearness)
    assert rank[:2].tolist() == [1.0, (1.0 + 0.25) / 2]
    assert np.isnan(rank[2:]).all(), "none near by, and none other of its kind"
    # One that is alone of its kind says nothing of the others near the event.
    mixed = GatewayRanks(near=(np.array([0, 5]),), kind=kind)
    assert mixed.mean(nearness).tolist() == [1.0]
    # Chance is a half, whatever the others score.
    every = GatewayRanks(near=tuple(np.array([k]) for k in range(5)), kind=kind)
    assert every.mean(nearness)[2:].mean() == pytest.approx(0.5)


def test_gateways_of_the_role_count_within_the_disc_or_a_sector(network):
    gateways = network.gateways
    port = gateways[gateways["kind"] == "port"].geometry.iloc[0]
    xy = np.c_[network.area.project(port.x, port.y)]
    near = GatewayRanks.of(network, "ports", xy, np.array([5000.0])).near[0]
    assert set(gateways["kind"].iloc[near]) == {"port"} and len(near)
    assert len(GatewayRanks.of(network, "ports", xy + 9e6, np.array([5000.0])).near[0]) == 0
    wide = GatewayRanks.of(network, "ports", xy, np.array([1e6])).near[0]
    assert len(wide) == (gateways["kind"] == "port").sum()

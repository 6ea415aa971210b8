"""The network of the bundled region holds together, by land and by water."""

from __future__ import annotations

import numpy as np

from routes.search.connectivity import crossing_paths, reached_by_water, strong_share


def test_land_and_sea_are_one_strongly_connected_component(network):
    shares = strong_share(network)
    assert shares["land"] >= 0.995
    assert shares["sea"] >= 0.995


def test_rivers_bays_islands_and_lagoons_are_reached_by_water(network):
    titles = network.titles
    reached = reached_by_water(network, titles.boating, origin=titles.open_sea)
    assert list(reached["water"]) == list(titles.boating) and len(titles.boating) == 11
    assert np.isfinite(reached["hours"]).all()
    hours = reached.set_index("water")["hours"]
    assert hours["Lake Izabal"] > hours["El Golfete"] > hours["Livingston (Río Dulce mouth)"]


def test_every_formal_crossing_lies_on_a_road_between_two_countries(network):
    crossings = crossing_paths(network)
    assert len(crossings) == 26
    assert (crossings["country_a"] != crossings["country_b"]).all()
    assert crossings[["km_a", "km_b"]].max().max() < 45
